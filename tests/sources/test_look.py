"""What root alone may read, asked of a process that may: here a thread that serves as it does, and a monitor that is not root."""

from __future__ import annotations

import asyncio
import contextvars
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.core.exposure import Owner
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources import Sink, SourceUnavailable, look
from wifiguard.sources.owners import Owners, Process
from wifiguard.sources.posture import Place, Posture
from wifiguard.sources.sockets import listeners

RULES = '{"nftables": []}'


class Deaf:
    """A sink for what nobody needs."""

    def emit(self, obs: Observation) -> None: ...

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        return Seen(0.0, 0.0)


def answers(*questions: bytes) -> list[dict[str, object]]:
    """What the privileged process says to these lines."""
    said = BytesIO()
    look.serve(BytesIO(b"".join(questions)), said)
    return [json.loads(line) for line in said.getvalue().splitlines()]


@pytest.fixture
def privileged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The socket with somebody behind it; how often somebody came."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "look.sock"))
    listening.listen()
    visits: list[int] = []

    def accept() -> None:
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            visits.append(1)
            with link, link.makefile("rb") as questions, link.makefile("wb") as said:
                look.serve(questions, said)

    monkeypatch.setattr(look, "SOCKET", tmp_path / "look.sock")
    monkeypatch.setattr(os, "geteuid", lambda: 996)
    thread = threading.Thread(target=accept)
    thread.start()
    yield visits
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def test_several_readings_in_one_visit(privileged: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(look.READINGS, "nft", lambda: RULES)
    monkeypatch.setitem(look.READINGS, "legacy-4", lambda: "filter\n")
    with look.reader() as read:
        assert (read("nft"), read("legacy-4")) == (RULES, "filter\n")
    assert privileged == [1]


def test_a_look_is_one_visit(privileged: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(look.READINGS, "nft", lambda: RULES)

    def reading() -> list[str]:
        said = []
        for _ in range(2):
            with look.reader() as read:
                said.append(read("nft"))
        return said

    assert contextvars.copy_context().run(look.Asking().during, reading) == [RULES, RULES]
    assert privileged == [1]


def test_why_it_cannot_be_read_is_passed_on(privileged: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> str:
        raise SourceUnavailable("nft is not installed", "Install nftables.")

    monkeypatch.setitem(look.READINGS, "nft", refused)
    with look.reader() as read, pytest.raises(SourceUnavailable, match="nft is not installed") as raised:
        read("nft")
    assert raised.value.mend == "Install nftables."


def test_one_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "look.sock"))
        monkeypatch.setattr(look, "SOCKET", tmp_path / "look.sock")
        monkeypatch.setattr(os, "geteuid", lambda: 996)
        monkeypatch.setattr(look, "ANSWER", 0.05)
        with pytest.raises(SourceUnavailable, match="was not answered"), look.reader() as read:
            read("nft")
        listening.listen()
        with pytest.raises(SourceUnavailable, match="was not answered"), look.reader() as read:
            read("nft")


def test_a_look_that_nobody_waits_for_any_more_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reload in the middle of a look, or a stop: the thread is not left to wait, and what it asked hears of it."""

    def reading(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
        with look.reader() as read:
            read("nft")
        yield from ()

    async def story(listening: socket.socket) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        source = Posture("firewall", reading)
        running = asyncio.create_task(source.run(Deaf()))
        source.follow([])
        link, _ = await asyncio.to_thread(listening.accept)
        with link:
            link.settimeout(30)
            assert await asyncio.to_thread(link.recv, 64) == b"nft\n"
            running.cancel()
            assert await asyncio.to_thread(link.recv, 64) == b""

    complaints: list[object] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "look.sock"))
        listening.listen()
        monkeypatch.setattr(look, "SOCKET", tmp_path / "look.sock")
        monkeypatch.setattr(os, "geteuid", lambda: 996)
        begun = time.monotonic()
        # Ends when all threads have.
        asyncio.run(story(listening))
    assert time.monotonic() - begun < look.ANSWER / 2
    assert complaints == []


def test_nothing_is_asked_for_a_look_that_was_ended_before(privileged: list[int]) -> None:
    asking = look.Asking()
    asking.end()

    def reading() -> None:
        with look.reader() as read:
            read("nft")

    with pytest.raises(SourceUnavailable, match="nobody waits"):
        contextvars.copy_context().run(asking.during, reading)


LOOK = (sys.executable, "-c", "from wifiguard.sources.look import main; main()")


def test_whoever_asked_may_go_before_the_answer() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(LOOK, input=b"legacy-4\n", stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def test_whoever_asked_may_go_and_leave_the_answer() -> None:
    here, there = socket.socketpair()
    with there:
        process = subprocess.Popen(LOOK, stdin=there, stdout=there, stderr=subprocess.PIPE)
    with here:
        here.sendall(b"legacy-4\n")
        assert here.recv(1, socket.MSG_PEEK)
    assert (process.communicate(timeout=30)[1], process.returncode) == (b"", 0)


def test_who_listens_is_told(privileged: list[int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mine:
        inode = os.fstat(mine.fileno()).st_ino
        told = Owners().of(listener for listener in listeners() if listener.inode == inode)[inode]
    assert told.owner.program is not None
    assert told == Process(told.owner)
    assert privileged == [1]


@pytest.mark.parametrize(
    "said", ["", "7", "[]", '{"1": 7}', '{"1": {}}', '{"x": {"passwords": null}}', '{"1": {"passwords": 1, "x": 2}}']
)
def test_owners_that_are_not_understood(privileged: list[int], monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setitem(look.READINGS, look.OWNERS, lambda: said)
    with socket.create_server(("127.0.0.1", 0)), pytest.raises(SourceUnavailable, match="not understood"):
        Owners().of(listeners())


def test_an_ssh_servers_settings_come_along(privileged: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mine:
        inode = os.fstat(mine.fileno()).st_ino
        row = {
            "program": "sshd",
            "package": None,
            "user": "root",
            "since": 1.0,
            "unit": None,
            "container": "",
            "passwords": True,
        }
        monkeypatch.setitem(look.READINGS, look.OWNERS, lambda: json.dumps({inode: row}))
        told = Owners().of(listener for listener in listeners() if listener.inode == inode)[inode]
    assert told == Process(Owner("sshd", user="root", since=1.0), passwords=True)


@pytest.mark.parametrize("question", [b"nft; reboot", b"../nft", b"", b"\xff", b"nft -f x", b"n" * 1000])
def test_nothing_else_can_be_asked(question: bytes) -> None:
    assert {tuple(answer.values()) for answer in answers(question + b"\n")} == {("this cannot be read", None)}


@given(st.binary(max_size=300).filter(lambda raw: not any(name.encode() in raw for name in look.READINGS)))
def test_any_bytes_are_refused(raw: bytes) -> None:
    assert all("failed" in answer for answer in answers(raw))
