"""The authorities that this computer's programs trust: the system's list, and which of it somebody added here."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from wifiguard.core.tls import NO_ROOTS, Roots

BUNDLES = (
    "etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Alpine, Gentoo
    "etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "etc/ssl/ca-bundle.pem",  # openSUSE
    "etc/ssl/cert.pem",
)
# Where administrators put their own, for update-ca-certificates, update-ca-trust or trust(1) to take into the list.
ADDED = (
    "usr/local/share/ca-certificates",
    "etc/pki/ca-trust/source/anchors",
    "etc/ca-certificates/trust-source/anchors",
    "etc/pki/trust/anchors",
)
# A list has 150 authorities in 220 KB.
_LARGEST = 8 << 20
_FILES = 1000
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")


def trusted(root: Path = Path("/")) -> Roots:
    """The list as it is now: read at the first call, and again once it has changed. `NO_ROOTS` where there is none."""
    for name in BUNDLES:
        bundle = root / name
        try:
            status = bundle.stat()
        except OSError:
            continue
        if status.st_size:
            return _read(root, bundle, status.st_mtime_ns)
    return NO_ROOTS


@lru_cache(maxsize=1)
def _read(root: Path, bundle: Path, mtime: int) -> Roots:
    added = {der for folder in ADDED for path in _files(root / folder) for der in _certificates(path)}
    system: list[bytes] = []
    user: list[bytes] = []
    for der in _certificates(bundle):
        (user if der in added else system).append(der)
    return Roots(tuple(system), tuple(user), mtime / 1e9)


def _files(folder: Path) -> Iterator[Path]:
    return islice((path for path in folder.rglob("*") if path.is_file()), _FILES)


def _certificates(path: Path) -> Iterator[bytes]:
    """The certificates of a PEM file, or the one of a DER file."""
    try:
        with path.open("rb") as file:
            # Not of the largest size: a buffer of that, though it is freed, makes malloc keep as much for later.
            text = file.read(min(path.stat().st_size, _LARGEST))
    except OSError:
        return
    if text.startswith(b"\x30"):
        yield text
    for match in _PEM.finditer(text):
        try:
            yield base64.b64decode(match[1])
        except binascii.Error:
            continue
