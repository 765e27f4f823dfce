"""A dictionary of lists in one array."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from wifiguard.names.postings import Postings

KEYS = st.text(max_size=3)


@given(st.lists(st.tuples(KEYS, st.integers(0, (1 << 20) - 1))), KEYS)
def test_it_is_a_dictionary_of_lists(pairs: list[tuple[str, int]], other: str) -> None:
    expected: defaultdict[str, list[int]] = defaultdict(list)
    for key, number in pairs:
        expected[key].append(number)
    made = Postings(pairs)
    for kept in (made, Postings.unpacked(made.packed())):
        for key in {*expected, other}:
            assert list(kept[key]) == sorted(expected[key])
            assert (key in kept) == bool(expected[key])
        assert kept.of_any([key.encode() for key in expected]) == [n for key in expected for n in sorted(expected[key])]


def test_of_many_keys_none_is_lost_and_none_is_found_that_is_not_there() -> None:
    made = Postings((f"key {number}", number) for number in range(20_000))
    assert made.of_any(f"key {number}".encode() for number in range(20_000)) == list(range(20_000))
    assert made.of_any(f"no key {number}".encode() for number in range(20_000)) == []
