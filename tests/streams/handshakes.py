"""Real TLS handshakes of OpenSSL, both ends in memory, and the certificates for them."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

NOW = 1_800_000_000.0
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_SHA256_RSA, _SHA1_RSA, _MD5_RSA = (bytes.fromhex("06092a864886f70d0101" + last) for last in ("0b", "05", "04"))


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class Issued(NamedTuple):
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        form = serialization.PrivateFormat.TraditionalOpenSSL
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def issue(
    name: str,
    by: Issued | None = None,
    *,
    key: Key | None = None,
    names: Iterable[str] | None = None,
    addresses: Iterable[str] = (),
    begin: float = -30.0,
    end: float = 60.0,
    authority: bool | None = None,
    public: bool = False,
    now: float = NOW,
) -> Issued:
    """A certificate by `by` (else itself), valid from `begin` to `end` in days from `now`. `public`: as public ones look."""
    key = key or ec_key(len(name) % 8)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.fromtimestamp(now, UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + timedelta(days=begin))
        .not_valid_after(today + timedelta(days=end))
    )
    if authority is not None:
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
    alternatives: list[x509.GeneralName] = [x509.DNSName(each) for each in names or ()]
    alternatives += [x509.IPAddress(ipaddress.ip_address(each)) for each in addresses]
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    if public:
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://ca.example/ca.crt")
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        timestamps = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), b"\x04\x02\x00\x00")
        builder = builder.add_extension(timestamps, critical=False)
    return Issued(builder.sign(by.key if by else key, hashes.SHA256()), key)


def resigned(der: bytes, how: str) -> bytes:
    """The certificate as if it were signed with MD5 or SHA-1 (and RSA); the signature is wrong then."""
    return der.replace(_SHA256_RSA, {"md5": _MD5_RSA, "sha1": _SHA1_RSA}[how])


Said = tuple[str, bytes]


def handshake(
    chain: Iterable[Issued],
    name: str | None = "www.example.org",
    *,
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    ciphers: str = "ALL:@SECLEVEL=0",
    curve: str | None = None,
) -> list[Said]:
    """What the two ends say in turn ("up" from the client, "down" from the server) until both have finished.

    `curve`: the only one that the server takes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions that are obsolete: that is what is tested
        server = _server(list(chain), ciphers, curve)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        client.set_ciphers(ciphers)
        client.minimum_version = min(version, ssl.TLSVersion.TLSv1_2)
        client.maximum_version = version
    to_client, from_client, to_server, from_server = (ssl.MemoryBIO() for _ in range(4))
    ends = (
        ("up", client.wrap_bio(to_client, from_client, server_hostname=name), from_client, to_server),
        ("down", server.wrap_bio(to_server, from_server, server_side=True), from_server, to_client),
    )
    said: list[Said] = []
    for _ in range(4):
        for side, end, out, to in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
            if text := out.read():
                said.append((side, text))
                to.write(text)
    return said


def _server(chain: list[Issued], ciphers: str, curve: str | None) -> ssl.SSLContext:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.set_ciphers(ciphers)
    server.minimum_version = ssl.TLSVersion.TLSv1
    if curve is not None:
        server.set_ecdh_curve(curve)
    with tempfile.NamedTemporaryFile() as file:
        file.write(chain[0].key_pem + b"".join(each.pem for each in chain))
        file.flush()
        server.load_cert_chain(file.name)
    return server


# A public authority, its link, and two servers that they vouch for.
ROOT = issue("Example Root", authority=True, key=rsa_key())
LINK = issue("Example Link", ROOT, authority=True)
LEAF = issue("www.example.org", LINK, names=["www.example.org"])
PUBLIC = issue("shop.example.org", LINK, names=["shop.example.org"], public=True)
