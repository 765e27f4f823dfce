"""Membership without keeping the names."""

from hypothesis import given
from hypothesis import strategies as st

from wifiguard.names.nameset import NameSet


def test_nothing_is_in_an_empty_set() -> None:
    assert "example.com" not in NameSet()


@given(st.sets(st.text()), st.sets(st.text()))
def test_holds_what_was_added_and_no_more(added: set[str], others: set[str]) -> None:
    names = NameSet()
    names.update(added)
    names.update(added)
    assert all(name in names for name in added)
    assert not any(name in names for name in others - added)
