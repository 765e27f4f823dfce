"""Members of a group keep their names as long as they are few."""

from __future__ import annotations

from wifiguard.core.fewest import GROUPS, Fewest


def test_the_first_keep_their_names() -> None:
    fewest = Fewest(2)
    assert [fewest.name(("imap",), each, 0.0) for each in "abcab"] == ["a", "b", "others", "a", "b"]
    assert fewest.name(("pop3",), "c", 0.0) == "c"


def test_groups_are_bounded() -> None:
    fewest = Fewest(1)
    for number in range(10 * GROUPS):
        assert fewest.name((str(number),), "a", float(number)) == "a"
    # The oldest was forgotten, the youngest is known.
    assert fewest.name(("0",), "b", 0.0) == "b"
    assert fewest.name((str(10 * GROUPS - 1),), "b", 0.0) == Fewest.REST
