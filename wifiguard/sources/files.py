"""Capture files for replay: libpcap's C with the same filter as live, and our own reader for what libpcap refuses."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import cypcap

from wifiguard.sources.bpf import Filter
from wifiguard.sources.savefile import GZIP_MAGIC, TRUNCATED, CaptureError, Packet, packets
from wifiguard.streams import Shunt

# Loopbacks carry the address family in the numbers of the system that captured: libpcap tries them for its own files only.
_LOOPBACKS = (0, 108)

# data, length on the wire, seconds since the epoch, link type (libpcap's DLT number)
Deliver: TypeAlias = Callable[[bytes, int, float, int], None]


class CaptureFile:
    """One capture file: pcap or pcapng, of any byte order and resolution, compressed with gzip or not; "-" is standard input.

    `filtered`: packets that the live filter would drop are skipped in C and not counted. Memory stays flat. A context manager.
    """

    def __init__(self, path: str, *, filtered: bool = True) -> None:
        """Raises CaptureError where nothing of the file can be read."""
        self.count = 0
        self._path = path
        self._filters: dict[int, tuple[Filter, cypcap.BpfProgram]] | None = {} if filtered else None
        self._deliver: Deliver = _nowhere
        self._link_type = -1
        self._handle: cypcap.Pcap | None = None
        self._stream: io.BufferedReader | None = None
        self._packets: Iterator[Packet] = iter(())
        if _libpcap_can(path):
            try:
                self._handle = cypcap.open_offline(path)
                self._link_type = int(self._handle.datalink())
            except (cypcap.Error, ValueError):
                # Why, and whether anything can be read after all, is for our own reader to say.
                self.close()
        if self._handle is None:
            self._read_ourselves()
        elif filtered:
            self._handle.setfilter(self._filter(self._link_type)[1])

    def __enter__(self) -> CaptureFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, deliver: Deliver, limit: int) -> bool:
        """Deliver up to `limit` packets; False once the end is reached. Raises CaptureError where the file breaks."""
        before = self.count
        if self._handle is None:
            return self._read_packets(deliver, limit)
        self._deliver = deliver
        try:
            self._handle.dispatch(limit, self._one)
        except cypcap.Error as error:
            if "truncated" in error.msg:
                raise CaptureError(TRUNCATED) from None
            self.close()
            self._read_ourselves(resume=True)
            return True
        return self.count > before

    def position(self) -> int:
        """How many bytes of the file were taken so far, as it lies on the disk; 0 where nobody knows."""
        try:
            if self._handle is not None:
                return os.lseek(self._handle.get_selectable_fd(), 0, os.SEEK_CUR)
            return self._stream.raw.tell() if self._stream is not None else 0
        except OSError:
            return 0  # a pipe

    def shunt(self, link_type: int, shunts: Iterable[Shunt]) -> None:
        """Skip what these senders send from now on. Nothing happens where the file is read unfiltered."""
        if self._filters is None:
            return
        chosen = self._filter(link_type)[0]
        program = chosen.program(shunts)
        self._filters[link_type] = chosen, program
        if self._handle is not None:
            self._handle.setfilter(program)

    def close(self) -> None:
        """Close the file. May be called twice."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _one(self, header: cypcap.Pkthdr, data: bytes) -> None:
        self.count += 1
        self._deliver(data, header.len, header.ts, self._link_type)

    def _read_packets(self, deliver: Deliver, limit: int) -> bool:
        found = False
        for packet in islice(self._packets, limit):
            found = True
            if self._filters is not None and not self._passes(packet):
                continue
            self.count += 1
            deliver(*packet)
        return found

    def _passes(self, packet: Packet) -> bool:
        if packet.link_type in _LOOPBACKS:
            return True
        header = cypcap.Pkthdr(caplen=len(packet.data), len=packet.wire_length)
        return bool(self._filter(packet.link_type)[1].offline_filter(header, packet.data))

    def _filter(self, link_type: int) -> tuple[Filter, cypcap.BpfProgram]:
        assert self._filters is not None
        known = self._filters.get(link_type)
        if known is None:
            if self._handle is not None:
                made = Filter(self._handle)
            else:
                with cypcap.open_dead(link_type, 65535) as handle:
                    made = Filter(handle)
            known = self._filters[link_type] = made, made.program()
        return known

    def _read_ourselves(self, *, resume: bool = False) -> None:
        try:
            stream = sys.stdin.fileno() if self._path == "-" else self._path
            self._stream = io.BufferedReader(io.FileIO(stream, closefd=self._path != "-"), 1 << 20)
        except OSError as error:
            raise CaptureError(_sentence(error)) from None
        self._packets = packets(self._stream, resume=resume)


def _libpcap_can(path: str) -> bool:
    """Whether libpcap should try: a regular file without compression. A pipe can be read only once."""
    if path == "-":
        return False
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return False
        with Path(path).open("rb") as file:
            return file.read(2) != GZIP_MAGIC
    except OSError as error:
        raise CaptureError(_sentence(error)) from None


def _sentence(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "this is a directory"
    if isinstance(error, PermissionError):
        return "you may not read this file"
    return f"the file can not be read: {error.strerror}"


def _nowhere(data: bytes, wire_length: int, at: float, link_type: int) -> None:
    raise AssertionError("a packet outside `read`")
