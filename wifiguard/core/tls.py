"""TLS in words: its versions, certificates and who vouches for them, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from wifiguard.core.addresses import address_bytes
from wifiguard.core.messages import Flow
from wifiguard.core.observation import Observation

# Oldest first. Those before TLS 1.2 are deprecated: RFC 6176, 7568, 8996.
VERSIONS = ("SSLv2", "SSLv3", "TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3")
OBSOLETE = frozenset(VERSIONS[:4])


class Roots(NamedTuple):
    """The authorities that programs on this computer trust, as DER; `user`: those that somebody installed here.

    `at`: when this list was true (seconds since the epoch). Authorities come and go, so it says nothing about years before.
    """

    system: tuple[bytes, ...]
    user: tuple[bytes, ...]
    at: float


NO_ROOTS = Roots((), (), 0.0)
# Asked at the first certificate and from time to time: the list changes while we run.
Trust: TypeAlias = Callable[[], Roots]


class Voucher(StrEnum):
    """Who vouches for a certificate."""

    PUBLIC = "public"  # an authority that came with the system
    USER = "user"  # an authority that somebody installed on this computer
    ITSELF = "itself"  # nobody else: signed with its own key
    NOBODY = "nobody"  # its chain leads to no authority that is trusted here
    INCOMPLETE = "incomplete"  # it looks like a public authority's, but no link above it was sent
    UNKNOWN = "unknown"  # nothing is known of the authorities of its time


class Certificate(Struct, frozen=True):
    """A server's certificate. `names`: its DNS names, lower case, wildcards included; `addresses` in 4 or 16 bytes.

    Valid from `not_before` to `not_after` (seconds since the epoch), the links that lead to its authority included. `key_bits`:
    None for a key of an unknown kind. `weak_signature`: md5 (or older), sha1, None.
    """

    names: tuple[str, ...]
    addresses: tuple[bytes, ...]
    not_before: float
    not_after: float
    key_bits: int | None
    weak_key: bool
    weak_signature: str | None


class TlsCertificate(Observation, frozen=True):
    """A server showed its certificate (up to TLS 1.2; TLS 1.3 encrypts it).

    `certificate` None: it cannot be read. `server_name`: what the client asked for, lower case. `digest`: of the certificate.
    `authority`: the name of the authority that somebody installed, where that one vouches.
    """

    flow: Flow
    server_name: str | None
    certificate: Certificate | None
    voucher: Voucher
    digest: bytes
    authority: str = ""


def highest(versions: Iterable[str]) -> str | None:
    """The newest of these versions; None where none is known."""
    return max((v for v in versions if v in VERSIONS), key=VERSIONS.index, default=None)


def problems(certificate: Certificate | None, voucher: Voucher, names: Iterable[str], at: float) -> tuple[str, ...]:
    """What is wrong with a certificate that was shown at wall time `at` by a server of these names (or addresses).

    Words of the machine-readable output, in its order. Without a name, names are not compared; with several, one has to fit.
    """
    names = tuple(names)
    if certificate is None:
        return ("unknown-issuer",)
    wrong = {
        "unknown-issuer": voucher is Voucher.NOBODY,
        "self-signed": voucher is Voucher.ITSELF,
        "expired": at > certificate.not_after,
        "not-yet-valid": at < certificate.not_before,
        "name-mismatch": bool(names) and not any(covers(certificate, name) for name in names),
        "weak-key": certificate.weak_key,
        "md5-signature": certificate.weak_signature == "md5",
        "sha1-signature": certificate.weak_signature == "sha1",
    }
    return tuple(word for word, so in wrong.items() if so)


def covers(certificate: Certificate, name: str) -> bool:
    """Whether the certificate is for this host name or address (RFC 9525, 6.3: "*" is one whole label, the leftmost)."""
    address = address_bytes(name)
    if address is not None:
        # Servers that are known by their address often have it as their only name.
        return address in certificate.addresses or name in certificate.names
    if name in certificate.names:
        return True
    _, dot, parent = name.partition(".")
    return bool(dot) and f"*.{parent}" in certificate.names
