"""What an agent says of itself is shown to everybody who asks: it is text, whoever wrote it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.background import Background
from tests.cli.conftest import Terminal
from wifiguard.daemon.client import Refused, ask
from wifiguard.daemon.config import Settings
from wifiguard.daemon.control import ControlServer, Handler
from wifiguard.daemon.places import Places
from wifiguard.daemon.run import Presenter, Service

ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202etxt"
SPELLED = r"\x1b]0;owned\x07\x1b[2J\u202etxt"


@pytest.fixture
def socket(terminal: Terminal) -> Iterator[Path]:
    """A monitor's socket that takes the agents' word, and whose status has nothing in it but that."""
    places = Places.mine()
    presenter = Presenter(lambda _: None, lambda _: None, lambda _: None, lambda _: None)

    def no_desk() -> Any:
        raise AssertionError("nobody asked for it")

    with Background() as background:

        async def serve() -> ControlServer:
            service = Service(places, Settings, presenter, desktop=False)

            def status() -> dict[str, Any]:
                return STATUS | {"agents": service._agents.present(service._clock.tick())}

            server = ControlServer(places.socket, service._handlers(no_desk) | {"status": Handler(False, status)})
            await server.start()
            return server

        server = background.do(serve())
        yield places.socket
        background.do(server.close())


STATUS: dict[str, Any] = {
    "schema": 1,
    "type": "status",
    "pid": 1,
    "since": "2026-01-01T00:00:00Z",
    "verdict": "unknown",
    "because": [],
    "networks": [],
    "interfaces": [],
    "problems": [],
    "sources": [{"name": "wifi", "ok": False, "reason": ESCAPES}],
    "traffic": {},
    "not_checked": [],
    "rules_stopped": {},
}


def test_escapes_are_spelled_out(terminal: Terminal, socket: Path) -> None:
    assert ask(socket, "agent_state", ok=False, reason=ESCAPES) == [{"schema": 1, "type": "noted"}]
    assert json.loads(terminal("status", "--json").stdout)["agents"] == {
        str(os.getpid()): {"ok": False, "reason": SPELLED}
    }
    shown = terminal("status", "--verbose").stdout.splitlines()
    assert f"Notices   only here and in the log: {SPELLED}" in shown
    assert f"source    wifi: {SPELLED}" in shown
    said = {line["what"]: line["said"] for line in terminal.lines("doctor")}
    assert said["agent"] == f"no notification can be shown: {SPELLED}"
    assert said["source wifi"] == SPELLED


def test_half_a_character_ends_no_command(terminal: Terminal, socket: Path) -> None:
    with pytest.raises(Refused, match="'reason' cannot be"):
        ask(socket, "agent_state", ok=False, reason="\ud800")
    assert terminal("status").exit_code == 0
    assert terminal("doctor").exit_code in (0, 3)


def test_nobody_speaks_in_the_name_of_another_process(terminal: Terminal, socket: Path) -> None:
    with pytest.raises(Refused, match="knows nothing called 'pid'"):
        ask(socket, "agent_state", ok=True, pid=1)
    assert json.loads(terminal("status", "--json").stdout)["agents"] == {}
