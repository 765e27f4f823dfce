"""Coverage-guided fuzzing: `python -m tests.fuzz.run TARGET [libFuzzer's options and folders]`; `make fuzz` runs all targets.

It needs atheris. A finding is written as `crash-…`; mended, it goes to tests/fuzz/inputs/TARGET/ and is a test from then on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wifiguard"]):
    from tests.fuzz import targets
    from tests.sources.savefiles import interface, packet, pcap, section
    from tests.streams import handshakes, sessions, test_hostile, test_quic

# Instrumented code on a machine that does other things.
targets.slowest = 2.0


def seeds() -> Iterator[tuple[str, bytes]]:
    """(target, input) of what is well-formed, for the search to begin with."""
    frames = [len(frame).to_bytes(2, "big") + b"\0" + frame for frame in test_hostile.WHOLE]
    for first in range(0, len(frames), 6):
        yield "frames", b"\0" + b"".join(frames[first : first + 6])
    for frame in test_hostile.STORY:
        said = frame[40:]
        size = len(said).to_bytes(2, "big")
        yield "conversation", b"\0\x50" + size + b"\0" + said + size + b"\1" + said
        yield from (("decoders", bytes([number]) + said) for number in range(len(targets.READERS)))
    for session in sessions.SESSIONS:
        turns = ((len(text).to_bytes(2, "big"), side == "up", text) for side, text in sessions.script(session))
        yield "conversation", b"\0\x50" + b"".join(size + bytes([upwards]) + text for size, upwards, text in turns)
    size = len(test_hostile.QUERY).to_bytes(2, "big")
    for port in (53, 5353, 5355, 137, 67, 547, 161, 443):
        yield (
            "datagrams",
            port.to_bytes(2, "big") + size + b"\0" + test_hostile.QUERY + size + b"\1" + test_hostile.QUERY,
        )
    ders = (handshakes.PUBLIC.der, handshakes.LINK.der, handshakes.ROOT.der)
    for chain in (ders, ders[:1], ders[2:]):
        yield "chains", b"".join(len(der).to_bytes(2, "big") + b"\0" + der for der in chain)
    hello = test_quic.crypto(0, test_quic.HELLO)
    yield "initials", len(hello).to_bytes(2, "big") + b"\0" + hello
    parts = test_quic.pieces(20)
    yield "initials", b"".join(len(part).to_bytes(2, "big") + b"\0" + part for part in parts)
    yield "files", pcap((1.0, b"frame"))
    yield "files", section() + interface() + packet(b"frame")


def main(name: str, options: list[str]) -> None:
    """Fuzz one target until libFuzzer ends."""
    folder = Path(".cache/fuzz") / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, (target, text) in enumerate(seeds()):
        if target == name:
            (folder / f"seed-{number}").write_bytes(text)
    kept = Path(__file__).parent / "inputs" / name
    folders = [str(folder), *([str(kept)] if kept.is_dir() else [])]
    atheris.Setup([sys.argv[0], *options, *folders], targets.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
