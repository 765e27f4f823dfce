"""Passwords and sessions in clear, in every protocol, on a port that says nothing."""

from __future__ import annotations

import pytest

from tests.streams.sessions import SESSIONS, Session, script, told
from tests.streams.talking import Conversation, heard, timeless


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.name)
def test_what_is_told(session: Session) -> None:
    talk = Conversation()
    frames = talk.open()
    for side, text in script(session):
        frames += talk.client(text) if side == "up" else talk.server(text)
    assert timeless(heard(frames, talk.close())) == told(session)
