"""Starts the desktop half beside a foreground monitor, as the person who sits at the desktop."""

from __future__ import annotations

import asyncio
import os
import pwd
import sys
from collections.abc import Mapping
from pathlib import Path


class DesktopAgent:
    """`wifiguard agent` as a child process: under sudo it runs as the user who called sudo, in that user's session.

    `reason` says why there is none: no session bus was found.
    """

    def __init__(self, socket: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._socket = socket
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self.reason = ""

    async def start(self) -> None:
        """Start it where there is a desktop."""
        found = desktop(self._environment, os.getuid())
        if found is None:
            self.reason = "no desktop session was found"
            return
        uid, bus = found
        account = pwd.getpwuid(uid)
        environment = {**self._environment, "DBUS_SESSION_BUS_ADDRESS": bus}
        if uid != os.getuid():
            environment |= {"HOME": account.pw_dir, "USER": account.pw_name, "XDG_RUNTIME_DIR": f"/run/user/{uid}"}
        switch = uid != os.getuid()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "wifiguard",
            "agent",
            "--socket",
            str(self._socket),
            "--beside-monitor",
            env=environment,
            # Never written to: it closes with this process however that ends, and the agent ends with it.
            stdin=asyncio.subprocess.PIPE,
            user=uid if switch else None,
            group=account.pw_gid if switch else None,
            extra_groups=os.getgrouplist(account.pw_name, account.pw_gid) if switch else None,
            start_new_session=True,
        )

    async def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 1.0)
        except TimeoutError:
            process.kill()
            await process.wait()


def desktop(environment: Mapping[str, str], uid: int) -> tuple[int, str] | None:
    """(user id, session bus address) of the desktop that belongs to this process; None where there is none."""
    if address := environment.get("DBUS_SESSION_BUS_ADDRESS"):
        return uid, address
    sudo = environment.get("SUDO_UID", "")
    owner = int(sudo) if uid == 0 and sudo.isdecimal() else uid
    bus = Path(f"/run/user/{owner}/bus")
    return (owner, f"unix:path={bus}") if bus.is_socket() else None
