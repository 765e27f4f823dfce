"""The network shows a login page before it lets anything through.

What it means
    Until you log in, or accept the terms, the network answers for every web site itself. Names, pages and certificates look wrong
    for that time, as they do under an attack.

Why it matters
    It is no danger by itself. But what you see until then is not the site that you asked for: never enter a password for anything
    else than the portal.

What to do
    Open a plain page such as http://neverssl.com, log in or accept, and look at WiFiGuard's findings again afterwards.

False alarms
    Some networks announce a portal to everybody, those who are logged in included: it is over once the web answered.

Limits
    While the portal is seen at work, alarms about false name answers, about pages that came without encryption and about the
    certificates of sites that are no banks are held back; that it is announced is not enough, since an attacker could announce
    one. The check asks the host that NetworkManager is configured to ask, at joining and then at growing intervals until you are
    through; without NetworkManager's check, only what programs on this laptop ask is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import NeighbourSeen, ProbeAnswer
from wifiguard.core.joining import Joining
from wifiguard.core.messages import Flow, HttpResponse
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.portals import LASTS, PROBE, Portals
from wifiguard.core.rule import AskProbe, Detector, Evidence, Example, Kind, Output, Rule, Text
from wifiguard.core.scenes import LAPTOP, ROUTER, ROUTER_MAC, dhcp, ip, seen
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_

RULE = Rule(
    id="captive-portal",
    kind=Kind.EVENT,
    texts={
        Severity.INFO: Text(
            N_("This network wants you to log in first"),
            N_("Until you do, it answers for every web site itself. Do not enter any password but the portal's."),
            (N_("Open http://neverssl.com, log in or accept the terms there, then look at the findings again."),),
        )
    },
    references=("RFC 8910 (captive portal option)", "RFC 8952 (captive portal architecture)"),
)
# Nobody waits before a login page for longer than this, in seconds.
_SELDOM = 300.0


class CaptivePortalEvidence(Evidence, frozen=True):
    """`noticed_by`: dhcp, router (their announcements), web (a program's own check was sent elsewhere), probe (ours was)."""

    noticed_by: str


class Config(Struct, frozen=True):
    """`ask`: look for a login page on joining an untrusted network, as NetworkManager is configured to.

    `again_seconds`: look again after so long while there is one, then after twice as long each time, up to five minutes.
    """

    ask: bool = True
    again_seconds: float = 5.0


class _Again(NamedTuple):
    """The next look at a portal: where, when, and how long after the one before."""

    seen: Seen
    due: float
    wait: float


class CaptivePortal(Detector):
    """Fires where a portal is announced or seen; over when the web answers as it should, which it asks until it does."""

    rule = RULE
    inputs = (*Portals.INPUTS, *Joining.INPUTS)

    def __init__(self, config: Config = Config()) -> None:
        self._config = config
        self._portals = Portals()
        self._joining = Joining()
        self._ongoing = Ongoing(RULE.id, LASTS)
        self._again: BoundedMap[str, _Again] = BoundedMap(64)

    def observe(self, obs: Observation) -> Iterator[Output]:
        if self._config.ask and self._joining.joined(obs):
            yield AskProbe(RULE.id, PROBE, obs.seen)
        told = self._portals.observe(obs)
        if told:
            self._look_again(obs)
            if self._ongoing.sighted(obs.seen, ()):
                yield self.found(obs, Severity.INFO, (), CaptivePortalEvidence(told))
        elif told == "":
            self._again.pop(obs.interface)
            yield from self._ongoing.clear(obs.seen, ())

    def deadline(self) -> float | None:
        dues = [again.due for again in self._again.values()]
        quiet = self._ongoing.deadline()
        return min(dues if quiet is None else [*dues, quiet], default=None)

    def on_time(self, due: float) -> Iterable[Output]:
        yield from self._ongoing.over(due)
        for interface, again in list(self._again.items()):
            if again.due > due:
                continue
            self._again.pop(interface)
            if self._portals.up(interface, due):
                wait = min(2 * again.wait, _SELDOM)
                self._again.put(interface, _Again(again.seen, due + wait, wait), due)
                yield AskProbe(RULE.id, PROBE, again.seen._replace(at=again.seen.at + due - again.seen.tick, tick=due))

    def _look_again(self, obs: Observation) -> None:
        trusted = obs.network is not None and obs.network.trusted
        if self._config.ask and not trusted and self._again.get(obs.interface, obs.tick) is None:
            wait = self._config.again_seconds
            self._again.put(obs.interface, _Again(obs.seen, obs.tick + wait, wait), obs.tick)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    flow = Flow(ip(LAPTOP), 40000, ip("203.0.113.9"), 80, "tcp")
    check = HttpResponse(seen(2.0), flow, 302, "nmcheck.gnome.org", "GET", ("http", "login.hotel.example"))
    for name, obs, by in (
        ("the DHCP server announces it", dhcp(1.0, 5, portal=True), "dhcp"),
        ("a desktop's check is sent to a login page", check, "web"),
        (
            "our own check is",
            ProbeAnswer(seen(2.0), RULE.id, PROBE, (), (("state", "portal"), ("host", "login.hotel.example"))),
            "probe",
        ),
    ):
        yield Example(name, (obs,), ((Severity.INFO, CaptivePortalEvidence(by)),))
    yield Example("the check is answered", (replace(check, status=204, location=None),))
    yield Example("the browser's maker sends people on", (replace(check, location=("https", "support.mozilla.org")),))
    plain = replace(check, host="detectportal.firefox.com", status=200, location=None, page=False)
    yield Example("it is announced to those who are logged in as well", (plain, dhcp(3.0, 5, portal=True)))
    yield Example("another site moves", (replace(check, host="www.example.com"),))
    home = wifi_network(b"Home", Security.WPA2, trusted=True)
    yield Example(
        "a trusted network is not asked", (NeighbourSeen(seen(1.0)._replace(network=home), ip(ROUTER), ROUTER_MAC),)
    )
