"""Findings on demand: logins to as many mail servers as a test wants, each a finding of its own."""

from __future__ import annotations

import socket
import sys
import threading
import time
from contextlib import suppress

from tests.net.rig.cafe import Cafe
from tests.net.rig.spawned import Spawned

RULE = "plaintext-login"
PORT = 110
PAUSE = 0.02
# Every address of this network is the café's (RFC 2544's, for measuring).
NETWORK = "198.18.0.0/15"
# The rule tells so many servers apart by itself; here every login is to be told.
SETTINGS = f"[rules.{RULE}]\nservers = 100000\n"


class Logins:
    """`one` is a login that has happened when it returns; `burst` goes on until it is stopped."""

    def __init__(self, cafe: Cafe) -> None:
        self._cafe = cafe
        self._used = 0
        cafe.internet.ip(f"route add local {NETWORK} dev lo")
        server = cafe.internet.start("mail", *_program("serve"))
        server.wait_for_output("ready")

    def one(self) -> str:
        """Log in to a server that was not used before; its address."""
        address = _address(self._used)
        self._cafe.laptop.run(*_program("send", str(self._used), "1"))
        self._used += 1
        return address

    def burst(self, count: int = 1_000_000) -> Spawned:
        """Log in to one server after the other, some fifty a second."""
        first, self._used = self._used, self._used + count
        return self._cafe.laptop.start("logins", *_program("send", str(first), str(count)))


def _program(*argv: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.faults.logins", *argv)


def _address(number: int) -> str:
    return f"198.{18 + number // 65536 % 2}.{number // 256 % 256}.{number % 256}"


def _serve() -> None:
    def answer(link: socket.socket) -> None:
        # Whoever logs in may be killed in the middle.
        with link, suppress(OSError):
            link.sendall(b"+OK\r\n")
            while link.recv(4096):
                link.sendall(b"+OK\r\n")

    listening = socket.create_server(("", PORT), backlog=128)
    print("ready", flush=True)
    while True:
        threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()


def _send(first: int, count: int) -> None:
    for number in range(first, first + count):
        with socket.create_connection((_address(number), PORT), timeout=20.0) as link:
            for line in (b"", b"USER ann\r\n", b"PASS s3cret-word\r\n"):
                if line:
                    link.sendall(line)
                link.recv(64)
        time.sleep(PAUSE)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve()
    else:
        _send(int(sys.argv[2]), int(sys.argv[3]))
