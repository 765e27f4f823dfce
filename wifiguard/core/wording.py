"""A finding in words: the rule's text for its severity, filled from its evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from msgspec import Struct, structs

from wifiguard.core.rule import Evidence, Rule
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, still_visible

# Said after the reason by every rule whose evidence names the program on this laptop.
PROGRAM = N_("The program is {program}.")

# Evidence whose values are words of our own, in English; the others hold names and numbers, which no language changes.
OWN_WORDS = frozenset(
    {
        "before",
        "categories",
        "container",
        "difference",
        "direction",
        "encryption",
        "expected",
        "leak",
        "now",
        "reason",
        "security",
        "service",
        "vpn",
    }
)
# Those of them that stand in evidence as words for machines.
MACHINE_WORDS = (
    *(N_("ahead"), N_("behind")),
    *(N_("default-route"), N_("route"), N_("dns"), N_("container")),
    *(N_("address"), N_("date-of-birth"), N_("e-mail"), N_("health"), N_("iban"), N_("id-number"), N_("location")),
    *(N_("name"), N_("payment-card"), N_("phone")),
    *(N_("open"), N_("enhanced-open"), N_("wep"), N_("wpa-personal"), N_("wpa+wpa2-personal"), N_("wpa2-personal")),
    *(N_("wpa2-enterprise"), N_("wpa3-transition"), N_("wpa3-personal"), N_("wpa3-enterprise"), N_("unknown")),
)


class Words(Struct, frozen=True):
    """What happened, why it matters, what to do now; ready to be shown as plain text."""

    title: str
    why: str
    advice: tuple[str, ...]


class _Values(dict[str, str]):
    # A problem read back from an older log may lack what a newer text asks for.
    def __missing__(self, key: str) -> str:
        return "?"


def words(
    rule: Rule,
    severity: Severity,
    evidence: Evidence | Mapping[str, object],
    translate: Callable[[str], str] = lambda text: text,
) -> Words:
    """The rule's text for `severity` (the nearest worse one where the rule has none), translated, then filled."""
    text = rule.texts.get(severity) or next(
        t for s, t in rule.texts.items() if s >= severity or s is rule.severities[-1]
    )
    values = _Values(
        {key: still_visible(spoken(key, value, translate), 200) for key, value in fields(evidence).items()}
    )
    why = translate(text.why)
    if values.get("program"):
        why = translate(N_("{why} {advice}")).format(why=why, advice=translate(PROGRAM))
    return Words(
        title=translate(text.title).format_map(values),
        why=why.format_map(values),
        advice=tuple(translate(advice).format_map(values) for advice in text.advice),
    )


def label(field: str, translate: Callable[[str], str]) -> str:
    """What a field of evidence is called before a reader."""
    return translate(label_text(field)).rstrip(":：")


def label_text(field: str) -> str:
    """The text that is translated for it; the colon tells it from the same word in a sentence."""
    return field.replace("_", " ") + ":"


def spoken(field: str, value: object, translate: Callable[[str], str]) -> str:
    """A field's value (as `fields` gives it) in one line, in the reader's language where it is in words of our own."""
    if isinstance(value, list):
        return translate(N_(", ")).join(spoken(field, inner, translate) for inner in value)
    if isinstance(value, bool):
        return translate(N_("yes") if value else N_("no"))
    text = "" if value is None else str(value)
    if field not in OWN_WORDS:
        return text
    told = translate(text)
    return told if told != text else translate(N_(" and ")).join(map(translate, text.split(" and ")))


def fields(evidence: Evidence | Mapping[str, object]) -> dict[str, object]:
    """Evidence as names and JSON-ready values: tuples become lists, enumerations their value, bytes hexadecimal."""
    raw: Mapping[str, object] = evidence if isinstance(evidence, Mapping) else structs.asdict(evidence)
    return {key: _json(value) for key, value in raw.items()}


def _json(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): _json(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [_json(inner) for inner in items]
        case Struct():
            return {name: _json(inner) for name, inner in structs.asdict(value).items()}
        case _:
            return value
