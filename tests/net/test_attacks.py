"""Real attackers against a laptop on a shared link: each is named, and over when it stops; without them there is silence.

The long form repeats every attack ten times, then lets as much time pass without it, and plays it on every kind of laptop.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import pytest
from msgspec import Struct

from tests.net.rig.lab import Lab
from tests.net.rig.requirements import LAB, require
from tests.net.rig.router_services import isc_dhcpd, radvd, unbound
from tests.net.rig.shared_air import (
    ATTACKER4,
    ATTACKER6,
    ATTACKER_MAC,
    LAPTOP4,
    LAPTOP6,
    ROUTER4,
    ROUTER6,
    ROUTER_MAC,
    SharedAir,
)
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import StillWaitingError, wait_until
from tests.net.watched import Line, Watched

pytestmark = [
    pytest.mark.root,
    pytest.mark.rig(
        "arpspoof",
        "ettercap",
        "bettercap",
        "atk6-parasite6",
        "yersinia",
        "radvd",
        "dhcpd",
        "unbound",
        "dhclient",
        "tcpdump",
        "ping",
    ),
    pytest.mark.xdist_group("attacks"),
]

ROUNDS = 10
BANK = "www.commerzbank.de"
# Seconds: what is measured is from the first packet of the attack to the packet that convicted it.
SOON = 2.0
# An attack that stopped is over after so long; as a user would set it who does not like to wait.
QUIET = """
[rules.{rule}]
quiet_seconds = 3
"""
PATIENT = ("gateway-impersonated", "rogue-router-advertisement", "rogue-dhcpv6-server", "icmp-redirect")
PATIENT += ("dns-answer-race", "name-poisoning", "second-dhcp-server")
SETTINGS = "".join(QUIET.format(rule=rule) for rule in PATIENT)
SETTINGS = SETTINGS.replace(
    "[rules.rogue-router-advertisement]", "[rules.rogue-router-advertisement]\nwithout_seconds = 2"
)
SETTINGS = SETTINGS.replace("[rules.rogue-dhcpv6-server]", "[rules.rogue-dhcpv6-server]\nwithout_seconds = 2")
ATTACKS_ON_LINK = frozenset(
    (*PATIENT, "address-conflict", "dhcp-route-injection", "wpad-offered", "dns-hijack", "captive-portal")
)


class Scene:
    """The link, its honest services, and the monitor on the laptop."""

    def __init__(self, lab: Lab, *families: int, speaks6: bool = True) -> None:
        self.air = SharedAir(lab, *families, speaks6=speaks6)
        self.services: list[Spawned] = []
        if 4 in families:
            self.services += [
                isc_dhcpd(self.air.router, ROUTER4),
                unbound(self.air.router, ROUTER4, {BANK: "203.0.113.9"}),
            ]
        if 6 in families:
            self.services.append(radvd(self.air.router))
        self.watched = Watched(self.air.laptop, settings=SETTINGS)
        # The monitor sees how this network is without an attacker.
        if 4 in families:
            ask_for_lease(self, 4)
        if 6 in families:
            self.hear_router()
        else:
            time.sleep(2.5)
        self.air.meet()

    def hear_router(self) -> None:
        heard = self.air.listen("icmp6 and ip6[40] = 134")
        wait_until(lambda: self.air.heard_at(heard), "the router to advertise itself")

    def told(self) -> list[Line]:
        return [line for line in self.watched.printed() if line["rule"] in ATTACKS_ON_LINK]


@pytest.fixture(scope="module")
def dual() -> Iterator[Scene]:
    """IPv4 and IPv6."""
    yield from scene(4, 6)


@pytest.fixture(scope="module")
def only4() -> Iterator[Scene]:
    """A network without IPv6, whose laptop can speak it."""
    yield from scene(4)


@pytest.fixture(scope="module")
def only6() -> Iterator[Scene]:
    """A network without IPv4."""
    yield from scene(6)


@pytest.fixture(scope="module")
def without6() -> Iterator[Scene]:
    """The same network, and a laptop whose IPv6 is switched off."""
    yield from scene(4, speaks6=False)


# What each of these laptops can be attacked over.
SCENES = {"dual": {4, 6}, "only4": {4}, "only6": {6}, "without6": {4}}


def scene(*families: int, speaks6: bool = True) -> Iterator[Scene]:
    require(*LAB, root=True)
    with Lab() as lab:
        yield Scene(lab, *families, speaks6=speaks6)


# What the laptop does meanwhile.


def look_up(scene: Scene) -> None:
    scene.air.laptop.run("getent", "ahostsv4", BANK, check=False)


def ask_for_router(scene: Scene) -> None:
    # Twice: an attacker who says that he has started may not listen yet.
    for _ in range(2):
        scene.air.laptop.ip("neighbour flush dev wlan0")
        scene.air.laptop.run("ping", "-nqc1", "-W1", f"{ROUTER6}%wlan0", check=False)


def ask_for_lease(scene: Scene, family: int, *, answered: bool = True) -> None:
    folder = scene.air.lab.processes.subfolder("dhclient")
    files = ("-lf", f"{folder}/leases", "-pf", f"{folder}/pid")
    client = scene.air.laptop.start(
        "dhclient", "dhclient", f"-{family}", "-1", "-d", "-sf", "/bin/true", *files, "wlan0"
    )
    client.wait_for_output("RCV: Advertise|bound to|XMT: Request|DHCPACK" if answered else "XMT: Solicit", timeout=15)
    client.stop()


def ask_neighbours(scene: Scene, port: int, family: int = 4) -> None:
    """Ask all for a name that this network has no host for: what programs do all day."""
    name = (
        b"\x08intranet\0"
        if port == 5355
        else b" " + bytes(0x41 + n for c in b"INTRANET       \0" for n in (c >> 4, c & 15)) + b"\0"
    )
    flags, kind = (b"\0\0", b"\0\1") if port == 5355 else (b"\1\x10", b"\0\x20")
    question = b"\0\7" + flags + b"\0\1\0\0\0\0\0\0" + name + kind + b"\0\1"
    to = "ff02::1:3%wlan0" if family == 6 else "224.0.0.252" if port == 5355 else "10.23.0.255"
    program = (
        f"import socket; s = socket.socket(socket.AF_INET{'6' if family == 6 else ''}, socket.SOCK_DGRAM);"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);"
        f"s.sendto({question!r}, ({to!r}, {port}))"
    )
    scene.air.laptop.run(sys.executable, "-c", program)


class Attack(Struct, frozen=True):
    """`heard`: its packets, for tcpdump. `ready`: what the tool says when it works. `during`: what the laptop does then."""

    name: str
    scene: str
    rule: str
    command: tuple[str, ...]
    heard: str
    ready: str = ""
    during: Callable[[Scene], None] = lambda _: None
    # The same where only the attacker would answer.
    alone: Callable[[Scene], None] | None = None
    # Whether its frames bear the attacker's own hardware address; some tools forge the router's.
    own_frames: bool = True
    names: Callable[[Line], object] = lambda evidence: evidence["mac"]
    # What the tool does besides.
    also: frozenset[str] = frozenset()
    # The version of IP that it needs.
    family: int = 4


def bettercap(commands: str) -> tuple[str, ...]:
    return ("bettercap", "-iface", "eth0", "-no-colors", "-eval", commands)


def impostor(evidence: Line) -> object:
    return evidence["impostor"]


def poisoner() -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.net.rig.name_poisoner", "eth0", ATTACKER4, ATTACKER6)


ARP = f"arp[6:2] = 2 and arp src host {ROUTER4}"
RA, NA = "icmp6 and ip6[40] = 134", "icmp6 and ip6[40] = 136 and ip6[48:4] = 0xfe800000 and ip6[60:4] = 1"
# The frame is read by hand where an extension header hides it.
ANY6 = "ip6"
ROGUE = ("atk6-fake_router26", "-A", "2001:db8:bad::/64", "-D", "fe80::66")
# bettercap spoofs whose hardware address the kernel knows, and asks nobody for it.
SPOOF4 = (
    f"ping -nqc1 {LAPTOP4}; exec bettercap -iface eth0 -no-colors -eval "
    f"'set arp.spoof.targets {LAPTOP4}; set arp.spoof.internal true; arp.spoof on'"
)
NDP = f"ping -nqc1 {LAPTOP6}%eth0; exec bettercap -iface eth0 -no-colors -eval "
NDP += f"'net.recon on; sleep 2; set ndp.spoof.targets {LAPTOP6}; set ndp.spoof.neighbour {ROUTER6}; ndp.spoof on'"

ATTACKS = (
    Attack(
        "arpspoof",
        "dual",
        "gateway-impersonated",
        ("arpspoof", "-i", "eth0", "-t", LAPTOP4, ROUTER4),
        ARP,
        names=impostor,
    ),
    Attack(
        "arpspoof to all", "without6", "gateway-impersonated", ("arpspoof", "-i", "eth0", ROUTER4), ARP, names=impostor
    ),
    Attack(
        "ettercap",
        "only4",
        "gateway-impersonated",
        ("ettercap", "-Tqi", "eth0", "-M", "arp:remote", f"/{LAPTOP4}//", f"/{ROUTER4}//"),
        ARP,
        names=impostor,
    ),
    Attack(
        "bettercap ARP",
        "dual",
        "gateway-impersonated",
        ("sh", "-c", SPOOF4),
        ARP,
        names=impostor,
    ),
    Attack(
        "bettercap ND",
        "dual",
        "gateway-impersonated",
        ("sh", "-c", NDP),
        NA,
        names=impostor,
        also=frozenset({"rogue-router-advertisement"}),
        family=6,
    ),
    Attack(
        "parasite6",
        "only6",
        "gateway-impersonated",
        ("atk6-parasite6", "eth0"),
        NA,
        "Started",
        during=ask_for_router,
        names=impostor,
        family=6,
    ),
    Attack("fake_router26", "dual", "rogue-router-advertisement", (*ROGUE, "eth0"), RA, family=6),
    Attack("fake_router26, no IPv6 before", "only4", "rogue-router-advertisement", (*ROGUE, "eth0"), RA, family=6),
    Attack(
        "fake_router26, hidden in fragments",
        "only6",
        "rogue-router-advertisement",
        (*ROGUE, "-E", "D", "eth0"),
        ANY6,
        family=6,
    ),
    Attack(
        "redir6",
        "only6",
        "icmp-redirect",
        ("atk6-redir6", "eth0", LAPTOP6, "2001:db8::9", ROUTER6, ATTACKER6),
        "icmp6 and ip6[40] = 137",
        own_frames=False,
        names=lambda evidence: evidence["through"],
        family=6,
    ),
    Attack(
        "dnsspoof",
        "dual",
        "dns-answer-race",
        ("sh", "-c", f"exec dnsspoof -i eth0 -f /dev/stdin <<END\n{ATTACKER4} {BANK}\nEND"),
        "udp src port 53",
        "listening",
        during=look_up,
        names=lambda evidence: next(mac for mac in evidence["senders"] if mac == ATTACKER_MAC),
    ),
    Attack(
        "bettercap DNS",
        "dual",
        "dns-answer-race",
        bettercap(
            f"set dns.spoof.domains {BANK}; set dns.spoof.address {ATTACKER4}; set dns.spoof.all true; dns.spoof on"
        ),
        "udp src port 53",
        "dns.spoof",
        during=look_up,
        own_frames=False,
        # It forges the router's hardware address: the addresses are what tells.
        names=lambda evidence: ATTACKER_MAC if [ATTACKER4] in evidence["answers"] else None,
    ),
    Attack(
        "bettercap DHCPv6",
        "dual",
        "rogue-dhcpv6-server",
        bettercap("dhcp6.spoof on"),
        "udp src port 547",
        "dhcp6.spoof",
        during=partial(ask_for_lease, family=6),
        alone=partial(ask_for_lease, family=6, answered=False),
        family=6,
    ),
    Attack(
        "ettercap DHCP",
        "only4",
        "second-dhcp-server",
        ("ettercap", "-Tqzi", "eth0", "-M", f"dhcp:10.23.0.210-220/255.255.255.0/{ATTACKER4}"),
        "udp src port 67",
        "Starting Unified",
        during=partial(ask_for_lease, family=4),
        names=lambda evidence: evidence["servers"][1]["mac"],
    ),
    Attack(
        "yersinia DHCP",
        "only4",
        "second-dhcp-server",
        (sys.executable, "-m", "tests.net.rig.yersinia", "eth0", ATTACKER4, "10.23.0.210", "10.23.0.220"),
        "udp src port 67",
        "serving",
        during=partial(ask_for_lease, family=4),
        names=lambda evidence: evidence["servers"][1]["mac"],
    ),
    Attack(
        "LLMNR",
        "only4",
        "name-poisoning",
        poisoner(),
        "udp src port 5355",
        "poisoning",
        partial(ask_neighbours, port=5355),
    ),
    Attack(
        "LLMNR over IPv6",
        "only6",
        "name-poisoning",
        poisoner(),
        "ip6 and udp src port 5355",
        "poisoning",
        partial(ask_neighbours, port=5355, family=6),
        family=6,
    ),
    Attack(
        "NetBIOS",
        "only4",
        "name-poisoning",
        poisoner(),
        "udp src port 137",
        "poisoning",
        partial(ask_neighbours, port=137),
    ),
)


def started(scene: Scene, attack: Attack) -> Spawned:
    """The attacker's tool, at work; bettercap hangs now and then before it says a word."""
    tries = 3 if attack.ready else 1
    while True:
        tries -= 1
        process = scene.air.attacker.start("attacker", *attack.command)
        try:
            if attack.ready:
                process.wait_for_output(attack.ready, timeout=7 if tries else 20)
            return process
        except StillWaitingError:
            process.stop()
            if not tries:
                raise


@pytest.mark.parametrize("network", SCENES)
def test_without_an_attacker_there_is_silence(request: pytest.FixtureRequest, network: str) -> None:
    """First, since the scenes are shared."""
    scene: Scene = request.getfixturevalue(network)
    if 4 in SCENES[network]:
        ask_for_lease(scene, 4)
        look_up(scene)
        for port in (5355, 137):
            ask_neighbours(scene, port)
    if 6 in SCENES[network]:
        ask_for_router(scene)
        scene.hear_router()
    scene.air.meet()
    assert scene.told() == []


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_an_attack_is_named_and_over_when_it_stops(request: pytest.FixtureRequest, attack: Attack) -> None:
    played(request.getfixturevalue(attack.scene), attack)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_ten_of_ten_and_nothing_without_it(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], attack: Attack
) -> None:
    scene: Scene = request.getfixturevalue(attack.scene)
    began = time.monotonic()
    took = [played(scene, attack) for _ in range(ROUNDS)]
    until = time.monotonic() + (lasted := time.monotonic() - began)
    before = len(scene.told())
    while time.monotonic() < until:
        (attack.alone or attack.during)(scene)
        scene.air.meet()
    assert scene.told()[before:] == [], "something was told without an attacker"
    with capsys.disabled():
        worst = f"{sorted(took)[ROUNDS // 2]:.2f} s, at worst {max(took):.2f} s"
        print(
            f"\n{attack.name} ({attack.scene}): {len(took)} of {ROUNDS}, told after {worst}; then {lasted:.0f} s of silence"
        )


@pytest.mark.long
@pytest.mark.parametrize(
    ("attack", "network"),
    [(a, n) for a in ATTACKS for n, families in SCENES.items() if n != a.scene and a.family in families],
    ids=lambda value: getattr(value, "name", value),
)
def test_on_every_kind_of_laptop(request: pytest.FixtureRequest, attack: Attack, network: str) -> None:
    played(request.getfixturevalue(network), attack)


def played(scene: Scene, attack: Attack) -> float:
    """Let the attack happen once; seconds from its first packet to the one that convicted it."""
    watched = scene.watched
    before = len(watched.printed())
    frames = f"ether src {ATTACKER_MAC} and " if attack.own_frames else ""

    def told(state: str) -> Line | None:
        lines = (line for line in watched.printed()[before:] if line["rule"] == attack.rule)
        return next((line for line in lines if line["state"] == state), None)

    # What comes right behind a question may be one of two honest answers; such an attack is told at its next packet.
    time.sleep(0.6)
    heard = scene.air.listen(f"{frames}({attack.heard})")
    process = started(scene, attack)
    try:
        attack.during(scene)
        new = wait_until(lambda: told("new"), f"a finding of {attack.rule}", 15)
    finally:
        process.stop()
    first = wait_until(lambda: scene.air.heard_at(heard), "the attack's first packet")
    took = datetime.fromisoformat(new["at"]).timestamp() - first
    assert took < SOON, f"the attack ran for {took:.2f} s before a packet convicted it"
    assert attack.names(new["evidence"]) == ATTACKER_MAC
    wait_until(lambda: told("resolved"), "the attack to be over", 20)
    scene.air.meet()
    others = {line["rule"] for line in watched.printed()[before:]} & ATTACKS_ON_LINK - {attack.rule} - attack.also
    assert others == set(), "something else was told about the same attack"
    return took


def test_what_could_not_be_asked_is_said(only4: Scene) -> None:
    """This name server refuses all that it was not told, and nothing on this laptop says where to look for a login page."""

    def said() -> bool:
        reasons = {item["what"]: item["reason"] for item in only4.watched.status()["not_checked"]}
        return reasons.get("dns-hijack") == "the name server refused to answer" and "captive-portal" in reasons

    wait_until(said, "it to be said", 60)


def test_a_scan_finds_who_answers_to_every_name(only4: Scene) -> None:
    """Nobody on the laptop asked for anything: the scan does."""
    only4.air.meet()
    process = only4.air.attacker.start("poisoner", *poisoner())
    process.wait_for_output("poisoning", timeout=20)

    def found() -> bool:
        findings = [line for line in only4.watched.lines("scan") if line.get("rule") == "name-poisoning"]
        return any(line["evidence"]["mac"] == ATTACKER_MAC for line in findings)

    try:
        wait_until(found, "a scan to find it", 100)
    finally:
        process.stop()


def test_a_trusted_networks_equipment_is_learned_and_shown(dual: Scene) -> None:
    watched = dual.watched
    watched.command("trust")
    try:
        ask_for_lease(dual, 4)
        dual.hear_router()
        dual.air.meet()
        (network,) = watched.lines("networks")
        wanted = {
            f"router {ROUTER4} at {ROUTER_MAC}",
            f"IPv6 router {ROUTER6} at {ROUTER_MAC}",
            f"DHCP server, and the router and name servers that it gives: {ROUTER_MAC}; {ROUTER4}; {ROUTER4}; {ROUTER4}",
        }

        def shown() -> bool:
            text = " ".join(watched.command("networks", "show", network["id"]).split())
            return all(line in text for line in wanted)

        wait_until(shown, "all of it to be learned", 20)
    finally:
        watched.command("distrust", "wired, wlan0 (router f4:f2:6d:00:00:01)", check=False)
