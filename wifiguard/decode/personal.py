"""Personal data in the fields of a form or URL: which categories, never which words.

The categories are those of the Civil Code of the PRC, article 1034. A number counts only with its checksum and with a telling
name or neighbour: one random number in ten passes Luhn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from wifiguard.decode import meanings as m
from wifiguard.decode import numbers

IBAN: Final = "iban"
LOCATION: Final = "location"
CATEGORIES: Final = (
    m.ADDRESS,
    m.BIRTH,
    m.EMAIL,
    m.HEALTH,
    IBAN,
    m.IDENTITY,
    LOCATION,
    m.NAME,
    m.CARD,
    m.PHONE,
)

_MAX_VALUE = 256
_email = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.)+([^\W\d_]{2,24})").fullmatch
# icon@2x.png is a file.
_FILES: Final = frozenset(
    {
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "avif",
        "ico",
        "css",
        "js",
        "mjs",
        "map",
        "html",
        "htm",
        "php",
        "json",
        "xml",
        "txt",
        "pdf",
        "zip",
    }
)
_date = re.compile(
    r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}(?:[T ].*)?|(?:19|20)\d{6}|\d{4}(?:19|20)\d\d|(?:18|19|20)\d\d"
    r"|\d{1,2}\.? ?[^\W\d]{3,12},? \d{4}|[^\W\d]{3,12} \d{1,2},? \d{4}|\d{4}年\d{1,2}月(?:\d{1,2}日?)?"
).fullmatch
_degrees = re.compile(r"-?\d{1,3}[.,]\d{3,}").fullmatch
_pair = re.compile(r"\(?-?\d{1,2}\.\d{3,},\s*-?\d{1,3}\.\d{3,}\)?").fullmatch
_SWITCHES: Final = frozenset(
    {"true", "false", "yes", "no", "on", "off", "null", "none", "undefined", "nan", "n/a", "unknown", "ok"}
)
_LIKELY: Final = {m.MAYBE_NAME: m.NAME, m.MAYBE_ADDRESS: m.ADDRESS}
# Numbers of one form whose proof is tried: with sixteen regions a telephone number takes a quarter of a millisecond.
_MOST_TRIES: Final = 24
_CERTAIN: Final = frozenset({m.NAME, m.BIRTH, m.ADDRESS, m.PHONE, m.EMAIL, m.CARD, m.IDENTITY})


def categories(fields: Iterable[tuple[frozenset[str], str]]) -> frozenset[str]:
    """The categories of these fields: what each name means (`meanings.meanings`), and its value."""
    sought = _Sought()
    for said, value in fields:
        sought.look(said, value[:_MAX_VALUE].strip())
    return sought.result()


class _Sought:
    """What was found so far. A form that is all of telephones costs no more than one that has a few."""

    __slots__ = ("_angles", "_cards", "_found", "_maybe", "_tries")

    def __init__(self) -> None:
        self._found: set[str] = set()
        self._maybe: set[str] = set()
        self._angles: set[str] = set()
        self._cards: list[str] = []
        self._tries = _MOST_TRIES

    def look(self, said: frozenset[str], text: str) -> None:
        """Take one field."""
        if _email_address(text):
            self._found.add(m.EMAIL)
        elif (
            IBAN not in self._found and numbers.looks_like_iban(text) and self._may_try(text) and numbers.is_iban(text)
        ):
            self._found.add(IBAN)
        elif said:
            self._named(said, text)
            self._number(said, text)
            self._maybe |= _possible(said, text)

    def result(self) -> frozenset[str]:
        """All that is certain, and what is likely beside it."""
        found = self._found
        if {m.LATITUDE, m.LONGITUDE} <= self._angles:
            found.add(LOCATION)
        # A bare "number" is a card's where its neighbours ask for the code on the back.
        if m.CARD_PART in self._maybe and m.CARD not in found and any(map(numbers.is_payment_card, self._cards)):
            found.add(m.CARD)
        if found & _CERTAIN:
            found |= {_LIKELY[each] for each in self._maybe & _LIKELY.keys()}
        return frozenset(found)

    def _named(self, said: frozenset[str], text: str) -> None:
        """What the name says and the value does not contradict."""
        found = self._found
        if m.NAME in said and _is_name(text):
            found.add(m.NAME)
        if m.BIRTH in said and _date(text):
            found.add(m.BIRTH)
        if (m.ADDRESS in said or m.STREET in said) and _is_address(text, sure=m.STREET in said):
            found.add(m.ADDRESS)
        if m.HEALTH in said and _is_words(text):
            found.add(m.HEALTH)
        if m.POSITION in said and _pair(text):
            found.add(LOCATION)
        if said & {m.LATITUDE, m.LONGITUDE} and _degrees(text):
            self._angles |= said

    def _number(self, said: frozenset[str], text: str) -> None:
        """What the value proves."""
        found = self._found
        if m.PHONE in said and m.PHONE not in found and self._may_try(text) and numbers.is_phone_number(text):
            found.add(m.PHONE)
        if m.CARD in said and m.CARD not in found and self._may_try(text) and numbers.is_payment_card(text):
            found.add(m.CARD)
        elif m.NUMBER in said and len(self._cards) < _MOST_TRIES:
            self._cards.append(text)
        if m.IDENTITY in found:
            return
        kinds = [each for each in said if "." in each]
        if m.IDENTITY in said:
            kinds += numbers.ANY_COUNTRY
        if kinds and self._may_try(text) and any(numbers.is_identity_number(text, kind) for kind in kinds):
            found.add(m.IDENTITY)

    def _may_try(self, text: str) -> bool:
        """Whether one more number is worth the time that its proof takes."""
        if self._tries <= 0 or not any(map(str.isdigit, text)):
            return False
        self._tries -= 1
        return True


def _possible(said: frozenset[str], text: str) -> set[str]:
    found: set[str] = set()
    if m.MAYBE_NAME in said and _is_name(text):
        found.add(m.MAYBE_NAME)
    if m.MAYBE_ADDRESS in said and text and text.casefold() not in _SWITCHES:
        found.add(m.MAYBE_ADDRESS)
    if m.CARD_PART in said and any(map(str.isdigit, text)):
        found.add(m.CARD_PART)
    return found


def _email_address(text: str) -> bool:
    if "@" not in text:
        return False
    found = _email(text)
    return found is not None and found[1].lower() not in _FILES


def _is_words(text: str) -> bool:
    """Whether somebody wrote something, and not a program its state."""
    letters = sum(map(str.isalpha, text[:8]))
    return (letters >= 3 or (letters > 0 and not text.isascii())) and text.casefold() not in _SWITCHES


def _is_name(text: str) -> bool:
    if not text or text.casefold() in _SWITCHES or any(c.isdigit() or c in "/\\<>{}=@_:" for c in text):
        return False
    return sum(map(str.isalpha, text)) >= (2 if text.isascii() else 1)


def _is_address(text: str, *, sure: bool) -> bool:
    """Words with a space or a number between them, as no machine's address has; other scripts need neither."""
    if not any(map(str.isalpha, text)) or any(c in "@\\<>{}=" for c in text) or "://" in text:
        return False
    if not text.isascii():
        return True
    return " " in text if not sure else " " in text or any(map(str.isdigit, text))
