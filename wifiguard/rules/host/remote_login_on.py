"""Everyone on the network can try to log in to this laptop, or to take over its screen.

What it means
    A program for remote login is running and the network reaches it: SSH, VNC, RDP, an X server, Telnet, remote support.

Why it matters
    Whoever gets in has your files, your saved passwords and your screen. SSH that takes passwords can be tried thousands of
    times a minute; VNC, X11 and Telnet protect the password badly or not at all.

What to do
    Switch remote login off while you are out. For SSH, use keys and set `PasswordAuthentication no`. If the network is yours,
    trust it.

False alarms
    SSH that takes keys only is told at low: it is hard to get in, but everyone sees that it is there.

Limits
    SSH is asked for its effective settings, as root only; where it does not answer it is taken for one that takes passwords.
    Settings for single users (`Match`) are not looked at. No password is tried.
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

RULE = Rule(
    id="remote-login-on",
    kind=Kind.POSTURE,
    source="services",
    texts={
        Severity.HIGH: Text(
            N_("Anyone here could take over this laptop"),
            N_("{service} is open to this network ({ports}), with little or no protection of its own."),
            (N_("Switch it off, or keep it to this laptop: {bind}"),),
        ),
        Severity.MEDIUM: Text(
            N_("Anyone here can try passwords on this laptop"),
            N_("{service} is open to this network ({ports}): every device can try to log in."),
            (
                N_(
                    "Switch it off while you are here, or let it take keys only (sshd_config: PasswordAuthentication no)."
                ),
                N_("If this network is yours, trust it."),
            ),
        ),
        Severity.LOW: Text(
            N_("This network can see your remote login"),
            N_("{service} is open to this network ({ports}), well protected or not sure to be reached."),
            (N_("If you do not need it here, switch it off or keep it to this laptop: {bind}"),),
        ),
        Severity.INFO: Text(
            N_("Remote login is open to your network"),
            N_("Devices on this network, which you trust, can log in by {service} ({ports})."),
            (N_("Fine if you want that. To keep it to this laptop: {bind}"),),
        ),
    },
    references=("sshd_config(5)", "RFC 6143, 9 (VNC's security)"),
)


class RemoteLoginEvidence(Evidence, frozen=True):
    """`service`: what it is. `passwords`: whether SSH takes them (null: unknown). `program`, `user`: whose it is, as far as
    that may be known. `ports`: as "tcp/445". `families`: 4, 6. `certain`: nothing stops it. `bind`: the setting that
    keeps it to this laptop.
    """

    service: str
    passwords: bool | None
    program: str | None
    user: str | None
    ports: tuple[str, ...]
    families: tuple[int, ...]
    certain: bool
    bind: str


class RemoteLoginOn(OfferDetector):
    """Fires for what lets people in; SSH that takes only keys is low."""

    rule = RULE
    topic = Topic.LOGIN

    def judged(self, offer: Offer) -> Finding:
        severity = min(offer.severity, Severity.LOW) if offer.passwords is False else offer.severity
        owner = offer.obs.owner
        evidence = RemoteLoginEvidence(
            offer.name,
            offer.passwords,
            owner.program,
            owner.user,
            tuple(sorted(offer.ports)),
            tuple(sorted(offer.families)),
            offer.certain,
            offer.service.bind if offer.service else "",
        )
        return self.found(offer.obs, severity, offer.key, evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    cafe = Seen(0.0, 0.0, wifi_network(b"Cafe", Security.WPA2), "wlan0")
    home = Seen(0.0, 0.0, wifi_network(b"Home", Security.WPA2, trusted=True), "wlan0")
    done = SourceDone(cafe, RULE.source, ok=True)
    reach = ((4, Reach.OPEN), (6, Reach.OPEN))
    ssh = ListeningSocket(cafe, "tcp", 22, ("*",), reach, Owner("sshd", user="root"), passwords=True)
    bind = "sshd_config: ListenAddress 127.0.0.1"
    found = RemoteLoginEvidence("SSH", True, "sshd", "root", ("tcp/22",), (4, 6), True, bind)
    yield Example("SSH that takes passwords", (ssh, done), ((Severity.MEDIUM, found),))
    silent = replace(ssh, passwords=None)
    yield Example("SSH that does not say", (silent, done), ((Severity.MEDIUM, replace(found, passwords=None)),))
    keys = replace(ssh, passwords=False)
    yield Example("SSH that takes keys only", (keys, done), ((Severity.LOW, replace(found, passwords=False)),))
    yield Example("SSH at home", (replace(ssh, seen=home), done), ((Severity.INFO, found),))
    screen = RemoteLoginEvidence("VNC", None, "x11vnc", "ann", ("tcp/5900",), (4,), True, "-localhost")
    yield Example(
        "a shared screen",
        (ListeningSocket(cafe, "tcp", 5900, ("*",), ((4, Reach.OPEN),), Owner("x11vnc", user="ann")), done),
        ((Severity.HIGH, screen),),
    )
    yield Example("the firewall stops it", (replace(ssh, reach=((4, Reach.STOPPED), (6, Reach.STOPPED))), done))
    yield Example("a web server is no login", (ListeningSocket(cafe, "tcp", 80, ("*",), reach), done))
