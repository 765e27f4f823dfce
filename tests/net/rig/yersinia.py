"""A false DHCP server by yersinia, set up over its own terminal service: its command line refuses attacks with parameters.

Run as a program: interface, own address, first and last address to hand out.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.net.rig.waiting import wait_until

WHERE = ("127.0.0.1", 12000)
LOG_IN = (("login: ", "root"), ("password: ", "root"), ("> ", "enable"), ("Password:", "tomac"))
PROMPT = "# "
PR_SET_CHILD_SUBREAPER = 36


def serve(interface: str, me: str, first: str, last: str) -> None:
    """Until killed."""
    mac = Path("/sys/class/net", interface, "address").read_text().strip()
    signal.signal(signal.SIGTERM, _end)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # it leaves its parent; who it is must stay known
    _terminal, its_terminal = os.openpty()  # without one it ends at once
    subprocess.run(
        ["yersinia", "-D", "-l", os.devnull], stdin=its_terminal, stdout=its_terminal, stderr=its_terminal, check=True
    )
    wait_until(_listens, "yersinia to listen")
    parameters = {
        "Server ID": me,
        "Start IP": first,
        "End IP": last,
        "Lease Time": "600",
        "Renew Time": "300",
        "Subnet Mask": "255.255.255.0",
        "Router": me,
        "DNS Server": me,
        "Domain": "cafe.test",
    }
    with socket.create_connection(WHERE, 10) as talk:
        for prompt, answer in (
            *LOG_IN,
            (PROMPT, f"set dhcp interface {interface}"),
            (PROMPT, f"set dhcp source {mac}"),
            (PROMPT, "run dhcp 2"),
            *((f"[{name}", value) for name, value in parameters.items()),
        ):
            _wait_for(talk, prompt)
            talk.sendall(answer.encode() + b"\r\n")
        _wait_for(talk, PROMPT)
        print("serving", flush=True)
        signal.pause()


def _end(*_: object) -> None:
    for child in Path("/proc/self/task", str(os.getpid()), "children").read_text().split():
        os.kill(int(child), signal.SIGKILL)
    sys.exit()


def _listens() -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(WHERE) == 0


def _wait_for(talk: socket.socket, prompt: str) -> None:
    said = ""
    while not re.search(re.escape(prompt) + r"[^\r\n]*\Z", said):
        heard = talk.recv(4096)
        if not heard:
            raise ConnectionError(f"yersinia hung up before {prompt!r}: {said!r}")
        said += heard.decode("latin-1")


if __name__ == "__main__":
    serve(*sys.argv[1:])
