"""The line protocols: what a client's lines give away. Whole sessions are in tests/streams/sessions.py."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.sessions import SESSIONS, script
from wifiguard.decode.dialogue import Dialogue, Said
from wifiguard.decode.ftp import Ftp
from wifiguard.decode.imap import Imap
from wifiguard.decode.irc import Irc
from wifiguard.decode.pop3 import Pop3
from wifiguard.decode.sasl import carries_secret
from wifiguard.decode.smtp import Smtp

NOTHING, PREAMBLE, CONTENT, PASSWORD = Said
WORDS = sorted({line.rstrip(b"\r") for s in SESSIONS for _, text in script(s) for line in text.split(b"\n")})


@pytest.mark.parametrize(
    ("dialogue", "line", "said"),
    [
        (Ftp, b"PASS s3cret", PASSWORD),
        (Ftp, b"pass  s3 cret ", PASSWORD),
        (Ftp, b"PASS", CONTENT),
        (Ftp, b"PASSWORD x", CONTENT),
        (Ftp, b"SYST", PREAMBLE),
        (Ftp, b" ", NOTHING),
        (Pop3, b"PASS s3cret", PASSWORD),
        (Pop3, b"APOP me 0123456789abcdef0123456789abcdef", CONTENT),
        (Pop3, b"AUTH", PREAMBLE),
        (Imap, b"a LOGIN me s3cret", PASSWORD),
        (Imap, b'a LOGIN me "s3 cret"', PASSWORD),
        (Imap, b'a LOGIN me ""', CONTENT),
        (Imap, b"a LOGIN me", CONTENT),
        (Imap, b"a LOGIN {3}", NOTHING),
        (Imap, b"* LOGOUT", PREAMBLE),
        (Smtp, b"MAIL FROM:<a@b> AUTH=<>", CONTENT),
        (Smtp, b"AUTH PLAIN *", CONTENT),
        (Smtp, b"AUTH PLAIN AG1lAA==", CONTENT),  # an empty password
        (Smtp, b"AUTH NTLM TlRMTVNTUAABAAAA", CONTENT),
        (Irc, b"PASS :s3cret", PASSWORD),
        (Irc, b"PASS :", CONTENT),
        (Irc, b":me PASS s3cret", PASSWORD),
        (Irc, b"NS IDENTIFY s3cret", PASSWORD),
        (Irc, b"PRIVMSG nickserv@services.example :id me s3cret", PASSWORD),
        (Irc, b"PRIVMSG NickServ :HELP", CONTENT),
        (Irc, b"PRIVMSG #c :NickServ IDENTIFY is what you type", CONTENT),
    ],
)
def test_one_line(dialogue: type[Dialogue], line: bytes, said: Said) -> None:
    assert dialogue().client(line) is said


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([Ftp, Pop3, Imap, Smtp, Irc]),
    st.lists(st.tuples(st.booleans(), st.one_of(st.sampled_from(WORDS), st.binary(max_size=40))), max_size=12),
)
def test_any_lines(kind: type[Dialogue], lines: list[tuple[bool, bytes]]) -> None:
    dialogue = kind()
    for of_client, line in lines:
        if of_client:
            assert dialogue.client(line) in Said
            assert 0 <= dialogue.skip < 1 << 41
            dialogue.skip = 0
        else:
            assert dialogue.server(line) in (True, False)


@pytest.mark.parametrize(
    ("mechanism", "clear", "secret"),
    [
        (b"PLAIN", b"\0me\0s3cret", True),
        (b"PLAIN", b"boss\0me\0s3cret", True),
        (b"PLAIN", b"\0me\0", False),
        (b"PLAIN", b"me s3cret", False),
        (b"LOGIN", b"s3cret", True),
        (b"LOGIN", b"", False),
        (b"OAUTHBEARER", b"n,a=me,\1host=h\1auth=Bearer vF9dft4qmT\1\1", True),
        (b"XOAUTH2", b"user=me\1auth=Bearer \1\1", True),
        (b"XOAUTH2", b"user=me", False),
        (b"SCRAM-SHA-1", b"n,,n=me,r=x", False),
    ],
)
def test_mechanisms(mechanism: bytes, clear: bytes, secret: bool) -> None:
    assert carries_secret(mechanism, base64.b64encode(clear)) is secret


@given(st.sampled_from([b"PLAIN", b"LOGIN", b"XOAUTH2", b"OAUTHBEARER"]), st.binary(max_size=60))
def test_any_answer(mechanism: bytes, response: bytes) -> None:
    assert carries_secret(mechanism, response) in (True, False)
