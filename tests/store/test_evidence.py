"""Evidence as JSON."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.making import Crossed
from wifiguard.core.policy import State
from wifiguard.store.evidence import decode, encode, without

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.sampled_from(State),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
)


def test_every_kind_of_value() -> None:
    given_ = Crossed("x", ("a", "b"), State.RESOLVED, b"\x01", 443)
    assert decode(encode(given_)) == {"name": "x", "what": ["a", "b"], "state": "resolved", "raw": "01", "port": 443}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), JSON))
def test_anything_is_bounded_and_comes_back(evidence: dict[str, object]) -> None:
    text = encode(evidence)
    assert text.isascii()
    assert len(text) < 20_000
    assert encode(decode(text)) == text


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ({"x": float("nan"), "y": float("inf")}, {"x": None, "y": None}),
        ({"x": "y" * 600}, {"x": "y" * 511 + "…"}),
        ({"x": ["y"] * 100}, {"x": ["y"] * 64}),
        ({"x": ["y" * 500] * 100}, {"x": ["y" * 127 + "…"] * 16}),
        ({"x": [[[[[1]]]]]}, {"x": [[["…"]]]}),
        ({"x": 2**70}, {"x": str(2**70)}),
        ({"x": True}, {"x": True}),
    ],
)
def test_what_is_too_much_is_cut(evidence: dict[str, object], expected: dict[str, object]) -> None:
    assert decode(encode(evidence)) == expected


@pytest.mark.parametrize("text", ["", "[1]", "1", "null", "{"])
def test_what_is_no_evidence(text: str) -> None:
    with pytest.raises(ValueError):
        decode(text)


def test_what_has_no_form() -> None:
    with pytest.raises(TypeError, match="cannot hold object"):
        encode({"x": object()})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Hotel", "(forgotten)"),
        ("at the Hotel", "(forgotten)"),
        ("Hot…", "(forgotten)"),
        ("…", "(forgotten)"),
        ("Hat…", "Hat…"),
        ("abc", "(forgotten)"),
        ("xabcx", "xabcx"),
        ("by 02:00:00:00:00:0A then", "by (forgotten) then"),
        (["Hotel", {"a": "abc"}, 1, None], ["(forgotten)", {"a": "(forgotten)"}, 1, None]),
        (80, 80),
    ],
)
def test_without_the_traces_of_a_network(value: object, expected: object) -> None:
    assert without({"x": value}, {"Hotel", "abc"}) == {"x": expected}
