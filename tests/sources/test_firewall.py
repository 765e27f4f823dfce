"""Whoever cannot read the rules, or does not understand them, says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from wifiguard.core.exposure import FirewallState
from wifiguard.core.filtering import Reach
from wifiguard.core.host import LinkKind, LinkState
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources import SourceUnavailable, firewall, look
from wifiguard.sources.posture import Place

EMPTY = '{"nftables": [{"metainfo": {"version": "1", "json_schema_version": 1}}]}'


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the system's, with no tool in it yet."""
    monkeypatch.setattr(look, "FOLDERS", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(look, "installed", lambda name: str(tmp_path / name) if (tmp_path / name).exists() else None)
    for family in (4, 6):
        monkeypatch.setitem(look.READINGS, f"legacy-{family}", look.names(tmp_path / f"legacy{family}"))
    return tmp_path


def tool(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            "echo 'netlink: Error: cache initialization failed: Operation not permitted' >&2; exit 1",
            "only root can read",
        ),
        ("echo 'Segmentation fault' >&2; exit 139", "nft failed"),
        ("exit 0", "not understood"),
        (f"echo '{EMPTY.replace(': 1}', ': 2}')}'", "version 2 of its format"),
        ("head -c 40000000 /dev/zero", "nft failed"),
    ],
)
def test_what_keeps_the_rules_from_being_read(tools: Path, script: str, sentence: str) -> None:
    tool(tools, "nft", script)
    with pytest.raises(SourceUnavailable, match=sentence):
        firewall.read()


def test_no_tool_at_all(tools: Path) -> None:
    with pytest.raises(SourceUnavailable, match="iptables-save is not installed") as raised:
        firewall.read()
    assert raised.value.mend == "Install the packages nftables and iptables."


def test_a_tool_that_hangs(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "TIMEOUT", 0.2)
    tool(tools, "nft", "exec sleep 60")
    with pytest.raises(SourceUnavailable, match="TimeoutExpired"):
        firewall.read()


def test_both_kinds_of_iptables_are_read(tools: Path) -> None:
    tool(tools, "nft", f"echo '{EMPTY}'")
    (tools / "legacy4").write_text("filter\n")
    tool(tools, "iptables-legacy-save", "printf '*filter\\n:INPUT DROP [0:0]\\n-A INPUT -i lo -j ACCEPT\\nCOMMIT\\n'")
    ruleset = firewall.read()
    assert (list(ruleset.chains), ruleset.tools) == (["legacy ip filter INPUT"], ("iptables (legacy)",))


class Told:
    def emit(self, obs: Observation) -> None:
        raise NotImplementedError

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        return Seen(0.0, 0.0, interface=interface)


@pytest.mark.parametrize(
    ("addresses", "families"),
    [
        (("10.0.0.2/24",), [4]),
        (("10.0.0.2/24", "fe80::1/64"), [4]),
        (("fe80::1/64", "2001:db8::2/64"), [6]),
        (("10.0.0.2/24", "2001:db8::2/64"), [4, 6]),
        ((), []),
    ],
)
def test_each_family_that_is_in_use(tools: Path, addresses: tuple[str, ...], families: list[int]) -> None:
    tool(tools, "nft", f"echo '{EMPTY}'")
    link = LinkState(Seen(0.0, 0.0), 2, "wlan0", LinkKind.WIFI, up=True, addresses=addresses)
    inner = LinkState(Seen(0.0, 0.0), 3, "docker0", LinkKind.CONTAINER, up=True, addresses=("172.17.0.1/16",))
    told = list(firewall.inbound(Told(), [Place(link, None), Place(inner, None)]))
    seen = Seen(0.0, 0.0, interface="wlan0")
    assert told == [FirewallState(seen, family, Reach.OPEN, ()) for family in families]
