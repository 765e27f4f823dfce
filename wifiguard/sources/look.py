"""What only a privileged process can read of this laptop, asked of one: `wifiguard-look@.service`, which lives for a look.

The protocol is a line each way. A question is a word of `READINGS`, with nothing added: whoever takes the monitor over can have
these read, and nothing else done. An answer is a line of JSON: `{"said": ...}`, or `{"failed": ..., "mend": ...}`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO, TypeAlias, TypeVar

from wifiguard.core.text import visible
from wifiguard.sources import SourceUnavailable

# The socket that systemd listens on; only the monitor's user may connect.
SOCKET = Path("/run/wifiguard-look.sock")
# Where root's tools are; not every user's PATH has them.
FOLDERS = "/usr/sbin:/usr/bin:/sbin:/bin"
TIMEOUT = 10.0
# The privileged process has to start first; on a busy laptop that takes a while, and nobody waits but this look.
ANSWER = 60.0
LONGEST = 32 << 20
_QUESTION = 64
OWNERS = "owners"
_TABLES = {"legacy-4": Path("/proc/net/ip_tables_names"), "legacy-6": Path("/proc/net/ip6_tables_names")}
# A word of `READINGS` → what it says.
Reader: TypeAlias = Callable[[str], str]
T = TypeVar("T")

_IPTABLES = tuple(f"{tool}{kind}-save" for tool in ("iptables", "ip6tables") for kind in ("", "-nft", "-legacy"))


def installed(name: str) -> str | None:
    """Where a tool of the system's is."""
    return shutil.which(name, path=FOLDERS)


class Asking:
    """A visit to one privileged process, which is begun by the first question.

    A thread cannot be ended, but what it waits for can: by `end`, from another thread.
    """

    def __init__(self) -> None:
        self._link: socket.socket | None = None
        self._answers: BinaryIO | None = None
        self._ended = False

    def during(self, look: Callable[[], T]) -> T:
        """A look, with every `reader` in it on this visit; blocks.

        To be called by a thread with a context of its own, as `asyncio.to_thread` makes one.
        """
        _asking.set(self)
        with closing(self):
            return look()

    def end(self) -> None:
        """Nobody waits any more: what is being asked, and what would be asked, is answered by SourceUnavailable at once."""
        self._ended = True
        if (link := self._link) is not None:
            # The visit may be over in this moment.
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def read(self, reading: str) -> str:
        """Ask for one of `READINGS`."""
        try:
            link, answers = self._begin()
            link.sendall(reading.encode() + b"\n")
            told = json.loads(answers.readline(2 * LONGEST))
            if isinstance(said := told.get("said"), str):
                return said
            reason, mend = str(told.get("failed")), told.get("mend")
        except (OSError, ValueError, AttributeError, RecursionError) as error:
            # An answer that comes late must not be taken for the next one's.
            self.close()
            reason = f"what root alone may read was not answered ({type(error).__name__})"
            raise SourceUnavailable(reason, "systemctl status 'wifiguard-look*'") from error
        raise SourceUnavailable(visible(reason, 300), mend if isinstance(mend, str) else None)

    def close(self) -> None:
        """The visit is over; another question begins a new one."""
        for each in (self._answers, self._link):
            if each is not None:
                each.close()
        self._answers = self._link = None

    def _begin(self) -> tuple[socket.socket, BinaryIO]:
        if self._link is None or self._answers is None:
            self._link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._link.settimeout(ANSWER)
            self._link.connect(str(SOCKET))
            self._answers = self._link.makefile("rb")
        if self._ended:
            raise SourceUnavailable("nobody waits for this look any more")
        return self._link, self._answers


_asking: ContextVar[Asking | None] = ContextVar("_asking", default=None)


@contextmanager
def reader() -> Iterator[Reader]:
    """Read some of `READINGS`: in this process, or in one privileged process for all of a look if there is one to ask.

    What it gives blocks, and raises SourceUnavailable.
    """
    if not asked_elsewhere():
        yield lambda reading: READINGS[reading]()
    elif (asking := _asking.get()) is not None:
        yield asking.read
    else:
        with closing(Asking()) as asking:
            yield asking.read


def asked_elsewhere() -> bool:
    """Whether there is a privileged process to ask, and this one may ask it."""
    return os.geteuid() != 0 and os.access(SOCKET, os.W_OK)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the questions end: the whole of the privileged process."""
    while question := questions.readline(_QUESTION):
        word = question.decode("ascii", "replace").strip()
        told: dict[str, str | None]
        try:
            told = {"said": READINGS[word]()} if word in READINGS else {"failed": "this cannot be read", "mend": None}
        except SourceUnavailable as state:
            told = {"failed": state.reason, "mend": state.mend}
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()


def _tool(name: str, *arguments: str) -> str:
    """What a tool says."""
    path = installed(name)
    if path is None:
        raise SourceUnavailable(
            f"the firewall's rules cannot be read: {name} is not installed",
            "Install the packages nftables and iptables.",
        )
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, timeout=TIMEOUT, env={"LC_ALL": "C", "PATH": FOLDERS}, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SourceUnavailable(f"the firewall's rules cannot be read: {name}: {type(error).__name__}") from error
    said = done.stderr.decode("utf-8", "replace")
    if "not permitted" in said or "Permission denied" in said:
        raise _not_root()
    if done.returncode or len(done.stdout) > LONGEST:
        raise SourceUnavailable(f"the firewall's rules cannot be read: {name} failed ({visible(said.strip(), 120)})")
    return done.stdout.decode("utf-8", "replace")


def _table(path: Path) -> str:
    """Which tables iptables-legacy has made; empty where the kernel has none of it."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _not_root() from error


def _owners() -> str:
    """JSON: the inode of every listening socket → who has it, and of SSH whether it takes passwords."""
    # Imported here: the other readings do without, in a process that lives for one of them.
    from msgspec.structs import asdict

    from wifiguard.core.services import service_of
    from wifiguard.sources.owners import Owners
    from wifiguard.sources.sockets import listeners
    from wifiguard.sources.sshd import takes_passwords

    try:
        waiting = listeners()
    except OSError as error:
        raise SourceUnavailable(f"the kernel does not tell who listens: {error.strerror or error}") from error
    processes = Owners(alone=True).of(waiting)
    told = {}
    for listener in waiting:
        process = processes[listener.inode]
        service = service_of(listener.transport, listener.port, process.owner.program)
        passwords = takes_passwords(process) if service is not None and service.id == "ssh" else None
        told[listener.inode] = {**asdict(process.owner), "passwords": passwords}
    return json.dumps(told)


def _not_root() -> SourceUnavailable:
    return SourceUnavailable("only root can read the firewall's rules", "Run it as root: `sudo wifiguard scan`.")


def _save(tool: str) -> Callable[[], str]:
    return lambda: _tool(tool)


def names(path: Path) -> Callable[[], str]:
    """A reading of a table of names."""
    return lambda: _table(path)


READINGS: dict[str, Callable[[], str]] = {
    "nft": lambda: _tool("nft", "-j", "list", "ruleset"),
    **{tool: _save(tool) for tool in _IPTABLES},
    **{name: names(path) for name, path in _TABLES.items()},
    OWNERS: _owners,
}


def main() -> None:
    """The program that systemd starts."""
    # Whoever asked may have gone before the answer was written, or read: an end like any other.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    with suppress(ConnectionResetError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
