"""QUIC Initial packets: under keys that everybody can work out lies the client's hello (RFC 9000, 9001; version 2: RFC 9369)."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from wifiguard.decode.bad import Bad, Reason

# A client's first datagrams are at least this long (RFC 9000, 14.1).
LEAST = 1200
MAX_ID = 20

_V2: Final = 0x6B3343CF
_INITIAL_TYPE = {True: 1, False: 0}  # version 2 moved the numbers of packet types by one (RFC 9369, 3.2)
_RETRY_TYPE = {True: 0, False: 3}
_PADDING, _PING, _ACK, _ACK_ECN, _CRYPTO, _CLOSE = 0x00, 0x01, 0x02, 0x03, 0x06, 0x1C
_TAG = 16
_u32 = struct.Struct("!I").unpack_from


class Initial(NamedTuple):
    """A protected Initial packet within its datagram: `data[start:end]`; its packet number begins at `number_at`."""

    version: int
    destination: bytes
    start: int
    number_at: int
    end: int


class Keys(NamedTuple):
    """What protects a client's Initial packets."""

    key: bytes
    iv: bytes
    header: bytes


def initials(data: bytes, start: int, end: int) -> Iterator[Initial]:
    """The Initial packets among those that share a datagram (RFC 9000, 12.2). Raises Bad where a length is wrong."""
    at = start
    while at + 7 < end and data[at] & 0xC0 == 0xC0:
        (version,) = _u32(data, at + 1)
        if _salt(version) is None:
            return
        second = version == _V2
        first = at
        kind = data[at] >> 4 & 3
        if kind == _RETRY_TYPE[second]:
            return  # it has no length, and nothing follows it
        try:
            size = data[at + 5]
            destination = data[at + 6 : at + 6 + size]
            at += 6 + size
            other = data[at]
            at += 1 + other
            if size > MAX_ID or other > MAX_ID:
                raise Bad("quic", Reason.HEADER)
            if kind == _INITIAL_TYPE[second]:
                token, at = _number(data, at)
                at += token
            length, at = _number(data, at)
        except IndexError:
            raise Bad("quic", Reason.SHORT) from None
        if at + length > end:
            raise Bad("quic", Reason.LENGTH)
        if kind == _INITIAL_TYPE[second] and length >= 4 + _TAG:
            yield Initial(version, destination, first, at, at + length)
        at += length


def client_keys(version: int, destination: bytes) -> Keys | None:
    """The keys of a client whose first packet went to this connection id (RFC 9001, 5.2); None: no known version."""
    salt = _salt(version)
    if salt is None:
        return None
    secret = _expand(hmac.digest(salt, destination, "sha256"), b"client in", 32)
    prefix = b"quicv2 " if version == _V2 else b"quic "
    return Keys(
        _expand(secret, prefix + b"key", 16), _expand(secret, prefix + b"iv", 12), _expand(secret, prefix + b"hp", 16)
    )


def opened(data: bytes, packet: Initial, keys: Keys) -> bytes | None:
    """The frames of a packet; None where it is not under these keys (RFC 9001, 5.3 and 5.4)."""
    # Imported with the first packet: it takes 30 ms and 10 MB to load.
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    at = packet.number_at
    mask = Cipher(algorithms.AES(keys.header), modes.ECB()).encryptor().update(data[at + 4 : at + 20])
    first = data[packet.start] ^ mask[0] & 0x0F
    size = (first & 3) + 1
    number = bytes(a ^ b for a, b in zip(data[at : at + size], mask[1:], strict=False))
    header = bytes([first]) + data[packet.start + 1 : at] + number
    nonce = (int.from_bytes(keys.iv, "big") ^ int.from_bytes(number, "big")).to_bytes(12, "big")
    try:
        return AESGCM(keys.key).decrypt(nonce, data[at + size : packet.end], header)
    except InvalidTag:
        return None


def crypto(frames: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of each CRYPTO frame (RFC 9000, 19.6) until a frame that Initial packets do not hold. Raises Bad."""
    at = 0
    try:
        while at < len(frames):
            kind = frames[at]
            at += 1
            if kind in (_PADDING, _PING):
                continue
            if kind in (_ACK, _ACK_ECN):
                at = _after_ack(frames, at, 3 if kind == _ACK_ECN else 0)
            elif kind == _CRYPTO:
                offset, at = _number(frames, at)
                length, at = _number(frames, at)
                if at + length > len(frames):
                    raise Bad("quic", Reason.LENGTH)
                yield offset, frames[at : at + length]
                at += length
            elif kind == _CLOSE:
                return
            else:
                raise Bad("quic", Reason.HEADER)
    except IndexError:
        raise Bad("quic", Reason.SHORT) from None


def _after_ack(frames: bytes, at: int, counts: int) -> int:
    for _ in range(2):
        _, at = _number(frames, at)
    ranges, at = _number(frames, at)
    if ranges > len(frames):
        raise Bad("quic", Reason.LENGTH)
    for _ in range(1 + 2 * ranges + counts):
        _, at = _number(frames, at)
    return at


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer (RFC 9000, 16), and the offset behind it. Raises IndexError."""
    size = 1 << (data[at] >> 6)
    if at + size > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + size], "big") & (1 << 8 * size - 2) - 1, at + size


def _salt(version: int) -> bytes | None:
    """RFC 9001, 5.2; RFC 9369, 3.3.1; the drafts, which captures still hold, changed it three times."""
    if version in (1, 0xFF000021, 0xFF000022):
        return bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
    if version == _V2:
        return bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
    if 0xFF00001D <= version <= 0xFF000020:
        return bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
    if 0xFF000017 <= version <= 0xFF00001C:
        return bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")
    return None


def _expand(secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context, for at most one block (RFC 8446, 7.1; RFC 5869, 2.3)."""
    full = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(full)]) + full + b"\0"
    return hmac.new(secret, info + b"\1", hashlib.sha256).digest()[:length]
