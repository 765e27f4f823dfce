"""Cleartext protocols told by what is said, never by the port: who greets how, who commands what."""

from __future__ import annotations

import re
from typing import Final

# Enough of a direction to know it by; a line that is longer is no command.
MAX_LINE = 1024
_TEXT_SAMPLE = 256
_TEXT_ENOUGH = 16

NAMES: Final = frozenset({"ftp", "smtp", "pop3", "imap", "irc", "telnet", "ldap"})
_NONE: Final[frozenset[str]] = frozenset()


def _any(*names: str) -> frozenset[str]:
    return frozenset(names)


# First match decides. What fits several protocols leaves the choice to the other direction or to the next line.
_SERVER = [
    (re.compile(pattern), names)
    for pattern, names in (
        (rb"(?i)220[ -][^\r\n]*\bE?SMTP", _any("smtp")),
        (rb"(?i)220[ -][^\r\n]*FTP", _any("ftp")),
        (rb"220[ -]", _any("ftp", "smtp")),
        (rb"(?:331|230|530|227|229|257|215|150|226) \S", _any("ftp")),
        (rb"(?:354|334|235|535|250|550)[ -]\S", _any("smtp", "ftp")),
        (rb"\+OK\b|-ERR\b", _any("pop3")),
        (rb"\* (?:OK|PREAUTH|BYE|CAPABILITY)\b", _any("imap")),
        (rb"[A-Za-z0-9.]{1,32} (?:OK|NO|BAD) \S", _any("imap")),
        (rb":[!-~]{1,128} (?:NOTICE|PRIVMSG|JOIN|MODE|QUIT|\d{3}) ", _any("irc")),
        (rb"(?:NOTICE AUTH|ERROR|PING) :", _any("irc")),
    )
]
_CLIENT = [
    (re.compile(pattern), names)
    for pattern, names in (
        (rb"(?i)(?:EHLO|HELO|LHLO|MAIL FROM:|RCPT TO:)", _any("smtp")),
        (rb"(?i)(?:CAPA|STLS|UIDL(?: \d+)?|APOP \S+ [0-9a-f]{32}|TOP \d+ \d+)\r?$", _any("pop3")),
        (
            rb"(?i)(?:SYST|PASV|EPSV|X?PWD|FEAT|TYPE [AIEL]|PORT [\d,]+|EPRT \S+|PBSZ \d+|AUTH (?:TLS|SSL)|(?:CWD|STOR|MDTM) .+)"
            rb"\r?$",
            _any("ftp"),
        ),
        (rb"(?i)USER \S+ \S+ \S+ ", _any("irc")),
        (rb"(?i)(?:USER|PASS) \S+\r?$", _any("ftp", "pop3", "irc")),
        (rb"(?i)(?:RETR|DELE|LIST) \S+\r?$|(?:LIST|STAT)\r?$", _any("ftp", "pop3")),
        (rb"(?i)(?:QUIT|NOOP)\r?$", _any("ftp", "pop3", "smtp")),
        (rb"(?i)(?:NICK \S|JOIN [#&]|CAP (?:LS|REQ|END)|PRIVMSG \S)", _any("irc")),
        (rb"(?i)AUTH \S+(?: \S+)?\r?$", _any("smtp", "ftp", "pop3")),
        (rb"(?i)(?:RSET|STARTTLS|DATA)\r?$", _any("smtp")),
        (
            rb"(?i)[a-z0-9.]{1,32} (?:LOGIN|CAPABILITY|AUTHENTICATE|SELECT|EXAMINE|STARTTLS|ID|LIST|NOOP|LOGOUT|NAMESPACE|FETCH|"
            rb"UID|LSUB|STATUS|ENABLE|IDLE)\b",
            _any("imap"),
        ),
    )
]  # fmt: skip
# Commands that only find out what the other side can do: nobody has said anything yet, and TLS may still follow.
_PREAMBLE = {
    "smtp": re.compile(rb"(?i)(?:EHLO|HELO|LHLO|STARTTLS|NOOP|RSET|QUIT)\b|\s*$"),
    "imap": re.compile(rb"(?i)\S+ (?:CAPABILITY|STARTTLS|ID|NOOP|LOGOUT)\b|\s*$"),
    "pop3": re.compile(rb"(?i)(?:CAPA|STLS|NOOP|QUIT|UTF8)\b|\s*$"),
    "ftp": re.compile(rb"(?i)(?:AUTH|FEAT|PBSZ|PROT|CLNT|OPTS|HOST|SYST|NOOP|QUIT)\b|\s*$"),
    "irc": re.compile(rb"(?i)(?:CAP|STARTTLS|PING|PONG)\b|\s*$"),
}
_IAC, _SE = 0xFF, 0xF0
_telnet_command = re.compile(
    rb"\xff[\xfb-\xfe].|\xff\xfa[^\xff]*(?:\xff\xff[^\xff]*)*\xff\xf0|\xff[\xf0-\xf9\xff]", re.DOTALL
)
# LDAP operations (RFC 4511, 4): bind, unbind, search, modify, add, delete, rename, compare, abandon, extended and their answers.
_LDAP_OPERATIONS = frozenset((0x60, 0x61, 0x42, 0x63, 0x64, 0x65, 0x73, 0x66, 0x67, 0x68, 0x69, 0x4A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x50, 0x77, 0x78))  # fmt: skip  # noqa: E501
_LDAP_EXTENDED = frozenset((0x77, 0x78))
# The first bytes of the text in any script: no control characters but the usual white space and escape.
_control = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]").search


def is_ssh(data: bytes) -> bool:
    """Whether a direction begins with SSH's identification (RFC 4253, 4.2)."""
    return data[:4] == b"SSH-"


def from_server(line: bytes) -> frozenset[str]:
    """The protocols whose server could say this line."""
    return next((names for pattern, names in _SERVER if pattern.match(line)), _NONE)


def from_client(line: bytes) -> frozenset[str]:
    """The protocols whose client could say this line."""
    return next((names for pattern, names in _CLIENT if pattern.match(line)), _NONE)


def binary(data: bytes) -> str | None:
    """telnet or ldap by how a direction begins, whoever speaks; None: neither."""
    if len(data) >= 3 and data[0] == _IAC and (0xFB <= data[1] <= 0xFE or data[1] == 0xFA):
        return "telnet"
    if len(data) >= 7 and data[0] == 0x30 and ldap_operation(data) in _LDAP_OPERATIONS:
        return "ldap"
    return None


def ldap_operation(data: bytes) -> int | None:
    """The tag of an LDAPMessage's operation (RFC 4511, 4.1.1): SEQUENCE, INTEGER id, operation. None: it is no such message."""
    at = 2
    if len(data) < 7 or data[0] != 0x30:
        return None
    if data[1] & 0x80:
        count = data[1] & 0x7F
        if not 1 <= count <= 4:
            return None
        at += count
    if data[at : at + 1] != b"\x02" or at + 1 >= len(data) or not 1 <= data[at + 1] <= 4:
        return None
    at += 2 + data[at + 1]
    return data[at] if at < len(data) else None


def says_something(protocol: str, line: bytes) -> bool:
    """Whether a client's line is more than finding out what the server can do, or asking for TLS."""
    if protocol == "telnet":
        return bool(_telnet_command.sub(b"", line).strip(b"\r\n\0\xff"))
    if protocol == "ldap":
        return ldap_operation(line) not in _LDAP_EXTENDED
    preamble = _PREAMBLE.get(protocol)
    return preamble is None or preamble.match(line) is None


def is_text(data: bytes) -> bool | None:
    """Whether a direction that begins so is readable text in any script. None: too short to tell."""
    sample = data[:_TEXT_SAMPLE]
    if _control(sample):
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut at the end of what is here.
        if error.reason != "unexpected end of data" or error.end < len(sample):
            return False
    if len(sample) >= _TEXT_ENOUGH or (b"\n" in sample and len(sample.strip()) > 1):
        return True
    return None
