"""A server chose encryption that has been broken for years.

What it means
    When a connection begins, the program on this laptop says which kinds of encryption it knows and the server chooses one.
    This server chose a version of TLS that is retired (SSLv2, SSLv3, TLS 1.0, TLS 1.1), or a cipher that is weak (RC4, 3DES,
    DES, the export ciphers of the 1990s), that encrypts nothing, or for which nobody proves who he is.

Why it matters
    Who runs the network can record such a connection and work on it, or change what is sent. Some of it takes minutes.

What to do
    Update the program or device. If it is a website, tell its owner, and send nothing over it that matters. A bank that does
    this does not look after its servers: use another way to reach it.

False alarms
    An old printer or network disk at home chooses what it knows; no attack, but the finding is true.

Limits
    What the server chose is in its first answer and can be seen in every version. That a client merely offers old kinds does
    not count. In SSLv2 the cipher is not told. What this laptop's own servers choose is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.addresses import address_text
from wifiguard.core.ciphers import weakness
from wifiguard.core.fewest import Fewest
from wifiguard.core.host import LinkKind, LinkState
from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow, TlsHello
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.own_addresses import OwnAddresses
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.tls import OBSOLETE
from wifiguard.names.catalogue import Catalogue
from wifiguard.names.visited import Visited

RULE = Rule(
    id="obsolete-tls",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("Your bank's server uses broken encryption"),
            N_("{institution} protects this connection with {encryption}, which others can break."),
            (
                N_("Enter nothing there; reach your bank over mobile data or by its own app, and tell it."),
                N_("Update the program that you used: a new one refuses such connections."),
            ),
        ),
        Severity.MEDIUM: Text(
            N_("A server uses broken encryption"),
            N_("{server} protects a connection of this laptop with {encryption}, which others can break."),
            (
                N_("Send nothing over it that matters."),
                N_("Update the program or the device that is concerned."),
            ),
        ),
    },
    references=(
        "RFC 6176 (SSLv2), RFC 7568 (SSLv3), RFC 8996 (TLS 1.0 and 1.1)",
        "RFC 7465 (RC4), RFC 9325, 4.1 (cipher suites)",
    ),
)


class ObsoleteTlsEvidence(Evidence, frozen=True):
    """`version` and `weak_cipher` (null, or RC4 3DES DES NULL EXPORT ANON) that the server chose; `encryption`: both in words.

    `server`: its address. `institution`: the bank's name in the catalogue, "" for any other server.
    """

    version: str
    weak_cipher: str | None
    server: str
    port: int
    encryption: str
    institution: str = ""
    program: str | None = None


class Config(Struct, frozen=True):
    """`categories` of the catalogue that are worse. `servers`: how many of these, and of others, are told apart."""

    categories: tuple[str, ...] = ("bank", "payment", "broker", "crypto")
    servers: int = 32


class ObsoleteTls(Detector):
    """Judges what servers choose; whose they are is told by the name that the client asked for, or by DNS."""

    rule = RULE
    inputs = (TlsHello, DnsMessage, LinkState)

    def __init__(self, catalogue: Catalogue, config: Config = Config()) -> None:
        self._visited = Visited(catalogue, config.categories)
        self._servers = Fewest(config.servers)
        self._own = OwnAddresses()

    def observe(self, obs: Observation) -> Iterator[Finding]:
        match obs:
            case TlsHello(server=True) if obs.flow.server not in self._own:
                yield from self._chosen(obs)
            case DnsMessage():
                self._visited.learn(obs)
            case LinkState():
                self._own.learn(obs)
            case _:
                pass

    def _chosen(self, obs: TlsHello) -> Iterator[Finding]:
        version = obs.versions[0]
        weak = next((word for suite in obs.ciphers if (word := weakness(suite)) is not None), None)
        # The suites of TLS 1.3 that only sign (RFC 9150) are for machines that want it so.
        if version not in OBSOLETE and (weak is None or version == "TLS1.3"):
            return
        flow = obs.flow
        server = address_text(flow.server)
        names = self._visited.names(obs.server_name, flow.server, obs.tick)
        listing = self._visited.sole_listing(names)
        evidence = ObsoleteTlsEvidence(version, weak, server, flow.server_port, _words(version, weak))
        where = obs.network.id if obs.network else ""
        if listing is not None and listing.certainty != "likely":
            severity = Severity.HIGH
            evidence = replace(evidence, institution=listing.entry_name)
            who = self._servers.name((where, "banks"), listing.registrable, obs.tick)
        else:
            severity = Severity.MEDIUM
            who = self._servers.name((where, "others"), server, obs.tick)
        yield self.found(obs, severity, (who, version, weak or ""), evidence)


def _words(version: str, weak: str | None) -> str:
    if weak is None:
        return version
    return f"{version} without encryption" if weak == "NULL" else f"{version} with {weak}"


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, interface="wlan0")
    bank = bytes([192, 0, 2, 1])
    flow = Flow(bytes([10, 0, 0, 2]), 40000, bank, 443, "tcp")

    def chosen(version: str, suite: int = 0xC02F, name: str | None = "www.example.org") -> TlsHello:
        return TlsHello(seen, flow, True, (version,), name, (suite,))

    def evidence(version: str, weak: str | None, encryption: str, institution: str = "") -> ObsoleteTlsEvidence:
        return ObsoleteTlsEvidence(version, weak, "192.0.2.1", 443, encryption, institution)

    yield Example(
        "a bank's server chooses TLS 1.0",
        (chosen("TLS1.0", name="www.commerzbank.de"),),
        ((Severity.HIGH, evidence("TLS1.0", None, "TLS1.0", "Commerzbank")),),
    )
    address = DnsMessage(
        *(seen, flow._replace(transport="udp", server_port=53), "dns", 7, True, 0),
        (DnsQuestion("www.commerzbank.de", 1),),
        (DnsRecord("www.commerzbank.de", 1, 60, bank),),
    )
    yield Example(
        "an old client says no name, but DNS did",
        (address, chosen("SSLv3", 0x0005, None)),
        ((Severity.HIGH, evidence("SSLv3", "RC4", "SSLv3 with RC4", "Commerzbank")),),
    )
    for version in sorted(OBSOLETE):
        yield Example(
            f"some server chooses {version}",
            (chosen(version),),
            ((Severity.MEDIUM, evidence(version, None, version)),),
        )
    for suite, weak in ((0x0004, "RC4"), (0x000A, "3DES"), (0x0009, "DES"), (0x0003, "EXPORT"), (0x0034, "ANON")):
        yield Example(
            f"a current version with {weak}",
            (chosen("TLS1.2", suite),),
            ((Severity.MEDIUM, evidence("TLS1.2", weak, f"TLS1.2 with {weak}")),),
        )
    yield Example(
        "a suite that encrypts nothing",
        (chosen("TLS1.2", 0x003B),),
        ((Severity.MEDIUM, evidence("TLS1.2", "NULL", "TLS1.2 without encryption")),),
    )
    yield Example("what a bank should choose", (chosen("TLS1.3", 0x1301, "www.commerzbank.de"),))
    yield Example("TLS 1.2 with a good suite", (chosen("TLS1.2"),))
    yield Example(
        "a client merely offers old kinds",
        (TlsHello(seen, flow, False, ("TLS1.2", "TLS1.0", "SSLv3"), "www.example.org", (0x0004, 0xC02F)),),
    )
    link = LinkState(seen, 2, "wlan0", LinkKind.WIFI, up=True, addresses=("192.0.2.1/24",))
    yield Example("a server on this laptop itself", (link, chosen("TLS1.0")))
