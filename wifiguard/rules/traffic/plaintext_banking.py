"""Traffic to a bank or payment service left this laptop without encryption.

What it means
    A program on this laptop spoke to a bank, a card or payment service, a broker or a crypto exchange in plain text: a page,
    a form, a cookie or a password that everyone on the way can read.

Why it matters
    On shared Wi-Fi "everyone on the way" is the room. What they read they can also change: a form's target, an account
    number, a link.

What to do
    Stop and close the page. Type the bank's address yourself, beginning with https://, or use its own app. If you typed a
    password, change it from another network.

False alarms
    Many banks answer a first http:// request only to move you to https://; that is reported at low and raises no
    notification. Checks of certificate lists (OCSP, CRL) are public by design and ignored. A name that only sounds like a
    bank is reported one step lower and said to be likely.

Limits
    A bank that is in no list and does not say bank in its name is not recognised: add it under [catalogue] extra. What a VPN
    carries is plain only beyond the VPN and reported one step lower. Traffic that was not captured cannot be judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.messages import (
    CleartextLogin,
    CleartextSession,
    DnsMessage,
    DnsQuestion,
    DnsRecord,
    Flow,
    HttpRequest,
    HttpResponse,
)
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.resolutions import A, Resolutions
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.names.catalogue import Catalogue, Listing

RULE = Rule(
    id="plaintext-banking",
    kind=Kind.EVENT,
    texts={
        Severity.CRITICAL: Text(
            N_("Bank details were sent without encryption"),
            N_("Others on this network can read what this laptop just sent to {institution}."),
            (
                N_("Stop, close the page, and change the password you typed from another network."),
                N_("Type https://{registrable} yourself, or use the bank's own app."),
            ),
        ),
        Severity.HIGH: Text(
            N_("Your bank's page is not encrypted"),
            N_("Others on this network can read and change what {institution} shows you."),
            (
                N_("Close the page; type https://{registrable} yourself, or use the bank's own app."),
                N_("Enter no password or card number on it."),
            ),
        ),
        Severity.MEDIUM: Text(
            N_("What may be a bank's page is not encrypted"),
            N_("Others on this network can read and change what goes between you and {name}."),
            (N_("If it is a bank, close the page and type its address yourself with https://."),),
        ),
        Severity.LOW: Text(
            N_("A first request to a bank was unencrypted"),
            N_("The visit to {name} began without encryption; on bad Wi-Fi that moment is enough to misdirect you."),
            (N_("Use a bookmark that begins with https://{registrable}."),),
        ),
        Severity.INFO: Text(
            N_("A first request went out unencrypted"),
            N_("The visit to {name}, which may be a bank, began without encryption."),
            (N_("Use a bookmark that begins with https://."),),
        ),
    },
    references=("RFC 9110, 4.2.2", "RFC 6797 (HSTS), 2.3"),
)

PENDING = 4096
# Certificate status is fetched in clear by design (RFC 6960, appendix A; RFC 5280, 4.2.1.13).
_is_status = re.compile(r"(?:ocsp|crls?|pki|aia|cacerts?|certs?)[0-9]*(?:-[a-z0-9-]+)?\.").match


class PlaintextBankingEvidence(Evidence, frozen=True):
    """`name`: the host. `what` crossed: form password cookie authorization page request other.

    `certainty`: catalogue, user, or likely (by the name alone). `institution`: its name in the catalogue, else `registrable`.
    `program`: which one on this laptop, where that can be known.
    """

    name: str
    registrable: str
    institution: str
    category: str
    protocol: str
    port: int
    what: tuple[str, ...]
    certainty: str
    program: str | None = None


class Config(Struct, frozen=True):
    """`categories` of the catalogue that count. `answer_wait`: seconds to wait for an answer before telling of a request."""

    categories: tuple[str, ...] = ("bank", "payment", "broker", "crypto")
    answer_wait: float = 5.0


class PlaintextBanking(Detector):
    """Judges requests at once when they carry something secret, else by their answer; other protocols by address."""

    rule = RULE
    inputs = (HttpRequest, HttpResponse, CleartextLogin, CleartextSession, DnsMessage)

    def __init__(self, catalogue: Catalogue, config: Config = Config()) -> None:
        self._catalogue = catalogue
        self._config = config
        # Requests without anything secret whose answer is awaited: first in, first answered.
        self._pending: BoundedMap[Flow, tuple[HttpRequest, str, Listing]] = BoundedMap(PENDING)
        # What was told of a connection's last request, for a password that comes behind it.
        self._told: BoundedMap[Flow, tuple[str, ...]] = BoundedMap(PENDING)
        self._resolutions = Resolutions()

    def observe(self, obs: Observation) -> Iterator[Finding]:
        match obs:
            case HttpRequest():
                yield from self._request(obs)
            case HttpResponse():
                yield from self._response(obs)
            case CleartextLogin():
                yield from self._login(obs)
            case CleartextSession(flow=flow, protocol=protocol, content=True):
                if (named := self._sole_bank(flow.server, obs.tick)) is not None:
                    yield self._report(obs, flow, *named, protocol, Severity.HIGH, ("other",))
            case DnsMessage(response=True):
                self._resolutions.learn(obs)
            case _:
                pass

    def deadline(self) -> float | None:
        oldest = next(iter(self._pending.values()), None)
        return None if oldest is None else oldest[0].tick + self._config.answer_wait

    def on_time(self, due: float) -> Iterator[Finding]:
        for flow, (request, name, listing) in list(self._pending.items()):
            if request.tick + self._config.answer_wait > due:
                break
            self._pending.pop(flow)
            yield self._report(request, flow, name, listing, "http", Severity.LOW, ("request",))

    def _request(self, obs: HttpRequest) -> Iterator[Finding]:
        # CONNECT asks a proxy for a tunnel; what runs inside is judged by itself.
        named = self._named(obs.host, obs.flow, obs.tick) if obs.method != "CONNECT" else None
        if named is None:
            return
        name, listing = named
        sends = obs.method in ("POST", "PUT", "PATCH")
        secrets = {
            "form": obs.form,
            "password": obs.password,
            "cookie": obs.cookie,
            "authorization": obs.authorization,
            "other": sends and not obs.form,
        }
        what = tuple(word for word, crossed in secrets.items() if crossed)
        if _is_status(name) and set(what) <= {"other"}:
            return
        if what:
            self._pending.pop(obs.flow)
            self._told.put(obs.flow, what, obs.tick)
            yield self._report(obs, obs.flow, name, listing, "http", Severity.CRITICAL, what)
        elif self._pending.get(obs.flow, obs.tick) is None:
            self._pending.put(obs.flow, (obs, name, listing), obs.tick)

    def _login(self, obs: CleartextLogin) -> Iterator[Finding]:
        if obs.protocol == "http-proxy":
            return  # the proxy's password, not the bank's
        told = self._told.pop(obs.flow) or ()
        if obs.protocol == "http" and ("password" in told or "authorization" in told):
            return  # the same password as the request that was just told
        if (named := self._named(obs.host, obs.flow, obs.tick)) is not None:
            what = (*told, "password")
            yield self._report(obs, obs.flow, *named, obs.protocol, Severity.CRITICAL, what)

    def _response(self, obs: HttpResponse) -> Iterator[Finding]:
        waiting = self._pending.pop(obs.flow)
        if waiting is not None:
            _, name, listing = waiting
        elif obs.host is None and (named := self._sole_bank(obs.flow.server, obs.tick)) is not None:
            name, listing = named  # only this direction was seen
        else:
            return
        if obs.status >= 400 or self._moves_to_https(obs, listing):
            yield self._report(obs, obs.flow, name, listing, "http", Severity.LOW, ("request",))
        else:
            what = ("request",) if obs.location is not None else ("page",)
            yield self._report(obs, obs.flow, name, listing, "http", Severity.HIGH, what)

    def _moves_to_https(self, obs: HttpResponse, listing: Listing) -> bool:
        if obs.location is None or obs.location[0] != "https":
            return False
        target = self._catalogue.lookup(obs.location[1])
        if target is None:
            return False
        return target.registrable == listing.registrable or (
            listing.certainty == "catalogue" and target.entry_name == listing.entry_name
        )

    def _named(self, host: str | None, flow: Flow, tick: float) -> tuple[str, Listing] | None:
        if host is not None and (listing := self._listed(host)) is not None:
            return host, listing
        # A request that names no host, or only an address, is named by the look-up that gave the address.
        if host is None or not any(c.isalpha() for c in host) or ":" in host:
            return self._sole_bank(flow.server, tick)
        return None

    def _listed(self, host: str) -> Listing | None:
        listing = self._catalogue.lookup(host)
        if listing is None or (listing.certainty != "user" and listing.category not in self._config.categories):
            return None
        return listing

    def _sole_bank(self, address: bytes, tick: float) -> tuple[str, Listing] | None:
        """The bank that the address was lately given for, and for no other name."""
        names = self._resolutions.names(address, tick)
        if not names:
            return None
        listings = [self._listed(name) for name in sorted(names)]
        first = listings[0]
        if first is None or any(other is None or other.registrable != first.registrable for other in listings):
            return None
        return min(names), first

    def _report(
        self,
        obs: Observation,
        flow: Flow,
        name: str,
        listing: Listing,
        protocol: str,
        severity: Severity,
        what: tuple[str, ...],
    ) -> Finding:
        lower = (listing.certainty == "likely") + flow.tunnelled
        return self.found(
            obs,
            Severity(max(Severity.INFO, severity - lower)),
            (listing.registrable,),
            PlaintextBankingEvidence(
                name=name,
                registrable=listing.registrable,
                institution=listing.entry_name,
                category=listing.category,
                protocol=protocol,
                port=flow.server_port,
                what=what,
                certainty=listing.certainty,
            ),
        )


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    me, bank, other = bytes([10, 0, 0, 2]), bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
    flow = Flow(me, 40000, bank, 80, "tcp")

    def at(tick: float) -> Seen:
        return Seen(tick, tick, interface="wlan0")

    def get(host: str | None, tick: float = 0.0, flow: Flow = flow) -> HttpRequest:
        return HttpRequest(at(tick), flow, "GET", host)

    def answer(
        status: int, host: str | None, location: tuple[str, str] | None = None, flow: Flow = flow
    ) -> HttpResponse:
        return HttpResponse(at(0.1), flow, status, host, "GET", location)

    def resolved(name: str, address: bytes) -> DnsMessage:
        asked = Flow(me, 5353, bytes([10, 0, 0, 1]), 53, "udp")
        return DnsMessage(
            at(0.0), asked, "dns", 7, True, 0, (DnsQuestion(name, A),), (DnsRecord(name, A, 60, address),)
        )

    def paypal(
        *what: str, protocol: str = "http", port: int = 80, name: str = "www.paypal.com"
    ) -> PlaintextBankingEvidence:
        return PlaintextBankingEvidence(name, "paypal.com", "PayPal", "payment", protocol, port, what, "catalogue")

    def likely(*what: str) -> PlaintextBankingEvidence:
        name = "firstexample.bank"
        return PlaintextBankingEvidence(f"www.{name}", name, name, "bank", "http", 80, what, "likely")

    sent = HttpRequest(at(0.0), flow, "POST", "www.paypal.com", form=True, password=True)
    yield Example("a login form is sent", (sent,), ((Severity.CRITICAL, paypal("form", "password")),))
    yield Example(
        "a cookie goes along with a page's request",
        (HttpRequest(at(0.0), flow, "GET", "www.paypal.com", cookie=True),),
        ((Severity.CRITICAL, paypal("cookie")),),
    )
    yield Example(
        "a payment program posts something that is no form",
        (HttpRequest(at(0.0), flow, "POST", "api.paypal.com", authorization=True),),
        ((Severity.CRITICAL, paypal("authorization", "other", name="api.paypal.com")),),
    )
    yield Example(
        "a page is answered in clear",
        (get("www.paypal.com"), answer(200, "www.paypal.com")),
        ((Severity.HIGH, paypal("page")),),
    )
    yield Example(
        "the bank moves the visit to https on its own domain",
        (get("www.paypal.com"), answer(301, "www.paypal.com", ("https", "paypal.com"))),
        ((Severity.LOW, paypal("request")),),
    )
    yield Example(
        "the visit is moved to somebody else's domain",
        (get("www.paypal.com"), answer(302, "www.paypal.com", ("https", "login.example"))),
        ((Severity.HIGH, paypal("request")),),
    )
    yield Example("nobody answers in time", (get("www.paypal.com"),), ((Severity.LOW, paypal("request")),))
    yield Example(
        "a likely bank's form is one step lower",
        (HttpRequest(at(0.0), flow, "POST", "www.firstexample.bank", form=True),),
        ((Severity.HIGH, likely("form")),),
    )
    yield Example(
        "a likely bank's page",
        (get("www.firstexample.bank"), answer(200, "www.firstexample.bank")),
        ((Severity.MEDIUM, likely("page")),),
    )
    yield Example(
        "a likely bank's first request", (get("www.firstexample.bank"),), ((Severity.INFO, likely("request")),)
    )
    yield Example(
        "inside a VPN it is plain only beyond the VPN",
        (HttpRequest(at(0.0), flow._replace(tunnelled=True), "POST", "www.paypal.com", form=True),),
        ((Severity.HIGH, paypal("form")),),
    )
    ftp = Flow(me, 40001, bank, 21, "tcp")
    yield Example(
        "another cleartext protocol to an address that only the bank's name gave",
        (resolved("ftp.paypal.com", bank), CleartextSession(at(1.0), ftp, "ftp")),
        ((Severity.HIGH, paypal("other", protocol="ftp", port=21, name="ftp.paypal.com")),),
    )
    yield Example(
        "the same address also serves others: a content network",
        (resolved("ftp.paypal.com", bank), resolved("www.example.org", bank), CleartextSession(at(1.0), ftp, "ftp")),
    )
    yield Example(
        "a password by another protocol, to a bank by its address or by its name",
        (
            resolved("ftp.paypal.com", bank),
            CleartextLogin(at(1.0), ftp, "ftp"),
            CleartextLogin(at(2.0), ftp._replace(server=other), "ftp", "ftp.paypal.com"),
        ),
        ((Severity.CRITICAL, paypal("password", protocol="ftp", port=21, name="ftp.paypal.com")),) * 2,
    )
    yield Example(
        "a password that comes long after its form's head",
        (
            HttpRequest(at(0.0), flow, "POST", "www.paypal.com", form=True),
            CleartextLogin(at(9.0), flow, "http", "www.paypal.com"),
        ),
        ((Severity.CRITICAL, paypal("form")), (Severity.CRITICAL, paypal("form", "password"))),
    )
    yield Example(
        "the password of a form that was told already",
        (sent, CleartextLogin(at(0.0), flow, "http", "www.paypal.com")),
        ((Severity.CRITICAL, paypal("form", "password")),),
    )
    proxy = flow._replace(server=other, server_port=3128)
    yield Example(
        "a page through a proxy in clear",
        (get("www.paypal.com", flow=proxy), answer(200, "www.paypal.com", flow=proxy)),
        ((Severity.HIGH, paypal("page", port=3128)),),
    )
    yield Example(
        "a tunnel through a proxy, and the proxy's own password",
        (
            HttpRequest(at(0.0), proxy, "CONNECT", "www.paypal.com"),
            CleartextLogin(at(0.0), proxy, "http-proxy"),
            HttpResponse(at(0.1), proxy, 200, "www.paypal.com", "CONNECT"),
        ),
    )
    yield Example(
        "a request that names only the address is named by the look-up",
        (resolved("www.paypal.com", bank), get("192.0.2.1"), answer(200, "192.0.2.1")),
        ((Severity.HIGH, paypal("page")),),
    )
    yield Example("any other site", (get("www.example.org"), answer(200, "www.example.org")))
    yield Example(
        "a form to any other site", (HttpRequest(at(0.0), flow, "POST", "www.example.org", form=True, password=True),)
    )
    for name in ("ocsp.paypal.com", "crl3.paypal.com", "ocsp2-eu.paypal.com"):
        yield Example(f"a bank's certificate status ({name})", (HttpRequest(at(0.0), flow, "POST", name),))
    yield Example(
        "cleartext to an address nobody asked for", (CleartextSession(at(0.0), ftp._replace(server=other), "ftp"),)
    )
