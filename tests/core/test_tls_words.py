"""What is wrong with a certificate, and whose name it is for."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from scapy.layers.tls.crypto.suites import _tls_cipher_suites

from wifiguard.core.ciphers import weakness
from wifiguard.core.tls import Certificate, Voucher, covers, highest, problems

GOOD = Certificate(
    ("www.example.org", "*.example.net", "10.0.0.9"), (bytes([192, 0, 2, 1]),), 100.0, 200.0, 2048, False, None
)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("www.example.org", True),
        ("example.org", False),
        ("a.www.example.org", False),
        ("a.example.net", True),
        ("example.net", False),
        ("a.b.example.net", False),
        ("*.example.net", True),
        ("192.0.2.1", True),
        ("192.0.2.2", False),
        ("10.0.0.9", True),
        ("org", False),
    ],
)
def test_names(name: str, fits: bool) -> None:
    assert covers(GOOD, name) is fits


def test_a_star_is_the_leftmost_label_and_nothing_else() -> None:
    odd = replace(GOOD, names=("w*.example.org", "www.*.org", "*"))
    assert not any(covers(odd, name) for name in ("www.example.org", "localhost"))


def test_problems_in_their_order() -> None:
    bad = replace(GOOD, key_bits=512, weak_key=True, weak_signature="sha1")
    assert problems(bad, Voucher.NOBODY, ("a.example",), 300.0) == (
        *("unknown-issuer", "expired", "name-mismatch", "weak-key", "sha1-signature"),
    )
    assert problems(bad, Voucher.ITSELF, (), 50.0) == ("self-signed", "not-yet-valid", "weak-key", "sha1-signature")
    assert problems(replace(GOOD, weak_signature="md5"), Voucher.USER, (), 150.0) == ("md5-signature",)


def test_nothing_is_wrong() -> None:
    for voucher in (Voucher.PUBLIC, Voucher.USER, Voucher.INCOMPLETE, Voucher.UNKNOWN):
        assert problems(GOOD, voucher, ("www.example.org",), 150.0) == ()
    for at in (100.0, 200.0):
        assert problems(GOOD, Voucher.PUBLIC, (), at) == ()


def test_one_of_several_names_has_to_fit() -> None:
    assert problems(GOOD, Voucher.PUBLIC, ("other.test", "a.example.net"), 150.0) == ()
    assert problems(GOOD, Voucher.PUBLIC, ("other.test", "else.test"), 150.0) == ("name-mismatch",)


def test_what_cannot_be_read_proves_nothing() -> None:
    assert problems(None, Voucher.NOBODY, (), 0.0) == ("unknown-issuer",)


def test_the_newest_version() -> None:
    assert highest(("TLS1.0", "SSLv2")) == "TLS1.0"
    assert highest(("TLS1.2", "TLS1.3", "0x1234")) == "TLS1.3"
    assert highest(("0x1234",)) is None


def by_name(suite: str) -> str | None:
    cipher = suite.partition("_WITH_")[2]
    if cipher.startswith("NULL"):
        return "NULL"
    if "EXPORT" in suite:
        return "EXPORT"
    for word in ("3DES", "DES", "RC4"):
        if word in cipher:
            return word
    return "ANON" if "_anon_" in suite else None


def test_every_suite_that_scapy_knows() -> None:
    suites = {number: name for number, name in _tls_cipher_suites.items() if number <= 0xFFFF and "SCSV" not in name}
    assert len(suites) > 250
    assert {number: weakness(number) for number in suites} == {number: by_name(name) for number, name in suites.items()}
