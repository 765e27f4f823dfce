"""The control socket with real clients: answers, refusals, subscribers, hostile input."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.net.rig.requirements import require
from wifiguard.daemon import control, peers
from wifiguard.daemon.client import Client, NoService, Refused, ask, follow
from wifiguard.daemon.control import (
    BACKLOG,
    BEHIND,
    CONNECTIONS,
    CONNECTIONS_A_USER,
    REFUSALS,
    REFUSALS_A_SECOND,
    ControlServer,
    Handler,
    SocketTaken,
)
from wifiguard.daemon.desk import Unclear
from wifiguard.daemon.peers import SEATS_KNOWN_FOR, Gate, Peer
from wifiguard.store.errors import StoreFull

Line = dict[str, Any]
NOBODY = 65534


def echo(text: str, times: int = 1, since: float | None = None) -> Iterator[Line]:
    yield from ({"text": text, "since": since} for _ in range(times))


def fails(kind: str) -> Line:
    match kind:
        case "unclear":
            raise Unclear("no network is called that")
        case "full":
            raise StoreFull("The disk is full.", "Free some space.")
        case _:
            raise OSError("a defect")


async def later(text: str) -> Line:
    await asyncio.sleep(0)
    return {"text": text}


async def stream(count: int) -> AsyncIterator[Line]:
    for number in range(count):
        await asyncio.sleep(0)
        yield {"number": number}


def anything(**params: object) -> Line:
    return dict(params)


def who(peer: Peer, /, ok: bool) -> Line:
    return {"pid": peer.pid, "uid": peer.uid, "ok": ok}


HANDLERS = {
    "echo": Handler(False, echo),
    "fails": Handler(False, fails),
    "later": Handler(False, later),
    "stream": Handler(False, stream),
    "anything": Handler(False, anything),
    "like": Handler(False, anything, like=echo),
    "who": Handler(False, who, peer=True),
    "change": Handler(True, lambda: {"changed": True}),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "control.sock"


def serve(
    path: Path,
    use: Callable[[ControlServer], Awaitable[None]],
    *,
    gate: Gate | None = None,
    idle: float = 5.0,
) -> None:
    """Run `use` beside a server."""

    async def run() -> None:
        server = ControlServer(path, HANDLERS, gate, idle=idle)
        await server.start()
        try:
            async with asyncio.timeout(60):
                await use(server)
        finally:
            await server.close()
        assert not path.exists()

    asyncio.run(run())


def asked(path: Path, do: str, *, gate: Gate | None = None, **params: object) -> list[Line]:
    """What `ask` gets of a server, which must go on afterwards."""
    out: list[Line] = []

    async def use(_: ControlServer) -> None:
        out.extend(await asyncio.to_thread(ask, path, do, **params))

    serve(path, use, gate=gate)
    return out


async def raw(path: Path, sent: bytes) -> list[Line]:
    """Every line that comes back for these bytes, until the server closes or nothing is outstanding."""
    reader, writer = await asyncio.open_unix_connection(path, limit=2**22)
    writer.write(sent)
    writer.write_eof()
    lines = [json.loads(line) async for line in reader]
    writer.close()
    return lines


class TestAnswers:
    @pytest.mark.parametrize(
        ("do", "params", "expected"),
        [
            ("echo", {"text": "a", "times": 2}, [{"text": "a", "since": None}] * 2),
            ("echo", {"text": "\U0001f600", "since": 1}, [{"text": "\U0001f600", "since": 1}]),
            ("who", {"ok": True}, [{"pid": os.getpid(), "uid": os.geteuid(), "ok": True}]),
            ("echo", {"text": "a", "times": 0}, []),
            ("later", {"text": "a"}, [{"text": "a"}]),
            ("stream", {"count": 3}, [{"number": 0}, {"number": 1}, {"number": 2}]),
            ("anything", {"b": [1, {"c": None}]}, [{"b": [1, {"c": None}]}]),
            ("like", {"text": "a"}, [{"text": "a"}]),
            ("change", {}, [{"changed": True}]),
        ],
    )
    def test_of_every_kind(self, path: Path, do: str, params: Line, expected: list[Line]) -> None:
        assert asked(path, do, **params) == expected

    @pytest.mark.parametrize(
        ("do", "params", "sentence"),
        [
            ("nothing", {}, "cannot do 'nothing'"),
            ("echo", {}, "needs 'text'"),
            ("echo", {"text": 1}, "'text' cannot be '?1"),
            ("echo", {"text": "a", "times": True}, "'times' cannot be"),
            ("echo", {"text": "a", "times": 1.5}, "'times' cannot be"),
            ("echo", {"text": "a", "since": float("inf")}, "'since' cannot be"),
            ("echo", {"text": "a", "since": 2**2000}, "'since' cannot be"),
            ("echo", {"text": "x" * 2000}, "'text' cannot be"),
            ("echo", {"text": "half \ud800"}, "'text' cannot be"),
            ("who", {"ok": True, "peer": 1}, "knows nothing called 'peer'"),
            ("who", {}, "needs 'ok'"),
            ("echo", {"text": "a", "more": 1}, "knows nothing called 'more'"),
            ("like", {"text": "a", "more": 1}, "knows nothing called 'more'"),
            ("anything", {"_private": 1}, "knows nothing called '_private'"),
            ("anything", {"a b": 1}, "knows nothing called 'a b'"),
            ("fails", {"kind": "unclear"}, "^no network is called that$"),
            ("fails", {"kind": "full"}, r"^The disk is full\. Free some space\.$"),
        ],
    )
    def test_refusals_are_sentences(self, path: Path, do: str, params: Line, sentence: str) -> None:
        with pytest.raises(Refused, match=sentence):
            asked(path, do, **params)

    def test_a_defect_is_said_and_ends_nothing(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        async def use(_: ControlServer) -> None:
            client = await Client.connect(path)
            with pytest.raises(Refused, match=r"a defect \(OSError\)"):
                await client.request("fails", kind="other")
            assert await client.request("later", text="b") == [{"text": "b"}]
            await client.close()

        serve(path, use)
        assert "a defect" in capsys.readouterr().err

    def test_one_connection_asks_again(self, path: Path) -> None:
        async def use(_: ControlServer) -> None:
            client = await Client.connect(path)
            for text in "ab":
                assert await client.request("later", text=text) == [{"text": text}]
            await client.close()

        serve(path, use)

    def test_long_answers_let_others_in(self, path: Path) -> None:
        async def use(_: ControlServer) -> None:
            long, short = await Client.connect(path), await Client.connect(path)
            lines = asyncio.create_task(long.request("echo", text="x" * 900, times=5_000))
            await asyncio.sleep(0.05)
            assert await short.request("later", text="b") == [{"text": "b"}]
            assert not lines.done()
            assert len(await lines) == 5_000
            await long.close()
            await short.close()

        serve(path, use)


class TestNoService:
    def test_nothing_there(self, path: Path) -> None:
        with pytest.raises(NoService, match=r"not running. Start it: `wifiguard run`"):
            ask(path, "status")
        with pytest.raises(NoService):
            next(follow(path))
        with pytest.raises(NoService):
            asyncio.run(Client.connect(path))

    def test_left_by_one_that_was_killed(self, tmp_path: Path) -> None:
        left = tmp_path / "control.sock"
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(left))
        with pytest.raises(NoService):
            ask(left, "status")
        assert asked(left, "later", text="a") == [{"text": "a"}]

    @pytest.mark.parametrize("said", [b"", b"hello\n", b"[1]\n", b'{"v":2}\n', b'{"v":1}\n', b'{"v":1,"line":{}}'])
    def test_something_else_answers(self, path: Path, said: bytes) -> None:
        path.parent.mkdir()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(path))
            other.listen()

            def answer() -> None:
                link, _ = other.accept()
                with link:
                    link.recv(4096)
                    link.sendall(said)

            thread = threading.Thread(target=answer)
            thread.start()
            with pytest.raises(NoService if not said else Refused):
                ask(path, "status")
            thread.join()

    def test_one_that_hangs(self, path: Path) -> None:
        path.parent.mkdir()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(path))
            other.listen()
            with pytest.raises(Refused, match="does not answer"):
                ask(path, "status", timeout=0.05)


class TestPlace:
    def test_two_monitors(self, path: Path) -> None:
        async def use(_: ControlServer) -> None:
            with pytest.raises(SocketTaken, match=rf"running already \(process {os.getpid()}\)"):
                await ControlServer(path, {}).start()

        serve(path, use)

    @pytest.mark.parametrize("planted", ["file", "link", "folder"])
    def test_what_was_planted_is_left_alone(self, path: Path, planted: str) -> None:
        path.parent.mkdir()
        elsewhere = path.parent / "elsewhere"
        elsewhere.write_text("precious")
        match planted:
            case "file":
                path.write_text("precious")
            case "link":
                path.symlink_to(elsewhere)
            case _:
                path.mkdir()
        with pytest.raises(SocketTaken, match="planted"):
            asyncio.run(ControlServer(path, {}).start())
        assert path.is_symlink() == (planted == "link")
        assert elsewhere.read_text() == "precious"

    def test_a_folder_that_others_can_change(self, path: Path) -> None:
        path.parent.mkdir()
        path.parent.chmod(0o777)
        with pytest.raises(SocketTaken, match="can be changed by others"):
            asyncio.run(ControlServer(path, {}).start())

    def test_a_path_that_is_too_long(self, tmp_path: Path) -> None:
        with pytest.raises(SocketTaken, match="too long"):
            asyncio.run(ControlServer(tmp_path / ("x" * 120), {}).start())

    def test_the_socket_of_a_successor_stays(self, path: Path) -> None:
        async def run() -> None:
            server = ControlServer(path, HANDLERS)
            await server.start()
            path.unlink()
            path.write_text("not mine")
            await server.close()
            await server.close()

        asyncio.run(run())
        assert path.read_text() == "not mine"


class TestWho:
    @pytest.mark.root
    @pytest.mark.parametrize(
        ("gate", "do", "outcome"),
        [
            (Gate(frozenset({0}), None, Path("/nowhere")), "later", "You may not ask"),
            (Gate(frozenset({0}), 12345, Path("/nowhere")), "later", "[{'text': 'a'}]"),
            (Gate(frozenset({0}), NOBODY, Path("/nowhere")), "later", "[{'text': 'a'}]"),
            (Gate(frozenset({0}), NOBODY, Path("/nowhere")), "change", "Only root and who sits"),
            (Gate(frozenset({NOBODY}), None, Path("/nowhere")), "change", "[{'changed': True}]"),
        ],
    )
    def test_another_user(self, path: Path, gate: Gate, do: str, outcome: str) -> None:
        assert outcome in self.as_nobody(path, gate, do)

    @pytest.mark.root
    @pytest.mark.parametrize(("seat", "allowed"), [(f"ACTIVE_UID={NOBODY}", True), (f"UIDS={NOBODY}", False)])
    def test_who_sits_at_the_computer(self, path: Path, tmp_path: Path, seat: str, allowed: bool) -> None:
        seats = tmp_path / "seats"
        seats.mkdir()
        (seats / "seat0").write_text(f"IS_SEAT0=1\n{seat}\nACTIVE_UID={NOBODY}1\n")
        gate = Gate(frozenset({0}), None, seats)
        assert ("changed" in self.as_nobody(path, gate, "change")) == allowed

    @staticmethod
    def as_nobody(path: Path, gate: Gate, do: str) -> str:
        require("setpriv", root=True)
        for folder in (path.parent.parent, *path.parent.parent.parents):
            if folder.stat().st_uid == os.geteuid() and folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                folder.chmod(0o755)
        program = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from pathlib import Path; from wifiguard.daemon.client import ClientError, ask\n"
            "try: print(ask(Path(sys.argv[2]), sys.argv[3], **eval(sys.argv[4])))\n"
            "except ClientError as error: print(type(error).__name__, error)"
        )
        params = {"text": "a"} if do == "later" else {}
        source = str(Path(control.__file__).parents[2])
        setpriv = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--groups=12345"]
        out: list[str] = []

        async def use(_: ControlServer) -> None:
            done = await asyncio.to_thread(
                subprocess.run,
                [*setpriv, "/usr/bin/python3", "-c", program, source, str(path), do, repr(params)],
                capture_output=True,
                text=True,
                check=True,
            )
            out.append(done.stdout)

        serve(path, use, gate=gate)
        return out[0]

    @pytest.fixture
    def seat(self, tmp_path: Path) -> Path:
        """What logind says of the one seat: this user sits there."""
        file = tmp_path / "seats" / "seat0"
        file.parent.mkdir()
        file.write_text(f"IS_SEAT0=1\nACTIVE_UID={os.geteuid()}\n")
        return file

    def test_who_left_the_seat_asks_no_more(self, path: Path, seat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(peers, "SEATS_KNOWN_FOR", 0.0)

        async def use(server: ControlServer) -> None:
            client = await Client.connect(path)
            assert await client.request("later", text="a") == [{"text": "a"}]
            seat.write_text("IS_SEAT0=1\nACTIVE_UID=4242\n")
            with pytest.raises(Refused, match="You may not ask this monitor"):
                await client.request("later", text="b")
            await client.close()
            while server._tasks:
                await asyncio.sleep(0.01)

        serve(path, use, gate=Gate(frozenset(), None, seat.parent))

    def test_who_left_the_seat_hears_no_more(self, path: Path, seat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(peers, "SEATS_KNOWN_FOR", 0.0)

        async def use(server: ControlServer) -> None:
            client = await Client.connect(path)
            news = await client.subscribe()
            server.publish({"number": 1})
            assert await anext(news) == {"number": 1}
            seat.write_text("IS_SEAT0=1\nACTIVE_UID=4242\n")
            server.publish({"number": 2})
            with pytest.raises(Refused, match="You may not ask this monitor"):
                await anext(news)
            await client.close()
            while server._tasks:
                await asyncio.sleep(0.01)

        serve(path, use, gate=Gate(frozenset(), None, seat.parent))

    def test_seats_are_looked_at_once_a_second(self, seat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        now = 100.0
        monkeypatch.setattr(peers.time, "monotonic", lambda: now)
        gate, me = Gate(frozenset(), None, seat.parent), Peer(1, os.geteuid(), frozenset())
        assert gate.may_read(me)
        seat.write_text("ACTIVE_UID=4242\n")
        assert gate.may_read(me)
        now += SEATS_KNOWN_FOR
        assert not gate.may_read(me)
        assert gate.may_change(Peer(1, 4242, frozenset()))

    def test_who_called_sudo_owns_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setenv("SUDO_UID", "1000")
        gate = Gate.of_this_process()
        assert gate.owns(control.Peer(1, 1000, frozenset()))
        assert not gate.owns(control.Peer(1, 1001, frozenset()))

    def test_a_user_named_in_the_environment_of_no_root_owns_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 2000)
        monkeypatch.setenv("SUDO_UID", "1000")
        assert not Gate.of_this_process().owns(control.Peer(1, 1000, frozenset()))


class TestSubscribers:
    def test_hear_everything_from_the_first_line_on(self, path: Path) -> None:
        async def use(server: ControlServer) -> None:
            clients = [await Client.connect(path) for _ in range(3)]
            news = [await client.subscribe() for client in clients]
            for number in range(50):
                server.publish({"number": number})
            for one in news:
                assert [(await anext(one))["number"] for _ in range(50)] == list(range(50))
            await clients[0].close()
            server.publish({"number": 50})
            assert await anext(news[1]) == {"number": 50}
            for client in clients:
                await client.close()

        serve(path, use)

    def test_follow(self, path: Path) -> None:
        heard: list[Line] = []

        def listen() -> None:
            with pytest.raises(NoService, match="ended"):
                heard.extend(follow(path))

        async def use(server: ControlServer) -> None:
            listening = asyncio.create_task(asyncio.to_thread(listen))
            while not server._subscribers:
                await asyncio.sleep(0.01)
            server.publish({"a": 1})
            await server.close()
            await listening

        serve(path, use)
        assert heard == [{"a": 1}]

    def test_the_end_of_the_monitor_is_told(self, path: Path) -> None:
        async def use(server: ControlServer) -> None:
            client = await Client.connect(path)
            news = await client.subscribe()
            await server.close()
            with pytest.raises(NoService, match="ended"):
                await anext(news)
            await client.close()

        serve(path, use)

    def test_a_slow_one_is_told_and_dropped_and_delays_nobody(self, path: Path) -> None:
        async def use(server: ControlServer) -> None:
            slow, quick = await Client.connect(path), await Client.connect(path)
            slow_news, quick_news = await slow.subscribe(), await quick.subscribe()
            slow._reader._transport.pause_reading()  # type: ignore[attr-defined]
            line = {"text": "x" * 8000}
            loop = asyncio.get_running_loop()
            longest, sent = 0.0, 0
            while len(server._subscribers) == 2:
                before = loop.time()
                server.publish(line)
                longest = max(longest, loop.time() - before)
                assert await anext(quick_news) == line
                sent += 1
                assert sent * 8000 < 4 * BEHIND
            assert longest < 0.1
            slow._reader._transport.resume_reading()  # type: ignore[attr-defined]
            heard = 0

            async def hear() -> None:
                nonlocal heard
                async for _ in slow_news:
                    heard += 1

            with pytest.raises(Refused, match="too slowly"):
                await hear()
            assert 0 < heard < sent
            server.publish({"last": True})
            assert await anext(quick_news) == {"last": True}
            await slow.close()
            await quick.close()

        serve(path, use)

    def test_one_that_never_reads_is_let_go(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(control, "_FAREWELL", 0.05)

        async def use(server: ControlServer) -> None:
            with socket.socket(socket.AF_UNIX) as deaf:
                deaf.connect(str(path))
                deaf.sendall(b'{"v":1,"do":"subscribe"}\n')
                while not server._subscribers:
                    await asyncio.sleep(0.01)
                while server._subscribers:
                    server.publish({"text": "x" * 8000})
                while server._tasks:
                    await asyncio.sleep(0.01)

        serve(path, use)

    def test_one_that_talks_is_closed(self, path: Path) -> None:
        async def use(server: ControlServer) -> None:
            lines = await raw(path, b'{"v":1,"do":"subscribe"}\n{"v":1,"do":"later","with":{"text":"a"}}\n')
            assert lines == [{"v": 1, "line": {}}]
            while server._subscribers:
                await asyncio.sleep(0.01)

        serve(path, use)


class TestCrowds:
    def test_a_hundred_clients_at_once(self, path: Path) -> None:
        async def one(number: int) -> list[Line]:
            try:
                client = await Client.connect(path)
                try:
                    return await client.request("later", text=str(number))
                finally:
                    await client.close()
            except Refused as error:
                assert "at once" in str(error)
                return []

        async def use(server: ControlServer) -> None:
            answers = await asyncio.gather(*(one(number) for number in range(100)))
            served = [answer for answer in answers if answer]
            assert len(served) >= CONNECTIONS
            assert all(answer in ([], [{"text": str(number)}]) for number, answer in enumerate(answers))
            while server._tasks:
                await asyncio.sleep(0.01)
            assert await one(7) == [{"text": "7"}]

        serve(path, use)

    def test_idle_ones_are_closed(self, path: Path) -> None:
        async def use(server: ControlServer) -> None:
            reader, writer = await asyncio.open_unix_connection(path)
            assert await reader.read() == b""
            writer.close()
            while server._tasks:
                await asyncio.sleep(0.01)

        serve(path, use, idle=0.05)

    def test_subscribers_may_be_silent(self, path: Path) -> None:
        async def use(server: ControlServer) -> None:
            client = await Client.connect(path)
            news = await client.subscribe()
            await asyncio.sleep(0.2)
            server.publish({"a": 1})
            assert await anext(news) == {"a": 1}
            await client.close()

        serve(path, use, idle=0.05)

    def test_one_that_asks_and_does_not_read_is_let_go(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(control, "_FAREWELL", 0.05)

        async def use(server: ControlServer) -> None:
            with socket.socket(socket.AF_UNIX) as deaf:
                deaf.connect(str(path))
                request = {"v": 1, "do": "echo", "with": {"text": "x" * 900, "times": 100_000}}
                deaf.sendall(json.dumps(request).encode() + b"\n")
                while not server._tasks:
                    await asyncio.sleep(0.01)
                while server._tasks:
                    await asyncio.sleep(0.01)

        serve(path, use, idle=0.1)

    def test_one_user_cannot_keep_others_out(self, path: Path) -> None:
        class Strange(Gate):
            def owns(self, peer: control.Peer) -> bool:
                return False

            def may_read(self, peer: control.Peer) -> bool:
                return True

        async def use(_: ControlServer) -> None:
            clients = [await Client.connect(path) for _ in range(CONNECTIONS_A_USER)]
            for client in clients:
                assert await client.request("later", text="a") == [{"text": "a"}]
            more = await Client.connect(path)
            with pytest.raises(Refused, match="at once"):
                await more.request("later", text="a")
            for client in (*clients, more):
                await client.close()

        serve(path, use, gate=Strange(frozenset(), None))


class OnlyMe(Gate):
    """Lets this process in, as the person at the computer, and refuses every other one, as another user's."""

    def __init__(self) -> None:
        super().__init__(frozenset(), None)

    def may_change(self, peer: Peer) -> bool:
        return peer.pid == os.getpid()


# Prints how many sentences it is told once its input ends.
FLOOD = """
import os, select, socket, sys
sentences = connections = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    with socket.socket(socket.AF_UNIX) as link:
        link.setblocking(sys.argv[2] == "waits")
        try:
            link.connect(sys.argv[1])
        except BlockingIOError:
            continue
        connections += 1
        if connections == 1:
            print("begun", flush=True)
        if sys.argv[3] == "reads":
            link.setblocking(True)
            sentences += b"You may not ask this monitor" in link.recv(4096)
print(sentences, connections)
"""


class TestFloods:
    """Somebody who may not ask connects without end."""

    @staticmethod
    def flooded(path: Path, how: tuple[str, str], use: Callable[[ControlServer], Awaitable[None]]) -> tuple[int, int]:
        """Run `use` meanwhile. Returns how many sentences the one got, and how many connections."""
        out: list[str] = []

        async def beside(server: ControlServer) -> None:
            flood = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-c", FLOOD, str(path), *how),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            assert flood.stdout is not None
            try:
                assert await flood.stdout.readline() == b"begun\n"
                await use(server)
            finally:
                said, _ = await flood.communicate(b"")
            assert flood.returncode == 0
            out.extend(said.decode().split())

        serve(path, beside, gate=OnlyMe())
        return int(out[0]), int(out[1])

    @pytest.mark.parametrize("how", [("waits", "leaves"), ("hurries", "leaves"), ("waits", "reads")])
    def test_others_are_answered(self, path: Path, how: tuple[str, str]) -> None:
        async def use(_: ControlServer) -> None:
            for number in range(20):
                assert await asyncio.to_thread(ask, path, "later", text=str(number)) == [{"text": str(number)}]
                client = await Client.connect(path)
                assert await client.request("later", text=str(number)) == [{"text": str(number)}]
                await client.close()

        self.flooded(path, how, use)

    def test_it_costs_little(self, path: Path) -> None:
        async def use(_: ControlServer) -> None:
            await asyncio.sleep(2.0)

        begun = time.monotonic()
        _, connections = self.flooded(path, ("waits", "leaves"), use)
        rounds = (time.monotonic() - begun) / control._PAUSE
        assert connections < (rounds + 3) * BACKLOG

    def test_they_are_told_why_at_first(self, path: Path) -> None:
        async def use(server: ControlServer) -> None:
            while not server._full_again:
                await asyncio.sleep(0.01)
            while server._resume is None:
                await asyncio.sleep(0.01)

        sentences, connections = self.flooded(path, ("waits", "reads"), use)
        assert REFUSALS <= sentences < connections

    def test_who_comes_again_later_is_told_again(self, path: Path) -> None:
        server, later = ControlServer(path, HANDLERS), 100.0 + 2 / REFUSALS_A_SECOND
        assert [server._may_be_told(1, 100.0) for _ in range(REFUSALS + 5)] == [True] * REFUSALS + [False] * 5
        assert server._may_be_told(2, 100.0)
        assert [server._may_be_told(1, later) for _ in range(3)] == [True, True, False]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
REQUESTS = st.fixed_dictionaries(
    {"v": st.just(1) | JSON, "do": st.sampled_from([*HANDLERS, "subscribe"]) | JSON},
    optional={
        "with": st.dictionaries(st.sampled_from(["text", "times", "kind", "count", "_x"]) | st.text(), JSON) | JSON
    },
)


class TestHostile:
    @pytest.mark.parametrize(
        "sent",
        [
            b"\n",
            b"null\n",
            b"[" * 60_000 + b"\n",
            b'{"v":1}\n',
            b'{"v":true,"do":"later"}\n',
            b'{"v":2,"do":"later"}\n',
            b'{"v":1,"do":["later"]}\n',
            b'{"v":1,"do":"later","with":[]}\n',
            b'{"v":1,"do":"later","with":{"text":' + b"9" * 5000 + b"}}\n",
            b"\xff\xfe\n",
            b"x" * 70_000 + b"\n",
            b"x" * 200_000,
        ],
    )
    def test_what_is_no_request_gets_one_sentence(self, path: Path, sent: bytes) -> None:
        async def use(_: ControlServer) -> None:
            (line,) = await raw(path, sent)
            assert line.keys() == {"v", "error", "mend"}
            assert line["v"] == 1

        serve(path, use)

    def test_half_a_line_gets_nothing(self, path: Path) -> None:
        async def use(_: ControlServer) -> None:
            assert await raw(path, b'{"v":1,"do":"later"') == []

        serve(path, use)

    def test_any_bytes_and_any_json(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with asyncio.Runner() as runner:

            @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
            @given(st.lists(st.binary(max_size=60) | REQUESTS.map(lambda r: json.dumps(r).encode()), max_size=4))
            def fuzz(lines: list[bytes]) -> None:
                for answer in runner.run(raw(path, b"\n".join(lines) + b"\n")):
                    assert answer["v"] == 1
                    assert answer.keys() - {"v"} in ({"line"}, {"end"}, {"error", "mend"})
                assert runner.run(raw(path, b'{"v":1,"do":"later","with":{"text":"a"}}\n')) == [
                    {"v": 1, "line": {"text": "a"}},
                    {"v": 1, "end": True},
                ]

            async def begin() -> ControlServer:
                server = ControlServer(path, HANDLERS)
                await server.start()
                return server

            server = runner.run(begin())
            fuzz()
            runner.run(server.close())
        assert "Traceback" not in capsys.readouterr().err


def test_the_client_loads_nothing_heavy() -> None:
    program = "import sys, wifiguard.daemon.client, wifiguard.daemon.places; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) & {"asyncio", "sqlite3", "wifiguard.store"} == set()
