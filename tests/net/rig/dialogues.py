"""Conversations over TCP between two machines of the lab, word for word as a test writes them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tests.net.rig.lab import Namespace

PEERS = Path(__file__).with_name("dialogue_peers.py")
Turn = tuple[Literal["client", "server"], bytes]


class Dialogue(Struct, frozen=True):
    """Who says what, in turn, on which port of which address."""

    address: str
    port: int
    turns: tuple[Turn, ...]


def hold(client: Namespace, server: Namespace, dialogues: Sequence[Dialogue]) -> None:
    """Hold them one after the other; each has its own address and port."""
    order = [
        {"address": each.address, "port": each.port, "turns": [[who, said.hex()] for who, said in each.turns]}
        for each in dialogues
    ]
    folder = server.lab.processes.subfolder("dialogues")
    path = folder / "order.json"
    path.write_text(json.dumps(order))
    listening = server.start("dialogues", sys.executable, "-I", str(PEERS), "serve", str(path))
    listening.wait_for_output("listening")
    client.run(sys.executable, "-I", str(PEERS), "speak", str(path), timeout=60.0)
    assert listening.wait() == 0
