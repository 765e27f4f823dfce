"""Which name servers get ordinary look-ups: resolv.conf, and systemd-resolved's choice among its interfaces."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.net.rig import resolved_service
from tests.net.rig.bus import PrivateBus
from wifiguard.sources import resolved
from wifiguard.sources.resolved import servers

WIFI, TUNNEL = 2, 3
BOTH: list[list[Any]] = [[WIFI, "10.23.0.1"], [TUNNEL, "10.66.0.1"], [TUNNEL, "fd66::1"]]


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "resolv.conf"
    path.write_text("# by systemd-resolved\nnameserver 127.0.0.53\noptions edns0\n")
    monkeypatch.setattr(resolved, "CONFIGURATION", path)
    return path


def told() -> list[tuple[str, int]]:
    return [(str(server.address), server.interface) for server in servers()]


def test_resolv_conf(configuration: Path) -> None:
    configuration.write_text(
        "nameserver 10.23.0.1\nnameserver fe80::1%wlan0\n nameserver x\n;nameserver 1.2.3.4\nnameserver\n"
    )
    assert told() == [("10.23.0.1", 0), ("fe80::1", 0)]
    configuration.write_bytes(b"nameserver \xff\xfe\n" * 100)
    assert told() == []
    configuration.unlink()
    assert told() == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"dns": BOTH, "domains": [], "default": {}}, [("10.23.0.1", 2), ("10.66.0.1", 3), ("fd66::1", 3)]),
        ({"dns": BOTH, "domains": [[TUNNEL, ".", True]], "default": {}}, [("10.66.0.1", 3), ("fd66::1", 3)]),
        ({"dns": BOTH, "domains": [[TUNNEL, "corp.example", True]], "default": {"3": False}}, [("10.23.0.1", 2)]),
        (
            {"dns": [[0, "9.9.9.9"], *BOTH], "domains": [[TUNNEL, ".", True]], "default": {}},
            [("9.9.9.9", 0), ("10.66.0.1", 3), ("fd66::1", 3)],
        ),
        ({"dns": [], "domains": [], "default": {}}, []),
    ],
    ids=["every interface", "the tunnel has ~.", "the tunnel has its own domain", "a server of no interface", "none"],
)
def test_systemd_resolved(
    configuration: Path,
    system_bus: PrivateBus,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, Any],
    expected: list[tuple[str, int]],
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", system_bus.address)
    argv = [sys.executable, "-P", str(resolved_service.__file__), json.dumps(given)]
    process = system_bus.processes.start("resolved", argv, system_bus.as_session)
    system_bus.wait_for_owner("org.freedesktop.resolve1", process)
    assert told() == expected


def test_a_stub_with_nobody_behind_it(
    configuration: Path, system_bus: PrivateBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", system_bus.address)
    assert told() == []
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
    assert told() == []
