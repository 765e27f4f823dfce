"""Live capture on devices of private network namespaces; each namespace goes with the thread that made it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet

from tests.sources.cables import Ears, alone, cable, ended, ip, links, running, until, wire
from wifiguard.core.host import CaptureLoss, LinkKind
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources import capture, tap
from wifiguard.sources.bpf import SHUNTS
from wifiguard.sources.capture import Capture
from wifiguard.streams import Counts, Shunt

pytestmark = [pytest.mark.root, pytest.mark.rig("ip")]

ETHER = Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:00:02")
V4 = IP(src="192.0.2.7", dst="198.51.100.9")
BULK = b"\x17\x03\x03\x40\x00" + b"b" * 600


class FakeStreams:
    """Keeps what it is given; a test moves its deadline and its shunts."""

    made: list[FakeStreams]

    def __init__(
        self, emit: Callable[[Observation], None], link_type: int, *, tunnelled: bool = False, trust: object = None
    ) -> None:
        self.link_type, self.tunnelled = link_type, tunnelled
        self.counts = Counts()
        self.packets: list[tuple[bytes, Seen, int]] = []
        self.advanced: list[float] = []
        self.due: float | None = None
        self.shunted: tuple[Shunt, ...] = ()
        self.shunts_version = 0
        self.reshunt_each_time = False
        self.finished = 0
        self.defect: Exception | None = None
        self.made.append(self)

    def packet(self, data: bytes, seen: Seen, wire_length: int) -> None:
        if self.defect:
            raise self.defect
        self.counts.packets += 1
        self.counts.bytes += wire_length
        self.packets.append((bytes(data), seen, wire_length))
        self.shunts_version += self.reshunt_each_time

    def settled(self, data: bytes, wire_length: int) -> bool:
        return False

    def deadline(self) -> float | None:
        return self.due

    def advance(self, tick: float) -> None:
        self.advanced.append(tick)
        self.due = None

    def shunts(self) -> tuple[Shunt, ...]:
        return self.shunted

    def finish(self) -> None:
        self.finished += 1


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[FakeStreams]:
    FakeStreams.made = []
    monkeypatch.setattr(tap, "Streams", FakeStreams)
    monkeypatch.setattr(tap, "GATHER", 0.01)
    return FakeStreams.made


def test_packets_reach_the_streams_and_noise_does_not(
    made: list[FakeStreams], capfd: pytest.CaptureFixture[str]
) -> None:
    async def body() -> None:
        ears, source = Ears(), Capture()
        with running(source, ears) as task, wire() as send:
            source.follow(links())
            await until(lambda: ears.dones(), "a first report")
            syn = bytes(ETHER / V4 / TCP(flags="S"))
            answer = bytes(ETHER / ARP(op=2, hwsrc="02:00:00:00:00:02", psrc="192.0.2.7"))
            tagged = bytes(ETHER / Dot1Q(vlan=7) / V4 / TCP(flags="PA") / b"GET / HTTP/1.1\r\n\r\n")
            for packet in (
                syn,
                ETHER / V4 / TCP(flags="A"),
                answer,
                ETHER / Dot1Q(vlan=7) / V4 / TCP(flags="A"),
                tagged,
            ):
                send(packet)
            (streams,) = made
            await until(lambda: len(streams.packets) >= 3, "three packets")
            assert [data for data, _, _ in streams.packets] == [syn, answer, tagged]
            assert [length for _, _, length in streams.packets] == [len(syn), len(answer), len(tagged)]
            for _, seen, _ in streams.packets:
                assert (seen.interface, seen.network, seen.frame) == ("v0", None, None)
                assert abs(seen.at - time.time()) < 5
                assert abs(seen.tick - time.clock_gettime(time.CLOCK_BOOTTIME)) < 5
            assert (streams.link_type, streams.tunnelled) == (1, False)
            assert source.status() == {
                "v0": {"packets": 3, "bytes": len(syn) + len(answer) + len(tagged), "dropped": 0, "malformed": 0}
            }
            await ended(task)
            assert streams.finished == 1
            assert source.status()["v0"]["packets"] == 3
        assert ears.dones() == [(True, "", None)]

    alone(body)
    assert capfd.readouterr() == ("", "")


def test_an_interface_is_followed_down_up_renamed_and_away(made: list[FakeStreams]) -> None:
    async def body() -> None:
        ears, source = Ears(), Capture()
        syn = bytes(ETHER / V4 / TCP(flags="S"))
        with running(source, ears) as task:
            source.follow(links())
            await until(lambda: len(made) == 1, "a capture")
            ip("link set v0 down")
            source.follow(links())
            await until(lambda: source.status() == {}, "the capture's end")
            ip("link set v0 up")
            source.follow(links())
            await until(lambda: "v0" in source.status(), "a new capture")
            with wire() as send:
                send(syn)
                await until(lambda: made[1].packets, "a packet after up")
                ip("link set v0 name new0")
                source.follow(links(former={"new0": "v0"}))
                await until(lambda: list(source.status()) == ["new0"], "the new name")
                send(syn)
                await until(lambda: len(made[1].packets) == 2, "a packet after the renaming")
            assert [seen.interface for _, seen, _ in made[1].packets] == ["v0", "new0"]
            ip("link del new0")
            # The news of it comes later than what the socket says.
            await asyncio.sleep(0.05)
            source.follow(links())
            await until(lambda: source.status() == {}, "the capture's end")
            await asyncio.sleep(2 * capture.SETTLE)
            cable()
            source.follow(links())
            await until(lambda: "v0" in source.status(), "a capture of its successor")
            await ended(task)
        assert [streams.finished for streams in made] == [1, 1, 1]
        assert ears.dones() == [(True, "", None)]

    alone(body)


def test_a_capture_that_breaks_is_said_and_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(capture, "SETTLE", 0.0)

    async def body() -> None:
        ears, source = Ears(), Capture()
        present = links()
        index = next(link.index for link in present if link.name == "v0")
        with running(source, ears) as task:
            source.follow(present)
            await until(lambda: ears.dones(), "a first report")
            ip("link del v0")
            await until(lambda: len(ears.dones()) == 2, "a failure")
            ip(f"link add v0 index {index} type veth peer name v1")
            ip("link set v0 up")
            await until(lambda: ears.dones()[-1][0], "the recovery")
            await ended(task)
        told = ears.dones()
        assert (told[0], told[1], told[-1]) == (
            (True, "", None),
            (False, "v0: The interface disappeared", None),
            (True, "", None),
        )
        # A try in between, while the interface was not there, changes the reason.
        assert set(told[2:-1]) <= {(False, "v0: No such device exists", None)}

    alone(body)


def test_a_named_interface_is_captured_whatever_its_kind_and_a_missing_one_is_said(made: list[FakeStreams]) -> None:
    async def body() -> None:
        ears, source = Ears(), Capture(["v1", "wlan9"])
        with running(source, ears) as task:
            source.follow(links())
            await until(lambda: ears.dones(), "a report")
            assert list(source.status()) == ["v1"]
            ip("link add wlan9 type veth peer name v2")
            source.follow(links())
            await until(lambda: len(ears.dones()) == 2, "a report without complaint")
            await ended(task)
        mend = "name one that exists, or none to watch all that are active"
        reason = "there is no interface called wlan9; there are: lo, v0, v1"
        assert ears.dones() == [(False, reason, mend), (True, "", None)]

    alone(body)


def test_a_tunnel_is_marked_and_raw(made: list[FakeStreams]) -> None:
    async def body() -> None:
        with tun("tun7") as device:
            ip("link set tun7 up")
            ears, source = Ears(), Capture()
            with running(source, ears) as task:
                source.follow([link for link in links(LinkKind.VPN) if link.name == "tun7"])
                await until(lambda: made, "a capture")
                packet = bytes(IPv6(src="2001:db8::7", dst="2001:db8::9") / TCP(flags="S"))
                os.write(device, packet)
                await until(lambda: made[0].packets, "a packet")
                assert made[0].packets[0][0] == packet
                assert (made[0].link_type, made[0].tunnelled) == (12, True)
                await ended(task)

    alone(body)


def test_a_cooked_device_filters_in_the_kernel(made: list[FakeStreams], capfd: pytest.CaptureFixture[str]) -> None:
    """libpcap rewrites every offset of the program for such a device, the shunts' too (PPP is one)."""

    async def body() -> None:
        with tun("tun8", hardware=512) as device:
            ip("link set tun8 up")
            ears, source = Ears(), Capture()
            with running(source, ears) as task:
                source.follow([link for link in links(LinkKind.VPN) if link.name == "tun8"])
                await until(lambda: made, "a capture")
                (streams,) = made
                assert streams.link_type == 113
                await shunting(streams, lambda packet: os.write(device, bytes(packet)) and None, lambda p: p)
                await ended(task)

    alone(body)
    assert capfd.readouterr() == ("", "")


def test_shunts_reach_the_kernel(made: list[FakeStreams], capfd: pytest.CaptureFixture[str]) -> None:
    async def body() -> None:
        ears, source = Ears(), Capture()
        with running(source, ears) as task, wire() as send:
            source.follow(links())
            await until(lambda: made, "a capture")
            await shunting(made[0], send, lambda packet: ETHER / packet)
            await shunting(made[0], send, lambda packet: ETHER / Dot1Q(vlan=7) / packet)
            await ended(task)

    alone(body)
    assert capfd.readouterr() == ("", "")


def test_filters_fit_into_an_older_kernel(made: list[FakeStreams], capfd: pytest.CaptureFixture[str]) -> None:
    """Before Linux 6.8 a socket had 20 KB for them: libpcap would say that it has to filter by itself, and change nothing."""

    async def body() -> None:
        limit = Path("/proc/sys/net/core/optmem_max")
        # Since 6.9 each namespace has its own; before that it is not seen here, and is what it is.
        if limit.exists():
            limit.write_text("20480")
        ears, source = Ears(), Capture()
        with running(source, ears) as task, wire() as send:
            source.follow(links())
            await until(lambda: made, "a capture")
            streams = made[0]
            for turn in range(2):
                streams.shunted = tuple(Shunt(bytes([203, 0, turn, i]) * 4, 443, i, "tcp") for i in range(SHUNTS - 1))
                streams.shunted += (Shunt(bytes([192, 0, 2, 7]), 443, 80, "tcp"),)
                streams.shunts_version += 1
                streams.packets.clear()
                send(ETHER / V4 / TCP(flags="S"))
                await until(lambda: streams.packets, "a packet")
                await asyncio.sleep(2 * tap.REFILTER)
                streams.packets.clear()
                send(ETHER / V4 / TCP(sport=443, flags="A") / BULK)
                send(ETHER / V4 / TCP(flags="S"))
                await until(lambda: streams.packets, "what begins")
                assert len(streams.packets) == 1
            assert ears.dones() == [(True, "", None)]
            await ended(task)

    alone(body)
    assert capfd.readouterr() == ("", "")


async def shunting(streams: FakeStreams, send: Callable[[Packet], None], framed: Callable[[Packet], Packet]) -> None:
    """Bulk passes, then a shunt drops it and nothing else, then it passes again."""
    bulk = framed(V4 / TCP(sport=443, flags="A") / BULK)
    mark = framed(V4 / TCP(flags="S", seq=1))

    async def passes(packet: Packet) -> bool:
        streams.packets.clear()
        send(packet)
        send(mark)
        await until(lambda: any(bytes(V4 / TCP(flags="S", seq=1)) in data for data, _, _ in streams.packets), "a mark")
        return any(BULK in data for data, _, _ in streams.packets)

    async def changed(shunts: tuple[Shunt, ...]) -> None:
        streams.shunted = shunts
        streams.shunts_version += 1
        send(mark)
        await asyncio.sleep(2 * tap.REFILTER)

    assert await passes(bulk)
    await changed((Shunt(bytes([192, 0, 2, 7]), 443, 80, "tcp"),))
    assert not await passes(bulk)
    assert await passes(framed(V4 / TCP(sport=444, flags="A") / BULK))
    await changed(())
    assert await passes(bulk)


def test_changing_the_filter_under_load_loses_nothing(made: list[FakeStreams], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tap, "REFILTER", 0.01)
    changes: list[float] = []
    set_filter = tap.Tap._set_filter

    def counted(self: tap.Tap) -> None:
        changes.append(time.monotonic())
        set_filter(self)

    monkeypatch.setattr(tap.Tap, "_set_filter", counted)
    monkeypatch.setattr(tap, "LOSS_EVERY", 0.05)
    total = 40_000

    async def body() -> None:
        ears, source = Ears(), Capture()
        with running(source, ears) as task:
            source.follow(links())
            await until(lambda: made, "a capture")
            streams = made[0]
            streams.reshunt_each_time = True
            streams.shunted = tuple(Shunt(bytes([203, 0, 113, i]), 443, 80, "tcp") for i in range(32))
            # Another process: in ours no packet would leave while the filter is being changed.
            head = bytes(ETHER / V4 / TCP(flags="PA") / b"....")[:-4]
            flood = subprocess.Popen([sys.executable, "-c", FLOOD, head.hex(), str(total)])
            await until(lambda: flood.poll() == 0, "the sender's end")

            # A busy machine may be too slow for the ring, and counts what it drops there; what a filter drops, nobody counts.
            def dropped() -> int:
                return sum(obs.dropped for obs in ears.heard if isinstance(obs, CaptureLoss))

            await until(lambda: len(streams.packets) + dropped() >= total, "an account of every packet")
            numbers = [struct.unpack("!I", data[-4:])[0] for data, _, _ in streams.packets]
            await ended(task)
            assert len(changes) > 20
            assert len(numbers) + dropped() == total
            assert numbers == sorted(set(numbers))
            assert dropped() < total / 2

    alone(body)


FLOOD = """
import socket, struct, sys, time
head = bytes.fromhex(sys.argv[1])
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
    raw.bind(("v1", 0))
    for number in range(int(sys.argv[2])):
        raw.send(head + struct.pack("!I", number))
        if number % 64 == 0:
            time.sleep(0.0005)  # no overload: what is lost must be the filter's doing
"""


def test_what_the_kernel_drops_is_said(made: list[FakeStreams], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tap, "LOSS_EVERY", 0.05)
    monkeypatch.setattr(tap, "ring_size", lambda _: 1 << 20)

    async def body() -> None:
        ears, source = Ears(), Capture()
        with running(source, ears) as task, wire() as send:
            source.follow(links())
            await until(lambda: made, "a capture")
            big = bytes(ETHER / V4 / TCP(flags="PA") / (b"x" * 1400))
            for _ in range(5000):  # nobody reads meanwhile
                send(big)
            await until(lambda: any(isinstance(obs, CaptureLoss) for obs in ears.heard), "a report of the loss")
            await until(lambda: len(made[0].packets) + source.status()["v0"]["dropped"] == 5000, "the whole account")
            await ended(task)
            losses = [obs for obs in ears.heard if isinstance(obs, CaptureLoss)]
            assert sum(loss.dropped for loss in losses) == source.status()["v0"]["dropped"] > 1000
            assert sum(loss.received for loss in losses) <= 5000
            assert {loss.interface for loss in losses} == {"v0"}

    alone(body)


def test_time_passes_in_silence_too(made: list[FakeStreams]) -> None:
    async def body() -> None:
        ears, source = Ears(), Capture()
        with running(source, ears) as task, wire() as send:
            source.follow(links())
            await until(lambda: made, "a capture")
            made[0].due = due = time.clock_gettime(time.CLOCK_BOOTTIME) + 0.2
            send(ETHER / V4 / TCP(flags="S"))
            await until(lambda: made[0].advanced, "the deadline")
            assert due - 0.01 <= made[0].advanced[0] <= due + 2
            await ended(task)

    alone(body)


def test_a_defect_in_decoding_reaches_the_supervisor(made: list[FakeStreams]) -> None:
    async def body() -> None:
        ears, source = Ears(), Capture()
        with running(source, ears) as task, wire() as send:
            source.follow(links())
            await until(lambda: made, "a capture")
            made[0].defect = RuntimeError("a defect")
            send(ETHER / V4 / TCP(flags="S"))
            with pytest.raises(RuntimeError, match="a defect"):
                await task

    alone(body)


NO_PERMISSION = """
import asyncio, sys
from wifiguard.core.host import LinkKind, LinkState
from wifiguard.core.observation import Seen
from wifiguard.sources import SourceUnavailable
from wifiguard.sources.bpf import SHUNTS
from wifiguard.sources.capture import Capture

class Sink:
    def emit(self, obs): print("emitted", obs)
    def seen(self, interface="", at=None): return Seen(0.0, 0.0)

async def main():
    source = Capture()
    source.follow([LinkState(Seen(0.0, 0.0), 1, "lo", LinkKind.WIRED, up=True)])
    try:
        await source.run(Sink())
    except SourceUnavailable as state:
        print(state.reason, "|", state.mend)

asyncio.run(main())
"""


@pytest.mark.rig("setpriv")
def test_without_permission_one_sentence_says_so() -> None:
    drop = ["setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin"]
    done = subprocess.run([*drop, sys.executable, "-c", NO_PERMISSION], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == (
        "packets can't be captured without root | run it with sudo, or as the system service\n",
        "",
    )


@contextmanager
def tun(name: str, hardware: int | None = None) -> Iterator[int]:
    """A tun device without packet information; `hardware`: its ARPHRD number (linux/if_tun.h)."""
    set_device, set_hardware = 0x400454CA, 0x400454CD
    device = os.open("/dev/net/tun", os.O_RDWR)
    try:
        fcntl.ioctl(device, set_device, struct.pack("16sH22x", name.encode(), 0x1001))
        if hardware is not None:
            fcntl.ioctl(device, set_hardware, hardware)
        yield device
    finally:
        os.close(device)
