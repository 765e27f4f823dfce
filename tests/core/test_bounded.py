"""Maps that traffic cannot grow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wifiguard.core.bounded import BoundedMap


def test_a_million_keys_against_a_bound() -> None:
    made: BoundedMap[int, int] = BoundedMap(1000)
    for key in range(1_000_000):
        made.put(key, key, float(key))
    assert list(made.values()) == list(range(999_000, 1_000_000))


def test_entries_age_by_tick() -> None:
    made: BoundedMap[str, int] = BoundedMap(10, age=5.0)
    made.put("a", 1, 0.0)
    made.put("b", 2, 3.0)
    assert made.get("a", 5.0) == 1
    made.expire(6.0)
    assert list(made.items()) == [("b", 2)]
    assert made.get("b", 8.5) is None
    assert len(made) == 0


def test_it_is_as_large_as_what_came_within_its_age() -> None:
    made: BoundedMap[int, int] = BoundedMap(10_000, age=100.0)
    sizes = []
    for key in range(2_000):
        made.put(key, key, float(key))
        sizes.append(len(made))
    assert max(sizes) == 101
    # A burst goes again as new ones come, two for each.
    for key in range(2_000, 3_000):
        made.put(key, key, 2_000.0)
    for key in range(3_000, 4_200):
        made.put(key, key, 2_200.0 + (key - 3_000) / 100)
    assert len(made) == 1_200


def test_unwanted_entries_are_dropped() -> None:
    made: BoundedMap[int, str] = BoundedMap(10)
    for key in range(6):
        made.put(key, str(key), 0.0)
    made.drop(lambda key: key % 2 == 1)
    assert list(made.items()) == [(0, "0"), (2, "2"), (4, "4")]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9)), max_size=60), st.integers(1, 5))
def test_against_a_model(writes: list[tuple[str, int]], size: int) -> None:
    made: BoundedMap[str, int] = BoundedMap(size)
    model: dict[str, int] = {}
    for tick, (key, value) in enumerate(writes):
        made.put(key, value, float(tick))
        model.pop(key, None)
        model[key] = value
        while len(model) > size:
            del model[next(iter(model))]
    assert list(made.items()) == list(model.items())
