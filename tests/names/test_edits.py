"""One slip of the finger, and what it leaves of a word."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wifiguard.names.edits import SHORT, Edit, one_edit, traces, traces_in

# Of few letters, so that doubled and swapped ones are met; around the length at which spellings are kept otherwise.
WORDS = st.text("abc", min_size=4, max_size=3 * SHORT)


@pytest.mark.parametrize(
    ("seen", "edit"),
    [
        ("papal", Edit("missing", 2, "y")),
        ("payxpal", Edit("added", 3, "x")),
        ("payypal", Edit("doubled", 3, "y")),
        ("paxpal", Edit("other", 2, "yx")),
        ("pyapal", Edit("swapped", 1, "ay")),
        ("paypal", None),
        ("palpay", None),
        ("paypalxy", None),
    ],
)
def test_the_edit_is_told(seen: str, edit: Edit | None) -> None:
    assert one_edit("paypal", seen) == edit


def slips(word: str) -> set[str]:
    """Every text that is one slip away, by the letters a to d."""
    missing = {word[:at] + word[at + 1 :] for at in range(len(word))}
    added = {word[:at] + letter + word[at:] for at in range(len(word) + 1) for letter in "abcd"}
    other = {word[:at] + letter + word[at + 1 :] for at in range(len(word)) for letter in "abcd"}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    return (missing | added | other | swapped) - {word}


@given(WORDS)
def test_every_slip_is_told_and_leaves_a_trace(true: str) -> None:
    kept = set(traces(true))
    for seen in slips(true):
        assert one_edit(true, seen) is not None, seen
        assert kept.intersection(traces_in(seen)), seen


@given(WORDS, WORDS)
def test_no_more_than_one_slip_is_told(true: str, seen: str) -> None:
    assume(seen not in slips(true))
    assert one_edit(true, seen) is None


def test_letters_of_other_scripts_are_letters() -> None:
    assert set(traces("commerzbank")).intersection(traces_in("cömmerzbank"))
    assert set(traces("paypal")).intersection(traces_in("p☃ypal"))


def test_a_name_costs_few_questions() -> None:
    for size in range(4, 33):
        word = "abcdefghijklmnopqrstuvwxyzabcdefghij"[:size]
        assert len(traces(word)) <= SHORT + 1
        assert len(traces_in(word)) <= 2 * SHORT, size
