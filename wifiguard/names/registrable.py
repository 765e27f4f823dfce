"""The two forms of a host name that everything else compares: canonical, and registrable (who paid for it)."""

import re
from collections.abc import KeysView, Mapping
from functools import cache
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 253  # RFC 1035 section 2.3.4: 255 octets on the wire

# Hyphens at either end of a label and underscores are against RFC 1123, yet resolvers answer such names and browsers
# open them, so whoever imitates a bank may use them: a name that works is a name.
_ASCII_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*([a-z0-9_-]{1,63})", re.ASCII)
# WHATWG URL, "ends in a number": browsers read such a host as an IPv4 address or refuse it (0x7f.1, 2130706433).
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)


def canonical(host: str) -> str | None:
    """The host name in lower case, as A-labels, with no trailing dot; None for an address or what is no host name."""
    if host.isascii():
        name = host.lower()
    else:
        mapped = _to_ascii(host)
        if mapped is None:
            return None
        name = mapped
    if name.endswith("."):
        name = name[:-1]
    if len(name) > MOST_BYTES:
        return None
    match = _ASCII_NAME.fullmatch(name)
    if match is None:
        return None
    # No top-level domain begins with a digit, so the second look is only for what may be an address.
    if match[1][0].isdigit() and _NUMBER.fullmatch(match[1]):
        return None
    return name


def registrable(host: str) -> str | None:
    """The registrable domain of a host name by the public suffix list; None for a bare suffix, an address, no name."""
    name = canonical(host)
    return None if name is None else registrable_of_canonical(name)


def registrable_of_canonical(name: str) -> str | None:
    """registrable() for a name that canonical() returned."""
    if "xn--" in name:
        # The list is kept in its own spelling (U-labels): converting its 459 names would cost every start 5 ms.
        written = ".".join(from_a_label(label) for label in name.split("."))
        start = _registrable_start(written)
        return None if start is None else ".".join(name.split(".")[written.count(".", 0, start) :])
    start = _registrable_start(name)
    return None if start is None else name[start:]


def listed_suffixes() -> KeysView[str]:
    """What the public suffix list names: suffixes (U-labels) and the few exceptions to its wildcards."""
    return _suffixes().keys()


def _to_ascii(host: str) -> str | None:
    """A non-ASCII host as a browser would look it up (UTS #46, non-transitional), or None if it would refuse it."""
    if len(host) > MOST_BYTES:  # an A-label is never shorter than what it encodes; bounds the quadratic encoder
        return None
    # Imported here: almost no name needs it, and its tables take 10 ms to load.
    from idna import IDNAError, uts46_remap

    try:
        mapped = uts46_remap(host, std3_rules=False)
        # Not idna.encode: IDNA 2008 refuses names that browsers open and registries sold (emoji among them).
        return ".".join(_to_a_label(label) for label in mapped.split("."))
    except (IDNAError, UnicodeError):
        return None


def _to_a_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def from_a_label(label: str) -> str:
    """The U-label of an A-label; the label itself where there is none that a browser would show."""
    if not label.startswith("xn--"):
        return label
    try:
        written = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
    # Punycode can hold any code point: controls, what turns the direction of reading, halves of surrogate pairs.
    return written if written.isprintable() and "." not in written else label


# The list's lines up to the first white space: plain ones, and those with a wildcard or an exception; comments begin with //.
_PLAIN: Final = re.compile(r"^[^\s/*!]\S*", re.MULTILINE)
_SPECIAL: Final = re.compile(r"^[*!]\S*", re.MULTILINE)
# What the public suffix list says of a name; flags, since one name can be several things at once.
_RULE: Final = 1  # this is a public suffix
_WILD: Final = 2  # so is every name one label longer
_EXCEPT: Final = 4  # this is not, though a wildcard says so


def _registrable_start(name: str) -> int | None:
    """Where the registrable domain begins in a name of lower-case labels (https://publicsuffix.org/list/, Algorithm).

    The list's data comes from publicsuffixlist; the walk is ours because it takes a third of that package's time, which
    a list of a million names needs. The tests hold the two against each other.
    """
    suffixes = _suffixes()
    if name.count(".") == 1 and suffixes.get(name.partition(".")[2]) == _RULE and name not in suffixes:
        return 0  # most names: example.com
    two_before = one_before = -1
    at = 0
    # From the left, so the first rule that is met is the longest.
    while True:
        said = suffixes.get(name[at:])
        if said:
            if said & _EXCEPT:
                return at
            start = two_before if said & _WILD and one_before >= 0 else one_before
            return start if start >= 0 else None
        dot = name.find(".", at)
        if dot < 0:  # the rule "*": an unknown top-level domain is a suffix
            return one_before if one_before >= 0 else None
        two_before, one_before, at = one_before, at, dot + 1


@cache
def _suffixes() -> Mapping[str, int]:
    """The public suffix list, private section included: a shop at a hosting company is not its landlord."""
    from publicsuffixlist import PSLFILE

    rules = Path(PSLFILE).read_text("utf-8").lower()
    said = dict.fromkeys(_PLAIN.findall(rules), _RULE)
    for rule in _SPECIAL.findall(rules):
        name, flags = (rule[2:], _RULE | _WILD) if rule[0] == "*" else (rule[1:], _EXCEPT)
        said[name] = said.get(name, 0) | flags
    return said
