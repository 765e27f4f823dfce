"""A program on this laptop knows only encryption that has been broken for years.

What it means
    The program opened a connection and offered nothing newer than TLS 1.1. Servers that look after themselves refuse it; others
    let it in with what it has.

Why it matters
    What such a program sends can be broken, however good the server is. It also shows that it has had no update for a decade.

What to do
    Update the program or use another one. If no program is named, think of what is old: a game, a scanner's software, a
    virtual machine or an emulator.

False alarms
    Programs that test servers offer one version after the other. Whoever offers a newer one to the same server within ten
    seconds is left in peace, and so is a program that says it came back with less on purpose (TLS_FALLBACK_SCSV).

Limits
    A client's offer tells nothing of what the server will choose; "obsolete-tls" looks at that. Where this laptop's addresses are
    known, only its own connections count. In a capture file everybody's do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import LinkKind, LinkState
from wifiguard.core.messages import Flow, TlsHello
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.own_addresses import OwnAddresses
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.tls import OBSOLETE, highest

RULE = Rule(
    id="obsolete-tls-client",
    kind=Kind.EVENT,
    texts={
        Severity.LOW: Text(
            N_("A program here knows only broken encryption"),
            N_("A program on this laptop offers servers nothing newer than {version}, which others can break."),
            (N_("Update that program, or use another one for whatever matters."),),
        )
    },
    references=("RFC 8996 (TLS 1.0 and 1.1)", "RFC 7507 (TLS_FALLBACK_SCSV)"),
)

FALLBACK = 0x5600
OFFERS = 1024

_Pair = tuple[bytes, bytes, int]


class ObsoleteTlsClientEvidence(Evidence, frozen=True):
    """`version`: the highest that was offered."""

    version: str
    program: str | None = None


class Config(Struct, frozen=True):
    """`wait`: seconds within which a better offer to the same server excuses an old one."""

    wait: float = 10.0


class ObsoleteTlsClient(Detector):
    """Waits a while after an old offer whether the same client offers the same server something better."""

    rule = RULE
    inputs = (TlsHello, LinkState)

    def __init__(self, config: Config = Config()) -> None:
        self._wait = config.wait
        self._old: BoundedMap[tuple[_Pair, str], TlsHello] = BoundedMap(OFFERS)
        self._better: BoundedMap[_Pair, bool] = BoundedMap(OFFERS, config.wait)
        self._own = OwnAddresses()

    def observe(self, obs: Observation) -> Iterable[Finding]:
        match obs:
            case LinkState():
                self._own.learn(obs)
            case TlsHello(server=False) if not self._own or obs.flow.client in self._own:
                self._offered(obs)
            case _:
                pass
        return ()

    def deadline(self) -> float | None:
        oldest = next(iter(self._old.values()), None)
        return None if oldest is None else oldest.tick + self._wait

    def on_time(self, due: float) -> Iterator[Finding]:
        for key, obs in list(self._old.items()):
            if obs.tick + self._wait > due:
                break
            self._old.pop(key)
            _, version = key
            yield self.found(obs, Severity.LOW, (version,), ObsoleteTlsClientEvidence(version))

    def _offered(self, obs: TlsHello) -> None:
        pair = obs.flow.client, obs.flow.server, obs.flow.server_port
        version = highest(obs.versions)
        if version is None or version not in OBSOLETE or FALLBACK in obs.ciphers:
            self._better.put(pair, True, obs.tick)
            for old in OBSOLETE:
                self._old.pop((pair, old))
        elif self._better.get(pair, obs.tick) is None and self._old.get((pair, version), obs.tick) is None:
            self._old.put((pair, version), obs, obs.tick)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    me, other = bytes([10, 0, 0, 2]), bytes([10, 0, 0, 3])
    flow = Flow(me, 40000, bytes([192, 0, 2, 1]), 443, "tcp")

    def offer(*versions: str, after: float = 0.0, client: bytes = me, ciphers: tuple[int, ...] = ()) -> TlsHello:
        seen = Seen(after, after, interface="wlan0")
        return TlsHello(seen, flow._replace(client=client), False, versions, "www.example.org", ciphers)

    def told(version: str) -> tuple[Severity, Evidence]:
        return Severity.LOW, ObsoleteTlsClientEvidence(version)

    for version in sorted(OBSOLETE):
        yield Example(f"nothing above {version}", (offer(version),), (told(version),))
    yield Example(
        "the same again is told once a wait", (offer("TLS1.0"), offer("TLS1.0", after=2.0)), (told("TLS1.0"),)
    )
    yield Example(
        "two versions, one after the other",
        (offer("TLS1.0"), offer("SSLv3", after=1.0)),
        (told("TLS1.0"), told("SSLv3")),
    )
    yield Example("an SSLv2 hello that offers a little more", (offer("TLS1.0", "SSLv2"),), (told("TLS1.0"),))
    yield Example("an SSLv2 hello that offers enough", (offer("TLS1.2", "SSLv2"),))
    yield Example("a current program", (offer("TLS1.3", "TLS1.2"),))
    yield Example("a scanner goes upwards", (offer("SSLv3"), offer("TLS1.1", after=1.0), offer("TLS1.2", after=2.0)))
    yield Example("a scanner goes downwards", (offer("TLS1.2"), offer("TLS1.1", after=1.0), offer("SSLv3", after=2.0)))
    yield Example("a fallback that says so", (offer("TLS1.0", ciphers=(0x002F, FALLBACK)),))
    link = LinkState(Seen(0.0, 0.0), 2, "wlan0", LinkKind.WIFI, up=True, addresses=("10.0.0.2/24", "fe80::1/64"))
    yield Example("somebody else talks to this laptop", (link, offer("TLS1.0", client=other)))
    yield Example("this laptop among others", (link, offer("TLS1.0")), (told("TLS1.0"),))
