"""Every text is translated, and says the same. Where one of these fails, the message names what is to be written where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from wifiguard.core.text import cells
from wifiguard.daemon.language import CATALOGUES, Speech
from wifiguard.rules import rule_files

ROOT = Path(__file__).parents[2]
HOW = (
    "Run `make texts` (it brings new texts into the files and takes gone ones out), then fill in every empty msgstr in "
    "wifiguard/locale/*/LC_MESSAGES/wifiguard.po, and run `make texts` once more. docs/translating.md tells more."
)
# Cells of a notification's title: 22 characters.
TITLE = 44
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# The same in Chinese: names, units, and texts that are nothing but places.
SAME = re.compile(r"(?:[\W\d_]|\{\w*\}|Wi-Fi|VPN|WEP|BSSID|KDE Connect|Spotify Connect|iwd|nl80211|at|via|KiB|x|-)*")
# An example's command, the report's policy, styles, what a defect in a rule is told by.
OTHER = re.compile("Example:  |default-src |bold |default not bold|expected {expected}")
PLACE = re.compile(r"\{\w*(?:![rsa])?\}|%[a-z]|%\(\w+\)s")
COMMAND = re.compile(r"`[^`]*`")


@pytest.fixture(params=["zh_CN"])
def catalog(request: pytest.FixtureRequest, texts: ModuleType) -> Catalog:
    """The catalogue of each language."""
    read = texts.read(CATALOGUES / request.param / "LC_MESSAGES" / "wifiguard.po")
    assert isinstance(read, Catalog)
    return read


def test_every_language_is_looked_at(texts: ModuleType) -> None:
    assert [path.parent.parent.name for path in texts.catalogues()] == ["zh_CN"], "add it to the fixture `catalog`"


def test_no_text_is_missing_and_none_is_stale(texts: ModuleType, catalog: Catalog) -> None:
    wanted = {text.id: text.places for text in texts.texts()}
    there = {message.id: message for message in catalog if message.id}
    untranslated = [f"{id!r} ({', '.join(places)})" for id, places in wanted.items() if not _told(there.get(id))]
    stale = [repr(id) for id in there if id not in wanted]
    assert (untranslated, stale, [m.id for m in there.values() if m.fuzzy]) == ([], [], []), HOW


def _told(message: Message | None) -> bool:
    return message is not None and all(_strings(message))


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _pairs(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """English and translation; of a plural the form for many."""
    for message in catalog:
        if message.id:
            english = message.id if isinstance(message.id, str) else message.id[-1]
            yield from ((english, told) for told in _strings(message) if told)


def test_places_and_commands_agree(catalog: Catalog) -> None:
    different = [
        (english, told)
        for english, told in _pairs(catalog)
        if sorted(PLACE.findall(english)) != sorted(PLACE.findall(told))
        or (sorted(COMMAND.findall(english)) != sorted(COMMAND.findall(told)) and "NETWORK" not in english)
    ]
    assert different == []


def test_nothing_stays_english(catalog: Catalog) -> None:
    assert [english for english, told in _pairs(catalog) if told == english and not SAME.fullmatch(english)] == []
    latin = [told for _, told in _pairs(catalog) if not CHINESE.search(told) and not SAME.fullmatch(told)]
    assert [told for told in latin if not re.search("[，。；：、（）]", told)] == []


def test_chinese_has_chinese_punctuation(chinese: Catalog) -> None:
    """No comma, colon or full stop of the other width after a Chinese character, and no space before a Chinese mark."""
    wrong = re.compile(r"[\u4e00-\u9fff][,;:!?]|[\u4e00-\u9fff]\.(?:\s|$)|\s[，。；：、！？）]|[（，。；：、！？] \S")
    assert [told for _, told in _pairs(chinese) if wrong.search(told)] == []


@pytest.mark.parametrize("id", rule_files())
def test_a_title_fits_into_a_notification(id: str, speech: Speech) -> None:
    titles = {speech.gettext(text.title) for text in rule_files()[id].rule.texts.values()}
    long = [title for title in titles if cells(PLACE.sub("", title)) > TITLE or not CHINESE.search(title)]
    assert long == []


def test_click_speaks_as_well() -> None:
    with (CATALOGUES / "zh_CN" / "LC_MESSAGES" / "click.po").open("rb") as file:
        catalog = read_po(file)
    pairs = list(_pairs(catalog))
    assert len(pairs) > 40
    assert [told for _, told in pairs if not CHINESE.search(told)] == []
    assert [e for e, told in pairs if set(PLACE.findall(told)) - set(PLACE.findall(e))] == []


@pytest.mark.parametrize("room", ["cli", "agent", "report"])
def test_what_reads_like_a_sentence_is_marked(room: str, texts: ModuleType) -> None:
    known = {part for text in texts.texts() for part in ([text.id] if isinstance(text.id, str) else text.id)}
    unmarked = []
    for path in sorted((ROOT / "wifiguard" / room).glob("*.py")):
        if path.name == "manual.py":
            continue  # the manual page is English
        unmarked += [
            f"{path.relative_to(ROOT)}: {id!r}"
            for id in texts.Reader(prose=True).read(ast.parse(path.read_text()))
            if isinstance(id, str) and not known & {id, " ".join(id.split())} and not OTHER.match(id)
        ]
    assert unmarked == [], "wrap it: told(N_(…)) where it is shown, N_(…) where it is kept"


def test_the_compiled_catalogues_are_those_of_the_sources() -> None:
    for path in CATALOGUES.glob("*/LC_MESSAGES/*.po"):
        compiled = path.with_suffix(".mo")
        assert compiled.exists(), f"{compiled.name} is made where the package is built: run `make texts`"
