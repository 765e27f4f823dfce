"""Whom this computer trusts is read from the files of its distribution, and read again when they change."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from wifiguard.core.tls import NO_ROOTS, Roots, Voucher
from wifiguard.sources.authorities import ADDED, BUNDLES, trusted

PUBLIC, OTHER, OWN = b"\x30public", b"\x30other", b"\x30own"


def pem(*ders: bytes) -> bytes:
    return b"".join(
        b"# a name\n-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
        for der in ders
    )


def write(root: Path, name: str, text: bytes, at: int = 1_700_000_000) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    os.utime(path, (at, at))


@pytest.mark.parametrize("bundle", BUNDLES)
@pytest.mark.parametrize("folder", ADDED)
@pytest.mark.parametrize("form", [pem, bytes])
def test_what_somebody_added_is_told_apart(tmp_path: Path, bundle: str, folder: str, form: type[bytes]) -> None:
    write(tmp_path, bundle, pem(PUBLIC, OWN, OTHER))
    write(tmp_path, f"{folder}/company/own.crt", form(OWN))
    assert trusted(tmp_path) == Roots((PUBLIC, OTHER), (OWN,), 1_700_000_000.0)


def test_what_was_put_there_but_is_not_in_the_list_is_not_trusted(tmp_path: Path) -> None:
    write(tmp_path, BUNDLES[0], pem(PUBLIC))
    write(tmp_path, f"{ADDED[0]}/own.crt", pem(OWN))
    assert trusted(tmp_path) == Roots((PUBLIC,), (), 1_700_000_000.0)


def test_it_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    write(tmp_path, BUNDLES[0], pem(PUBLIC))
    first = trusted(tmp_path)
    assert trusted(tmp_path) is first
    write(tmp_path, BUNDLES[0], pem(PUBLIC, OTHER), 1_700_000_060)
    assert trusted(tmp_path) == Roots((PUBLIC, OTHER), (), 1_700_000_060.0)


def test_no_list(tmp_path: Path) -> None:
    assert trusted(tmp_path) is NO_ROOTS
    write(tmp_path, BUNDLES[0], b"")
    assert trusted(tmp_path) is NO_ROOTS


def test_what_is_no_certificate_is_passed_over(tmp_path: Path) -> None:
    broken = pem(PUBLIC).replace(b"==", b"", 1)
    write(tmp_path, BUNDLES[0], broken + b"-----BEGIN CERTIFICATE-----\n" + pem(OTHER) + b"\0\xff")
    assert trusted(tmp_path).system == (OTHER,)


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, f"{ADDED[0]}/own.crt", pem(OWN))
    (tmp_path / BUNDLES[0]).mkdir(parents=True)
    assert trusted(tmp_path) == Roots((), (), trusted(tmp_path).at)


def test_this_computers_own_list_is_of_certificates() -> None:
    roots = trusted()
    if roots is NO_ROOTS:
        pytest.skip("this computer has no list of authorities")
    from wifiguard.decode.certificates import Authorities

    assert len(roots.system) > 50
    authorities = Authorities(roots)
    for der in (*roots.system, *roots.user):
        assert authorities.judge([der], roots.at).voucher in (Voucher.PUBLIC, Voucher.USER, Voucher.ITSELF)
