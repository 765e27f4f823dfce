"""Conversations in every cleartext protocol: who says what, and what of it is told."""

from __future__ import annotations

import base64
from typing import NamedTuple

from tests.streams.hellos import client_hello, server_hello
from tests.streams.talking import FLOW, seen
from wifiguard.core.messages import CleartextLogin, CleartextSession, HttpRequest, HttpResponse, TlsHello
from wifiguard.core.observation import Observation

Script = list[tuple[str, bytes]]


class Session(NamedTuple):
    """`told` names: "ftp?" a session without content, "ftp" one with content, "ftp!" a login, "tls" both hellos."""

    name: str
    script: str | Script
    told: str


def b64(text: bytes) -> bytes:
    return base64.b64encode(text)


def up(*lines: bytes) -> list[tuple[str, bytes]]:
    return [("up", line) for line in lines]


def ber(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")) + content


def ldap(operation: bytes, number: int = 1) -> bytes:
    return ber(0x30, ber(2, bytes([number])), operation)


def bind(*authentication: bytes, name: bytes = b"cn=me") -> bytes:
    return ldap(ber(0x60, ber(2, b"\3"), ber(4, name), *authentication))


HELLOS: Script = [("up", client_hello("mail.example")), ("down", server_hello(chosen=0x0304))]
GRANTED = ldap(ber(0x61, ber(10, b"\0"), ber(4), ber(4)))
START_TLS = ldap(ber(0x77, ber(0x80, b"1.3.6.1.4.1.1466.20037")))
TLS_STARTS = ldap(ber(0x78, ber(10, b"\0"), ber(4), ber(4)))
SEARCH = ldap(ber(0x63, ber(4, b"dc=example"), ber(10, b"\2"), ber(10, b"\0"), ber(2, b"\0"), ber(2, b"\0")))
PLAIN = b64(b"\0me\0s3cret")
GET = b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
XMPP = b"<?xml version='1.0'?><stream:stream to='example.com' xmlns='jabber:client' version='1.0'>"
XMPP_SASL = b"xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
ECHO = b"\xff\xfb\x01\xff\xfb\x03"


def lines(text: str) -> Script:
    """`> what the client says` and `< what the server says`, a line each."""
    return [
        ("up" if line[0] == ">" else "down", line[2:].encode() + b"\r\n") for line in text.strip().splitlines() if line
    ]


def keys(text: bytes) -> Script:
    """Typed a character at a time, each echoed."""
    return [each for key in text for each in (("up", bytes([key])), ("down", bytes([key])))]


def typed(text: bytes) -> Script:
    """Typed a character at a time, none echoed."""
    return [("up", bytes([key])) for key in text]


SESSIONS = [
    Session(
        "ftp",
        "< 220 (vsFTPd 3.0.3)\n> USER me\n< 331 Please specify the password.\n> PASS s3cret\n< 230 Hi",
        "ftp ftp!",
    ),
    Session(
        "ftp in a French of Latin-1",
        [("down", b"220 Bienvenue \xe0 tous\r\n"), *up(b"SYST\r\n", b"USER me\r\n", b"PASS x\r\n")],
        "ftp ftp!",
    ),
    Session("ftp, seen in one direction", "> USER me\n> PASS s3cret\n> SYST\n> PASV\n> RETR a", "ftp ftp!"),
    Session(
        "ftp, anonymous",
        "< 220 ftp FTP\n> USER anonymous\n< 331 e-mail\n> PASS me@example.com\n< 230 ok\n> PASV",
        "ftp",
    ),
    Session("ftp, no password", "< 220 ftp FTP\n> USER me\n< 230 in\n> PASV", "ftp"),
    Session(
        "ftp, first anonymous",
        "< 220 FTP\n> USER ftp\n< 331 x\n> PASS a@b\n< 230 x\n> USER me\n< 331 x\n> PASS s3cret",
        "ftp ftp!",
    ),
    Session("ftp, only asked", "< 220 ftp FTP\n> FEAT\n< 211 End\n> QUIT\n< 221 bye", "ftp?"),
    Session("ftp to TLS", [*lines("< 220 ftp FTP\n> AUTH TLS\n< 234 ok"), *HELLOS], "tls"),
    Session("ftp, TLS refused", "< 220 ftp FTP\n> AUTH TLS\n< 530 no\n> USER me\n< 331 x\n> PASS s3cret", "ftp ftp!"),
    Session("pop3", "< +OK ready\n> CAPA\n< +OK\n< .\n> USER me\n< +OK\n> PASS my s3cret\n< -ERR no", "pop3 pop3!"),
    Session("pop3, APOP", f"< +OK ready <1.2@host>\n> APOP me {'ab' * 16}\n< +OK\n> STAT\n< +OK 0 0", "pop3"),
    Session(
        "pop3, CRAM-MD5",
        f"< +OK ready\n> AUTH CRAM-MD5\n< + PDE+\n> {b64(b'me 0123456789abcdef').decode()}\n< +OK",
        "pop3",
    ),
    Session("pop3, AUTH PLAIN", f"< +OK ready\n> AUTH PLAIN\n< + \n> {PLAIN.decode()}\n< +OK", "pop3 pop3!"),
    Session("pop3, AUTH PLAIN at once", f"< +OK ready\n> AUTH PLAIN {PLAIN.decode()}\n< +OK", "pop3 pop3!"),
    Session(
        "pop3, AUTH LOGIN", "< +OK ready\n> AUTH LOGIN\n< + VXNl\n> bWU=\n< + UGFz\n> czNjcmV0\n< +OK", "pop3 pop3!"
    ),
    Session("pop3, AUTH LOGIN refused", "< +OK ready\n> AUTH LOGIN\n< -ERR no\n> QUIT\n< +OK bye", "pop3"),
    Session("pop3 to TLS", [*lines("< +OK ready\n> CAPA\n< +OK\n< STLS\n< .\n> STLS\n< +OK go"), *HELLOS], "tls"),
    Session("pop3, TLS refused", "< +OK ready\n> STLS\n< -ERR no\n> USER me\n< +OK\n> PASS s3cret", "pop3 pop3!"),
    Session("imap", "< * OK [CAPABILITY IMAP4rev1] ready\n> a1 LOGIN me s3cret\n< a1 OK in", "imap imap!"),
    Session("imap, quoted", '< * OK ready\n> a1 LOGIN "me \\" too" "s3 cret"\n< a1 NO no', "imap imap!"),
    Session(
        "imap, literals", "< * OK ready\n> a1 LOGIN {2}\n< + go\n> me {6}\n< + go\n> s3cret\n< a1 OK", "imap imap!"
    ),
    Session(
        "imap, literals at once",
        [("down", b"* OK ready\r\n"), ("up", b"a1 login {2+}\r\nme {8+}\r\ns3\r\ncre1\r\n")],
        "imap imap!",
    ),
    Session("imap, a literal refused", "< * OK ready\n> a1 LOGIN {2}\n< a1 BAD no\n> a2 LOGOUT\n< * BYE bye", "imap?"),
    Session("imap, literal for user only", "< * OK ready\n> a1 LOGIN {2}\n< + go\n> me s3cret\n< a1 OK", "imap imap!"),
    Session(
        "imap, AUTHENTICATE PLAIN",
        f"< * OK ready\n> 1.1 AUTHENTICATE PLAIN\n< + \n> {PLAIN.decode()}\n< 1.1 OK",
        "imap imap!",
    ),
    Session("imap, SASL-IR", f"< * OK ready\n> A1 AUTHENTICATE PLAIN {PLAIN.decode()}\n< A1 OK", "imap imap!"),
    Session(
        "imap, AUTHENTICATE LOGIN",
        "< * OK ready\n> 1 AUTHENTICATE LOGIN\n< + x\n> bWU=\n< + x\n> czNjcmV0\n< 1 OK",
        "imap imap!",
    ),
    Session(
        "imap, a token",
        f"< * OK ready\n> 1 AUTHENTICATE XOAUTH2 {b64(b'user=me' + bytes([1]) + b'auth=Bearer ya29.x').decode()}",
        "imap imap!",
    ),
    Session(
        "imap, SCRAM",
        f"< * OK ready\n> 1 AUTHENTICATE SCRAM-SHA-256 {b64(b'n,,n=me,r=x').decode()}\n< + eD0=\n> eD0=\n< 1 OK",
        "imap",
    ),
    Session("imap, cancelled", "< * OK ready\n> 1 AUTHENTICATE PLAIN\n< + \n> *\n< 1 BAD\n> 2 LOGOUT", "imap"),
    Session("imap, only asked", "< * OK ready\n> 1 CAPABILITY\n< 1 OK done\n> 2 LOGOUT\n< * BYE", "imap?"),
    Session(
        "imap to TLS", [*lines("< * OK ready\n> . CAPABILITY\n< . OK\n> . STARTTLS\n< . OK Begin"), *HELLOS], "tls"
    ),
    Session("imap, TLS refused", "< * OK ready\n> 1 STARTTLS\n< 1 BAD no\n> 2 LOGIN me s3cret", "imap imap!"),
    Session(
        "smtp, no login",
        "< 220 mx ESMTP\n> EHLO me\n< 250 mx\n> MAIL FROM:<a@b>\n< 250 ok\n> RCPT TO:<c@d>\n< 250 ok\n"
        "> DATA\n< 354 go\n> AUTH PLAIN AG1lAHMzY3JldA==\n> .\n< 250 ok\n> QUIT",
        "smtp",
    ),
    Session(
        "smtp, AUTH PLAIN at once",
        f"< 220 mx ESMTP\n> EHLO me\n< 250-mx\n< 250 AUTH PLAIN\n> AUTH PLAIN {PLAIN.decode()}\n< 235 ok",
        "smtp smtp!",
    ),
    Session(
        "smtp, AUTH PLAIN",
        f"< 220 mx ESMTP\n> EHLO me\n< 250 mx\n> auth plain\n< 334 \n> {PLAIN.decode()}\n< 535 no",
        "smtp smtp!",
    ),
    Session(
        "smtp, AUTH LOGIN",
        "< 220 mx ESMTP\n> EHLO me\n< 250 mx\n> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n> bWU=\n< 334 UGFzc3dvcmQ6\n> czNjcmV0\n< 235 ok",
        "smtp smtp!",
    ),
    Session(
        "smtp, AUTH LOGIN with the name",
        "< 220 mx ESMTP\n> EHLO me\n< 250 mx\n> AUTH LOGIN bWU=\n< 334 UGFz\n> czNjcmV0\n< 235 ok",
        "smtp smtp!",
    ),
    Session(
        "smtp, AUTH LOGIN refused",
        "< 220 mx ESMTP\n> EHLO me\n< 250 mx\n> AUTH LOGIN\n< 504 no\n> QUIT\n< 221 bye",
        "smtp",
    ),
    Session(
        "smtp, AUTH LOGIN in one direction",
        "> EHLO me\n> AUTH LOGIN\n> bWU=\n> czNjcmV0\n> MAIL FROM:<a@b>",
        "smtp smtp!",
    ),
    Session(
        "smtp, CRAM-MD5",
        "< 220 mx ESMTP\n> EHLO me\n< 250 mx\n> AUTH CRAM-MD5\n< 334 PDE+\n> bWUgMDEyMzQ1Njc4OWFiY2RlZg==\n< 235 ok",
        "smtp",
    ),
    Session(
        "smtp, chunks",
        [
            *lines("< 220 mx ESMTP\n> EHLO me\n< 250 mx\n> MAIL FROM:<a@b>\n< 250 ok"),
            *up(b"BDAT 30 LAST\r\nAUTH PLAIN AG1lAHMzY3JldA==\r\n", b"QUIT\r\n"),
        ],
        "smtp",
    ),
    Session("smtp, only asked", "< 220 mx ESMTP\n> EHLO me\n< 250 mx\n> QUIT\n< 221 bye", "smtp?"),
    Session(
        "smtp to TLS",
        [*lines("< 220 mx ESMTP\n> EHLO me\n< 250-mx\n< 250 STARTTLS\n> STARTTLS\n< 220 go"), *HELLOS],
        "tls",
    ),
    Session(
        "smtp, TLS refused",
        f"< 220 mx ESMTP\n> EHLO me\n< 250 STARTTLS\n> STARTTLS\n< 454 no\n> AUTH PLAIN {PLAIN.decode()}",
        "smtp smtp!",
    ),
    Session("ldap, simple bind", [("up", bind(ber(0x80, b"s3cret"))), ("down", GRANTED), ("up", SEARCH)], "ldap ldap!"),
    Session("ldap, anonymous", [("up", bind(ber(0x80), name=b"")), ("down", GRANTED), ("up", SEARCH)], "ldap"),
    Session(
        "ldap, SASL",
        [
            ("up", bind(ber(0xA3, ber(4, b"GSSAPI"), ber(4, b"t" * 900)))),
            ("down", GRANTED),
            ("up", b"\0\0\0\x10wrapped"),
        ],
        "ldap",
    ),
    Session("ldap, SASL PLAIN", [("up", bind(ber(0xA3, ber(4, b"PLAIN"), ber(4, b"\0me\0s3cret"))))], "ldap ldap!"),
    Session("ldap, first a search", [("up", SEARCH + bind(ber(0x80, b"s3cret")))], "ldap ldap!"),
    Session("ldap to TLS", [("up", START_TLS), ("down", TLS_STARTS), *HELLOS], "tls"),
    Session(
        "ldap, TLS refused", [("up", START_TLS), ("down", TLS_STARTS), ("up", bind(ber(0x80, b"s3cret")))], "ldap ldap!"
    ),
    Session(
        "telnet",
        [
            ("down", b"\xff\xfd\x18" + ECHO + b"\r\nhost login: "),
            *keys(b"me"),
            ("up", b"\r\0"),
            ("down", b"\r\nPassword: "),
            *typed(b"s3cret\r\0"),
            ("down", b"\r\n$ "),
        ],
        "telnet telnet!",
    ),
    Session(
        "telnet, lines",
        [
            ("down", ECHO + b"Login: "),
            ("up", b"me\r\n"),
            ("down", b"me\r\nEnter PASSCODE: "),
            ("up", b"1234\r\n"),
            ("down", b"\r\n$ "),
        ],
        "telnet telnet!",
    ),
    Session(
        "telnet in Spanish",
        [
            ("down", ECHO + b"Usuario: "),
            ("up", b"yo\r"),
            ("down", b"yo\r\nContrase\xf1a: "),
            ("up", b"s3cret\r"),
            ("down", b"\r\n$ "),
        ],
        "telnet telnet!",
    ),
    Session(
        "telnet in a language that nobody foresaw",
        [
            ("down", ECHO + b"Enw: "),
            *keys(b"cymro"),
            ("up", b"\r\0"),
            ("down", b"\r\nCyfrinair: "),
            *typed(b"s3cret\r\0"),
            ("down", b"\r\n$ "),
        ],
        "telnet telnet!",
    ),
    Session(
        "telnet with stars",
        [("down", ECHO + b"Kod: "), ("up", b"s3cret"), ("down", b"******"), ("up", b"\r\0"), ("down", b"\r\nOK\r\n")],
        "telnet telnet!",
    ),
    Session(
        "telnet, a menu",
        [
            ("down", ECHO + b"1) News 2) Quit\r\nYour choice: "),
            *keys(b"news"),
            ("up", b"\r\0"),
            ("down", b"\r\nNothing.\r\n"),
        ],
        "telnet",
    ),
    Session(
        "telnet, only the negotiation", [("up", b"\xff\xfd\x03\xff\xfb\x18"), ("down", b"\xff\xfe\x18")], "telnet?"
    ),
    Session(
        "a terminal without Telnet's commands",
        [
            ("down", b"Welcome to the router\r\nlogin: "),
            ("up", b"admin\r\n"),
            ("down", b"Password: "),
            ("up", b"s3cret\r\n"),
        ],
        "telnet telnet!",
    ),
    Session("irc", "> PASS s3cret\n> NICK me\n> USER me 0 * :Me\n< :irc.example NOTICE * :hi", "irc irc!"),
    Session(
        "irc, no login",
        "< :irc.example NOTICE * :hi\n> NICK me\n> USER me 0 * :Me\n> JOIN #c\n> PRIVMSG #c :identify yourself",
        "irc",
    ),
    Session(
        "irc, NickServ",
        "> NICK me\n> USER me 0 * :Me\n< :irc.example 001 me :hi\n> PRIVMSG NickServ :IDENTIFY s3cret",
        "irc irc!",
    ),
    Session(
        "irc, SASL",
        "> CAP LS 302\n> NICK me\n> USER me 0 * :Me\n< :irc CAP * LS :sasl\n> AUTHENTICATE PLAIN\n"
        f"< AUTHENTICATE +\n> AUTHENTICATE {PLAIN.decode()}",
        "irc irc!",
    ),
    Session("irc, OPER", "> NICK me\n> USER me 0 * :Me\n< :irc 001 me :hi\n> OPER me s3cret", "irc irc!"),
    Session("irc to TLS", [*lines("> STARTTLS\n> CAP LS\n< :irc.example 670 * :go"), *HELLOS], "tls"),
    Session(
        "xmpp, PLAIN",
        [("up", XMPP), ("down", XMPP), ("up", b"<auth " + XMPP_SASL + b" mechanism='PLAIN'>" + PLAIN + b"</auth>")],
        "xmpp xmpp!",
    ),
    Session(
        "xmpp, PLAIN in two steps",
        [
            ("up", XMPP),
            ("up", b"<auth " + XMPP_SASL + b' mechanism="PLAIN"/>'),
            ("down", b"<challenge/>"),
            ("up", b"<response " + XMPP_SASL + b">" + PLAIN + b"</response>"),
        ],
        "xmpp xmpp!",
    ),
    Session(
        "xmpp, SCRAM",
        [("up", XMPP), ("up", b"<auth " + XMPP_SASL + b" mechanism='SCRAM-SHA-1'>" + b64(b"n,,n=me,r=x") + b"</auth>")],
        "xmpp",
    ),
    Session(
        "xmpp as it was",
        [
            ("up", XMPP),
            (
                "up",
                b"<iq type='set'><query xmlns='jabber:iq:auth'><username>me</username><password>s3cret</password></query></iq>",
            ),
        ],
        "xmpp xmpp!",
    ),
    Session(
        "xmpp to TLS",
        [
            ("up", XMPP),
            ("down", XMPP),
            ("up", b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
            ("down", b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
            *HELLOS,
        ],
        "tls",
    ),
    Session(
        "socks 5 with a password",
        [
            ("up", b"\5\2\0\2"),
            ("down", b"\5\2"),
            ("up", b"\1\2me\6s3cret"),
            ("down", b"\1\0"),
            ("up", b"\5\1\0\3\x0fwww.example.com\0\x50"),
            ("down", b"\5\0\0\1" + bytes(6)),
            ("up", GET),
        ],
        "socks! get",
    ),
    Session(
        "socks 5 without one, to TLS",
        [
            ("up", b"\5\1\0"),
            ("down", b"\5\0"),
            ("up", b"\5\1\0\1" + bytes([192, 0, 2, 1, 1, 187])),
            ("down", b"\5\0\0\1" + bytes(6)),
            *HELLOS,
        ],
        "tls",
    ),
    Session(
        "socks 4a",
        [("up", b"\4\1\0\x50\0\0\0\1me\0www.example.com\0"), ("down", b"\0\x5a" + bytes(6)), ("up", GET)],
        "get",
    ),
    Session(
        "socks 5, refused",
        [
            ("up", b"\5\1\0"),
            ("down", b"\5\0"),
            ("up", b"\5\1\0\1" + bytes([192, 0, 2, 1, 0, 80])),
            ("down", b"\5\5\0\1" + bytes(6)),
        ],
        "",
    ),
    Session(
        "vnc without a password",
        [("down", b"RFB 003.008\n"), ("up", b"RFB 003.008\n"), ("down", b"\2\1\2"), ("up", b"\1\1")],
        "vnc",
    ),
    Session(
        "vnc with its challenge",
        [
            ("down", b"RFB 003.008\n"),
            ("up", b"RFB 003.008\n"),
            ("down", b"\1\2"),
            ("up", b"\2"),
            ("down", bytes(16)),
            ("up", bytes(16)),
        ],
        "vnc",
    ),
    Session(
        "vnc as it was",
        [("down", b"RFB 003.003\n"), ("up", b"RFB 003.003\n"), ("down", b"\0\0\0\1"), ("up", b"\1")],
        "vnc",
    ),
    Session(
        "vnc, VeNCrypt in clear",
        [
            ("down", b"RFB 003.008\n"),
            ("up", b"RFB 003.008\n"),
            ("down", b"\1\x13"),
            ("up", b"\x13"),
            ("down", b"\0\2"),
            ("up", b"\0\2"),
            ("down", b"\0\1\0\0\1\0"),
            ("up", b"\0\0\1\0"),
            ("up", b"\0\0\0\2\0\0\0\6mes3cret"),
        ],
        "vnc vnc!",
    ),
    Session(
        "vnc, VeNCrypt with TLS",
        [
            ("down", b"RFB 003.008\n"),
            ("up", b"RFB 003.008\n"),
            ("down", b"\1\x13"),
            ("up", b"\x13"),
            ("down", b"\0\2"),
            ("up", b"\0\2"),
            ("down", b"\0\1\0\0\1\2"),
            ("up", b"\0\0\1\2"),
            ("down", b"\1"),
            *HELLOS,
        ],
        "tls",
    ),
    Session(
        "http CONNECT to TLS",
        [("up", b"CONNECT mail.example:443 HTTP/1.1\r\n\r\n"), ("down", b"HTTP/1.1 200 OK\r\n\r\n"), *HELLOS],
        "connect tls",
    ),
]


def script(session: Session) -> Script:
    return lines(session.script) if isinstance(session.script, str) else session.script


def told(session: Session) -> list[Observation]:
    """The observations that a session's words stand for."""
    out: list[Observation] = []
    for word in session.told.split():
        if word == "tls":
            out.append(TlsHello(seen(), FLOW, False, ("TLS1.2",), "mail.example", (0xC02F,)))
            out.append(TlsHello(seen(), FLOW, True, ("TLS1.3",), "mail.example", (0xC02F,)))
        elif word == "get":
            out.append(HttpRequest(seen(), FLOW, "GET", "www.example.com"))
        elif word == "connect":
            out.append(HttpRequest(seen(), FLOW, "CONNECT", "mail.example"))
            out.append(HttpResponse(seen(), FLOW, 200, "mail.example", "CONNECT"))
        elif word.endswith("!"):
            out.append(CleartextLogin(seen(), FLOW, word[:-1]))
        else:
            out.append(CleartextSession(seen(), FLOW, word.rstrip("?"), not word.endswith("?")))
    return out
