"""A server showed a certificate that does not prove who it is.

What it means
    With its certificate a server proves that it is the one you meant. This one proves nothing: no authority that this computer
    trusts vouches for it, or it is for another name, out of date, or made with keys and signatures that can be forged. That is
    what it looks like when somebody in between pretends to be the server, and also when a server is badly kept.

Why it matters
    Whoever is in between reads and changes everything, passwords and payments included, though the connection is encrypted.

What to do
    Do not go on after a warning; close the page or program. If it is your bank, reach it over mobile data and try again later
    from another network. If the warning is gone there, leave this Wi-Fi.

False alarms
    Wi-Fi that asks for a login on a web page answers for every site until you are in: while that is seen, only banks are told
    of. Some programs bring authorities of their own and are content with what looks unknown here. Devices at home prove nothing
    by custom: that is reported at low. An authority that you or your employer put on this computer is reported at info.

Limits
    TLS 1.3 and QUIC encrypt certificates, so nothing can be said about them. Revocation is not checked, and servers on this
    laptop itself are left out. Without a name in the client's first packet and without a DNS answer for the address, the name
    cannot be compared. Where a server left out a link of what looks like a public authority's chain, only banks are reported,
    at medium. The authorities are those that this computer trusts now: of a recording that is more than a year older, it is not
    said that an issuer is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.addresses import address_text, is_private
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.clock import ClockWatch
from wifiguard.core.fewest import Fewest
from wifiguard.core.host import LinkKind, LinkState, ProbeAnswer
from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.own_addresses import OwnAddresses
from wifiguard.core.portals import Portals
from wifiguard.core.rule import Cleared, Detector, Evidence, Example, Finding, Kind, Output, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.tls import Certificate, TlsCertificate, Voucher, problems
from wifiguard.names.catalogue import Catalogue, Listing
from wifiguard.names.private import is_private_name
from wifiguard.names.visited import Visited

RULE = Rule(
    id="untrusted-certificate",
    kind=Kind.EVENT,
    texts={
        Severity.CRITICAL: Text(
            N_("Somebody may be posing as your bank"),
            N_("What answered for {institution} could not prove who it is: its certificate {reason}."),
            (
                N_("Enter nothing; close the page, and never go on after a warning."),
                N_("Reach the bank over mobile data or by its own app, and leave this network."),
            ),
        ),
        Severity.HIGH: Text(
            N_("A server could not prove who it is"),
            N_("The certificate of {server} {reason}; somebody may be in between."),
            (
                N_("Do not go on after a warning; close the page or program that is concerned."),
                N_("If this Wi-Fi asks for a login on a web page, log in first and try again."),
            ),
        ),
        Severity.MEDIUM: Text(
            N_("A bank's certificate could not be checked"),
            N_(
                "The server of {institution} left out a part of its proof: a mistake of its owner, or somebody in between."
            ),
            (N_("Go on only if your browser shows no warning, or use the bank's own app."),),
        ),
        Severity.LOW: Text(
            N_("A local device could not prove who it is"),
            N_("The certificate of {server}, on a private network, {reason}, as that of many devices."),
            (N_("All is well if you connected to that device yourself and the network is yours."),),
        ),
        Severity.INFO: Text(
            N_("An added authority vouches for servers"),
            N_(
                "Somebody added “{authority}” to this computer; whoever runs it can read connections such as that to {server}."
            ),
            (N_("If your employer or a security program put it there, that is expected; otherwise remove it."),),
        ),
    },
    references=("RFC 5280, 6 (path validation)", "RFC 9525 (names)", "CA/Browser Forum Baseline Requirements, 6.1.5"),
)

REASONS = {
    "unknown-issuer": "comes from nobody that is trusted here",
    "self-signed": "vouches for itself",
    "expired": "is out of date",
    "not-yet-valid": "is not valid yet",
    "name-mismatch": "is for another name",
    "weak-key": "has a key that is too small",
    "md5-signature": "has a signature that can be forged",
    "sha1-signature": "has a signature that can be forged",
}
DATES = frozenset({"expired", "not-yet-valid"})
PENDING = 64


class UntrustedCertificateEvidence(Evidence, frozen=True):
    """`problems`: unknown-issuer self-signed expired not-yet-valid name-mismatch weak-key md5-signature sha1-signature.

    `reason`: the same for people. `server`: its address. `key_bits`: null where the key's kind is unknown. `institution`: the
    bank's name in the catalogue, "" for any other server. `authority`: the name of the added authority, where that one vouches.
    """

    problems: tuple[str, ...]
    server: str
    port: int
    key_bits: int | None
    reason: str = ""
    institution: str = ""
    authority: str = ""
    program: str | None = None


class Config(Struct, frozen=True):
    """`categories` of the catalogue that are worse. `servers`: how many of these, and of others, are told apart.

    `wait`: seconds that a certificate which is merely out of date waits for others, since they would prove the clock wrong.
    """

    categories: tuple[str, ...] = ("bank", "payment", "broker", "crypto")
    servers: int = 32
    wait: float = 3.0


class UntrustedCertificate(Detector):
    """Judges certificates by whose server they are; dates alone count once it is clear that the clock is right."""

    rule = RULE
    inputs = (TlsCertificate, DnsMessage, *Portals.INPUTS)

    def __init__(self, catalogue: Catalogue, config: Config = Config()) -> None:
        self._visited = Visited(catalogue, config.categories)
        self._servers = Fewest(config.servers)
        self._own = OwnAddresses()
        self._portals = Portals()
        self._clock = ClockWatch()
        self._wait = config.wait
        # Findings about dates alone: those that wait, and those that were told.
        self._waiting: BoundedMap[str, Finding] = BoundedMap(PENDING)
        self._told: BoundedMap[str, Finding] = BoundedMap(PENDING)

    def observe(self, obs: Observation) -> Iterator[Output]:
        self._portals.observe(obs)
        match obs:
            case TlsCertificate() if obs.flow.server not in self._own:
                yield from self._shown(obs)
            case DnsMessage():
                self._visited.learn(obs)
            case LinkState():
                self._own.learn(obs)
            case _:
                pass

    def deadline(self) -> float | None:
        oldest = next(iter(self._waiting.values()), None)
        return None if oldest is None else oldest.seen.tick + self._wait

    def on_time(self, due: float) -> Iterator[Finding]:
        for id, finding in list(self._waiting.items()):
            if finding.seen.tick + self._wait > due:
                break
            self._waiting.pop(id)
            self._told.put(id, finding, due)
            yield finding

    def _shown(self, obs: TlsCertificate) -> Iterator[Output]:
        clock_is_wrong = self._clock.observe(obs) is not None
        if clock_is_wrong:
            yield from self._withdraw(obs.seen)
        flow = obs.flow
        names = self._visited.names(obs.server_name, flow.server, obs.tick)
        bank = self._visited.sole_listing(names)
        if bank is not None and bank.certainty == "likely":
            bank = None
        wrong = problems(obs.certificate, obs.voucher, names, obs.at)
        if wrong:
            severity = Severity.CRITICAL if bank else Severity.LOW if _is_private(names, flow) else Severity.HIGH
        elif obs.voucher is Voucher.INCOMPLETE and bank is not None:
            severity = Severity.MEDIUM
            wrong = ("unknown-issuer",)
        elif obs.voucher is Voucher.USER:
            severity = Severity.INFO
        else:
            return
        if severity is Severity.HIGH and self._portals.intercepts(obs.interface, obs.tick):
            return  # until somebody logs in, the portal answers for every site: that is told instead
        evidence = UntrustedCertificateEvidence(
            problems=wrong,
            server=address_text(flow.server),
            port=flow.server_port,
            key_bits=obs.certificate.key_bits if obs.certificate else None,
            reason=" and ".join(dict.fromkeys(REASONS[word] for word in wrong)),
            institution=bank.entry_name if bank else "",
            authority="" if wrong else visible(obs.authority),
        )
        finding = self.found(obs, severity, self._key(obs, bank, evidence), evidence)
        if not wrong or not DATES.issuperset(wrong):
            yield finding
        elif not clock_is_wrong and self._waiting.get(finding.fingerprint, obs.tick) is None:
            self._waiting.put(finding.fingerprint, finding, obs.tick)

    def _key(
        self, obs: TlsCertificate, bank: Listing | None, evidence: UntrustedCertificateEvidence
    ) -> tuple[str, ...]:
        if evidence.authority:
            return ("authority", evidence.authority)
        where = obs.network.id if obs.network else ""
        if bank is not None:
            who = self._servers.name((where, "banks"), bank.registrable, obs.tick)
        else:
            who = self._servers.name((where, "others"), evidence.server, obs.tick)
        return (who, *evidence.problems)

    def _withdraw(self, seen: Seen) -> Iterator[Cleared]:
        """It was the clock: "clock-is-wrong" says so."""
        self._waiting.clear()
        for finding in list(self._told.values()):
            # On the network where it was told; what was found before that was known has got its name since.
            yield Cleared(RULE.id, seen._replace(network=finding.network or seen.network), finding.key)
        self._told.clear()


def _is_private(names: tuple[str, ...], flow: Flow) -> bool:
    return all(map(is_private_name, names)) if names else is_private(flow.server)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    now, day = 1_800_000_000.0, 86400.0
    bank, device = bytes([192, 0, 2, 1]), bytes([192, 168, 1, 1])
    flow = Flow(bytes([192, 168, 1, 2]), 40000, bank, 443, "tcp")
    good = Certificate(("www.commerzbank.de", "*.example.org"), (), now - 30 * day, now + 60 * day, 2048, False, None)
    old = replace(good, not_before=now - 92 * day, not_after=now - 2 * day)

    def shown(
        name: str | None = "www.example.org",
        certificate: Certificate | None = good,
        voucher: Voucher = Voucher.PUBLIC,
        after: float = 0.0,
        server: bytes = bank,
        authority: str = "",
    ) -> TlsCertificate:
        seen = Seen(now + after, after, interface="wlan0")
        digest = repr((name, certificate)).encode()
        return TlsCertificate(seen, flow._replace(server=server), name, certificate, voucher, digest, authority)

    def told(
        severity: Severity, *wrong: str, bits: int | None = 2048, server: str = "192.0.2.1", institution: str = ""
    ) -> tuple[Severity, Evidence]:
        reason = " and ".join(REASONS[word] for word in wrong)
        return severity, UntrustedCertificateEvidence(wrong, server, 443, bits, reason, institution)

    commerzbank = "www.commerzbank.de"
    yield Example(
        "somebody's own authority vouches for a bank",
        (shown(commerzbank, voucher=Voucher.NOBODY),),
        (told(Severity.CRITICAL, "unknown-issuer", institution="Commerzbank"),),
    )
    yield Example(
        "any other server signed its certificate itself",
        (shown(voucher=Voucher.ITSELF),),
        (told(Severity.HIGH, "self-signed"),),
    )
    login = ProbeAnswer(
        Seen(now - 1.0, -1.0, interface="wlan0"), "captive-portal", "portal", (), (("state", "portal"),)
    )
    yield Example("behind a login page, which answers for every site", (login, shown("elsewhere.test")))
    yield Example(
        "but a bank is told about there, too",
        (login, shown(commerzbank, voucher=Voucher.NOBODY)),
        (told(Severity.CRITICAL, "unknown-issuer", institution="Commerzbank"),),
    )
    yield Example(
        "a certificate for another name",
        (shown("elsewhere.test"),),
        (told(Severity.HIGH, "name-mismatch"),),
    )
    yield Example("a wildcard is one label", (shown("a.b.example.org"),), (told(Severity.HIGH, "name-mismatch"),))
    yield Example(
        "a small key and an old signature",
        (shown(certificate=replace(good, key_bits=1024, weak_key=True, weak_signature="sha1")),),
        (told(Severity.HIGH, "weak-key", "sha1-signature", bits=1024),),
    )
    yield Example(
        "MD5", (shown(certificate=replace(good, weak_signature="md5")),), (told(Severity.HIGH, "md5-signature"),)
    )
    yield Example(
        "a certificate that cannot be read",
        (shown(certificate=None, voucher=Voucher.NOBODY),),
        (told(Severity.HIGH, "unknown-issuer", bits=None),),
    )
    yield Example("out of date", (shown(certificate=old),), (told(Severity.HIGH, "expired"),))
    yield Example(
        "not valid yet",
        (shown(certificate=replace(good, not_before=now + day)),),
        (told(Severity.HIGH, "not-yet-valid"),),
    )
    yield Example(
        "a bank's server leaves a link of its chain out",
        (shown(commerzbank, voucher=Voucher.INCOMPLETE),),
        (told(Severity.MEDIUM, "unknown-issuer", institution="Commerzbank"),),
    )
    yield Example(
        "a device at home, by its address",
        (shown(None, voucher=Voucher.ITSELF, server=device),),
        (told(Severity.LOW, "self-signed", server="192.168.1.1"),),
    )
    yield Example(
        "a device at home, by its name",
        (shown("printer.local", voucher=Voucher.ITSELF, server=device),),
        (told(Severity.LOW, "self-signed", "name-mismatch", server="192.168.1.1"),),
    )
    yield Example(
        "a name of the world on a private address is no device",
        (shown(voucher=Voucher.NOBODY, server=device),),
        (told(Severity.HIGH, "unknown-issuer", server="192.168.1.1"),),
    )
    yield Example(
        "an authority that the employer added",
        (shown(voucher=Voucher.USER, authority="Example Corp CA"),),
        ((Severity.INFO, UntrustedCertificateEvidence((), "192.0.2.1", 443, 2048, authority="Example Corp CA")),),
    )
    question = DnsQuestion("www.elsewhere.test", 1)
    answer = DnsMessage(
        *(Seen(now, 0.0, interface="wlan0"), flow._replace(transport="udp", server_port=53), "dns", 7, True, 0),
        (question,),
        (DnsRecord(question.name, 1, 60, bank),),
    )
    yield Example(
        "without a name from the client, DNS says whom it meant",
        (answer, shown(None)),
        (told(Severity.HIGH, "name-mismatch"),),
    )
    yield Example("nobody said a name", (shown(None),))
    yield Example("a bank as it should be", (shown(commerzbank),))
    yield Example("some server leaves a link of its chain out", (shown(voucher=Voucher.INCOMPLETE),))
    yield Example("nothing is known of the authorities of that time", (shown(voucher=Voucher.UNKNOWN),))
    yield Example(
        "many out of date at once: the clock's fault",
        tuple(
            shown(certificate=replace(old, not_before=old.not_before - number), after=number / 10)
            for number in range(5)
        ),
    )
    link = LinkState(Seen(now, 0.0), 2, "wlan0", LinkKind.WIFI, up=True, addresses=("192.0.2.1/24",))
    yield Example("a server on this laptop itself", (link, shown(voucher=Voucher.ITSELF)))
