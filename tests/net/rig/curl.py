"""A real curl on a machine of the lab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tests.net.rig.lab import Namespace


class Answer(Struct, frozen=True):
    """What curl got, and from where."""

    status: int
    body: str
    address: str
    redirect: str


def curl(
    namespace: Namespace,
    url: str,
    *options: str,
    family: Literal[4, 6] = 4,
    form: str | None = None,
    trust: Path | None = None,
) -> Answer:
    """Fetch `url`, or post `form` to it (already encoded); `trust`: the certificate to accept. Fails as curl fails."""
    argv = ["curl", "--disable", "--silent", "--show-error", "--noproxy", "*", "--max-time", "15", f"-{family}"]
    argv += ["--data-raw", form] if form is not None else []
    argv += ["--cacert", str(trust)] if trust else []
    done = namespace.run(*argv, *options, "--write-out", "%{stderr}%{json}", url)
    told = json.loads(done.stderr)
    return Answer(told["http_code"], done.stdout, told["remote_ip"], told["redirect_url"] or "")
