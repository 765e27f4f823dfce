"""TLS up to the server's certificate: versions, ciphers, names (RFC 8446, RFC 5246; SSLv2 by its draft)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from wifiguard.decode.bad import Bad, Reason

# A hello with a post-quantum key share takes 2 KiB, a chain of certificates 3 to 8; nothing honest takes this much.
MAX_MESSAGE = 49152

CHANGE, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, SERVER_HELLO_DONE = 1, 2, 11, 14
_SSL2_CLIENT, _SSL2_SERVER = 1, 4
_SERVER_NAME, _SUPPORTED_VERSIONS = 0, 43
# SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3).
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

_VERSIONS = {0x0002: "SSLv2", 0x0300: "SSLv3", 0x0301: "TLS1.0", 0x0302: "TLS1.1", 0x0303: "TLS1.2", 0x0304: "TLS1.3"}
# The drafts of TLS 1.3, and the one that a large site ran.
_DRAFTS = (0x7F, 0xFB)

_record = struct.Struct("!BHH").unpack_from
_u16 = struct.Struct("!H").unpack_from


class ClientHello(NamedTuple):
    """`versions` that are offered, in the client's order; the highest alone where the format tells no more."""

    versions: tuple[str, ...]
    server_name: str | None
    ciphers: tuple[int, ...]


class ServerHello(NamedTuple):
    """What the server chose; in SSLv2 the client chooses the cipher. `retry`: asks for another ClientHello (RFC 8446, 4.1.4)."""

    version: str
    cipher: int | None
    retry: bool


class Record(NamedTuple):
    """One record; `after`: offset behind it."""

    kind: int
    body: bytes
    after: int


class Message(NamedTuple):
    """One handshake message; `after`: offset behind it."""

    kind: int
    body: bytes
    after: int


def begins(data: bytes) -> bool | None:
    """Whether a flow that starts so speaks TLS or SSLv2; None: too short to tell."""
    if not data:
        return None
    if data[0] in (CHANGE, ALERT, HANDSHAKE, DATA):
        if len(data) < 6:
            return None if b"\x03"[: len(data) - 1] == data[1:2] and (len(data) < 3 or data[2] <= 4) else False
        _, version, length = _record(data, 0)
        if version >> 8 != 3 or version & 0xFF > 4 or not 0 < length <= 0x4800:
            return False
        return data[0] != HANDSHAKE or data[5] in (0, CLIENT_HELLO, SERVER_HELLO, CERTIFICATE)
    if data[0] & 0x80:
        if len(data) < 5:
            return None
        version = _u16(data, 3)[0]
        if data[2] == _SSL2_CLIENT:
            return len(data) < 11 or _ssl2_lengths_agree(data) if version == 2 or version >> 8 == 3 else False
        return data[2] == _SSL2_SERVER and len(data) > 6 and _u16(data, 5)[0] == 2
    return False


def is_hello(data: bytes) -> bool:
    """Whether a segment in the middle of something else begins a TLS handshake, as after STARTTLS or in a tunnel."""
    return data[:1] == b"\x16" and begins(data) is True and data[5] in (CLIENT_HELLO, SERVER_HELLO)


def record(data: bytes, at: int) -> Record | None:
    """The record at `at`; None: more bytes are needed. Raises Bad where there is none."""
    if at + 5 > len(data):
        return None
    kind, version, length = _record(data, at)
    if version >> 8 != 3 or length > 0x4800 or not CHANGE <= kind <= 24:
        raise Bad("tls", Reason.HEADER)
    after = at + 5 + length
    return Record(kind, data[at + 5 : after], after) if after <= len(data) else None


def message(data: bytes) -> Message | None:
    """The first handshake message of what handshake records carry; None: more bytes are needed. Raises Bad."""
    if len(data) < 4:
        return None
    after = 4 + int.from_bytes(data[1:4], "big")
    if after > MAX_MESSAGE:
        raise Bad("tls", Reason.TOO_LONG)
    return Message(data[0], data[4:after], after) if after <= len(data) else None


def is_warning(alert: bytes) -> bool:
    """Whether an alert lets the handshake go on, such as unrecognized_name (RFC 5246, 7.2; RFC 6066, 3)."""
    return len(alert) == 2 and alert[0] == 1 and alert[1] != 0


def certificates(body: bytes) -> tuple[bytes, ...]:
    """The chain of a Certificate message up to TLS 1.2 (RFC 5246, 7.4.2), the server's own first, as DER. Raises Bad."""
    chain: list[bytes] = []
    at = 3
    if int.from_bytes(body[:3], "big") != len(body) - 3:
        raise Bad("tls", Reason.LENGTH)
    while at < len(body):
        start = at + 3
        at = start + int.from_bytes(body[at:start], "big")
        if not start < at <= len(body):
            raise Bad("tls", Reason.LENGTH)
        chain.append(body[start:at])
    return tuple(chain)


def client_hello(body: bytes) -> ClientHello:
    """Read a ClientHello's body (RFC 8446, 4.1.2). Raises Bad."""
    try:
        (version,) = _u16(body, 0)
        at = 34 + 1 + body[34]
        (size,) = _u16(body, at)
        ciphers = _u16s(body, at + 2, size)
        at += 2 + size
        extensions = _extensions(body, at + 1 + body[at])
        offered = extensions.get(_SUPPORTED_VERSIONS)
        versions = _offered(offered) if offered is not None else ()
        return ClientHello(
            versions or (version_name(version),), _host(extensions.get(_SERVER_NAME)), _without_grease(ciphers)
        )
    except (struct.error, IndexError):
        raise Bad("tls", Reason.SHORT) from None


def server_hello(body: bytes) -> ServerHello:
    """Read a ServerHello's or HelloRetryRequest's body. Raises Bad."""
    try:
        (version,) = _u16(body, 0)
        at = 34
        if version >> 8 != 0x7F:
            at += 1 + body[at]
        (cipher,) = _u16(body, at)
        # Drafts of TLS 1.3 before 22 say their version here and have neither session id nor compression.
        extensions = _extensions(body, at + (2 if version >> 8 == 0x7F else 3))
        chosen = extensions.get(_SUPPORTED_VERSIONS)
        if chosen is not None:
            (version,) = _u16(chosen, 0)
        return ServerHello(version_name(version), cipher, body[2:34] == _RETRY)
    except (struct.error, IndexError):
        raise Bad("tls", Reason.SHORT) from None


def ssl2_hello(data: bytes) -> ClientHello | ServerHello | None:
    """An SSLv2-format hello at the start of a direction (RFC 5246, E.2); None: more bytes are needed. Raises Bad."""
    if len(data) < 2:
        return None
    size = (data[0] & 0x7F) << 8 | data[1]
    if len(data) < 2 + size:
        return None
    try:
        if data[2] == _SSL2_SERVER:
            return ServerHello("SSLv2", None, False)
        (version,) = _u16(data, 3)
        (length,) = _u16(data, 5)
        if not _ssl2_lengths_agree(data):
            raise Bad("tls", Reason.LENGTH)
        kinds = [int.from_bytes(data[at : at + 3], "big") for at in range(11, 11 + length, 3)]
        versions = [version_name(version)]
        if version != 2 and any(kind > 0xFFFF for kind in kinds):
            versions.append("SSLv2")
        return ClientHello(tuple(versions), None, tuple(kinds))
    except (struct.error, IndexError):
        raise Bad("tls", Reason.SHORT) from None


def ssl2_certificate(data: bytes) -> bytes | None:
    """The X.509 certificate of an SSLv2 ServerHello that `ssl2_hello` has read; None where there is none."""
    if len(data) < 13 or data[4] != 1:
        return None
    (size,) = _u16(data, 7)
    return data[13 : 13 + size] if 0 < size <= len(data) - 13 else None


def version_name(version: int) -> str:
    """TLS1.0 … TLS1.3, SSLv2, SSLv3; what is higher than any standard counts as TLS1.3, what is unknown as 0xNNNN."""
    if version >> 8 in _DRAFTS:
        return "TLS1.3"
    return _VERSIONS.get(version) or ("TLS1.3" if version >> 8 == 3 else f"0x{version:04x}")


def _ssl2_lengths_agree(data: bytes) -> bool:
    size = (data[0] & 0x7F) << 8 | data[1]
    ciphers, session, challenge = (_u16(data, at)[0] for at in (5, 7, 9))
    return bool(ciphers and ciphers % 3 == 0 and 9 + ciphers + session + challenge == size)


def _u16s(data: bytes, at: int, size: int) -> tuple[int, ...]:
    if size % 2 or at + size > len(data):
        raise Bad("tls", Reason.LENGTH)
    return struct.unpack_from(f"!{size // 2}H", data, at)


def _extensions(body: bytes, at: int) -> dict[int, bytes]:
    """Extension type → content, the first of each type; none where the hello ends before them."""
    out: dict[int, bytes] = {}
    if at + 2 > len(body):
        return out
    end = at + 2 + _u16(body, at)[0]
    if end > len(body):
        raise Bad("tls", Reason.LENGTH)
    at += 2
    while at + 4 <= end:
        kind, size = _u16(body, at)[0], _u16(body, at + 2)[0]
        at += 4
        if at + size > end:
            raise Bad("tls", Reason.LENGTH)
        out.setdefault(kind, body[at : at + size])
        at += size
    return out


def _offered(content: bytes) -> tuple[str, ...]:
    versions = _u16s(content, 1, content[0])
    # Drafts and their standard have one name: tell it once. Unknown ones are GREASE (RFC 8701).
    names = dict.fromkeys(version_name(v) for v in versions if v in _VERSIONS or v >> 8 in _DRAFTS)
    return tuple(names)


def _without_grease(ciphers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(c for c in ciphers if c & 0x0F0F != 0x0A0A or c >> 8 != c & 0xFF)


def _host(content: bytes | None) -> str | None:
    """The host_name of a server_name extension (RFC 6066, 3), lower case; None where it is none that DNS could hold."""
    if content is None or len(content) < 5 or content[2] != 0:
        return None
    name = content[5 : 5 + _u16(content, 3)[0]]
    if not 0 < len(name) <= 255 or not name.isascii() or any(code <= 0x20 or code == 0x7F for code in name):
        return None
    return name.decode("ascii").lower().rstrip(".") or None
