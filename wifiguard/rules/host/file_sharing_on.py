"""Files, printers or names of this laptop are offered to everyone on the network.

What it means
    A program for sharing is running, and the network reaches it: folders (Samba, NFS, AFP, rsync), films and music (DLNA), a link
    to your telephone (KDE Connect), or the names that tell others what this laptop offers (Avahi).

Why it matters
    Shares that are made for the family are often open without a password, or with one that everybody at home knows. In a café
    every guest sees them, and can read or change what is in them.

What to do
    Switch sharing off while you are out, or switch on a firewall. If the network is yours, trust it.

False alarms
    A share that asks for a good password is told as well: whether it does is not tried.

Limits
    What the shares hold, and who may open them, is not looked at. As with `exposed-service`, a firewall outside of this laptop is
    not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

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
from wifiguard.core.text import N_

_SHARED = Text(
    N_("{service} shares with this whole network"),
    N_("Every device here can find it ({ports}) and try to open what this laptop shares."),
    (
        N_("Switch it off while here, or: {bind}"),
        N_("If this network is yours, trust it."),
    ),
)
RULE = Rule(
    id="file-sharing-on",
    kind=Kind.POSTURE,
    source="services",
    texts={
        Severity.HIGH: _SHARED,
        Severity.MEDIUM: _SHARED,
        Severity.LOW: Text(
            N_("{service} tells this network about you"),
            N_("Every device here can ask it ({ports}) for names and services of this laptop."),
            (
                N_("If you do not need it here: {bind}"),
                N_("If this network is yours, trust it."),
            ),
        ),
        Severity.INFO: Text(
            N_("{service} shares with your network"),
            N_("Devices on this network, which you trust, can reach what this laptop shares."),
            (N_("Fine if you want that. To switch it off: {bind}"),),
        ),
    },
    references=("CWE-1327: Binding to an Unrestricted IP Address",),
)


class FileSharingEvidence(Evidence, frozen=True):
    """`service`: what shares. `program`, `user`: whose it is, as far as that may be known. `ports`: as "tcp/445".
    `families`: 4, 6. `certain`: nothing stops it, as opposed to perhaps. `bind`: the setting that keeps it to this
    laptop.
    """

    service: str
    program: str | None
    user: str | None
    ports: tuple[str, ...]
    families: tuple[int, ...]
    certain: bool
    bind: str


class FileSharingOn(OfferDetector):
    """Fires once for each program that shares: its other ports are the same problem."""

    rule = RULE
    topic = Topic.SHARING

    def judged(self, offer: Offer) -> Finding:
        owner = offer.obs.owner
        evidence = FileSharingEvidence(
            offer.name,
            owner.program,
            owner.user,
            tuple(sorted(offer.ports)),
            tuple(sorted(offer.families)),
            offer.certain,
            offer.service.bind if offer.service else "",
        )
        return self.found(offer.obs, offer.severity, offer.key, evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    cafe = Seen(0.0, 0.0, wifi_network(b"Cafe", Security.WPA2), "wlan0")
    home = Seen(0.0, 0.0, wifi_network(b"Home", Security.WPA2, trusted=True), "wlan0")
    done = SourceDone(cafe, RULE.source, ok=True)
    share = ListeningSocket(cafe, "tcp", 445, ("*",), ((4, Reach.OPEN), (6, Reach.OPEN)), Owner("smbd", user="root"))
    bind = "smb.conf: interfaces = lo, bind interfaces only = yes"
    found = FileSharingEvidence("Samba", "smbd", "root", ("tcp/445",), (4, 6), True, bind)
    yield Example("Samba in a café", (share, done), ((Severity.HIGH, found),))
    yield Example("Samba at home", (replace(share, seen=home), done), ((Severity.INFO, found),))
    browsing = ListeningSocket(cafe, "udp", 137, ("*",), ((4, Reach.PERHAPS),), share.owner)
    yield Example(
        "all of its ports are one problem, as bad as the worst",
        (browsing, share, browsing, done),
        ((Severity.HIGH, replace(found, ports=("tcp/445", "udp/137"))),),
    )
    yield Example(
        "Samba behind a firewall that nobody could read",
        (replace(share, reach=((4, Reach.PERHAPS),)), done),
        ((Severity.MEDIUM, replace(found, families=(4,), certain=False)),),
    )
    names = FileSharingEvidence(
        "Avahi", "avahi-daemon", "avahi", ("udp/5353",), (4,), True, "avahi-daemon.conf: allow-interfaces=lo"
    )
    yield Example(
        "names told by Avahi",
        (ListeningSocket(cafe, "udp", 5353, ("*",), ((4, Reach.OPEN),), Owner("avahi-daemon", user="avahi")), done),
        ((Severity.LOW, names),),
    )
    yield Example("the firewall stops it", (replace(share, reach=((4, Reach.STOPPED), (6, Reach.STOPPED))), done))
    yield Example("a database is no share", (ListeningSocket(cafe, "tcp", 5432, ("*",), ((4, Reach.OPEN),)), done))
