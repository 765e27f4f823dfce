"""Whether the SSH server takes passwords: its effective settings, as it tells them itself (sshd(8), -T)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from wifiguard.sources.owners import Process

FOLDERS = ("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/sbin")
TIMEOUT = 5.0
# Options of the running server that change its settings, each with one argument.
_SETTINGS = ("-f", "-o", "-p", "-C")
_PASSWORDS = {"passwordauthentication", "kbdinteractiveauthentication", "challengeresponseauthentication"}


def takes_passwords(process: Process) -> bool | None:
    """None where the server does not say (it needs root and its host keys), or is not OpenSSH's."""
    if process.owner.program == "sshd":
        # Anybody can call a program sshd; only one that lies where root alone writes may be run, for this may be root.
        server = process.executable if process.executable and str(Path(process.executable).parent) in FOLDERS else None
    else:
        server = shutil.which("sshd", path=":".join(FOLDERS))
    if server is None or process.owner.program not in (None, "sshd", "systemd"):
        return None
    try:
        done = subprocess.run(
            [server, "-T", *_given(process.arguments)], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    if done.returncode:
        return None
    settings = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    return any(settings.get(name) == "yes" for name in _PASSWORDS)


def _given(arguments: tuple[str, ...]) -> list[str]:
    """Those of the server's own arguments that `-T` needs to tell the same settings."""
    out: list[str] = []
    for number, argument in enumerate(arguments[1:], 1):
        option, joined = argument[:2], argument[2:]
        if option in _SETTINGS and joined:
            out.append(argument)
        elif option in _SETTINGS and number + 1 < len(arguments):
            out += [argument, arguments[number + 1]]
    return out
