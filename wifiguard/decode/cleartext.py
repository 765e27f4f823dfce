"""Cleartext protocols told by what is said, never by the port: who greets how, who commands what."""

from __future__ import annotations

import re
from typing import Final

from wifiguard.decode import ldap, socks, telnet, vnc, xmpp

# Enough of a direction to know it by; a line that is longer is no command.
MAX_LINE = 1024
_SAMPLE = 256

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
        (rb"530[ -]5\.", _any("smtp")),
        (rb"(?:125|150|202|213|215|22[5-9]|23[0-24]|257|331|332|350|425|426|530|532)[ -]\S", _any("ftp")),
        (rb"354[ -]\S|535[ -]\S|235 2\.|334 [A-Za-z0-9+/]*=*\r?$", _any("smtp")),
        (rb"(?:235|334|221|250|421|45[0-2]|50[0-4]|55[0-4])[ -]\S", _any("smtp", "ftp")),
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
        (rb"(?i)(?:EHLO|HELO|LHLO|MAIL FROM ?:|RCPT TO ?:|(?:VRFY|EXPN|ETRN|BDAT|XCLIENT) \S)", _any("smtp")),
        (rb"(?i)(?:CAPA|STLS|UIDL(?: \d+)?|APOP \S+ [0-9a-f]{32}|TOP \d+ \d+)\r?$", _any("pop3")),
        (
            rb"(?i)(?:(?:SYST|PASV|EPSV|X?PWD|FEAT|X?CUP|CDUP|ABOR|REIN|CCC)|TYPE [AIEL].*|PORT [\d,]+|EPRT \S+|PBSZ \d+"
            rb"|AUTH (?:TLS|SSL|GSSAPI)|PROT [CSEP]|MODE [SBC]|STRU [FRP]|(?:MLSD|MLST|NLST)(?: .*)?"
            rb"|(?:X?CWD|STOR|STOU|APPE|MDTM|MFMT|SIZE|REST|ALLO|X?MKD|X?RMD|RNFR|RNTO|SITE|OPTS|CLNT|ADAT|ACCT) .+)"
            rb"\r?$",
            _any("ftp"),
        ),
        (rb"(?i)USER \S+ \S+ \S+ ", _any("irc")),
        (rb"(?i)(?:USER|PASS) \S+\r?$", _any("ftp", "pop3", "irc")),
        (rb"(?i)(?:RETR|DELE|LIST) \S+\r?$|(?:LIST|STAT)\r?$", _any("ftp", "pop3")),
        (rb"(?i)(?:QUIT|NOOP)\r?$", _any("ftp", "pop3", "smtp")),
        (
            rb"(?i)(?:NICK \S|JOIN [#&]|CAP (?:LS|REQ|END)|PRIVMSG \S|P[IO]NG :?\S|(?:PART|TOPIC|MODE|WHO) [#&]|OPER \S+ \S"
            rb"|(?:NICKSERV|NS) \S)",
            _any("irc"),
        ),
        (rb"(?i)AUTH \S+(?: \S+)?\r?$", _any("smtp", "ftp", "pop3")),
        (rb"(?i)DATA\r?$", _any("smtp")),
        (rb"(?i)RSET\r?$", _any("smtp", "pop3")),
        (rb"(?i)STARTTLS\r?$", _any("smtp", "irc")),
        (
            rb"(?i)[a-z0-9.:_-]{1,32} (?:LOGIN|CAPABILITY|AUTHENTICATE|SELECT|EXAMINE|STARTTLS|ID|LIST|NOOP|LOGOUT|NAMESPACE|"
            rb"FETCH|UID|LSUB|STATUS|ENABLE|IDLE|SEARCH|STORE|COPY|APPEND|CLOSE|EXPUNGE|CREATE|CHECK|XLIST)\b",
            _any("imap"),
        ),
    )
]  # fmt: skip
# Telnet begins with a command: WILL, WONT, DO, DONT or a subnegotiation (RFC 854).
_telnet_command = re.compile(rb"\xff(?:[\xfb-\xfe].|\xfa.)", re.DOTALL).match
# What text in no script holds: control characters but the usual white space, escape, and NUL where Telnet writes it (RFC 854).
_control = re.compile(rb"(?<!\r)\x00|[\x01-\x06\x0e-\x1a\x1c-\x1f\x7f]").search


def is_ssh(data: bytes) -> bool:
    """Whether a direction begins with SSH's identification (RFC 4253, 4.2)."""
    return data[:4] == b"SSH-"


def from_server(line: bytes) -> frozenset[str]:
    """The protocols whose server could say this line."""
    return next((names for pattern, names in _SERVER if pattern.match(line)), _NONE)


def from_client(line: bytes) -> frozenset[str]:
    """The protocols whose client could say this line."""
    return next((names for pattern, names in _CLIENT if pattern.match(line)), _NONE)


def by_first_bytes(data: bytes) -> str | bool | None:
    """telnet, ldap, socks, vnc or xmpp by how a direction begins, whoever speaks; False: none; None: too short to tell."""
    first = data[:1]
    if first == b"\xff":
        return ("telnet" if _telnet_command(data) else False) if len(data) >= 3 else None
    if first == b"\x30":
        head = ldap.head(data)
        return "ldap" if isinstance(head, ldap.Head) else (None if head is ldap.Begin.SHORT else False)
    if first in (b"\x04", b"\x05"):
        size = socks.greeting(data)
        return "socks" if size else size if size is None else False
    if first == b"R":
        begins = vnc.begins(data)
        return "vnc" if begins else begins
    if first in (b"<", b" ", b"\n", b"\r"):
        begins = xmpp.begins(data)
        return "xmpp" if begins else begins
    return False if data else None


def first_line(data: bytes) -> bytes | None:
    """The first line that is not empty; None: it is not whole, and not too long for a command either."""
    begun = data.lstrip(b"\r\n")
    line, end, _ = begun.partition(b"\n")
    return line[:MAX_LINE] if end or len(line) >= MAX_LINE else None


def is_binary(data: bytes) -> bool:
    """Whether a direction that begins so cannot be lines of any protocol. More bytes never make it False again."""
    return _control(data.lstrip(b"\r\n")[:_SAMPLE].partition(b"\n")[0]) is not None


def waits_for_password(data: bytes) -> bool:
    """Whether a direction ends so far in a prompt, which no line protocol has."""
    prompt = data.rpartition(b"\n")[2]
    return bool(prompt) and not from_server(prompt) and telnet.asks_password(prompt)


def is_text(line: bytes) -> bool:
    """Whether a line is readable in any script."""
    sample = line[:_SAMPLE].strip()
    if len(sample) < 2 or _control(sample):
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut at the end of the sample.
        return error.reason == "unexpected end of data" and error.end >= len(sample)
    return True
