"""The data files keep the format of their README: every complaint names file and line."""

from collections import Counter

import pytest

from wifiguard.names.catalogue import CATEGORIES, CatalogueError, Entry, packaged_files, parse
from wifiguard.names.registrable import canonical, listed_suffixes, registrable

FILES = dict(packaged_files())


def lines(country: str) -> list[tuple[int, Entry]]:
    return list(parse(FILES[country], country))


@pytest.mark.parametrize("country", FILES)
def test_file_keeps_the_format(country: str) -> None:
    wrong = []
    before = ""
    for number, entry in lines(country):
        where = f"{country}.txt:{number}: {entry.name}"
        if entry.name.casefold() < before.casefold():
            wrong.append(f"{where}: not sorted, belongs before {before}")
        before = entry.name
        for domain in entry.domains:
            if domain.startswith("*."):
                if domain[2:] not in listed_suffixes():
                    wrong.append(f"{where}: {domain[2:]} is not in the public suffix list")
            elif canonical(domain) != domain:
                wrong.append(f"{where}: {domain} is not in canonical spelling: {canonical(domain)}")
            elif registrable(domain) != domain:
                wrong.append(f"{where}: {domain} is not a registrable domain: {registrable(domain)}")
            elif listed_suffixes().isdisjoint({domain.partition(".")[2], domain.rpartition(".")[2]}):
                wrong.append(f"{where}: {domain} ends in an unknown top-level domain")
        if any(text != " ".join(text.split()) for text in (entry.name, entry.alias or "")):
            wrong.append(f"{where}: spaces")
    assert not wrong, "\n".join(wrong)


def test_files_are_named_by_country() -> None:
    assert [
        name for name in FILES if not (len(name) == 2 and name.isascii() and name.isalpha() and name.islower())
    ] == []
    assert "uk" not in FILES  # ISO 3166 says gb


def test_every_domain_stands_in_one_line() -> None:
    where: dict[str, str] = {}
    twice = []
    for country in FILES:
        for number, entry in lines(country):
            for domain in entry.domains:
                here = f"{country}.txt:{number}"
                if domain in where:
                    twice.append(f"{domain}: {where[domain]} and {here}")
                where[domain] = here
    assert not twice, "\n".join(twice)


def test_a_name_stands_in_one_line_a_category_of_its_file() -> None:
    twice = []
    for country in FILES:
        seen = Counter((entry.category, entry.name.casefold()) for _, entry in lines(country))
        twice += [f"{country}.txt: {category} {name}" for (category, name), times in seen.items() if times > 1]
    assert not twice, "\n".join(twice)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("bank Foo foo.de", "expected: category  Name [ / other name ] = domain ..."),
        ("bank Foo = ", "expected: category  Name [ / other name ] = domain ..."),
        ("bank = foo.de", "expected: category  Name [ / other name ] = domain ..."),
        ("bank Foo /  = foo.de", "expected: category  Name [ / other name ] = domain ..."),
        ("bench Foo = foo.de", "unknown category: bench"),
    ],
)
def test_a_line_against_the_format_names_file_and_line(line: str, reason: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        list(parse(f"# Germany\n\n{line}\n", "de"))
    assert (caught.value.file, caught.value.line, caught.value.reason) == ("de.txt", 3, reason)
    assert str(caught.value) == f"de.txt:3: {reason}"


def test_parse_reads_what_the_readme_shows() -> None:
    text = "# Germany\nbank     Foo = foo.de foo.com  # comment\npayment  Ali / 支付宝 = ali.com\n"
    assert list(parse(text, "de")) == [
        (2, Entry("Foo", None, ("foo.de", "foo.com"), "de", "bank")),
        (3, Entry("Ali", "支付宝", ("ali.com",), "de", "payment")),
    ]


def test_categories_spell_themselves() -> None:
    assert all(name == category for name, category in CATEGORIES.items())
