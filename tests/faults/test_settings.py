"""Settings made up from everything that can be set: what is wrong is always answered with the file, the line and the key."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifiguard.daemon.config import ConfigError, Settings, listing, parse

FILE = Path("/etc/wifiguard/wifiguard.toml")
KEYS = tuple(tuple(key.rsplit(".", 1)) for key, _, _ in listing(Settings()))
TABLES = sorted({table for table, _ in KEYS})

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers() | st.integers(-3, 400) | st.floats()
WORDS = st.sampled_from(["always", "never", "untrusted", "high", "info", "wlan0", "", "/nowhere", "mybank.example"])
PLAIN = st.booleans() | NUMBERS | WORDS | TEXT
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2))
DATES = st.sampled_from(["1979-05-27", "1979-05-27T07:32:00Z", "07:32:00"])


def toml(value: object) -> str:
    """A value as a person would write it."""
    match value:
        case bool():
            return str(value).lower()
        case float() if not math.isfinite(value):
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return "{" + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
        case _:
            return repr(value)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str]]:
    """The text of a settings file, and every key that it names."""
    lines: list[str] = []
    named: list[str] = []
    for table in draw(st.lists(st.sampled_from(TABLES), max_size=4, unique=True)):
        mine = [key for other, key in KEYS if other == table]
        lines.append(f"[{table}]")
        named.append(table)
        for key in draw(st.lists(st.sampled_from([*mine, "enabled", "enalbed", "x"]), max_size=3, unique=True)):
            lines.append(f"{key} = {draw(DATES | VALUES.map(toml))}")
            named.append(f"{table}.{key}")
    return "\n".join(lines), named


@settings(max_examples=250, deadline=None)
@given(files())
def test_what_is_wrong_is_named(file: tuple[str, list[str]]) -> None:
    text, named = file
    try:
        made = parse(text, FILE)
    except ConfigError as error:
        sentence = str(error)
        assert sentence.startswith(f"{FILE}, line ")
        assert any(key in sentence for key in named), sentence
        # The line is the one that holds the key.
        line = text.split("\n")[int(sentence.removeprefix(f"{FILE}, line ").partition(":")[0]) - 1]
        assert line.startswith("[") or line.partition(" = ")[0] in sentence
    else:
        assert isinstance(made, Settings)
        assert all(key in named for key in made.origin)
        assert isinstance(made, Settings)


def test_a_value_with_another_languages_line_ends_moves_no_line() -> None:
    with pytest.raises(ConfigError, match=r"line 3: unknown key .on_untrusted\.x."):
        parse('[on_untrusted]\nvpn = "a\u2028b\u0085c"\nx = 1', FILE)
