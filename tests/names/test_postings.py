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
