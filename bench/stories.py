"""Conversations in every cleartext protocol between two machines: `stories.py serve ADDRESS` there, `talk ADDRESS` here.

Each conversation of tests/streams/sessions.py has a port of its own. `talk` holds each once, one after the other.
"""

from __future__ import annotations

import socket
import sys
import threading
import time

from tests.streams.sessions import SESSIONS, Script, lines

FIRST_PORT = 20_000


def script_of(number: int) -> Script:
    """What is said in one conversation."""
    script = SESSIONS[number].script
    return lines(script) if isinstance(script, str) else script


def play(link: socket.socket, script: Script, role: str) -> None:
    """Say what `role` ("up" or "down") says, when it is its turn."""
    link.settimeout(20.0)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for who, said in script:
        if who == role:
            link.sendall(said)
            time.sleep(0.002)
            continue
        left = len(said)
        while left:
            got = link.recv(left)
            if not got:
                return
            left -= len(got)


def serve(address: str) -> None:
    """Answer on every port until killed."""

    def answer(number: int, listener: socket.socket) -> None:
        while True:
            link, _ = listener.accept()
            with link:
                play(link, script_of(number), "down")

    for number in range(len(SESSIONS)):
        listener = socket.create_server((address, FIRST_PORT + number))
        threading.Thread(target=answer, args=(number, listener), daemon=True).start()
    print("ready", flush=True)
    threading.Event().wait()


def talk(address: str) -> None:
    """Hold every conversation once."""
    for number in range(len(SESSIONS)):
        with socket.create_connection((address, FIRST_PORT + number), timeout=20.0) as link:
            play(link, script_of(number), "up")


if __name__ == "__main__":
    {"serve": serve, "talk": talk}[sys.argv[1]](sys.argv[2])
