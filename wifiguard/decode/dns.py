"""DNS messages (RFC 1035) and their kin on the local link: mDNS (RFC 6762) and LLMNR (RFC 4795)."""

from __future__ import annotations

import re
import struct

from wifiguard.core.lan import Delivery
from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.observation import Seen
from wifiguard.decode.bad import Bad, Reason

# What a message may make us do: more records than any resolver sends, fewer than cost a millisecond each way.
MAX_RECORDS = 128
MAX_NAME = 255  # RFC 1035, 2.3.4
_MAX_HOPS = 32

_header = struct.Struct("!HHHH").unpack_from
_question = struct.Struct("!HH").unpack_from
_record = struct.Struct("!HHIH").unpack_from

_A, _CNAME, _PTR, _AAAA, _SVCB, _HTTPS = 1, 5, 12, 28, 64, 65
_NAMES = frozenset({_CNAME, _PTR})
_SERVICES = frozenset({_SVCB, _HTTPS})
_plain = re.compile(rb"[0-9a-z_.-]+", re.ASCII).fullmatch
_RESPONSE, _OPCODE, _RCODE = 0x8000, 0x7800, 0xF
# RFC 4343, 2.1.
_ESCAPES = {code: f"\\{code:03d}" for code in range(256) if not 0x20 < code < 0x7F} | {
    code: f"\\{code:c}" for code in b".\\"
}


_NOWHERE = Delivery()


def message(data: bytes, flow: Flow, protocol: str, seen: Seen, delivery: Delivery = _NOWHERE) -> DnsMessage | None:
    """Read one message, question and answer sections. None: an update, notification or the like. Raises Bad."""
    try:
        ident, flags, asked, answered = _header(data, 0)
        at = 12
        names: dict[int, str] = {}
        questions: list[DnsQuestion] = []
        for _ in range(min(asked, MAX_RECORDS)):
            name, at = _name(data, at, names)
            questions.append(DnsQuestion(name, _question(data, at)[0]))
            at += 4
        answers: list[DnsRecord] = []
        for _ in range(min(answered, MAX_RECORDS) if asked <= MAX_RECORDS else 0):
            name, at = _name(data, at, names)
            kind, _, ttl, length = _record(data, at)
            at += 10
            if at + length > len(data):
                raise Bad(protocol, Reason.LENGTH)
            answers.append(DnsRecord(name, kind, ttl, _data(data, at, kind, length, names)))
            at += length
    except (struct.error, IndexError):
        raise Bad(protocol, Reason.SHORT) from None
    except _BadName:
        raise Bad(protocol, Reason.NAME) from None
    if flags & _OPCODE:
        return None
    return DnsMessage(
        seen, flow, protocol, ident, bool(flags & _RESPONSE), flags & _RCODE, tuple(questions), tuple(answers), delivery
    )


def looks_like_message(data: bytes) -> bool:
    """Whether this is an ordinary query or answer: one question, known flags, a whole name. For ports that promise nothing."""
    try:
        _, flags, asked, _ = _header(data, 0)
        if asked != 1 or flags & _OPCODE or flags & 0x40:
            return False
        _, at = _name(data, 12, {})
        return _question(data, at)[1] & 0x7FFF in (1, 255)
    except (struct.error, IndexError, _BadName):
        return False


class _BadName(Exception):
    pass


def _data(data: bytes, at: int, kind: int, length: int, names: dict[int, str]) -> bytes | str | None:
    if kind == _A:
        return data[at : at + 4] if length == 4 else None
    if kind == _AAAA:
        return data[at : at + 16] if length == 16 else None
    if kind in _NAMES and length:
        return _name(data, at, names)[0]
    if kind in _SERVICES and length > 2:
        return _name(data, at + 2, names)[0]
    return None


def _name(data: bytes, at: int, names: dict[int, str]) -> tuple[str, int]:
    """The name at `at` and the offset behind it. `names`: those read so far, by offset, since pointers repeat them."""
    start = at
    labels: list[bytes] = []
    total = hops = after = 0
    rest = ""
    while length := data[at]:
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | data[at + 1]
            after = after or at + 2
            known = names.get(target)
            if known is not None:
                rest = known
                total += len(known) + 1
                break
            hops += 1
            # A pointer to where we are or to what follows is no earlier name (RFC 1035, 4.1.4): that is how loops are made.
            if target >= at or hops > _MAX_HOPS:
                raise _BadName
            at = target
            continue
        if length > 63:
            raise _BadName
        at += 1
        labels.append(data[at : at + length])
        total += length + 1
        at += length
        if total > MAX_NAME:
            raise _BadName
    if total > MAX_NAME * 4:  # escapes lengthen a name up to four times
        raise _BadName
    name = _text(labels) if labels else ""
    if rest:
        name = f"{name}.{rest}" if name else rest
    names[start] = name
    return name, after or at + 1


def _text(labels: list[bytes]) -> str:
    text = b".".join(labels).lower()
    if _plain(text) and text.count(b".") == len(labels) - 1:
        return text.decode("ascii")
    return ".".join([label.lower().decode("latin-1").translate(_ESCAPES) for label in labels])
