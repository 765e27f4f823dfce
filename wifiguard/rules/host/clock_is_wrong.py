"""This laptop's clock does not agree with the certificates of the servers it talks to.

What it means
    Several servers showed certificates that are valid at some other time than the one this laptop believes it is. One such
    server has forgotten to renew its certificate; when several are out of date together, it is the clock that is wrong.

Why it matters
    Programs refuse sites that are all right, and people get used to clicking warnings away. A clock that is behind accepts
    certificates that were given up long ago, perhaps because their keys were stolen.

What to do
    Switch automatic time on: in the desktop's settings, or with "timedatectl set-ntp true". If the clock is wrong after every
    start, the battery on the main board is empty.

False alarms
    A recording whose times were changed looks the same as a wrong clock.

Limits
    Only certificates that a public authority vouches for count, and only up to TLS 1.2, since TLS 1.3 hides them. It takes
    three of them within ten minutes. An error of hours goes unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.clock import ClockWatch
from wifiguard.core.messages import Flow
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.tls import Certificate, TlsCertificate, Voucher

RULE = Rule(
    id="clock-is-wrong",
    kind=Kind.EVENT,
    texts={
        Severity.LOW: Text(
            N_("This laptop's clock is wrong"),
            N_("By the certificates of {certificates} servers it is {days} days or more {direction}."),
            (
                N_("Switch on automatic time in the settings, or run: timedatectl set-ntp true"),
                N_("Until then do not click warnings about certificates away."),
            ),
        )
    },
    references=("RFC 5280, 4.1.2.5 (Validity)",),
)

DAY = 86400.0


class ClockIsWrongEvidence(Evidence, frozen=True):
    """`direction`: behind or ahead. `days`: by how many at least. `certificates`: how many say so."""

    direction: str
    days: int
    certificates: int


class Config(Struct, frozen=True):
    """`certificates`: how many have to be out of date together."""

    certificates: int = 3


class ClockIsWrong(Detector):
    """Fires when some other moment would suit all certificates of the last minutes, and this one does not suit several."""

    rule = RULE
    inputs = (TlsCertificate,)

    def __init__(self, config: Config = Config()) -> None:
        self._clock = ClockWatch(config.certificates)

    def observe(self, obs: TlsCertificate) -> Iterator[Finding]:  # type: ignore[override]
        error = self._clock.observe(obs)
        if error is not None:
            direction = "ahead" if error.seconds > 0 else "behind"
            days = int(abs(error.seconds) // DAY)
            yield self.found(obs, Severity.LOW, (), ClockIsWrongEvidence(direction, days, error.certificates))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    now = 1_800_000_000.0
    flow = Flow(bytes([10, 0, 0, 2]), 40000, bytes([192, 0, 2, 1]), 443, "tcp")

    def shown(number: int, begin: float, end: float, voucher: Voucher = Voucher.PUBLIC) -> TlsCertificate:
        certificate = Certificate(("a.example",), (), now + begin * DAY, now + end * DAY, 2048, False, None)
        return TlsCertificate(
            Seen(now, now, interface="wlan0"), flow, "a.example", certificate, voucher, bytes([number])
        )

    ahead = tuple(shown(number, -90 - number, -3) for number in range(3))
    yield Example(
        "three servers, all out of date since three days",
        ahead,
        ((Severity.LOW, ClockIsWrongEvidence("ahead", 3, 3)),),
    )
    yield Example(
        "a clock that woke up in the past",
        tuple(shown(number, 400, 490) for number in range(3)),
        ((Severity.LOW, ClockIsWrongEvidence("behind", 400, 3)),),
    )
    yield Example("two of them", ahead[:2])
    yield Example("the same one again and again", (shown(1, -90, -3),) * 5)
    yield Example("another was never valid together with them", (shown(9, -2, 90), *ahead))
    yield Example(
        "certificates for which nobody vouches",
        tuple(shown(number, -90, -3, Voucher.NOBODY) for number in range(5)),
    )
    yield Example("all is well", tuple(shown(number, -10, 80) for number in range(9)))
