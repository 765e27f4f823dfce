"""`wifiguard replay` as people and scripts call it: terminals, pipes, several files."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.sources.savefiles import pcap
from tests.streams.talking import Conversation, ether

WORDS = b"POST /login HTTP/1.1\r\nHost: www.chase.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
FORM = b"Content-Length: 17\r\n\r\nuser=a&password=b"


def capture(number: int = 0) -> bytes:
    talk = Conversation()
    packets = talk.open()
    packets += talk.client(WORDS + b"X-Number: %d\r\n" % number + FORM)
    return pcap(*((1000.0 + at, ether(packet)) for at, packet in enumerate(packets)))


def replay(*argv: str, stdin: bytes = b"") -> tuple[int, list[dict[str, object]]]:
    done = subprocess.run(
        [sys.executable, "-m", "wifiguard", "replay", "--json", *argv], input=stdin, capture_output=True, timeout=60
    )
    assert done.stderr == b""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_standard_input_plain_and_compressed() -> None:
    for stdin in (capture(), gzip.compress(capture())):
        status, lines = replay("-", stdin=stdin)
        assert status == 1
        assert {line.get("file") for line in lines} == {"-", None}
        assert "plaintext-banking" in [line.get("rule") for line in lines]


def test_an_empty_standard_input_is_said() -> None:
    status, lines = replay("-")
    assert (status, [line["error"] for line in lines if line["type"] == "capture"]) == (2, ["the file is empty"])


def test_many_processes_find_the_same(tmp_path: Path) -> None:
    files = []
    for number in range(6):
        files.append(str(tmp_path / f"{number}.pcap"))
        Path(files[-1]).write_bytes(capture(number) if number != 3 else b"no capture")
    status, alone = replay(*files)
    for line in alone:
        line.pop("seconds", None)
    for jobs in "2", "5":
        status_shared, shared = replay("--jobs", jobs, *files)
        for line in shared:
            line.pop("seconds", None)
        assert (status_shared, shared) == (status, alone)


def test_a_terminal_gets_the_bar_and_a_file_the_findings(tmp_path: Path) -> None:
    path, out = tmp_path / "file.pcap", tmp_path / "out.txt"
    path.write_bytes(capture())
    ours, theirs = pty.openpty()
    with out.open("wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "wifiguard", "replay", str(path)],
            stdout=stdout,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
            timeout=60,
        )
    os.close(theirs)
    drawn = os.read(ours, 1 << 16)
    os.close(ours)
    assert done.returncode == 1
    assert b"Reading" in drawn
    text = out.read_text()
    assert "CRITICAL" in text
    assert "Reading" not in text
    assert b"CRITICAL" not in drawn
