"""Which protocol speaks, by its first bytes and lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.sessions import SESSIONS, script
from wifiguard.decode import cleartext

BEGINNINGS = sorted({text for session in SESSIONS for _, text in script(session)})


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\xff\xfd\x18\xff\xfb\x01", "telnet"),
        (b"\xff\xd8\xff\xe0", False),  # a JPEG
        (bytes.fromhex("300c020101600702010304008000"), "ldap"),
        (bytes.fromhex("30820122300d06092a864886f70d"), False),  # a key
        (b"\5\1\0", "socks"),
        (b"\5\0", False),
        (b"\4\1\0\x50\xc0\0\2\1me\0", "socks"),
        (b"RFB 003.889\n", "vnc"),
        (b"RFB_", False),
        (b"\n<?xml version='1.0'?>\n<stream:stream to='a'>", "xmpp"),
        (b"<?xml version='1.0'?><html>" + b" " * 512, False),
        (b"<html>", False),
        (b"220 ready\r\n", False),
        (b"", None),
        (b"\xff\xfd", None),
        (b"\x30", None),
        (b"\5\2\0", None),
        (b"<stream:", None),
    ],
)
def test_first_bytes(data: bytes, name: str | bool | None) -> None:
    assert cleartext.by_first_bytes(data) is name or cleartext.by_first_bytes(data) == name


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=8), st.integers(0, 600), st.data())
def test_more_bytes_change_no_answer(begin: bytes, more: bytes, cut: int, data: st.DataObject) -> None:
    whole = bytearray(begin + more)
    if data.draw(st.booleans()):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    sooner, later = cleartext.by_first_bytes(bytes(whole[:cut])), cleartext.by_first_bytes(bytes(whole))
    assert sooner is None or sooner == later
    assert cleartext.is_binary(bytes(whole)) or not cleartext.is_binary(bytes(whole[:cut]))


@pytest.mark.parametrize(
    ("server", "client", "names"),
    [
        (b"220 mx.example ESMTP Postfix", b"EHLO me", {"smtp"}),
        (b"220 ProFTPD Server", b"USER me\r", {"ftp"}),
        (b"220 ready", b"AUTH TLS\r", {"ftp"}),
        (b"220 ready", b"OPTS UTF8 ON\r", {"ftp"}),
        (b"530 5.7.0 Must issue a STARTTLS command first", b"AUTH PLAIN AGE=\r", {"smtp"}),
        (b"530 Please log in with USER and PASS.", b"AUTH TLS\r", {"ftp"}),
        (b"334 UGFzc3dvcmQ6\r", b"RSET\r", {"smtp"}),
        (b"-ERR", b"RSET\r", {"pop3"}),
        (b"PING :irc.example", b"PONG :irc.example", {"irc"}),
        (b"+OK", b"USER me\r", {"pop3"}),
        (b"* OK [CAPABILITY IMAP4rev1]", b"a1 LOGIN me x", {"imap"}),
        (b":irc.example NOTICE * :hi", b"NICK me", {"irc"}),
    ],
)
def test_lines(server: bytes, client: bytes, names: set[str]) -> None:
    assert cleartext.from_server(server) & cleartext.from_client(client) == names


def test_text_in_any_script() -> None:
    assert all(map(cleartext.is_text, (b"hello", "здравствуйте".encode(), ("密" * 200).encode())))
    assert not any(map(cleartext.is_text, (b"", b"x", b"\x00\x01\x02", b"caf\xe9 au lait", b"\x89PNG")))
