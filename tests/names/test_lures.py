"""Words that ask for something, in what stands beside a brand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.names.lures import Lures, lures_in


@pytest.mark.parametrize(
    ("before", "token", "found"),
    [
        ("", "login", Lures(1, 0, 0, left=False)),
        ("", "login24", Lures(1, 0, 0, left=False)),
        ("", "l0gin", Lures(1, 0, 0, left=False)),
        ("sign", "in", Lures(1, 0, 0, left=False)),
        ("", "accuont", Lures(1, 0, 0, left=False)),
        ("", "loginverify", Lures(2, 0, 0, left=False)),
        ("", "xlogin", Lures(1, 0, 0, left=True)),
        ("", "applog", Lures(0, 2, 0, left=False)),
        ("", "authcenter", Lures(1, 0, 1, left=False)),
        ("", "0nline24", Lures(0, 1, 0, left=True)),
        ("", "group", Lures(0, 0, 1, left=False)),
        ("", "disclaimer", Lures(0, 0, 0, left=True)),
        ("", "rapid", Lures(0, 0, 0, left=True)),
        ("", "24", Lures(0, 0, 0, left=False)),
        ("", "", Lures(0, 0, 0, left=False)),
    ],
)
def test_what_asks_for_something(before: str, token: str, found: Lures) -> None:
    assert lures_in(before, token) == found


@given(st.text("abcdefilnoprstuvwy0135", max_size=63))
def test_any_part_of_a_name_is_answered(token: str) -> None:
    found = lures_in("", token)
    assert 0 <= found.strong + found.weak + found.firm <= len(token) // 2 + 1
