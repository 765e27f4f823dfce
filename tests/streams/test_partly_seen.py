"""Passwords are told as well where one direction or the begin was not captured."""

from __future__ import annotations

import itertools

import pytest

from tests.streams.sessions import SESSIONS, Script, Session, script, told
from tests.streams.talking import FLOW, Conversation, heard
from wifiguard.core.messages import CleartextLogin
from wifiguard.core.observation import Observation

PORTS = {
    "ftp": 21,
    "pop3": 110,
    "imap": 143,
    "smtp": 25,
    "irc": 6667,
    "ldap": 389,
    "telnet": 23,
    "xmpp": 5222,
    "socks": 1080,
}
LOGINS = [session for session in SESSIONS if "!" in session.told]
# What a message says, seen from its middle, looks like a command.
NO_MESSAGE = [session for session in SESSIONS if session.name != "smtp, no login"]
# A terminal's password is known by the server's question or echo.
NEED_SERVER = frozenset({"telnet", "text"})
# What begins with a command that gives the password, or asks for it, needs nothing before it.
FROM_HERE = {
    "ftp": b"PASS s3cret", "pop3": b"PASS my s3cret", "pop3, AUTH PLAIN at once": b"AUTH PLAIN", "imap": b"a1 LOGIN",
    "imap, literals": b"a1 LOGIN", "imap, AUTHENTICATE PLAIN": b"1.1 AUTH", "smtp, AUTH PLAIN": b"auth plain",
    "smtp, AUTH LOGIN": b"AUTH LOGIN", "ldap, TLS refused": b"0", "irc, NickServ": b"PRIVMSG", "irc, OPER": b"OPER",
    "telnet": b"\r\0", "telnet, lines": b"me", "a terminal without Telnet's commands": b"admin",
}  # fmt: skip


def protocol(session: Session) -> str:
    return session.told.partition(" ")[0].rstrip("!?")


def logins(observations: list[Observation]) -> set[str]:
    return {each.protocol for each in observations if isinstance(each, CleartextLogin)}


def frames(script: Script, session: Session, *sides: str, opened: bool) -> list[bytes]:
    """Those of the sides that were captured; of the opening only the client's SYN."""
    talk = Conversation(FLOW._replace(server_port=PORTS.get(protocol(session), 4000)))
    out = talk.open()[:1] if opened else []
    for side, text in script:
        if side in sides:
            out += (talk.client if side == "up" else talk.server)(text)
    return out


@pytest.mark.parametrize("session", LOGINS, ids=lambda session: session.name)
def test_the_client_alone(session: Session) -> None:
    expected = set() if protocol(session) in NEED_SERVER else logins(told(session))
    assert logins(heard(frames(script(session), session, "up", opened=True))) == expected


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.name)
def test_the_server_alone_tells_no_login(session: Session) -> None:
    assert logins(heard(frames(script(session), session, "down", opened=False))) == set()


@pytest.mark.parametrize("session", [s for s in LOGINS if s.name in FROM_HERE], ids=lambda session: session.name)
def test_from_the_middle(session: Session) -> None:
    turns = script(session)
    last = max(at for at, (side, text) in enumerate(turns) if side == "up" and text.startswith(FROM_HERE[session.name]))
    for first in range(1, last + 1):
        assert logins(heard(frames(turns[first:], session, "up", "down", opened=False))) == logins(told(session)), first


@pytest.mark.parametrize("session", NO_MESSAGE, ids=lambda session: session.name)
def test_what_is_cut_anywhere_tells_no_more_than_the_whole(session: Session) -> None:
    """From any turn to any other, and torn in mid-turn: never another login than the session's own."""
    turns = script(session)
    for first, end in itertools.combinations(range(0, len(turns) + 1, max(1, len(turns) // 5)), 2):
        part = turns[first:end]
        torn = [(part[0][0], part[0][1][len(part[0][1]) // 2 :]), *part[1:]]
        for each in (part, torn):
            assert logins(heard(frames(each, session, "up", "down", opened=False))) <= logins(told(session))
