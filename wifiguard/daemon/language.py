"""The person's language: texts are marked where they are written and translated where they are shown.

Which one it is, the environment says, as gettext(3) reads it. A monitor speaks English to everybody; its sentences come with
names and numbers filled in, and are told by their templates. docs/translating.md says how a text gets here.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path

from wifiguard.core.text import N_

DOMAIN = "wifiguard"
# What click says by itself: usage, errors, questions.
CLICK = "click"
# Begins the places that a list fills.
NAMES = "names"
# Places that hold a number: what follows it is another sentence.
NUMBERS = frozenset({"line", "lineno", "column", "pid"})
CATALOGUES = Path(__file__).parent.parent / "locale"

# What the system, OpenSSL and readers of settings say inside our sentences, always in English.
SYSTEM = (
    *(N_("No such file or directory"), N_("Permission denied"), N_("Operation not permitted"), N_("Is a directory")),
    *(N_("Not a directory"), N_("File exists"), N_("No space left on device"), N_("Read-only file system")),
    *(N_("Connection refused"), N_("Network is unreachable"), N_("No such device"), N_("Device or resource busy")),
    *(N_("self-signed certificate"), N_("self-signed certificate in certificate chain")),
    *(N_("unable to get local issuer certificate"), N_("certificate has expired"), N_("certificate is not yet valid")),
    *(N_("expected `{type}`, got `{got}`"), N_("invalid enum value '{value}'"), N_("Invalid value")),
    N_("{what} (at line {line}, column {column})"),
    N_("Hostname mismatch, certificate is not valid for '{name}'."),
    N_("IP address mismatch, certificate is not valid for '{address}'."),
)
_PLACE = re.compile(r"\{\w*\}")
_LETTERS = re.compile(r"[A-Za-z]")
# A template that says less than this by itself would be found in everything.
_LEAST = 4
# Longer sentences are none of ours; and how deep a sentence holds another one.
_LONGEST, _DEEPEST = 1000, 3


class Speech(gettext.GNUTranslations):
    """A catalogue that also finds sentences which are filled already: “no rule is called {rule}” in “no rule is called x”."""

    def gettext(self, message: str) -> str:
        return self._told(message, _DEEPEST)

    def _told(self, message: str, deep: int) -> str:
        if not message:
            return ""  # gettext's answer to nothing is the catalogue's head
        found = super().gettext(message)
        if found != message or deep == 0 or len(message) > _LONGEST:
            return found
        for template in self._templates:
            values = template.values(message)
            if values is not None:
                told = {name: self._value(name, value, deep - 1) for name, value in values.items()}
                return super().gettext(template.text).format_map(told)
        return self._parts(message, deep)

    def _value(self, place: str, value: str, deep: int) -> str:
        """What fills a place; several names are divided as this language does it."""
        if place.startswith(NAMES):
            return super().gettext(", ").join(re.split(", | or ", value))
        return self._told(value, deep)

    def _parts(self, message: str, deep: int) -> str:
        """An error comes in one text with what mends it, or with where it is."""
        first, stop, rest = message.partition(". ")
        if stop and (told := self._told(first + ".", deep - 1)) != first + ".":
            return super().gettext("{why} {advice}").format(why=told, advice=self._told(rest, deep - 1))
        first, colon, rest = message.partition(": ")
        if colon and (told := self._told(rest, deep - 1)) != rest:
            return super().gettext("{what}: {reason}").format(what=self._told(first, deep - 1), reason=told)
        return message

    @cached_property
    def _templates(self) -> tuple[_Template, ...]:
        """Those that say most by themselves first."""
        messages: Iterable[object] = self._catalog  # type: ignore[attr-defined]
        made = (_Template(message) for message in messages if isinstance(message, str) and _PLACE.search(message))
        return tuple(sorted((each for each in made if each.weight >= _LEAST), key=lambda each: -each.weight))


class _Template:
    """A text with places. `weight`: how many letters it has of its own."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._names = [place[1:-1] for place in _PLACE.findall(text)]
        self._first, *self._between, self._last = _PLACE.split(text)
        self.weight = sum(len(_LETTERS.findall(part)) for part in _PLACE.split(text))

    def values(self, message: str) -> dict[str, str] | None:
        """What fills the places, so that the text becomes `message`; None where it cannot. A place takes as little as it can."""
        at, end = len(self._first), len(message) - len(self._last)
        if at > end or not (message.startswith(self._first) and message.endswith(self._last)):
            return None
        found = []
        for part in self._between:
            begins = message.find(part, at, end)
            if begins < 0:
                return None
            found.append(message[at:begins])
            at = begins + len(part)
        found.append(message[at:end])
        filled: dict[str, str] = {}
        for name, value in zip(self._names, found, strict=True):
            if filled.setdefault(name, value) != value or (name in NUMBERS and not value.isdecimal()):
                return None
        return filled


def languages(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The languages that the environment asks for, the dearest first; none where English is among the first.

    LC_ALL, LC_MESSAGES and LANG name the locale, in this order; LANGUAGE then may name others, but not in the locale C.
    """
    locale = next((value for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(key))), "C")
    if locale.partition(".")[0] in ("C", "POSIX"):
        return []
    wanted = (environment.get("LANGUAGE") or locale).split(":")
    english = next((n for n, each in enumerate(wanted) if re.split(r"[_.@]", each)[0] in ("en", "C")), len(wanted))
    return [each for each in wanted[:english] if each]


@cache
def speech() -> gettext.NullTranslations:
    """The catalogue of this person's language; one that changes nothing where there is none, or English is wanted."""
    return gettext.translation(DOMAIN, CATALOGUES, languages(), class_=Speech, fallback=True)


@lru_cache(4096)  # a long log says the same words again and again
def translate(text: str) -> str:
    """`text` (marked, or a sentence of the monitor's) in this person's language; unchanged where there is no translation."""
    return speech().gettext(text)


def translate_many(one: str, more: str, count: int) -> str:
    """The form of the text that goes with `count`."""
    return speech().ngettext(one, more, count)


def language() -> str:
    """The language tag (BCP 47) of what `translate` gives."""
    told = speech().info().get("language", "en")
    return str(told).replace("_", "-")


def let_click_speak() -> None:
    """Let click, which asks the process's own domain, speak the same language."""
    if language() != "en":
        gettext.bindtextdomain(CLICK, CATALOGUES)
        gettext.textdomain(CLICK)
