"""The three formats of lists, and what is said of lines that are in none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.names.lists import MOST_REJECTED, Rejected, owned_name, owned_names
from wifiguard.names.registrable import registrable


def read(lines: list[str]) -> tuple[set[str], list[Rejected]]:
    """The registrable domains that a list names, and what it could not say."""
    rejected: list[Rejected] = []
    names = {name for name in owned_names(lines, "list 1", rejected) if registrable(name) == name}
    return names, rejected


def test_a_plain_list() -> None:
    lines = ["example.com\n", "www.example.org\n", "a.b.example.co.uk\n"]
    assert read(lines) == ({"example.com", "example.org", "example.co.uk"}, [])
    assert read([line.strip() for line in lines]) == ({"example.com", "example.org", "example.co.uk"}, [])


def test_a_plain_list_names_nothing_that_it_does_not() -> None:
    names, _ = read(["a.example.github.io\n", "x.y.sbi.bank.in\n"])
    assert names == {"example.github.io", "sbi.bank.in"}


def test_a_hosts_file() -> None:
    lines = [
        "# hosts\n",
        "127.0.0.1 localhost localhost.localdomain\n",
        "::1 ip6-localhost ip6-loopback\n",
        "fe80::1%lo0 localhost\n",
        "\n",
        "0.0.0.0 example.com\n",
        "0.0.0.0\texample.org\twww.example.net  # two\n",
        "10.0.0.3 portal.example.co.uk\n",
    ]
    assert read(lines) == ({"example.com", "example.org", "example.net", "example.co.uk"}, [])


def test_a_hosts_file_of_nothing_else() -> None:
    assert read(["0.0.0.0 example.com\n", "127.0.0.1\twww.example.org\n"]) == ({"example.com", "example.org"}, [])


def test_a_commented_list() -> None:
    lines = [
        "! title",
        "; note",
        "  # indented",
        "example.com # mine",
        "*.example.org",
        "  EXAMPLE.net.  ",
        "bücher.example",
    ]
    assert read(lines) == ({"example.com", "example.org", "example.net", "xn--bcher-kva.example"}, [])


@pytest.mark.parametrize(
    ("line", "rejected"),
    [
        ("exa mple.com", Rejected("list 1", 2, "exa mple.com", "not a host name")),
        ("https://example.com/", Rejected("list 1", 2, "https://example.com/", "not a host name")),
        ("10.0.0.1", Rejected("list 1", 2, "10.0.0.1", "not a host name")),
        ("0.0.0.0 exa..mple", Rejected("list 1", 2, "exa..mple", "not a host name")),
        ("co.uk", Rejected("list 1", 2, "co.uk", "a whole suffix, not one owner's domain")),
        ("公司.cn", Rejected("list 1", 2, "公司.cn", "a whole suffix, not one owner's domain")),
        ("intranet", Rejected("list 1", 2, "intranet", "a whole suffix, not one owner's domain")),
        (".example.com", Rejected("list 1", 2, ".example.com", "not a host name")),
        ("example.com..", Rejected("list 1", 2, "example.com..", "not a host name")),
        ("a" * 100 + ".com", Rejected("list 1", 2, "a" * 80, "not a host name")),
        ("example.123", Rejected("list 1", 2, "example.123", "not a host name")),
    ],
)
def test_a_line_that_names_nobody(line: str, rejected: Rejected) -> None:
    assert read(["example.com", line, "example.org"]) == ({"example.com", "example.org"}, [rejected])


def test_line_numbers_count_through_a_long_list() -> None:
    lines = ["example.com\n"] * 5000 + ["no name\n"] + ["example.org\n"] * 5000
    assert read(lines) == ({"example.com", "example.org"}, [Rejected("list 1", 5001, "no name", "not a host name")])


def test_a_list_of_rubbish_is_not_kept_whole() -> None:
    names, rejected = read(["?"] * (MOST_REJECTED + 10))
    assert (names, len(rejected)) == (set(), MOST_REJECTED)


@given(st.lists(st.text(max_size=30), max_size=20))
def test_any_lines_are_read(lines: list[str]) -> None:
    names, rejected = read(lines)
    assert all(1 <= line.line <= len(lines) for line in rejected)
    assert names <= {
        registrable(word.removeprefix("*.")) for line in lines for word in [*line.split(), *line.split("\n")]
    } | {registrable(field.partition("#")[0].strip().removeprefix("*.")) for line in lines for field in line.split()}


NAMES = st.from_regex(r"([a-z0-9]{1,5}\.){0,3}(example|co|github)\.(com|co\.uk|io|ck|uk)", fullmatch=True)


@given(st.lists(NAMES, max_size=20))
def test_many_plain_lines_say_what_each_says_alone(lines: list[str]) -> None:
    one_by_one: list[Rejected] = []
    owned = {domain for line in lines if (domain := owned_name(line, "list 1", 1, one_by_one)) is not None}
    assert read(lines)[0] == owned
