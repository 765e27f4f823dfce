"""The control socket: JSON Lines over a Unix socket, version 1.

A request is `{"v":1,"do":"log","with":{"since":0.0}}`. Its answer is any number of `{"v":1,"line":{...}}`, then
`{"v":1,"end":true}`; or, at any point, `{"v":1,"error":"one sentence","mend":"what to do, or null"}`. `subscribe` answers with
an empty line, after which no news is missed, and then with every line that is published; the connection carries nothing else
from then on.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import socket
import stat
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.text import visible
from wifiguard.daemon import defects
from wifiguard.daemon.desk import Unclear
from wifiguard.daemon.lines import Line
from wifiguard.daemon.params import checked
from wifiguard.daemon.peers import Gate, Peer, peer_of
from wifiguard.store.errors import StoreError

VERSION = 1
LONGEST_REQUEST = 64 * 1024
CONNECTIONS = 64
# One user who is not an owner of the monitor: nobody can keep the others out.
CONNECTIONS_A_USER = 16
# Seconds that a connection may stay silent, or may take to read what it asked for.
IDLE = 30.0
# Bytes of news that wait for a subscriber, beside what the kernel holds.
BEHIND = 256 * 1024
_FAREWELL = 0.5
# Connections that the kernel keeps until they are taken: all of them each time, so that nobody stands behind a crowd for long.
BACKLOG = 256
# How often one user in a row is told that they may not ask, and how often more each second. Who goes on is turned away without a
# word, and nobody is let in for a moment: their loop must not cost a core.
REFUSALS, REFUSALS_A_SECOND = 20, 10.0
_USERS = 64
_PAUSE = 0.1
_NO_ROOM = 1.0
_BREATH = 64


class Handler(Struct, frozen=True):
    """What one request does. `change`: only for those who may change. `answer` gets the request's parameters by name and returns
    (or awaits) one line or several. `like`: whose parameters are the request's, where `answer` takes just anything. `peer`:
    `answer` gets who asks as well, as its positional-only parameter.
    """

    change: bool
    answer: Callable[..., object]
    like: Callable[..., object] | None = None
    peer: bool = False


class _Request(Struct, frozen=True):
    do: str
    params: dict[str, object]


class _Subscriber(Struct, frozen=True):
    peer: Peer
    task: asyncio.Task[None]


class _Gone(Exception):
    """The client went away, or does not take what it asked for."""


class SocketTaken(Exception):
    """The control socket cannot be had; the text says why and what to do."""


class ControlServer:
    """Answers with `handlers`, and tells subscribers what is published. No client can hold up the monitor's loop."""

    def __init__(
        self, path: Path, handlers: Mapping[str, Handler], gate: Gate | None = None, *, idle: float = IDLE
    ) -> None:
        self._path = path
        self._handlers = handlers
        self._gate = gate or Gate.of_this_process()
        self._idle = idle
        self._listening: socket.socket | None = None
        self._resume: asyncio.TimerHandle | None = None
        self._inode = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._by_user: Counter[int] = Counter()
        self._full_again: BoundedMap[int, float] = BoundedMap(_USERS)
        self._subscribers: dict[asyncio.StreamWriter, _Subscriber] = {}

    async def start(self) -> None:
        """Listen. Raises SocketTaken."""
        try:
            listening = _bound(self._path)
            self._inode = self._path.lstat().st_ino
        except OSError as error:
            raise SocketTaken(
                f"The control socket {self._path} cannot be made: {error.strerror or error}. "
                "Check the folder, or set WIFIGUARD_RUNTIME_DIR to one of your own."
            ) from error
        listening.setblocking(False)
        listening.listen(BACKLOG)
        self._listening = listening
        self._listen()

    def publish(self, line: Line) -> None:
        """Tell every subscriber; one that does not keep up, or may no longer ask, is dropped. Never waits."""
        if not self._subscribers:
            return
        raw = _encoded({"line": line})
        for writer, subscriber in list(self._subscribers.items()):
            if not self._gate.may_read(subscriber.peer):
                farewell = _FORBIDDEN
            elif writer.transport.get_write_buffer_size() + len(raw) > BEHIND:
                farewell = _error("This program reads its news too slowly.", "Subscribe again.")
            else:
                writer.write(raw)
                continue
            del self._subscribers[writer]
            writer.write(farewell)
            subscriber.task.cancel()

    async def close(self) -> None:
        """Stop listening, end every connection, remove the socket."""
        listening, self._listening = self._listening, None
        if listening is None:
            return
        asyncio.get_running_loop().remove_reader(listening)
        if self._resume is not None:
            self._resume.cancel()
        listening.close()
        with contextlib.suppress(FileNotFoundError):
            if self._path.lstat().st_ino == self._inode:
                self._path.unlink()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2 * _FAREWELL)

    # -- one connection

    def _listen(self) -> None:
        assert self._listening is not None
        asyncio.get_running_loop().add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        """Take all that wait; then pause where one of them asks and asks though they may not, or where no more can be taken."""
        assert self._listening is not None
        loop = asyncio.get_running_loop()
        pause = 0.0
        for _ in range(BACKLOG):
            try:
                link, _address = self._listening.accept()
            except (BlockingIOError, ConnectionAbortedError):
                break
            except OSError as error:
                # The socket stays readable: without a pause this would be tried again at once, for ever.
                loop.call_exception_handler({"exception": error})
                pause = _NO_ROOM
                break
            if not self._received(link):
                pause = _PAUSE
        if pause:
            loop.remove_reader(self._listening)
            self._resume = loop.call_later(pause, self._listen)

    def _received(self, link: socket.socket) -> bool:
        """Begin to serve who connected, or turn them away; False where that happens too often to say why."""
        peer = peer_of(link)
        refusal = self._refusal(peer)
        now = asyncio.get_running_loop().time()
        if refusal is not None and not self._gate.owns(peer) and not self._may_be_told(peer.uid, now):
            link.close()
            return False
        if refusal is None:
            self._by_user[peer.uid] += 1
            task = asyncio.create_task(self._connected(peer, link))
            task.add_done_callback(lambda _: self._by_user.subtract([peer.uid]))
        else:
            task = asyncio.create_task(self._turn_away(link, refusal))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # The end of a task that was cancelled before it began.
        task.add_done_callback(lambda _: link.close())
        return True

    def _may_be_told(self, uid: int, now: float) -> bool:
        """A token bucket for each user, kept as the time at which it is full again."""
        full = max(now, self._full_again.get(uid, now) or now)
        if full - now > (REFUSALS - 1) / REFUSALS_A_SECOND:
            return False
        self._full_again.put(uid, full + 1 / REFUSALS_A_SECOND, now)
        return True

    @staticmethod
    async def _turn_away(link: socket.socket, refusal: bytes) -> None:
        link.setblocking(False)
        try:
            link.send(refusal)
            link.shutdown(socket.SHUT_WR)
        except OSError:
            # They went away already.
            return
        # Who has not written their request yet would find a closed door, and never read what it says there.
        await asyncio.sleep(_FAREWELL)

    async def _connected(self, peer: Peer, link: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=link, limit=LONGEST_REQUEST)
        try:
            await self._serve(peer, reader, writer)
        except (OSError, _Gone, asyncio.CancelledError):
            # The client went away, went to sleep or is too slow, or the monitor ends: nobody is owed an answer.
            return
        finally:
            self._subscribers.pop(writer, None)
            await self._farewell(writer)

    def _refusal(self, peer: Peer) -> bytes | None:
        if not self._gate.may_read(peer):
            return _FORBIDDEN
        owner = self._gate.owns(peer)
        mine = self._by_user[peer.uid]
        if self._by_user.total() >= CONNECTIONS or (not owner and mine >= CONNECTIONS_A_USER):
            return _error("Too many programs are asking the monitor at once.", "Try again in a moment.")
        return None

    async def _serve(self, peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                async with asyncio.timeout(self._idle):
                    raw = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                writer.write(_error(f"The request is longer than {LONGEST_REQUEST} bytes.", None))
                return
            request = _decoded(raw)
            if request is None:
                writer.write(_error("The request is not a line of JSON for version 1.", "Update WiFiGuard."))
                return
            # Who sat here when they connected may have left since.
            if not self._gate.may_read(peer):
                writer.write(_FORBIDDEN)
                return
            if request.do == "subscribe":
                await self._subscribe(peer, reader, writer)
                return
            await self._answer(peer, request, writer)

    async def _subscribe(self, peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        writer.write(_encoded({"line": {}}))
        self._subscribers[writer] = _Subscriber(peer, task)
        # Nothing is expected: this returns when the client goes away, or says more than it should.
        await reader.read(1)

    async def _answer(self, peer: Peer, request: _Request, writer: asyncio.StreamWriter) -> None:
        try:
            handler = self._handlers.get(request.do)
            if handler is None:
                raise Unclear(f"this monitor cannot do {visible(request.do)!r}")
            if handler.change and not self._gate.may_change(peer):
                writer.write(_error("Only root and who sits at this computer may change this.", "Use sudo."))
                return
            params = checked(handler.like or handler.answer, request.params)
            answer = handler.answer(peer, **params) if handler.peer else handler.answer(**params)
            await self._send(writer, await answer if inspect.isawaitable(answer) else answer)
            writer.write(_encoded({"end": True}))
            await self._drained(writer)
        except _Gone:
            raise
        except Unclear as error:
            writer.write(_error(str(error), None))
        except StoreError as error:
            writer.write(_error(error.sentence, error.mend))
        except Exception as error:  # noqa: BLE001 - a defect in one answer must not end the monitor; it is said
            defects.report(error)
            writer.write(
                _error(f"The monitor could not answer: a defect ({type(error).__name__}).", "Please report it.")
            )

    async def _send(self, writer: asyncio.StreamWriter, answer: object) -> None:
        if isinstance(answer, AsyncIterator):
            async for line in answer:
                await self._send_line(writer, line)
        elif isinstance(answer, Mapping):
            await self._send_line(writer, answer)
        else:
            assert isinstance(answer, Iterable), "an answer is a line or several"
            for number, line in enumerate(answer):
                await self._send_line(writer, line)
                if number % _BREATH == 0:
                    await asyncio.sleep(0)

    async def _send_line(self, writer: asyncio.StreamWriter, line: object) -> None:
        writer.write(_encoded({"line": line}))
        await self._drained(writer)

    async def _drained(self, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._idle):
                await writer.drain()
        except OSError as error:
            raise _Gone from error

    @staticmethod
    async def _farewell(writer: asyncio.StreamWriter) -> None:
        """Close when what was written has left, or by force if the other side does not take it."""
        writer.close()
        try:
            async with asyncio.timeout(_FAREWELL):
                await writer.wait_closed()
        except (TimeoutError, asyncio.CancelledError):
            writer.transport.abort()
        except OSError:
            # The other side closed first.
            return


def _bound(path: Path) -> socket.socket:
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
        path.parent.chmod(0o700 if os.geteuid() else 0o755)
    folder, link = path.parent.stat(), path.parent.lstat()
    if any(each.st_uid not in (0, os.geteuid()) for each in (folder, link)):
        raise SocketTaken(
            f"The folder {path.parent} belongs to another user. Take it over: sudo chown -h {os.geteuid()} {path.parent}"
        )
    if folder.st_mode & 0o022:
        raise SocketTaken(f"The folder {path.parent} can be changed by others. Close it: chmod go-w {path.parent}")
    _clear(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(path))
        # Whoever can reach the folder may connect and is told what they may not: the peer's credentials decide, as on
        # the system bus. Without this the person at the computer, who is in no special group, could not.
        path.chmod(0o666)
    except BaseException:
        listening.close()
        raise
    return listening


def _clear(path: Path) -> None:
    """Remove what a monitor that was killed left behind. Raises SocketTaken for anything else."""
    try:
        info = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(info.st_mode) or info.st_uid not in (0, os.geteuid()):
        raise SocketTaken(f"{path} is not a socket of ours: somebody planted it. Remove it: rm -r {path}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        raise SocketTaken(
            f"A monitor is running already (process {peer_of(probe).pid}). Ask it with `wifiguard status`, or stop it first."
        )


def _decoded(raw: bytes) -> _Request | None:
    try:
        message = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or type(message.get("v")) is not int or message["v"] != VERSION:
        return None
    do, params = message.get("do"), message.get("with", {})
    return _Request(do, params) if isinstance(do, str) and isinstance(params, dict) else None


def _encoded(message: Mapping[str, object]) -> bytes:
    return json.dumps({"v": VERSION, **message}, separators=(",", ":")).encode() + b"\n"


def _error(sentence: str, mend: str | None) -> bytes:
    return _encoded({"error": sentence, "mend": mend})


_FORBIDDEN = _error(
    "You may not ask this monitor.",
    "Use sudo, or sit at this computer, or let root add you to the group wifiguard.",
)
