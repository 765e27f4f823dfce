"""What is fuzzed: bytes in, no exception out, nothing kept, no packet that takes long.

Every target takes one input: `run.py` feeds them with coverage as its guide, `test_inputs.py` with what that found.
"""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
import time
from collections.abc import Callable, Iterator
from functools import partial

from tests.streams.handshakes import NOW, ROOT
from tests.streams.talking import ETHERNET, FLOW, ME, SERVER, Conversation, Ears, datagram, ether, seen
from tests.streams.test_quic import protected
from wifiguard import decode
from wifiguard.core.observation import Observation
from wifiguard.core.tls import Roots
from wifiguard.decode.bad import Bad
from wifiguard.decode.certificates import Authorities
from wifiguard.sources.savefile import CaptureError, packets
from wifiguard.streams import Streams, supported

LINK_TYPES = (ETHERNET, *(link for link in range(2, 300) if supported(link)), 0)
AUTHORITIES = Authorities(Roots((ROOT.der,), (), NOW))
# Seconds that one packet may take: the project's bound is 0.05, and a busy machine or the garbage collector may add to it.
# `run.py` allows for its own instrumentation.
slowest = 0.2


def frames(data: bytes) -> None:
    """A link type, then frames: each behind its length and the time that passes before it."""
    if not data:
        return
    told: list[Observation] = []
    streams = Streams(told.append, LINK_TYPES[data[0] % len(LINK_TYPES)])
    tick = 0.0
    for pause, frame in _pieces(data[1:]):
        tick += pause / 64
        _timed(partial(streams.packet, frame, seen(tick), len(frame)))
    streams.finish()
    assert streams.held == 0


def conversation(data: bytes) -> None:
    """A server's port, then what two ends say over TCP: the lowest bit of each pause tells whose turn it is."""
    if len(data) < 2:
        return
    talk = Conversation(FLOW._replace(server_port=int.from_bytes(data[:2], "big")))
    ears = Ears(ETHERNET).hear(map(ether, talk.open()))
    for pause, said in _pieces(data[2:]):
        ears.at(ears.tick + (pause >> 1) / 64)
        (packet,) = (talk.client if pause & 1 else talk.server)(said)
        _timed(partial(ears.hear, ether(packet)))
    ears.finish()
    assert ears.streams.held == 0


def datagrams(data: bytes) -> None:
    """A server's port, then what two ends send each other over UDP, as in `conversation`."""
    if len(data) < 2:
        return
    port = int.from_bytes(data[:2], "big")
    ears = Ears(ETHERNET)
    for pause, said in _pieces(data[2:]):
        ears.at(ears.tick + (pause >> 1) / 64)
        ends = (ME, 40000, SERVER, port) if pause & 1 else (SERVER, port, ME, 40000)
        _timed(partial(ears.hear, ether(datagram(*ends, said))))
    ears.finish()


def decoders(data: bytes) -> None:
    """Which of the decoders' functions that take bytes and nothing else, then its bytes."""
    if not data:
        return
    try:
        _timed(partial(READERS[data[0] % len(READERS)], data[1:]))
    except Bad:
        pass


def chains(data: bytes) -> None:
    """Certificates, the server's own first."""
    chain = [der for _, der in _pieces(data)]
    if chain:
        _timed(partial(AUTHORITIES.judge, chain, NOW))


def initials(data: bytes) -> None:
    """Frames of a QUIC client's first packets, properly protected."""
    ears = Ears(ETHERNET)
    for number, (_, frames) in enumerate(_pieces(data)):
        packet = protected(1, bytes(8), number, frames[:1400])
        _timed(partial(ears.hear, ether(datagram(ME, 40000, SERVER, 443, packet))))
    ears.finish()


def files(data: bytes) -> None:
    """A capture file."""
    try:
        for _ in packets(io.BufferedReader(io.BytesIO(data))):  # type: ignore[arg-type]
            pass
    except CaptureError:
        pass


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (conversation, datagrams, frames, decoders, chains, initials, files)
}


def _readers() -> Iterator[Callable[[bytes], object]]:
    for found in pkgutil.iter_modules(decode.__path__, "wifiguard.decode."):
        module = importlib.import_module(found.name)
        for name, value in sorted(vars(module).items()):
            if inspect.isfunction(value) and value.__module__ == found.name and not name.startswith("_"):
                kinds = [parameter.annotation for parameter in inspect.signature(value).parameters.values()]
                if kinds == ["bytes"]:
                    yield value


READERS = list(_readers())


def _pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 3 <= len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        yield data[at + 2], data[at + 3 : at + 3 + size]
        at += 3 + size


def _timed(act: Callable[[], object]) -> None:
    began = time.process_time()
    act()
    took = time.process_time() - began
    assert took <= slowest, f"{took:.3f} s for one packet"
