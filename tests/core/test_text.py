"""Hostile text made visible."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.core.text import WIDTH, still_visible, visible


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"CafeGuest", "CafeGuest"),
        ("Caf\u00e9 \u2615 \u4f60\u597d".encode(), "Caf\u00e9 \u2615 \u4f60\u597d"),
        (b"\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\u202egnp.exe".encode(), "\\u202egnp.exe"),
        (b"\xff\xfehi", "\\xff\\xfehi"),
        (b"a\x00b", "a\\x00b"),
        ("zero\u200bwidth".encode(), "zero\\u200bwidth"),
        (b"back\\slash", "back\\\\slash"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940".encode(), "\u0939\u093f\u0928\u094d\u0926\u0940"),
        ("a" + "\u0301" * 5, "a\u0301\u0301\\u0301\\u0301\\u0301"),
        (b"x" * 100, "x" * WIDTH + "\u2026"),
    ],
)
def test_visible(raw: bytes | str, shown: str) -> None:
    assert visible(raw) == shown


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_nothing_that_a_terminal_obeys_comes_through(raw: bytes | str) -> None:
    shown = visible(raw)
    assert len(shown) <= WIDTH + 1
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in shown)


@given(st.binary(max_size=32), st.binary(max_size=32))
def test_two_names_never_look_the_same(a: bytes, b: bytes) -> None:
    if visible(a, 1000) == visible(b, 1000):
        assert unicodedata.normalize("NFC", a.decode("utf-8", "replace")) == unicodedata.normalize(
            "NFC", b.decode("utf-8", "replace")
        )
        assert a == b


@given(st.text(), st.integers(8, 80))
def test_what_is_visible_stays_as_it_is(text: str, limit: int) -> None:
    once = visible(text, limit)
    assert still_visible(once, limit) == once
    assert len(still_visible(text, limit)) <= limit + 1
    assert all(char.isprintable() for char in still_visible(text, limit))
