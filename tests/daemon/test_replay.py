"""Replay: files in, lines out."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from tests.sources.savefiles import interface, packet, pcap, section
from wifiguard.core.host import ProbeAnswer
from wifiguard.core.messages import DnsMessage, HttpRequest
from wifiguard.core.observation import Observation
from wifiguard.core.policy import Decision
from wifiguard.core.rule import AskProbe, Cleared, Detector, Evidence, Kind, Output, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.daemon.replay import DAY, PacketClock, replay_file, replay_files

TEXT = Text("title", "why", ("advice",))
LEVELS = dict.fromkeys((Severity.HIGH, Severity.LOW), TEXT)
NAMES = Rule("names", Kind.EVENT, LEVELS)
QUIET = Rule("quiet", Kind.EVENT, LEVELS)
BROKEN = Rule("broken", Kind.EVENT, LEVELS)


class Name(Evidence, frozen=True):
    name: str


class Names(Detector):
    """Every name asked for or visited, worse if it was visited; "over.example" ends what "first.example" began."""

    rule = NAMES
    inputs = (DnsMessage, HttpRequest)

    def observe(self, obs: Observation) -> Iterable[Output]:
        if isinstance(obs, HttpRequest):
            yield self.found(obs, Severity.HIGH, (obs.host or "",), Name(obs.host or ""))
        elif isinstance(obs, DnsMessage) and not obs.response:
            name = obs.questions[0].name
            if name == "over.example":
                yield Cleared("names", obs.seen, ("first.example",))
            yield self.found(obs, Severity.LOW, (name,), Name(name))


class Quiet(Detector):
    """Nothing for five seconds after a message; then asks what a file can't answer, and tells what came of it."""

    rule = QUIET
    inputs = (DnsMessage, ProbeAnswer)

    def __init__(self) -> None:
        self._last: Observation | None = None

    def observe(self, obs: Observation) -> Iterable[Output]:
        if isinstance(obs, ProbeAnswer):
            yield AskProbe("quiet", "again", obs.seen)
            yield self.found(obs, Severity.LOW, ("silence", str(int(obs.tick))), Name(obs.failed))
        else:
            self._last = obs

    def deadline(self) -> float | None:
        return None if self._last is None else self._last.tick + 5.0

    def on_time(self, due: float) -> Iterable[Output]:
        assert self._last is not None
        last, self._last = self._last, None
        yield AskProbe("quiet", "anybody", last.seen)


class Broken(Detector):
    rule = BROKEN
    inputs = (DnsMessage,)

    def observe(self, obs: Observation) -> Iterable[Output]:
        raise RuntimeError("a defect")


def names() -> list[Detector]:
    return [Names()]


def render(decision: Decision) -> dict[str, object]:
    problem = decision.problem
    assert isinstance(problem.evidence, Name)
    return {
        "state": str(decision.state),
        "severity": str(problem.severity),
        "name": problem.evidence.name,
        "count": problem.count,
    }


def found(state: str, name: str, severity: str = "low", count: int = 1, frame: int | None = None) -> dict[str, object]:
    return {"state": state, "severity": severity, "name": name, "count": count, "frame": frame}


ETHER = Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02")


def ask(name: str, port: int = 40000) -> bytes:
    query = DNS(id=7, qd=DNSQR(qname=name))
    return bytes(ETHER / IP(src="192.0.2.7", dst="192.0.2.1") / UDP(sport=port, dport=53) / query)


def visit(name: str, port: int = 50000) -> list[bytes]:
    """The segments of one HTTP request."""
    client, server = IP(src="192.0.2.7", dst="198.51.100.9"), IP(src="198.51.100.9", dst="192.0.2.7")
    request = f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode()
    segments: list[Packet] = [
        client / TCP(sport=port, dport=80, flags="S", seq=100),
        server / TCP(sport=80, dport=port, flags="SA", seq=500, ack=101),
        client / TCP(sport=port, dport=80, flags="A", seq=101, ack=501),
        client / TCP(sport=port, dport=80, flags="PA", seq=101, ack=501) / request,
    ]
    return [bytes(ETHER / segment) for segment in segments]


def written(tmp_path: Path, *frames: bytes, start: float = 1000.0, step: float = 0.1, name: str = "file.pcap") -> str:
    path = tmp_path / name
    path.write_bytes(pcap(*((start + step * number, frame) for number, frame in enumerate(frames))))
    return str(path)


def without_file(lines: Iterable[dict[str, object]], path: str) -> list[dict[str, object]]:
    out = []
    for line in lines:
        assert line.pop("file") == path
        out.append(line)
    return out


def capture(**changes: object) -> dict[str, object]:
    empty = {
        "schema": 1,
        "type": "capture",
        "packets": 0,
        "bytes": 0,
        "first": None,
        "last": None,
        "protocols": {},
        "nonstandard": [],
        "malformed": 0,
        "error": None,
    }
    return {**empty, **changes}


def test_findings_then_repeats_then_the_capture(tmp_path: Path) -> None:
    frames = [ask("first.example"), ask("second.example"), ask("first.example"), *visit("second.example")]
    path = written(tmp_path, *frames)
    lines = without_file(replay_file(path, names, render), path)
    assert lines == [
        found("new", "first.example"),
        found("new", "second.example"),
        found("escalated", "second.example", "high", 2),
        found("repeat", "first.example", count=2),
        capture(
            packets=6,  # all but the bare acknowledgement
            bytes=sum(map(len, frames)) - len(frames[5]),
            first="1970-01-01T00:16:40.000000Z",
            last="1970-01-01T00:16:40.600000Z",
            protocols={"dns": 3, "http": 1},
        ),
    ]


def test_frames_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    frames = [ask("first.example"), *visit("second.example"), ask("first.example"), ask("third.example")]
    path = written(tmp_path, *frames)
    lines = without_file(replay_file(path, names, render, frames=True), path)
    assert lines[:-1] == [
        found("new", "first.example", frame=1),
        found("new", "second.example", "high", frame=5),
        found("new", "third.example", frame=7),
        found("repeat", "first.example", count=2, frame=6),
    ]
    assert (lines[-1]["packets"], lines[-1]["bytes"]) == (7, sum(map(len, frames)))


def test_what_a_rule_clears_is_resolved(tmp_path: Path) -> None:
    path = written(tmp_path, ask("first.example"), ask("over.example"), ask("first.example"))
    lines = without_file(replay_file(path, names, render), path)
    assert lines[:-1] == [
        found("new", "first.example"),
        found("resolved", "first.example"),
        found("new", "over.example"),
        found("new", "first.example", count=2),
    ]


def test_timers_run_on_packet_time_and_to_the_end_and_probes_fail(tmp_path: Path) -> None:
    path = tmp_path / "file"
    times = (1000.0, 1001.0, 1010.0)
    path.write_bytes(pcap(*((at, ask("first.example")) for at in times)))
    lines = without_file(replay_file(str(path), lambda: [Quiet()], render), str(path))
    assert lines[:-1] == [found("new", "a capture file answers nothing")] * 2


def test_a_rule_with_a_defect_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    path = written(tmp_path, ask("first.example"), ask("second.example"))
    lines = without_file(replay_file(path, lambda: [Broken(), Names()], render), path)
    assert lines[:-1] == [
        {
            "schema": 1,
            "type": "not_checked",
            "what": "broken",
            "reason": "a defect in this rule stopped it (RuntimeError)",
            "mend": "report it with the output of `wifiguard selftest`; a restart tries the rule again",
        },
        found("new", "first.example"),
        found("new", "second.example"),
    ]


def test_every_file_has_its_capture_line_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    whole = Path(written(tmp_path, ask("first.example"), ask("second.example"))).read_bytes()
    half = tmp_path / "half"
    half.write_bytes(whole[:-3])
    text = tmp_path / "text"
    text.write_bytes(b"not a capture")
    usb = tmp_path / "usb"
    usb.write_bytes(pcap((1000.0, b"x" * 64), link_type=189))
    missing = str(tmp_path / "missing")
    first = ask("first.example")
    at = "1970-01-01T00:16:40.000000Z"

    def only(path: Path | str) -> list[dict[str, object]]:
        return without_file(replay_file(str(path), names, render), str(path))

    cut = "the file is cut off in the middle of a packet; what comes before was read"
    read = capture(packets=1, bytes=len(first), first=at, last=at, protocols={"dns": 1}, error=cut)
    assert only(half) == [found("new", "first.example"), read]
    assert only(text) == [capture(error="this is not a capture file (pcap or pcapng)")]
    assert only(usb) == [capture(error="packets of an unknown link type were left out (189)")]
    assert only(missing) == [capture(error="there is no such file")]


def test_links_of_several_kinds_share_one_world(tmp_path: Path) -> None:
    raw = section() + interface(1) + interface(101) + interface(147)
    raw += packet(ask("first.example"), 1000.0) + packet(ask("first.example")[14:], 1001.0, 1) + packet(b"x" * 40, 0, 2)
    path = tmp_path / "file.pcapng"
    path.write_bytes(raw)
    lines = without_file(replay_file(str(path), names, render), str(path))
    assert lines[:-1] == [found("new", "first.example"), found("repeat", "first.example", count=2)]
    assert lines[-1]["protocols"] == {"dns": 2}
    assert lines[-1]["error"] == "packets of an unknown link type were left out (147)"


def test_an_arp_flood_is_no_wonder(tmp_path: Path) -> None:
    frames = [bytes(ETHER / ARP(op=2, hwsrc="02:00:00:00:00:02", psrc="192.0.2.1"))] * 1000
    path = written(tmp_path, *frames, ask("first.example"))
    lines = without_file(replay_file(path, names, render), path)
    assert lines[0] == found("new", "first.example")
    assert lines[1]["protocols"] == {"arp": 1000, "dns": 1}


@pytest.fixture
def many(tmp_path: Path) -> list[str]:
    """Files of several sorts, some broken."""
    out = [written(tmp_path, *[ask(f"n{i}.example")] * i, *visit("v.example"), name=f"{i}.pcap") for i in range(1, 7)]
    (tmp_path / "text").write_bytes(b"not a capture")
    return [*out[:3], str(tmp_path / "text"), str(tmp_path / "missing"), *out[3:], out[0]]


def test_the_lines_are_the_same_however_many_processes(many: list[str]) -> None:
    alone = [line for path in many for line in replay_file(path, names, render)]
    assert len(alone) > 20
    for jobs in (1, 2, 5, 50):
        assert list(replay_files(many, names, render, jobs=jobs)) == alone


def killed(decision: Decision) -> dict[str, object]:
    if isinstance(decision.problem.evidence, Name) and decision.problem.evidence.name == "n3.example":
        os.kill(os.getpid(), signal.SIGKILL)
    return render(decision)


def test_a_killed_process_takes_one_file_with_it(many: list[str]) -> None:
    expected: list[dict[str, object]] = []
    for path in many:
        if path.endswith("3.pcap"):
            expected.append(capture(file=path, error="the process that read this file was killed"))
        else:
            expected += replay_file(path, names, render)
    assert list(replay_files(many, names, killed, jobs=3)) == expected


def test_nobody_waits_for_the_files_that_nobody_reads(many: list[str]) -> None:
    lines: Iterator[dict[str, object]] = replay_files(many, names, render, jobs=2)
    next(lines)
    lines.close()  # type: ignore[attr-defined]


def test_packet_time_never_runs_backwards() -> None:
    clock = PacketClock()
    ats = (100.0, 101.0, 100.5, 100.99, 101.5, 50.0, 51.0, 51.0 + 2 * DAY, 60.0 + 2 * DAY)
    day = DAY + 1
    assert [clock.tick(at) for at in ats] == [
        100.0,
        101.0,
        101.0,  # disorder stands still
        101.0,
        101.5,
        101.5 + day,  # a step back: another recording
        102.5 + day,
        102.5 + 2 * day,  # a step over a day: another one
        111.5 + 2 * day,
    ]


@pytest.mark.parametrize("forged", [-1e300, 1e300, 2.0**63, -5.0])
def test_forged_times_break_nothing(forged: float) -> None:
    clock = PacketClock()
    ticks = [clock.tick(at) for at in (1000.0, forged, 1001.0, 1002.0)]
    assert ticks == sorted(ticks)
    assert ticks[3] - ticks[2] == 1.0
    assert all(abs(tick) < 1e12 for tick in ticks)
    assert PacketClock().tick(forged) >= 0.0


@given(st.integers(0, 2000), st.integers(0, 255), st.integers(1, 2000), st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_byte_and_a_cut_anywhere_are_answered(
    tmp_path: Path, at: int, value: int, length: int, ng: bool, frames: bool
) -> None:
    said = [ask("first.example"), *visit("second.example"), ask("third.example")]
    if ng:
        raw = section() + interface(1) + b"".join(packet(frame, 1000.0 + i) for i, frame in enumerate(said))
    else:
        raw = pcap(*((1000.0 + i, frame) for i, frame in enumerate(said)))
    damaged = bytearray(raw)
    damaged[at % len(raw)] = value
    path = tmp_path / "damaged"
    path.write_bytes(damaged[: max(1, length)])
    *_, last = replay_file(str(path), names, render, frames=frames)
    assert (last["type"], last["file"]) == ("capture", str(path))
    assert json.loads(json.dumps(last)) == last
