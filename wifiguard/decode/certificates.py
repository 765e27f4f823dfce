"""X.509 certificates: what a server's says, and who vouches for it (RFC 5280).

Loading this costs 80 ms and 27 MB: whoever needs it imports it with the first certificate.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtensionOID,
    NameOID,
    SignatureAlgorithmOID,
)

from wifiguard.core.tls import Certificate, Roots, Voucher

# Of a chain: links that are looked at, and signatures that are checked, at most. Real ones have up to 5 and 4.
_LINKS = 10
_CHECKS = 8
# Bits of the largest RSA key that is calculated with: 16,384 would take milliseconds a signature.
_LARGEST = 8192
_NAMES = 1024
# Authorities come and go: of what was recorded so much earlier, a list says nothing.
_YEAR = 366 * 86400.0

_MD5 = {SignatureAlgorithmOID.RSA_WITH_MD5.dotted_string, "1.2.840.113549.1.1.2", "1.2.840.113549.1.1.3"}  # MD2, MD4
_SHA1 = {
    SignatureAlgorithmOID.RSA_WITH_SHA1.dotted_string,
    SignatureAlgorithmOID.DSA_WITH_SHA1.dotted_string,
    SignatureAlgorithmOID.ECDSA_WITH_SHA1.dotted_string,
    "1.3.14.3.2.29",  # RSA with SHA-1, as OIW has it
}
# Weaker than these is not for servers (NIST SP 800-57 part 1, table 2; CA/Browser Forum Baseline Requirements, 6.1.5).
_LEAST_RSA, _LEAST_CURVE = 2048, 224

# All that the library answers to bytes that it does not like.
_REFUSALS = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


class Judgement(NamedTuple):
    """What a chain proves. `certificate` None: the server's own cannot be read. `authority`: see `TlsCertificate`."""

    certificate: Certificate | None
    voucher: Voucher
    authority: str = ""


class _Vouched(NamedTuple):
    """Who vouches for a chain's first certificate, and from when to when the links above it are valid."""

    voucher: Voucher
    authority: str = ""
    not_before: float = float("-inf")
    not_after: float = float("inf")


class Authorities:
    """The trusted roots, ready to be compared with."""

    def __init__(self, roots: Roots) -> None:
        self._at = roots.at
        self._roots: dict[x509.Name, list[tuple[x509.Certificate, Voucher]]] = {}
        user = frozenset(roots.user)
        with _quietly():
            for der in (*roots.system, *roots.user):
                root = _loaded(der)
                if root is not None and (subject := _name(root, issuer=False)) is not None:
                    voucher = Voucher.USER if der in user else Voucher.PUBLIC
                    self._roots.setdefault(subject, []).append((root, voucher))

    def judge(self, chain: Sequence[bytes], at: float) -> Judgement:
        """Judge a chain (DER, the server's own first) that was shown at wall time `at`."""
        with _quietly():
            leaf = _loaded(chain[0])
            if leaf is None:
                return Judgement(None, Voucher.NOBODY)
            links = [link for der in chain[1:_LINKS] if (link := _loaded(der)) is not None]
            vouched = self._vouch(leaf, links, at)
            return Judgement(_facts(leaf, vouched), vouched.voucher, vouched.authority)

    def _vouch(self, leaf: x509.Certificate, links: list[x509.Certificate], at: float) -> _Vouched:
        """Who vouches for a certificate at wall time `at`; its own dates do not count."""
        checks = iter(range(_CHECKS))
        for when in (at, None):
            found = self._climb(leaf, links, when, checks)
            if found is not None:
                return found
        issuer = _name(leaf, issuer=True)
        if issuer == _name(leaf, issuer=False):
            return _Vouched(Voucher.ITSELF)
        if not self._roots or at < self._at - _YEAR:
            return _Vouched(Voucher.UNKNOWN)
        if _looks_public(leaf) and all(_name(link, issuer=False) != issuer for link in links):
            return _Vouched(Voucher.INCOMPLETE)
        return _Vouched(Voucher.NOBODY)

    def _climb(
        self, certificate: x509.Certificate, links: list[x509.Certificate], at: float | None, checks: Iterator[int]
    ) -> _Vouched | None:
        """The way from a certificate to a trusted root, over links that are valid `at`; None where there is none."""
        issuer = _name(certificate, issuer=True)
        if issuer is None:
            return None
        for root, voucher in self._roots.get(issuer, ()):
            if next(checks, None) is not None and _issued(certificate, root):
                authority = _common_name(root) if voucher is Voucher.USER else ""
                return _Vouched(voucher, authority)
        for link in links:
            if not _may_issue(link) or _name(link, issuer=False) != issuer:
                continue
            begin, end = _validity(link)
            if (at is None or begin <= at <= end) and next(checks, None) is not None and _issued(certificate, link):
                found = self._climb(link, [other for other in links if other is not link], at, checks)
                if found is not None:
                    return found._replace(not_before=max(begin, found.not_before), not_after=min(end, found.not_after))
        return None


@lru_cache(maxsize=1)
def authorities(roots: Roots) -> Authorities:
    """The roots, read once: that takes milliseconds, and every capture and file has the same."""
    return Authorities(roots)


def _quietly() -> warnings.catch_warnings[None]:
    """Old serial numbers, odd texts and the like are no news to who runs this program."""
    return warnings.catch_warnings(action="ignore")


def _loaded(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except _REFUSALS:
        return None


def _facts(certificate: x509.Certificate, vouched: _Vouched) -> Certificate:
    """What a certificate says, within the time that the links above it leave."""
    begin, end = _validity(certificate)
    names, addresses = _names(certificate)
    bits, weak = _key(certificate)
    return Certificate(
        names,
        addresses,
        max(begin, vouched.not_before),
        min(end, vouched.not_after),
        bits,
        weak,
        _weak_signature(certificate),
    )


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        key = issuer.public_key()
        if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey) and key.key_size > _LARGEST:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (*_REFUSALS, InvalidSignature):
        return False
    return True


def _may_issue(certificate: x509.Certificate) -> bool:
    """Whether it is an authority's: a server's own certificate signs nothing (RFC 5280, 4.2.1.9)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except _REFUSALS:
        return False


def _looks_public(certificate: x509.Certificate) -> bool:
    """Whether it has what public authorities put into theirs since 2018: entries of public logs, and where its issuer's lies."""
    try:
        extensions = certificate.extensions
        extensions.get_extension_for_oid(ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS)
        access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except _REFUSALS:
        return False
    return any(each.access_method == AuthorityInformationAccessOID.CA_ISSUERS for each in access)


def _name(certificate: x509.Certificate, *, issuer: bool) -> x509.Name | None:
    try:
        return certificate.issuer if issuer else certificate.subject
    except _REFUSALS:
        return None


def _common_name(certificate: x509.Certificate) -> str:
    subject = _name(certificate, issuer=False)
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in subject.get_attributes_for_oid(kind) if subject is not None else ():
            return _text(attribute.value)
    return ""


def _validity(certificate: x509.Certificate) -> tuple[float, float]:
    return certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()


def _names(certificate: x509.Certificate) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    """DNS names and addresses; the common name counts where there are neither (RFC 6125, 6.4.4)."""
    try:
        own = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = own.get_values_for_type(x509.DNSName)[:_NAMES]
        found = own.get_values_for_type(x509.IPAddress)[:_NAMES]
        addresses = tuple(each.packed for each in found if isinstance(each, IPv4Address | IPv6Address))
    except _REFUSALS:
        names, addresses = [], ()
    if not names and not addresses:
        names = [name] if (name := _common_name(certificate)) else []
    return tuple(name.lower().rstrip(".") for name in names), addresses


def _key(certificate: x509.Certificate) -> tuple[int | None, bool]:
    """The size of the key in bits, and whether it is too small."""
    try:
        key = certificate.public_key()
    except _REFUSALS:
        return None, False
    match key:
        case rsa.RSAPublicKey() | dsa.DSAPublicKey():
            return key.key_size, key.key_size < _LEAST_RSA
        case ec.EllipticCurvePublicKey():
            return key.key_size, key.key_size < _LEAST_CURVE
        case ed25519.Ed25519PublicKey():
            return 256, False
        case ed448.Ed448PublicKey():
            return 456, False
        case _:
            return None, False


def _weak_signature(certificate: x509.Certificate) -> str | None:
    algorithm = certificate.signature_algorithm_oid.dotted_string
    if algorithm in _MD5:
        return "md5"
    if algorithm in _SHA1:
        return "sha1"
    try:
        digest = certificate.signature_hash_algorithm  # of RSA-PSS, a parameter
    except _REFUSALS:
        return None
    return digest.name if digest is not None and digest.name in ("md5", "sha1") else None


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("ascii", "replace")
