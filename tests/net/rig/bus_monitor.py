"""What is said on a bus, message by message."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until


class Message(Struct, frozen=True):
    """One message; `body` holds its arguments without their types. `kind`: method_call, method_return, signal, error."""

    kind: str
    sender: str
    destination: str
    path: str
    interface: str
    member: str
    body: list[Any]


class BusMonitor:
    """A running busctl that writes down every message of the bus, those between two others included."""

    def __init__(self, process: Spawned) -> None:
        self.process = process
        process.wait_for_output("Monitoring bus message stream")

    def messages(self) -> list[Message]:
        """All so far, oldest first."""
        complete = self.process.output().rpartition("\n")[0]
        return [_message(json.loads(line)) for line in complete.splitlines()]

    def named(self, member: str) -> list[Message]:
        """The calls and signals of that name."""
        return [message for message in self.messages() if message.member == member]

    def wait_for(
        self, member: str, wanted: Callable[[Message], bool] = lambda _message: True, timeout: float = 10.0
    ) -> Message:
        """The first call or signal named `member` that is `wanted`."""
        return wait_until(
            lambda: next((message for message in self.named(member) if wanted(message)), None),
            f"{member} on the bus",
            timeout,
        )


def untyped(value: Any) -> Any:
    """A value in busctl's JSON with the types of variants taken out, all the way down."""
    if isinstance(value, dict):
        if value.keys() == {"type", "data"}:
            return untyped(value["data"])
        return {key: untyped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [untyped(inner) for inner in value]
    return value


def _message(line: dict[str, Any]) -> Message:
    kind, sender, destination, path, interface, member = (
        line.get(field, "") for field in ("type", "sender", "destination", "path", "interface", "member")
    )
    return Message(kind, sender, destination, path, interface, member, untyped(line["payload"]["data"]))
