"""The probe that every desktop makes: does the web answer here, or a page that asks to log in?"""

from __future__ import annotations

import configparser
import http.client
import socket
import urllib.parse
from collections.abc import Iterable
from pathlib import Path

WAIT = 4.0
FOLDERS = tuple(Path(folder, "NetworkManager") for folder in ("/usr/lib", "/var/lib", "/run", "/etc"))
_EXPECTED = "NetworkManager is online"
_BODY = 4096


def connectivity(interface: str) -> list[tuple[str, str]]:
    """("state", open or portal), and the host that a portal leads to. Raises OSError where neither can be told.

    The host is the one that NetworkManager is configured to ask, so that this laptop says nothing new about itself.
    """
    address, expected = configured()
    if not address:
        raise OSError("NetworkManager is not configured to check for a login page")
    target = urllib.parse.urlsplit(address)
    host, port = target.hostname or "", target.port or http.client.HTTP_PORT
    with _connected(interface, host, port) as plain:
        asking = http.client.HTTPConnection(host, port, timeout=WAIT)
        asking.sock = plain
        try:
            asking.request("GET", target.path or "/", headers={"Connection": "close"})
            answer = asking.getresponse()
            body = answer.read(_BODY).decode("utf-8", "replace")
        except http.client.HTTPException as error:
            raise OSError(f"{host} did not answer in HTTP") from error
    online = answer.getheader("X-NetworkManager-Status") == "online" or body.startswith(expected)
    if online or answer.status == http.client.NO_CONTENT:
        return [("state", "open")]
    elsewhere = urllib.parse.urlsplit(answer.getheader("Location") or "").hostname
    page = 200 <= answer.status < 300 or answer.status == http.client.NETWORK_AUTHENTICATION_REQUIRED
    if page or elsewhere not in (None, host):
        return [("state", "portal"), ("host", elsewhere or host)]
    raise OSError(f"{host} answered with status {answer.status}")


def _connected(interface: str, host: str, port: int) -> socket.socket:
    """A connection that leaves by this interface: past a VPN, the question is what this network lets through."""
    error: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(WAIT)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
            plain.connect(address)
        except OSError as failed:
            plain.close()
            error = failed
        else:
            return plain
    raise error or OSError(f"{host} has no address")


def configured(folders: Iterable[Path] = FOLDERS) -> tuple[str, str]:
    """The address that NetworkManager asks, and how its answer begins; empty where it asks none."""
    settings = configparser.ConfigParser(interpolation=None, strict=False)
    files = [path for folder in folders for path in sorted((folder / "conf.d").glob("*.conf"))]
    for path in [*files, Path("/etc/NetworkManager/NetworkManager.conf")]:
        try:
            settings.read(path, "utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue  # NetworkManager ignores what it cannot read, too
    enabled = settings.getboolean("connectivity", "enabled", fallback=True)
    address = settings.get("connectivity", "uri", fallback="") if enabled else ""
    return address, settings.get("connectivity", "response", fallback="") or _EXPECTED
