"""The network offers a proxy that programs would use by themselves.

What it means
    The network names an address from which programs fetch the settings of a proxy (WPAD), by DHCP or by an address for the name
    "wpad". Programs that look for a proxy by themselves will send their requests through it.

Why it matters
    A proxy sees every name that is visited and everything that is not encrypted, and can send back what it likes. Answering to
    this name is a common way to collect the passwords of Windows machines.

What to do
    Switch the automatic search for a proxy off in your system's network settings and in the browser, unless your company told
    you to use it.

False alarms
    Companies configure their machines like this; on a network that you trust, it is information only. Servers that answer
    with an empty option say that there is no proxy, and are silent.

Limits
    Whether a program on this laptop obeys is not known. Neighbours who answer to the name by NetBIOS or LLMNR are told by
    `name-poisoning`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.addresses import address_text, mac_text
from wifiguard.core.lan import Delivery, DhcpMessage
from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Observation
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.rule import Cleared, Detector, Evidence, Example, Kind, Output, Rule, Text
from wifiguard.core.scenes import LAPTOP, ROUTER, ROUTER_MAC, dhcp, ip, seen
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_

RULE = Rule(
    id="wpad-offered",
    kind=Kind.EVENT,
    texts={
        Severity.MEDIUM: Text(
            N_("This network offers a proxy by itself"),
            N_("{server} offers programs the settings of a proxy. Through a proxy, others read what is not encrypted."),
            (
                N_("Switch off “automatic proxy detection” in the network settings and in your browser."),
                N_("Leave it on only if your company told you so."),
            ),
        ),
        Severity.INFO: Text(
            N_("This trusted network offers a proxy"),
            N_("{server} offers programs the settings of a proxy, as companies do."),
            (N_("Nothing, if you know this network to do so."),),
        ),
    },
    references=("draft-ietf-wrec-wpad-01 (WPAD)", "RFC 2132 (DHCP options)"),
)
_OFFER, _ACK = 2, 5
_ADDRESSES = (1, 28)
_DNS = ("dns", "dns-over-tcp")


class WpadOfferedEvidence(Evidence, frozen=True):
    """`by`: dhcp or dns. `server`: who offers it; `mac`: the sender of that frame, where it is known."""

    by: str
    server: str
    mac: str


class Config(Struct, frozen=True):
    """`quiet_seconds`: over, when nothing of it was seen for so long."""

    quiet_seconds: float = 1800.0


class WpadOffered(Detector):
    """Fires on option 252 with content, and on an address for the name wpad."""

    rule = RULE
    inputs = (DhcpMessage, DnsMessage)

    def __init__(self, config: Config = Config()) -> None:
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds)

    def observe(self, obs: Observation) -> Iterator[Output]:
        found: WpadOfferedEvidence | None = None
        match obs:
            case DhcpMessage(from_server=True, proxy=True) if obs.kind in (_OFFER, _ACK):
                found = _evidence("dhcp", obs.server or obs.source, obs.delivery.mac)
            case DnsMessage(response=True, rcode=0) if obs.protocol in _DNS and _answers_wpad(obs):
                found = _evidence("dns", obs.flow.server, obs.delivery.mac)
            case _:
                pass
        if found is not None and self._ongoing.sighted(obs.seen, (found.by,)):
            trusted = obs.network is not None and obs.network.trusted
            yield self.found(obs, Severity.INFO if trusted else Severity.MEDIUM, (found.by,), found)

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        return self._ongoing.over(due)


def _answers_wpad(dns: DnsMessage) -> bool:
    return any(q.name == "wpad" or q.name.startswith("wpad.") for q in dns.questions[:4]) and any(
        record.type in _ADDRESSES and isinstance(record.data, bytes) and any(record.data) for record in dns.answers
    )


def _evidence(by: str, server: bytes, mac: bytes) -> WpadOfferedEvidence:
    return WpadOfferedEvidence(by, address_text(server), mac_text(mac))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    option = dhcp(1.0, 5, proxy=True)
    by_dhcp = WpadOfferedEvidence("dhcp", ROUTER, mac_text(ROUTER_MAC))
    yield Example("an option that names a proxy's settings", (option,), ((Severity.MEDIUM, by_dhcp),))
    office = wifi_network(b"Office", Security.WPA2_ENTERPRISE, trusted=True)
    trusted = replace(option, seen=option.seen._replace(network=office))
    yield Example("on a trusted network", (trusted,), ((Severity.INFO, by_dhcp),))

    def answer(name: str, rcode: int, *addresses: str) -> DnsMessage:
        flow = Flow(ip(LAPTOP), 50000, ip(ROUTER), 53, "udp")
        records = tuple(DnsRecord(name, 1, 60, ip(address)) for address in addresses)
        delivery = Delivery(ROUTER_MAC)
        return DnsMessage(seen(1.0), flow, "dns", 1, True, rcode, (DnsQuestion(name, 1),), records, delivery)

    by_dns = WpadOfferedEvidence("dns", ROUTER, mac_text(ROUTER_MAC))
    yield Example("the name has an address", (answer("wpad.lan", 0, "192.168.1.9"),), ((Severity.MEDIUM, by_dns),))
    yield Example("the name does not exist", (answer("wpad.lan", 3),))
    yield Example("a filter answers with nowhere", (answer("wpad.lan", 0, "0.0.0.0"),))
    yield Example("another name", (answer("wpadding.example", 0, "192.0.2.1"),))
    yield Example("an empty option", (dhcp(1.0, 5),))
