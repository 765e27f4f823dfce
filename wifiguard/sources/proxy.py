"""Proxies that are set: for the whole system, and, where this is run by the person at the desktop, for their programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from wifiguard.core.exposure import ProxySetting
from wifiguard.core.observation import Observation
from wifiguard.sources import Sink
from wifiguard.sources.posture import Place

NAME = "proxy"
LONGEST = 1 << 20
MOST_FILES = 64
TIMEOUT = 3.0
_VARIABLE = re.compile(
    r"^\s*(?:export\s+)?((?:https?|all|ftp)_proxy)\s*=\s*[\"']?([^\s\"'#]+)", re.IGNORECASE | re.MULTILINE
)
_SECTION = re.compile(r"^\[([^\]]+)\]\s*$")
_PREFERENCE = re.compile(r'^user_pref\("network\.proxy\.(\w+)",\s*"?([^")]*)"?\);', re.MULTILINE)
Setting = tuple[str, bool, str]


def proxies(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
    """A look of `posture.Posture`. Told for the laptop as a whole: a proxy is used on every network."""
    del places
    home = Path(os.environ.get("HOME") or "/nonexistent") if os.geteuid() else None
    for where, script, address in (*_system(), *(_desktop(home) if home else ())):
        host, port = _split(address)
        if host:
            yield ProxySetting(sink.seen(), where, script, host, port)


def _split(address: str) -> tuple[str, int | None]:
    """Host and port of a proxy or a script's URL; user name and password are left behind."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return (parts.hostname or (parts.scheme if parts.scheme == "file" else "")), parts.port
    except ValueError:
        return "", None


def _system() -> Iterator[Setting]:
    profiles = sorted(Path("/etc/profile.d").glob("*.sh"))[:MOST_FILES]
    for path in (Path("/etc/environment"), Path("/etc/profile"), *profiles):
        yield from _variables(path)
    for path in sorted(Path("/etc/dconf/db").glob("*.d/*"))[:MOST_FILES]:
        yield from _desktop_settings(str(path), _keyfile(_text(path)))


def _desktop(home: Path) -> Iterator[Setting]:
    for name in (".profile", ".bashrc", ".zshrc", ".config/environment.d/proxy.conf"):
        yield from _variables(home / name)
    yield from _desktop_settings("GNOME", _gsettings())
    yield from _kde(home / ".config" / "kioslaverc")
    for path in sorted((home / ".mozilla" / "firefox").glob("*/prefs.js"))[:MOST_FILES]:
        yield from _firefox(path)


def _variables(path: Path) -> Iterator[Setting]:
    found = {value for _, value in _VARIABLE.findall(_text(path)) if "$" not in value}
    yield from ((str(path), False, value) for value in sorted(found))


def _keyfile(text: str) -> dict[str, str]:
    """Keys of dconf's key files as "section/key", without quotes."""
    out: dict[str, str] = {}
    section = ""
    for line in text.splitlines():
        if (heading := _SECTION.match(line)) is not None:
            section = heading[1]
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            out[f"{section}/{key.strip()}"] = value.strip().strip("'\"")
    return out


def _gsettings() -> dict[str, str]:
    """The person's own settings under GNOME and its kin; empty where there is no such desktop."""
    tool = shutil.which("gsettings")
    if tool is None or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return {}
    try:
        done = subprocess.run(
            [tool, "list-recursively", "org.gnome.system.proxy"],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return {}
    words = (line.split(maxsplit=2) for line in done.stdout.splitlines())
    return {f"{w[0].replace('.', '/')}/{w[1]}".replace("org/gnome/", ""): w[2].strip("'") for w in words if len(w) == 3}


def _desktop_settings(where: str, keys: Mapping[str, str]) -> Iterator[Setting]:
    base = "system/proxy"
    match keys.get(f"{base}/mode"):
        case "manual":
            for kind in ("http", "https", "socks"):
                host, port = keys.get(f"{base}/{kind}/host", ""), keys.get(f"{base}/{kind}/port", "")
                if host:
                    yield where, False, f"{host}:{port}" if port not in ("", "0") else host
        case "auto" if keys.get(f"{base}/autoconfig-url"):
            yield where, True, keys[f"{base}/autoconfig-url"]


def _kde(path: Path) -> Iterator[Setting]:
    keys = _keyfile(_text(path))
    section = "Proxy Settings"
    match keys.get(f"{section}/ProxyType"):
        case "1":
            for kind in ("httpProxy", "httpsProxy", "socksProxy"):
                if value := keys.get(f"{section}/{kind}"):
                    yield str(path), False, value.replace(" ", ":")
        case "2" if keys.get(f"{section}/Proxy Config Script"):
            yield str(path), True, keys[f"{section}/Proxy Config Script"]


def _firefox(path: Path) -> Iterator[Setting]:
    keys = dict(_PREFERENCE.findall(_text(path)))
    match keys.get("type"):
        case "1" if keys.get("http") or keys.get("ssl"):
            yield (
                str(path),
                False,
                f"{keys.get('http') or keys['ssl']}:{keys.get('http_port') or keys.get('ssl_port') or ''}".rstrip(":"),
            )
        case "2" if keys.get("autoconfig_url"):
            yield str(path), True, keys["autoconfig_url"]


def _text(path: Path) -> str:
    try:
        with path.open(errors="replace") as file:
            return file.read(LONGEST)
    except OSError:
        # Not there, or not ours to read: nothing is claimed about it.
        return ""
