"""What a hostile program might write to the control socket: requests with anything in them, and bytes that are none."""

from __future__ import annotations

import inspect
import json
import random
import string

from wifiguard.daemon.control import LONGEST_REQUEST
from wifiguard.daemon.desk import Desk
from wifiguard.rules import rule_files

READS = ("status", "log", "show", "networks", "identity", "mutes", "problems", "agent_state")
CHANGES = ("trust", "distrust", "mute", "unmute")
# Each takes the monitor long, by its nature: asked rarely.
SLOW = ("reload", "erase", "forget")
SLOW_ONE_IN = 4000
LONG_ONE_IN = 200


def names_of(request: str) -> tuple[str, ...]:
    """The parameters that a request takes."""
    handler = getattr(Desk, request, None)
    return tuple(inspect.signature(handler).parameters)[1:] if handler else ("ok", "reason")


PARAMETERS = {request: names_of(request) for request in (*READS, *CHANGES, *SLOW)}
WORDS = (
    *PARAMETERS,
    *sorted({name for names in PARAMETERS.values() for name in names}),
    *rule_files(),
    "new",
    "high",
    "all",
)


class Hostile:
    """An endless supply, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def conversation(self, most: int) -> bytes:
        """What one connection sends: requests, and mostly at last something that is none, after which the monitor hangs up."""
        requests = [self._request() for _ in range(self._dice.randrange(most))]
        return b"".join(raw + b"\n" for raw in (*requests, self._last()))

    def _last(self) -> bytes:
        dice = self._dice
        if dice.randrange(LONG_ONE_IN) == 0:
            return dice.choice((b"[", b"x", b" ", b'{"v":', b"9")) * dice.randrange(1, LONGEST_REQUEST)
        return dice.choice((self._damaged, self._damaged, self._noise))()

    def _request(self) -> bytes:
        dice = self._dice
        do: object = dice.choice((*READS, *CHANGES)) if dice.random() < 0.95 else self._value(2)
        if dice.randrange(SLOW_ONE_IN) == 0:
            do = dice.choice(SLOW)
        known = PARAMETERS.get(do, ()) if isinstance(do, str) else ()
        params = {dice.choice((*known, self._text())): self._value(3) for _ in range(dice.randrange(4))}
        message: dict[str, object] = {"v": 1, "do": do, "with": params}
        if dice.random() < 0.1:
            message[dice.choice(("v", "do", "with", self._text()))] = self._value(3)
        return json.dumps(message, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")

    def _damaged(self) -> bytes:
        raw = bytearray(self._request())
        for _ in range(self._dice.randrange(1, 4)):
            at = self._dice.randrange(len(raw) or 1)
            match self._dice.randrange(3):
                case 0:
                    raw[at : at + 1] = self._dice.randbytes(1)
                case 1:
                    del raw[at:]
                case _:
                    raw[at:at] = self._dice.randbytes(self._dice.randrange(8))
        return bytes(raw)

    def _noise(self) -> bytes:
        return self._dice.randbytes(self._dice.randrange(300))

    def _text(self) -> str:
        match self._dice.randrange(4):
            case 0:
                return self._dice.choice(WORDS)
            case 1:
                return "".join(self._dice.choices(string.hexdigits, k=self._dice.randrange(20)))
            case 2:
                return "".join(chr(self._dice.randrange(0x2100)) for _ in range(self._dice.randrange(12)))
            case _:
                return self._dice.choice(
                    ("", "\ud800", "\x00", "../" * 20, "' OR 1=1 --", "x" * 2000, "%s{0}", "\u202e")
                )

    def _value(self, depth: int) -> object:
        dice = self._dice
        match dice.randrange(8 if depth else 6):
            case 0 | 1:
                return self._text()
            case 2:
                return dice.choice((0, 1, -1, 2**31, 2**63 - 1, -(2**63), 2**64, 10**30, dice.randrange(100)))
            case 3:
                return dice.choice((0.0, -1.5, 1e308, 5e-324, float("inf"), float("nan")))
            case 4:
                return dice.choice((True, False))
            case 5:
                return None
            case 6:
                return [self._value(depth - 1) for _ in range(dice.randrange(4))]
            case _:
                return {self._text(): self._value(depth - 1) for _ in range(dice.randrange(4))}
