"""A thousand secrets, and conversations in every protocol that give them away."""

from __future__ import annotations

import base64
import json
import random
import struct
from collections.abc import Iterator
from urllib.parse import quote

from stdnum import iban, luhn
from stdnum.iso7064 import mod_11_2

from tests.net.rig.dialogues import Dialogue, Turn
from tests.streams.hellos import client_hello, server_hello

FIRST_PORT = 20000
BANK = "www.commerzbank.de"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"


class Secrets:
    """Makes them up, all different, and keeps what must not be found: the words, and the forms that they crossed in."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.words: list[str] = []
        self.forms: list[bytes] = []

    def needles(self) -> list[bytes]:
        """Everything that must be nowhere."""
        return [word.encode() for word in self.words] + self.forms

    def word(self) -> str:
        return self._keep("".join(self._random.choices("bcdfghjkmnpqrstvwxz", k=14)))

    def email(self) -> str:
        return f"{self.word()}@example.com"

    def phone(self) -> str:
        return self._keep(f"+49301{self._random.randrange(10**6, 10**7)}")

    def card(self) -> str:
        number = f"4{self._random.randrange(10**13, 10**14)}"
        return self._keep(number + luhn.calc_check_digit(number))

    def iban(self) -> str:
        number = f"37040044{self._random.randrange(10**9, 10**10)}"
        return self._keep(f"DE{iban.calc_check_digits('DE00' + number)}{number}")

    def identity(self) -> str:
        number = f"110105{self._random.randrange(1950, 2000)}0123{self._random.randrange(10**2, 10**3)}"
        return self._keep(number + mod_11_2.calc_check_digit(number))

    def base64(self, text: str) -> bytes:
        form = base64.b64encode(text.encode())
        self.forms.append(form)
        return form

    def _keep(self, word: str) -> str:
        assert word not in self.words
        self.words.append(word)
        return word


def conversations(secrets: Secrets, addresses: list[str]) -> list[Dialogue]:
    """At least a thousand secrets, in every protocol that is read."""
    makers = [form, multipart, as_json, query, proxy, ftp, smtp, imap, pop3, irc, ldap, telnet, xmpp, socks, tls]
    turns = [tuple(maker(secrets)) for _ in range(9) for maker in makers]
    return [
        Dialogue(addresses[number % len(addresses)], FIRST_PORT + number, each) for number, each in enumerate(turns)
    ]


def _head(s: Secrets, method: str, body: bytes, kind: str, host: str | None = None, path: str | None = None) -> bytes:
    lines = (
        f"{method} {path or '/' + s.word()} HTTP/1.1",
        f"Host: {host or s.word() + '.example'}",
        f"Cookie: session={s.word()}; {s.word()}=1",
        f"Authorization: Basic {s.base64(s.word() + ':' + s.word()).decode()}",
        f"Referer: http://{s.word()}.example/{s.word()}",
        f"User-Agent: {s.word()}",
        *((f"Content-Type: {kind}", f"Content-Length: {len(body)}") if body else ()),
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _fields(s: Secrets) -> dict[str, str]:
    return {
        "user": s.word(),
        "password": s.word(),
        "email": s.email(),
        "phone": s.phone(),
        "cc-number": s.card(),
        "iban": s.iban(),
        "身份证": s.identity(),
        "lastname": s.word(),
        "dob": "1980-02-03",
        "street": f"{s.word()} street 5",
        "diagnosis": s.word(),
        s.word(): s.word(),
    }


def form(s: Secrets) -> Iterator[Turn]:
    body = "&".join(f"{quote(name)}={quote(value)}" for name, value in _fields(s).items()).encode()
    yield "client", _head(s, "POST", body, "application/x-www-form-urlencoded", BANK) + body
    yield "server", OK


def multipart(s: Secrets) -> Iterator[Turn]:
    part = '--x\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\n\r\n{}\r\n'
    body = "".join(part.format(name, s.word(), value) for name, value in _fields(s).items()).encode() + b"--x--\r\n"
    yield "client", _head(s, "POST", body, "multipart/form-data; boundary=x")
    yield "client", body
    yield "server", OK


def as_json(s: Secrets) -> Iterator[Turn]:
    body = json.dumps({"a": [_fields(s)]}, ensure_ascii=False).encode()
    yield "client", _head(s, "PUT", body, "application/json") + body[:50]
    yield "client", body[50:]
    yield "server", OK


def query(s: Secrets) -> Iterator[Turn]:
    target = f"/{s.word()}?password={s.word()}&email={s.email()}&{s.word()}={s.word()}"
    yield "client", _head(s, "GET", b"", "", BANK, target)
    moved = f"HTTP/1.1 302 {s.word()}\r\nLocation: https://{s.word()}.example/{s.word()}\r\nContent-Length: 0\r\n\r\n"
    yield "server", moved.encode()


def proxy(s: Secrets) -> Iterator[Turn]:
    credentials = s.base64(f"{s.word()}:{s.word()}").decode()
    host = f"{s.word()}.example:443"
    yield "client", f"CONNECT {host} HTTP/1.1\r\nProxy-Authorization: Basic {credentials}\r\n\r\n".encode()
    yield "server", b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"


def ftp(s: Secrets) -> Iterator[Turn]:
    yield "server", f"220 {s.word()} FTP ready\r\n".encode()
    for command, answer in (("USER", 331), ("PASS", 230), ("CWD", 250), ("RETR", 150), ("STOR", 150)):
        yield "client", f"{command} {s.word()}\r\n".encode()
        yield "server", f"{answer} {s.word()}\r\n".encode()


def smtp(s: Secrets) -> Iterator[Turn]:
    yield "server", f"220 {s.word()} ESMTP\r\n".encode()
    yield "client", f"EHLO {s.word()}\r\n".encode()
    yield "server", b"250-x\r\n250 AUTH PLAIN LOGIN\r\n"
    yield "client", b"AUTH PLAIN " + s.base64(f"\0{s.word()}\0{s.word()}") + b"\r\n"
    yield "server", b"535 no\r\n"
    yield "client", b"AUTH LOGIN\r\n"
    for prompt in (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"):
        yield "server", prompt
        yield "client", s.base64(s.word()) + b"\r\n"
    yield "server", b"235 ok\r\n"
    for line in (f"MAIL FROM:<{s.email()}>", f"RCPT TO:<{s.email()}>", "DATA"):
        yield "client", line.encode() + b"\r\n"
        yield "server", b"250 ok\r\n"
    yield "client", f"Subject: {s.word()}\r\n\r\n{s.word()}\r\n.\r\n".encode()


def imap(s: Secrets) -> Iterator[Turn]:
    yield "server", b"* OK IMAP4rev1 ready\r\n"
    yield "client", f'a1 LOGIN {s.word()} "{s.word()}"\r\n'.encode()
    yield "server", b"a1 NO no\r\n"
    yield "client", b"a2 AUTHENTICATE PLAIN\r\n"
    yield "server", b"+ \r\n"
    yield "client", s.base64(f"\0{s.word()}\0{s.word()}") + b"\r\n"
    yield "server", b"a2 OK\r\n"
    yield "client", f"a3 SELECT {s.word()}\r\n".encode()
    yield "server", f"* 1 FETCH (BODY {s.word()})\r\n".encode()


def pop3(s: Secrets) -> Iterator[Turn]:
    yield "server", b"+OK POP3 ready\r\n"
    for command in ("USER", "PASS"):
        yield "client", f"{command} {s.word()}\r\n".encode()
        yield "server", b"+OK\r\n"
    yield "client", b"RETR 1\r\n"
    yield "server", f"+OK\r\nSubject: {s.word()}\r\n\r\n{s.word()}\r\n.\r\n".encode()


def irc(s: Secrets) -> Iterator[Turn]:
    yield "client", f"PASS {s.word()}\r\nNICK {s.word()}\r\nUSER {s.word()} 0 * :{s.word()}\r\n".encode()
    yield "server", f":irc.example 001 {s.word()} :welcome\r\n".encode()
    yield "client", f"PRIVMSG {s.word()} :{s.word()}\r\nPRIVMSG NickServ :IDENTIFY {s.word()}\r\n".encode()


def ldap(s: Secrets) -> Iterator[Turn]:
    def element(tag: int, body: bytes) -> bytes:
        return bytes([tag, len(body)]) + body

    name, password = f"cn={s.word()}".encode(), s.word().encode()
    bind = element(0x60, element(2, b"\3") + element(4, name) + element(0x80, password))
    yield "client", element(0x30, element(2, b"\1") + bind)
    yield "server", element(0x30, element(2, b"\1") + element(0x61, b"\x0a\1\0\4\0\4\0"))


def telnet(s: Secrets) -> Iterator[Turn]:
    yield "server", b"\xff\xfd\x18\xff\xfb\x01login: "
    name = s.word().encode()
    for at in range(len(name)):
        yield "client", name[at : at + 1]
        yield "server", name[at : at + 1]
    yield "client", b"\r\n"
    yield "server", b"\r\nPassword: "
    yield "client", s.word().encode() + b"\r\n"
    yield "server", f"\r\nWelcome {s.word()}\r\n$ ".encode()
    yield "client", f"cat {s.word()}\r\n".encode()


def xmpp(s: Secrets) -> Iterator[Turn]:
    yield "client", f"<?xml version='1.0'?><stream:stream to='{s.word()}.example' xmlns='jabber:client'>".encode()
    yield "server", b"<?xml version='1.0'?><stream:stream id='1' xmlns='jabber:client'><stream:features/>"
    plain = s.base64(f"\0{s.word()}\0{s.word()}").decode()
    yield "client", f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>".encode()
    yield "server", b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"


def socks(s: Secrets) -> Iterator[Turn]:
    name, password = s.word().encode(), s.word().encode()
    yield "client", b"\5\1\2"
    yield "server", b"\5\2"
    yield "client", b"\1" + bytes([len(name)]) + name + bytes([len(password)]) + password
    yield "server", b"\1\0"
    host = f"{s.word()}.example".encode()
    yield "client", b"\5\1\0\3" + bytes([len(host)]) + host + struct.pack("!H", 443)


def tls(s: Secrets) -> Iterator[Turn]:
    yield "client", client_hello(f"{s.word()}.example")
    yield "server", server_hello()


def questions(secrets: Secrets, count: int) -> list[bytes]:
    """DNS questions for secret names."""
    out = []
    for number in range(count):
        label = secrets.word().encode()
        name = bytes([len(label)]) + label + b"\7example\0"
        out.append(struct.pack("!HHHHHH", number, 0x100, 1, 0, 0, 0) + name + struct.pack("!HH", 1, 1))
    return out
