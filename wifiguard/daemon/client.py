"""Asks the running monitor through its control socket (JSON Lines, see control.py). Loads neither asyncio nor the store."""

from __future__ import annotations

import errno
import json
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

Line = dict[str, Any]

VERSION = 1
# A status with everything in it has a few kilobytes; a line beyond this is no answer of ours.
LONGEST_ANSWER = 4 * 1024 * 1024
TIMEOUT = 10.0


class ClientError(Exception):
    """`sentence`: what is wrong. `mend`: what to do, None where nothing helps. As text: both."""

    def __init__(self, sentence: str, mend: str | None = None) -> None:
        super().__init__(sentence if mend is None else f"{sentence} {mend}")
        self.sentence = sentence
        self.mend = mend


class NoService(ClientError):
    """No monitor runs behind the socket."""


class Refused(ClientError):
    """A monitor runs, and does not do what was asked."""


def ask(path: Path, do: str, *, timeout: float = TIMEOUT, **params: Any) -> list[Line]:
    """The answer's lines. Raises NoService or Refused; `timeout` is in seconds between two lines."""
    with _connected(path, timeout) as link:
        return list(_lines(link, do, params, path))


def follow(path: Path) -> Iterator[Line]:
    """News as they happen, until the monitor ends (NoService) or this side is too slow for them (Refused)."""
    with _connected(path, TIMEOUT) as link:
        for line in _lines(link, "subscribe", {}, path):
            if line:
                yield line
            else:
                link.settimeout(None)
    raise _ended(path)


class Client:
    """The same for a program with an event loop. One connection: requests one after another, or a subscription."""

    def __init__(self, path: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._path = path
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, path: Path) -> Client:
        """Raises NoService or Refused."""
        import asyncio

        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.setblocking(False)
            try:
                link.connect(str(path))
            except BlockingIOError:
                await asyncio.to_thread(_queue_up, link, path, TIMEOUT)
            return cls(path, *await asyncio.open_unix_connection(sock=link, limit=LONGEST_ANSWER))
        except BaseException as error:
            link.close()
            if isinstance(error, OSError):
                raise _unreachable(path, error) from error
            raise

    async def request(self, do: str, **params: Any) -> list[Line]:
        """The answer's lines. Raises NoService or Refused; after either the connection is of no more use."""
        return [line async for line in self._answer(do, params)]

    async def subscribe(self) -> AsyncIterator[Line]:
        """News as they happen; the iterator is returned once none can be missed. It ends with NoService or Refused."""
        answer = self._answer("subscribe", {})
        await anext(answer)
        return self._news(answer)

    async def close(self) -> None:
        """End the connection."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            # It was ended by the other side: closed all the same.
            return

    async def _news(self, answer: AsyncIterator[Line]) -> AsyncIterator[Line]:
        async for line in answer:
            yield line
        raise _ended(self._path)

    async def _answer(self, do: str, params: Line) -> AsyncIterator[Line]:
        try:
            self._writer.write(_encoded(do, params))
            # A monitor that refuses us says why and closes, perhaps before it read anything.
            with suppress(ConnectionError):
                await self._writer.drain()
            while raw := await self._reader.readline():
                message = _decoded(raw)
                if message.get("end") is True:
                    return
                yield _line(message)
        except OSError as error:
            raise _unreachable(self._path, error) from error
        except ValueError as error:
            raise _nonsense(self._path) from error
        raise _ended(self._path)


def _connected(path: Path, timeout: float) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _queue_up(link, path, timeout)
    except OSError as error:
        link.close()
        raise _unreachable(path, error) from error
    link.settimeout(timeout)
    return link


def _queue_up(link: socket.socket, path: Path, timeout: float) -> None:
    """Connect, in turn with the others where many want to: who does not wait in the kernel is sent away at once (EAGAIN)."""
    seconds, micros = divmod(round(timeout * 1e6), 1_000_000)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", seconds, micros))
    link.setblocking(True)
    link.connect(str(path))


def _lines(link: socket.socket, do: str, params: Line, path: Path) -> Iterator[Line]:
    try:
        with link.makefile("rb") as stream:
            # A monitor that refuses us says why and closes, perhaps before it read anything.
            with suppress(BrokenPipeError):
                link.sendall(_encoded(do, params))
            while raw := stream.readline(LONGEST_ANSWER):
                message = _decoded(raw)
                if message.get("end") is True:
                    return
                yield _line(message)
    except OSError as error:
        raise _unreachable(path, error) from error
    except ValueError as error:
        raise _nonsense(path) from error
    raise _ended(path)


def _encoded(do: str, params: Line) -> bytes:
    return json.dumps({"v": VERSION, "do": do, "with": params}, separators=(",", ":")).encode() + b"\n"


def _decoded(raw: bytes) -> Line:
    message = json.loads(raw)
    if not raw.endswith(b"\n") or not isinstance(message, dict) or message.get("v") != VERSION:
        raise ValueError("not a line of the control socket")
    return message


def _line(message: Line) -> Line:
    if "error" in message:
        mend = message.get("mend")
        raise Refused(str(message["error"]), None if mend is None else str(mend))
    line = message.get("line")
    if not isinstance(line, dict):
        raise ValueError("an answer without a line")
    return line


def _unreachable(path: Path, error: OSError) -> ClientError:
    if isinstance(error, TimeoutError):
        return Refused("The monitor does not answer.", "Start it again: `wifiguard service restart`.")
    if isinstance(error, PermissionError):
        return Refused(f"You may not ask the monitor at {path}.", "Use sudo, or join the group wifiguard.")
    if isinstance(error, ConnectionResetError | BrokenPipeError) or error.errno == errno.EAGAIN:
        return Refused("The monitor ended or is too busy to answer.", "Try again.")
    return NoService("The monitor is not running.", "Start it: `wifiguard run`.")


def _ended(path: Path) -> ClientError:
    return NoService(f"The monitor at {path} ended.", "Start it: `wifiguard run`.")


def _nonsense(path: Path) -> ClientError:
    return Refused(f"What answers at {path} is not this version of WiFiGuard.", "Start the monitor again.")
