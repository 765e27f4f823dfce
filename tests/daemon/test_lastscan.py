"""What is new or gone since the scan before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wifiguard.daemon.lastscan import NAME, Unreadable, compared, earlier, keep


def finding(id: str, state: str = "new", **other: Any) -> dict[str, Any]:
    return {
        "type": "finding",
        "id": id,
        "rule": "open-wifi",
        "severity": "high",
        "title": "Open",
        "state": state,
        **other,
    }


def test_new_known_muted_and_gone(tmp_path: Path) -> None:
    keep(tmp_path / "state", [finding("a"), finding("b"), finding("m", "suppressed")])
    before = earlier(tmp_path / "state" / NAME)
    now = [finding("b"), finding("c"), finding("m", "suppressed")]
    told = [(line["id"], line["state"]) for line in compared(now, before)]
    assert told == [("b", "repeat"), ("c", "new"), ("m", "suppressed"), ("a", "resolved")]


def test_it_is_its_owners_alone_and_replaced_whole(tmp_path: Path) -> None:
    keep(tmp_path / "state", [finding("a")])
    keep(tmp_path / "state", [finding("b")])
    (file,) = (tmp_path / "state").iterdir()
    assert (file.name, file.stat().st_mode & 0o777, list(earlier(file))) == (NAME, 0o600, ["b"])
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_what_scan_writes_for_machines_will_do(tmp_path: Path) -> None:
    path = tmp_path / "scan.jsonl"
    lines = [finding("a"), finding("gone", "resolved"), {"type": "network"}, {"type": "summary", "verdict": "no"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert list(earlier(path)) == ["a"]


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"not JSON", b"[" * 100_000, b'{"type": "finding"}', b'{"type":"finding","id":7,"state":"new"}'],
)
def test_anything_else_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scan.jsonl"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="no scan that can be compared"):
        earlier(path)
    with pytest.raises(Unreadable, match="there is no file"):
        earlier(tmp_path / "none")


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (tmp_path / NAME).symlink_to(precious)
    keep(tmp_path, [finding("a")])
    assert precious.read_text() == "precious"
    assert not (tmp_path / NAME).is_symlink()
