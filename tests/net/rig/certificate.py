"""A certificate for given names, signed by itself, made by openssl."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from tests.net.rig.command import run


class Certificate(Struct, frozen=True):
    """Two PEM files; clients that trust `certificate` accept the server."""

    certificate: Path
    key: Path


def make_certificate(folder: Path, names: Sequence[str]) -> Certificate:
    """An ECDSA certificate, valid for two days."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *(
                "-days",
                "2",
                "-subj",
                "/O=WiFiGuard test",
                "-addext",
                "subjectAltName=" + ",".join(f"DNS:{n}" for n in names),
            ),
            *("-keyout", str(made.key), "-out", str(made.certificate)),
        ]
    )
    return made
