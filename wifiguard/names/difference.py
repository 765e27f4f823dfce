"""What is wrong with a name, in one sentence that needs no schooling: "the letter l is the digit 1"."""

import unicodedata
from typing import Final

from wifiguard.core.text import N_, visible
from wifiguard.names.edits import Edit
from wifiguard.names.judge import Verdict
from wifiguard.names.looks import PAIRS
from wifiguard.names.sightings import Sighting

LONGEST: Final = 400  # characters; a name has 253 at most

# Those whose letters are commonly taken for others.
_SCRIPTS = {
    "ARMENIAN": N_("Armenian"),
    "CHEROKEE": N_("Cherokee"),
    "CYRILLIC": N_("Cyrillic"),
    "GEORGIAN": N_("Georgian"),
    "GREEK": N_("Greek"),
    "HEBREW": N_("Hebrew"),
}


def difference(verdict: Verdict) -> str:
    """How a look-alike or suspicious name differs from what it imitates: a clause without a full stop, fit to be shown."""
    return visible(_difference(verdict), LONGEST)


def _difference(verdict: Verdict) -> str:
    found, registrable = verdict.imitation, verdict.registrable
    if found is None or registrable is None:
        return ""
    sighting = found.sighting
    if not sighting.exact and not sighting.shown.isascii() and (letter := _foreign_letter(sighting)) is not None:
        return letter
    if sighting.edit is not None:
        return _edited(sighting.edit, sighting)
    if sighting.pair and (pair := _pair(sighting, verdict.host or "")) is not None:
        return pair
    if not sighting.exact and (digit := _at_a_glance(sighting)) is not None:
        return digit
    if "subdomain" in found.techniques:
        return f"the site belongs to {registrable}; what stands before it is only decoration"
    hyphens, dots = sighting.divisions()
    if hyphens or dots:
        return f"the name {sighting.brand.spelling} is divided by {'dots' if dots else 'hyphens'}"
    if "added-word" in found.techniques:
        return f"something was added to the name {sighting.brand.spelling}"
    return f"it ends in .{registrable.partition('.')[2]}, which is not the true ending"


def _foreign_letter(sighting: Sighting) -> str | None:
    for char, plain in zip(sighting.shown, sighting.host.latin[sighting.start : sighting.end], strict=True):
        if char != plain and not char.isascii():
            script = unicodedata.name(char, "other").split()[0]
            if script == "LATIN":
                return f"the letter {plain} is the letter {char}"
            return f"the letter {plain} is a {_SCRIPTS.get(script, script.capitalize())} letter that looks the same"
    return None


def _edited(edit: Edit, sighting: Sighting) -> str:
    true, shown, at = sighting.brand.spelling, sighting.shown, edit.at
    match edit.kind:
        case "missing":
            return f"the letter {true[at]} is missing"
        case "doubled":
            return f"the letter {shown[at]} is doubled"
        case "added":
            return (
                f"the letter {shown[at]} is too much" if shown[at].isalpha() else f"the digit {shown[at]} is too much"
            )
        case "other":
            return f"the letter {true[at]} is {_called(shown[at])}"
        case "swapped":
            return f"the letters {true[at]} and {true[at + 1]} are swapped"


def _pair(sighting: Sighting, host: str) -> str | None:
    for pair, letter in PAIRS:
        if pair in host and letter in sighting.shown:
            return f"the letter {letter} is the letters {pair[0]} and {pair[1]}"
    return None


def _at_a_glance(sighting: Sighting) -> str | None:
    for wanted, seen in zip(sighting.brand.spelling, sighting.shown, strict=False):
        if wanted != seen:
            return f"the {'letter' if wanted.isalpha() else 'digit'} {wanted} is {_called(seen)}"
    return None


def _called(char: str) -> str:
    return f"the digit {char}" if char.isdigit() else f"the letter {char}"
