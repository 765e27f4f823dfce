"""An access point imitates a network that is not its own.

What it means
    The same name is offered twice, once with less proof than the true network asks for: open beside a password, a password beside
    a company's certificate. Or a trusted network's name was joined through an access point and a router that are both strangers.

Why it matters
    Devices join by name. On the false one everything you send passes through the attacker's hands, and login pages can be
    imitated.

What to do
    Leave the network and use mobile data. Never enter a password or a code on a page that such a network shows. If you run the
    network: look for a forgotten guest access point of the same name.

False alarms
    A network whose owner replaced the access point and the router at once looks like the second kind; forget it and trust it
    again. Meshes, repeaters, dual-band points and roaming stay silent: they share the maker, the 802.11r mobility domain or the
    router, and are learned.

Limits
    A twin that knows the password and imitates the router's hardware address looks like the true one. An open network has
    nothing to compare. In a capture file nobody is trusted: there the stronger of two offers of a name counts as the true one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from wifiguard.core.addresses import mac_text
from wifiguard.core.air import Elements
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import NeighbourSeen, Remembered, RouteState
from wifiguard.core.network import Network, Security, wifi_network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Output, Remember, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.trusted import TrustedNetworks, proof
from wifiguard.core.wifi import Bss, BssSeen, WifiAssociated, WifiLeft

RULE = Rule(
    id="evil-twin",
    kind=Kind.EVENT,
    texts={
        Severity.CRITICAL: Text(
            N_("A false copy of a Wi-Fi network is nearby"),
            N_("“{ssid}” is also offered without the protection that the true one has: a trap for devices."),
            (
                N_("Do not join “{ssid}” here; if you are on it, leave it and use mobile data."),
                N_("Enter no password on any page that it shows."),
            ),
        ),
        Severity.MEDIUM: Text(
            N_("This may be a copy of a network you trust"),
            N_("You joined “{ssid}” through an access point and a router that WiFiGuard never saw there."),
            (
                N_("Unless you know that the equipment was replaced, leave it and use mobile data."),
                N_("If you do know: forget the network in WiFiGuard and trust it again."),
            ),
        ),
    },
    references=("IEEE 802.11-2020, 9.4.2.46 (mobility domain)", "CWE-346: Origin Validation Error"),
)

_NAMES = 2048
_BSSIDS = 16
_LOCAL = 0x02  # in the first byte: an address that its owner made up


class Config(Struct, frozen=True):
    """`seconds`: how close together two offers of a name must be. `offers`: how often the weaker one must be seen."""

    seconds: float = 120.0
    offers: int = 2

    def __post_init__(self) -> None:
        if self.seconds <= 0 or not 1 <= self.offers <= 1000:
            raise ValueError("seconds is above 0, offers from 1 to 1000")


class EvilTwinEvidence(Evidence, frozen=True):
    """`bssids`: the false one first where it is known. `differs`: of security, vendor, gateway."""

    ssid: str
    bssids: tuple[str, ...]
    differs: tuple[str, ...]


class _Offer(Struct):
    """What one level of proof under a name looked like lately."""

    bssid: bytes
    tick: float
    times: int = 1


class _Name(Struct):
    offers: dict[int, _Offer] = field(default_factory=dict)
    last: int = -1
    flips: int = 0


class _Known(Struct):
    """What was learned of a trusted network: its access points, mobility domains and routers."""

    bssids: set[bytes] = field(default_factory=set)
    domains: set[bytes] = field(default_factory=set)
    gateways: set[bytes] = field(default_factory=set)


class _Place(Struct):
    """An interface: what it joined, and the routers behind that access point (`mac`: of the one that was heard last)."""

    joined: WifiAssociated | None = None
    gateways: set[bytes] = field(default_factory=set)
    mac: bytes | None = None


class EvilTwin(Detector):
    """Live: trusted names offered with less proof, and trusted networks behind strange equipment. In captures: any name."""

    rule = RULE
    inputs = (BssSeen, WifiAssociated, WifiLeft, TrustedNetworks, Remembered, RouteState, NeighbourSeen)

    def __init__(self, config: Config = Config()) -> None:
        self._config = config
        self._names: BoundedMap[bytes, _Name] = BoundedMap(_NAMES)
        self._trusted: dict[bytes, Network] | None = None
        self._known: dict[str, _Known] = {}
        self._places: BoundedMap[str, _Place] = BoundedMap(64)

    def observe(self, obs: Observation) -> Iterator[Output]:
        match obs:
            case BssSeen(bss=bss):
                yield from self._offered(obs, bss)
            case WifiAssociated():
                place = self._place(obs)
                if place.joined is not None and place.joined.bss.bssid != obs.bss.bssid:
                    place.mac = None  # what is behind the other access point has yet to show itself
                place.joined = obs
                yield from self._offered(obs, obs.bss)
                yield from self._compare(obs, place.mac)
            case WifiLeft():
                self._places.pop(obs.interface)
            case RouteState(name=str() as name, gateway=bytes() as gateway):
                self._place(obs, name).gateways.add(gateway)
            case NeighbourSeen(mac=bytes() as mac) if obs.address in self._place(obs).gateways:
                self._place(obs).mac = mac
                yield from self._compare(obs, mac)
            case TrustedNetworks():
                self._trust(obs)
            case Remembered(rule="evil-twin", joined=joined, values=values):
                self._known[joined.id] = _recalled(values)
            case _:
                pass

    # -- the air

    def _offered(self, obs: Observation, bss: Bss) -> Iterator[Finding]:
        level = proof(bss.security)
        if not bss.ssid or bss.bssid is None or level is None:
            return
        if self._trusted is not None:
            yield from self._against_trusted(obs, bss, level)
            return
        name = self._names.get(bss.ssid, obs.tick) or _Name()
        self._names.put(bss.ssid, name, obs.tick)
        offer = name.offers.get(level)
        if offer is None or obs.tick - offer.tick > self._config.seconds:
            offer = name.offers[level] = _Offer(bss.bssid, obs.tick)
        else:
            offer.bssid, offer.tick, offer.times = bss.bssid, obs.tick, offer.times + 1
        name.flips += name.last not in (-1, level)
        name.last = level
        weakest, strongest = min(name.offers), max(name.offers)
        false, true = name.offers[weakest], name.offers[strongest]
        if weakest == strongest or abs(false.tick - true.tick) > self._config.seconds:
            return
        # One address that changes its offer once was set up anew; one that changes to and fro is two transmitters.
        if min(false.times, true.times) < self._config.offers or (false.bssid == true.bssid and name.flips < 3):
            return
        name.offers.clear()
        yield self._twin(obs, bss.ssid, (false.bssid, true.bssid))

    def _against_trusted(self, obs: Observation, bss: Bss, level: int) -> Iterator[Finding]:
        assert self._trusted is not None
        mine = self._trusted.get(bss.ssid)
        if mine is None or bss.bssid is None:
            return
        least = proof(mine.security)
        if least is not None and level < least:
            known = self._known.get(mine.id)
            true = sorted(known.bssids)[:1] if known else []
            yield self._twin(obs, bss.ssid, (bss.bssid, *(mac for mac in true if mac != bss.bssid)))

    def _twin(self, obs: Observation, ssid: bytes, bssids: tuple[bytes, ...]) -> Finding:
        texts = tuple(dict.fromkeys(map(mac_text, bssids)))
        evidence = EvilTwinEvidence(visible(ssid), texts, ("security",))
        # What is in the air is the same problem whatever network the laptop is on meanwhile.
        seen = obs.seen if isinstance(obs, WifiAssociated) else obs.seen._replace(network=None, interface="")
        return Finding(self.rule.id, seen, ("security", ssid.hex()), Severity.CRITICAL, evidence)

    # -- what was joined

    def _compare(self, obs: Observation, gateway: bytes | None) -> Iterator[Output]:
        """Learn an access point and router that nothing contradicts; tell where both are strangers."""
        joined = self._place(obs).joined
        network = obs.network
        if joined is None or network is None or not network.trusted or joined.bss.ssid != network.ssid:
            return
        bss = joined.bss
        if bss.bssid is None or not proof(bss.security):
            return
        known = self._known.setdefault(network.id, _Known())
        domain = bss.elements.mobility_domain if bss.elements else None
        fresh = not known.bssids
        kin = (
            fresh
            or bss.bssid in known.bssids
            or domain in known.domains
            or any(_kin(bss.bssid, m) for m in known.bssids)
        )
        if gateway is None:
            if kin:
                yield from self._learn(network, known, bss.bssid, domain, None)
            return
        if kin or not known.gateways or gateway in known.gateways:
            yield from self._learn(network, known, bss.bssid, domain, gateway)
            return
        evidence = EvilTwinEvidence(visible(bss.ssid), (mac_text(bss.bssid),), ("vendor", "gateway"))
        yield self.found(obs, Severity.MEDIUM, ("equipment",), evidence)

    def _learn(
        self, network: Network, known: _Known, bssid: bytes, domain: bytes | None, gateway: bytes | None
    ) -> Iterator[Remember]:
        before = len(known.bssids), len(known.domains), len(known.gateways)
        for group, value in ((known.bssids, bssid), (known.domains, domain), (known.gateways, gateway)):
            if value is not None and len(group) < _BSSIDS:
                group.add(value)
        if (len(known.bssids), len(known.domains), len(known.gateways)) != before:
            yield Remember("evil-twin", network, "equipment", _written(known))

    def _trust(self, obs: TrustedNetworks) -> None:
        self._trusted = {n.ssid: n for n in obs.networks if n.ssid and proof(n.security) is not None}
        ids = {network.id for network in obs.networks}
        self._known = {id: known for id, known in self._known.items() if id in ids}

    def _place(self, obs: Observation, name: str | None = None) -> _Place:
        interface = obs.interface if name is None else name
        place = self._places.get(interface, obs.tick) or _Place()
        self._places.put(interface, place, obs.tick)
        return place


def _kin(one: bytes, other: bytes) -> bool:
    """Same maker; or an address made up out of the other's, as access points with several names do."""
    if one[:3] == other[:3]:
        return True
    return bool((one[0] | other[0]) & _LOCAL) and one[3:5] == other[3:5]


def _written(known: _Known) -> str:
    parts = {"bssids": known.bssids, "domains": known.domains, "gateways": known.gateways}
    return json.dumps({key: sorted(value.hex() for value in values) for key, values in parts.items()})


def _recalled(values: tuple[tuple[str, str], ...]) -> _Known:
    """What `_written` wrote; nothing where it cannot be read."""
    try:
        found = json.loads(dict(values)["equipment"])
        return _Known(*({bytes.fromhex(value) for value in found[key]} for key in ("bssids", "domains", "gateways")))
    except (KeyError, TypeError, ValueError):
        return _Known()


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    true, twin, other = (bytes.fromhex(text) for text in ("a42bb0112207", "021122334455", "b0c745667788"))
    router, stranger, address = bytes.fromhex("a42bb0000001"), bytes.fromhex("020000000201"), bytes((192, 168, 1, 1))
    home = wifi_network(b"Home", Security.WPA2, true, trusted=True)

    def beacons(bssid: bytes, security: Security, begin: float = 0.0, number: int = 3) -> tuple[BssSeen, ...]:
        return tuple(BssSeen(Seen(0.0, begin + n), Bss(b"Home", bssid, security)) for n in range(number))

    def trusted() -> TrustedNetworks:
        return TrustedNetworks(Seen(0.0, 0.0), (home,))

    def joined(bssid: bytes, mac: bytes, tick: float, domain: bytes | None = None) -> tuple[Observation, ...]:
        seen = Seen(0.0, tick, home, "wlan0")
        bss = Bss(b"Home", bssid, Security.WPA2, elements=Elements(mobility_domain=domain))
        return (
            WifiAssociated(seen, bss),
            RouteState(seen, 4, "wlan0", address),
            NeighbourSeen(seen, address, mac),
            WifiLeft(seen, b"Home"),
        )

    copy = EvilTwinEvidence("Home", (mac_text(twin), mac_text(true)), ("security",))
    yield Example(
        "in a capture: a name with a password, and open beside it",
        (*beacons(true, Security.WPA2), *beacons(twin, Security.OPEN)),
        ((Severity.CRITICAL, copy),),
    )
    yield Example(
        "a trusted name offered without its password",
        (trusted(), *beacons(twin, Security.OPEN, number=1)),
        ((Severity.CRITICAL, EvilTwinEvidence("Home", (mac_text(twin),), ("security",))),),
    )
    yield Example(
        "a trusted network through strange equipment",
        (trusted(), *joined(true, router, 0.0), *joined(other, stranger, 60.0)),
        ((Severity.MEDIUM, EvilTwinEvidence("Home", (mac_text(other),), ("vendor", "gateway"))),),
    )
    before = replace(home, trusted=False)
    yield Example(
        "trusted a while after it was joined, then through strange equipment",
        (
            *(replace(obs, seen=obs.seen._replace(network=before)) for obs in joined(true, router, 0.0)[:3]),
            trusted(),
            joined(true, router, 1.0)[0],
            WifiLeft(Seen(0.0, 2.0, home, "wlan0"), b"Home"),
            *joined(other, stranger, 60.0),
        ),
        ((Severity.MEDIUM, EvilTwinEvidence("Home", (mac_text(other),), ("vendor", "gateway"))),),
    )
    yield Example(
        "a repeater of another maker, same router", (trusted(), *joined(true, router, 0.0), *joined(other, router, 9.0))
    )
    yield Example(
        "a mesh with 802.11r and two routers",
        (trusted(), *joined(true, router, 0.0, b"\1\2"), *joined(other, stranger, 9.0, b"\1\2")),
    )
    yield Example(
        "dual band and a second point of one maker",
        (trusted(), *joined(true, router, 0.0), *joined(true[:5] + b"\x08", stranger, 9.0)),
    )
    yield Example("neighbours offer a name twice, and nobody here trusts it", (
        TrustedNetworks(Seen(0.0, 0.0), ()), *beacons(true, Security.WPA2), *beacons(twin, Security.OPEN)))  # fmt: skip
    yield Example("WPA2 and WPA3 under one name", (*beacons(true, Security.WPA2), *beacons(other, Security.WPA3)))
    yield Example(
        "the owner took the password away",
        (*beacons(true, Security.WPA2, number=9), *beacons(true, Security.OPEN, 10.0)),
    )
    yield Example("hours apart", (*beacons(true, Security.WPA2), *beacons(twin, Security.OPEN, 7200.0)))
    yield Example("security that cannot be told", (*beacons(true, Security.WPA2), *beacons(twin, Security.UNKNOWN)))
