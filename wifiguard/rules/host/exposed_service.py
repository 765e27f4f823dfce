"""A program on this laptop can be reached by everyone on the network.

What it means
    The program waits for connections on an address that the network reaches, and no firewall rule stops them: a database, a
    development server, a printer queue.

Why it matters
    At home that may be wanted. In a café every guest can talk to it, try passwords, or use a flaw that an update would have
    closed. Many such programs ask for no password at all, because they expect to be reached from this laptop only.

What to do
    Let the program listen on this laptop alone (the finding names the setting), stop it while you are out, or switch on a
    firewall. If the network is yours, trust it.

False alarms
    A program that is meant for others, such as a game or a music player, is told as well: mute the finding. On a network that
    you trust it is only noted.

Limits
    What a firewall in the router or in a program of its own (eBPF) stops is not seen. A port that is passed on to a container
    without a program that listens here is not seen. A UDP port of the kernel's choice is taken for one that waits for an
    answer. Without root the firewall and other users' programs are not seen: severity is one lower then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from wifiguard.core.exposure import ListeningSocket, Owner
from wifiguard.core.filtering import Reach
from wifiguard.core.host import SourceDone
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.offers import Offer, OfferDetector
from wifiguard.core.rule import Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.services import Topic
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible

_OPEN = Text(
    N_("{service} is open to this whole network"),
    N_("Every device here can talk to it ({ports}), and nothing that WiFiGuard can see stops it."),
    (
        N_("Let it listen on this laptop only: {bind}"),
        N_("Or stop it while you are here."),
        N_("If this network is yours, trust it."),
    ),
)
RULE = Rule(
    id="exposed-service",
    kind=Kind.POSTURE,
    source="services",
    texts={
        Severity.HIGH: _OPEN,
        Severity.MEDIUM: _OPEN,
        Severity.LOW: _OPEN,
        Severity.INFO: Text(
            N_("{service} is open to your network"),
            N_("Every device on this network, which you trust, can talk to it ({ports})."),
            (N_("Fine if you want that. To keep it to this laptop: {bind}"),),
        ),
    },
    references=("CWE-1327: Binding to an Unrestricted IP Address",),
)


class ExposedServiceEvidence(Evidence, frozen=True):
    """`service`: what it is. `program`, `package`, `user`, `unit`: whose it is, as far as that may be known. `since`: when it was
    started (UTC). `ports`: as "tcp/6379". `addresses`: what it listens on ("*": everything). `families`: 4, 6. `certain`:
    nothing stops it, as opposed to perhaps. `container`: it belongs to a container or virtual machine. `bind`: the setting that
    keeps it to this laptop.
    """

    service: str
    program: str | None
    package: str | None
    user: str | None
    unit: str | None
    since: str | None
    ports: tuple[str, ...]
    addresses: tuple[str, ...]
    families: tuple[int, ...]
    certain: bool
    container: str
    bind: str


class ExposedService(OfferDetector):
    """Fires for everything that listens and is neither file sharing nor remote login, which have rules of their own."""

    rule = RULE
    topic = Topic.OTHER

    def judged(self, offer: Offer) -> Finding:
        owner = offer.obs.owner
        evidence = ExposedServiceEvidence(
            visible(offer.name),
            owner.program,
            owner.package,
            owner.user,
            owner.unit,
            None if owner.since is None else _instant(owner.since),
            tuple(sorted(offer.ports)),
            tuple(sorted(offer.addresses)),
            tuple(sorted(offer.families)),
            offer.certain,
            owner.container,
            offer.service.bind if offer.service else "127.0.0.1, ::1",
        )
        return self.found(offer.obs, offer.severity, offer.key, evidence)


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    cafe = Seen(0.0, 0.0, wifi_network(b"Cafe", Security.WPA2), "wlan0")
    home = Seen(0.0, 0.0, wifi_network(b"Home", Security.WPA2, trusted=True), "wlan0")
    done = SourceDone(cafe, RULE.source, ok=True)
    everywhere = ((4, Reach.OPEN), (6, Reach.OPEN))
    redis = Owner("redis-server", "redis-server", "redis", 1_700_000_000.0, "redis-server.service")
    database = ListeningSocket(cafe, "tcp", 6379, ("*",), everywhere, redis)
    found = ExposedServiceEvidence(
        "Redis", "redis-server", "redis-server", "redis", "redis-server.service", "2023-11-14 22:13:20",
        ("tcp/6379",), ("*",), (4, 6), True, "", "redis.conf: bind 127.0.0.1 -::1",
    )  # fmt: skip
    yield Example("a database on every address", (database, done), ((Severity.HIGH, found),))
    yield Example("the same at home", (replace(database, seen=home), done), ((Severity.INFO, found),))
    yield Example(
        "a firewall that only stops IPv4",
        (replace(database, reach=((4, Reach.STOPPED), (6, Reach.OPEN))), done),
        ((Severity.HIGH, replace(found, families=(6,))),),
    )
    yield Example(
        "nobody can tell whether the firewall stops it",
        (replace(database, reach=((4, Reach.PERHAPS),)), done),
        ((Severity.MEDIUM, replace(found, families=(4,), certain=False)),),
    )
    clock = ExposedServiceEvidence(
        "NTP", "ntpd", None, None, None, None, ("udp/123",), ("*",), (4, 6), True, "", "chrony.conf: port 0"
    )
    yield Example(
        "a time server",
        (ListeningSocket(cafe, "udp", 123, ("*",), everywhere, Owner("ntpd")), done),
        ((Severity.LOW, clock),),
    )
    unknown = ExposedServiceEvidence(
        "Port 4711/tcp", None, None, None, None, None, ("tcp/4711",), ("192.0.2.7",), (4,), True, "", "127.0.0.1, ::1"
    )
    yield Example(
        "a program that nobody knows, of another user",
        (ListeningSocket(cafe, "tcp", 4711, ("192.0.2.7",), ((4, Reach.OPEN),)), done),
        ((Severity.HIGH, unknown),),
    )
    stopped = ((4, Reach.STOPPED), (6, Reach.STOPPED))
    yield Example("the firewall stops it", (replace(database, reach=stopped), done))
    yield Example("file sharing has its own rule", (ListeningSocket(cafe, "tcp", 445, ("*",), everywhere), done))
    yield Example("remote login has its own rule", (ListeningSocket(cafe, "tcp", 22, ("*",), everywhere), done))
    yield Example("nothing is said before the look is complete", (database,))
