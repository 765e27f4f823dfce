"""A bank's page that used to be encrypted is no longer: somebody on the way may have taken the encryption off.

What it means
    This laptop has reached this site by https:// before, or has seen it insist on https://. Now a page came for the same name
    without encryption, or the visit was sent to somebody else's site.

Why it matters
    That is what an attack called SSL stripping looks like: somebody between you and the bank keeps the encrypted connection for
    himself and shows you a plain copy of the page, to read along and change what he likes.

What to do
    Close the page and enter nothing. Leave this network; use mobile data or a VPN. Type the address yourself, beginning with
    https://, and change the password if you entered one.

False alarms
    Hotels and trains answer every page until you have logged in: while such a network is seen to intercept connectivity checks,
    or sends other sites to the same place, this stays silent. A first http:// request that the site itself moves to https:// is
    no stripping, nor is one that it sends on to another name of the same institution, nor a picture or a certificate list.

Limits
    Only names of the catalogue, and your own, are remembered, and across restarts only with networks that you trust. A site that
    this laptop never reached by TLS, or reaches by QUIC alone, cannot be missed. The plain page itself is reported by
    plaintext-banking in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import Remembered
from wifiguard.core.messages import Flow, HttpResponse, TlsHello
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.portals import Portals
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Remember, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.names.catalogue import Catalogue, Listing
from wifiguard.names.registrable import registrable

RULE = Rule(
    id="https-stripped",
    kind=Kind.EVENT,
    texts={
        Severity.CRITICAL: Text(
            N_("The encryption of a bank's page is gone"),
            N_("{institution} was encrypted before; on this network somebody may be reading and changing its pages."),
            (
                N_("Close the page, enter nothing, and leave this network."),
                N_("Type https://{registrable} yourself over mobile data or a VPN."),
            ),
        ),
    },
    references=("RFC 6797 (HSTS), 2.3.1", "https://en.wikipedia.org/wiki/Moxie_Marlinspike#SSL_stripping"),
)

NAMES = 4096
ASKED = 4096
# A handshake that takes longer is over.
ASKED_AGE = 60.0
# Where sites are sent by redirects is believed to say something for so long.
TARGET_AGE = 600.0
TARGETS = 256
# The same site under another first label; attackers use more letters than three.
_www = re.compile(r"w{2,8}\d?\.").match


class HttpsStrippedEvidence(Evidence, frozen=True):
    """`name`: the host. `what` came instead of encryption: page, or redirect (to somebody else's name).

    `institution`: its name in the catalogue, else `registrable`. `program`: the one on this laptop that asked.
    """

    name: str
    registrable: str
    institution: str
    category: str
    port: int
    what: str
    program: str | None = None


class HttpsStripped(Detector):
    """Remembers which names were reached by TLS, and compares what http answers for them."""

    rule = RULE
    inputs = (TlsHello, Remembered, *Portals.INPUTS)

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._asked: BoundedMap[Flow, str] = BoundedMap(ASKED, ASKED_AGE)
        self._secure: BoundedMap[str, bool] = BoundedMap(NAMES)
        self._remembered: BoundedMap[tuple[str, str], bool] = BoundedMap(NAMES)
        self._portals = Portals()
        # Where requests are sent by redirects → the registrable domains that they were for.
        self._targets: BoundedMap[tuple[str, str], frozenset[str]] = BoundedMap(TARGETS, TARGET_AGE)

    def observe(self, obs: Observation) -> Iterator[Finding | Remember]:
        self._portals.observe(obs)
        match obs:
            case TlsHello(server=False, server_name=str() as name):
                if self._listed(name) is not None:
                    self._asked.put(obs.flow, name, obs.tick)
            case TlsHello(server=True):
                if (asked := self._asked.pop(obs.flow)) is not None:
                    yield from self._reached(obs, asked)
            case HttpResponse(host=str() as host):
                self._follow_redirect(obs, host)
                yield from self._answered(obs, host)
            case Remembered(rule=RULE.id, values=values):
                for name, _ in values:
                    self._secure.put(name, True, obs.tick)
            case _:
                pass

    def _reached(self, obs: Observation, host: str) -> Iterator[Remember]:
        name = _bare(host)
        self._secure.put(name, True, obs.tick)
        if obs.network is not None:
            key = obs.network.id, name
            if not self._remembered.get(key, obs.tick):
                yield Remember(self.rule.id, obs.network, name, "tls")
            self._remembered.put(key, True, obs.tick)

    def _answered(self, obs: HttpResponse, host: str) -> Iterator[Finding | Remember]:
        known = self._secure.get(_bare(host), obs.tick)
        # Most answers teach nothing and are for nobody that is known: they need not be looked up.
        if not known and (obs.location is None or obs.location[0] != "https"):
            return
        listing = self._listed(host)
        if listing is None:
            return
        if obs.location is not None:
            scheme, target = obs.location
            if self._is_own(target, listing):
                if scheme == "https":
                    yield from self._reached(obs, host)
                return
            what = "redirect"
        elif 200 <= obs.status < 300 and obs.page:
            what = "page"
        else:
            return
        if known and not self._is_portal(obs):
            yield self.found(
                obs,
                Severity.CRITICAL,
                (listing.registrable,),
                HttpsStrippedEvidence(
                    name=host,
                    registrable=listing.registrable,
                    institution=listing.entry_name,
                    category=listing.category,
                    port=obs.flow.server_port,
                    what=what,
                ),
            )

    def _is_own(self, target: str, listing: Listing) -> bool:
        """Whether a redirect stays with the institution, or goes to one that the catalogue knows as well."""
        other = self._catalogue.lookup(target)
        if other is not None and other.certainty != "likely":
            return True
        return registrable(target) == listing.registrable

    def _follow_redirect(self, obs: HttpResponse, host: str) -> None:
        if obs.location is not None and (domain := registrable(host)) is not None:
            key = obs.interface, obs.location[1]
            asked = self._targets.get(key, obs.tick) or frozenset()
            if len(asked) < 2:
                self._targets.put(key, asked | {domain}, obs.tick)

    def _is_portal(self, obs: HttpResponse) -> bool:
        """Whether the network answers for everybody. What it merely announces is nothing that an attacker could not say too."""
        if self._portals.up(obs.interface, obs.tick) in ("web", "probe"):
            return True
        if obs.location is None:
            return False
        return len(self._targets.get((obs.interface, obs.location[1]), obs.tick) or ()) > 1

    def _listed(self, host: str) -> Listing | None:
        listing = self._catalogue.lookup(host)
        return None if listing is None or listing.certainty == "likely" else listing


def _bare(host: str) -> str:
    match = _www(host)
    return host if match is None else host[match.end() :]


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    me, bank = bytes([10, 0, 0, 2]), bytes([192, 0, 2, 1])
    secure = Flow(me, 40000, bank, 443, "tcp")
    plain = Flow(me, 40001, bank, 80, "tcp")

    def at(tick: float) -> Seen:
        return Seen(tick, tick, interface="wlan0")

    def visit(name: str) -> tuple[Observation, ...]:
        return (
            TlsHello(at(0.0), secure, False, ("TLS1.3",), name),
            TlsHello(at(0.1), secure, True, ("TLS1.3",)),
        )

    def answer(
        host: str, status: int = 200, location: tuple[str, str] | None = None, *, page: bool = True
    ) -> HttpResponse:
        return HttpResponse(at(9.0), plain, status, host, "GET", location, page)

    def paypal(what: str, name: str = "www.paypal.com") -> HttpsStrippedEvidence:
        return HttpsStrippedEvidence(name, "paypal.com", "PayPal", "payment", 80, what)

    known = visit("www.paypal.com")
    yield Example(
        "a page that was encrypted comes without",
        (*known, answer("www.paypal.com")),
        ((Severity.CRITICAL, paypal("page")),),
    )
    yield Example(
        "the same site under an invented first label",
        (*known, answer("wwww.paypal.com")),
        ((Severity.CRITICAL, paypal("page", "wwww.paypal.com")),),
    )
    yield Example(
        "the visit is sent to somebody else's site",
        (*known, answer("paypal.com", 302, ("http", "login.example"))),
        ((Severity.CRITICAL, paypal("redirect", "paypal.com")),),
    )
    yield Example(
        "a site that moved its visitors to https no longer does",
        (answer("paypal.com", 301, ("https", "www.paypal.com")), answer("paypal.com")),
        ((Severity.CRITICAL, paypal("page", "paypal.com")),),
    )
    cafe = wifi_network(b"Cafe", Security.OPEN)
    yield Example(
        "what was learned of it when the network was joined before",
        (
            Remembered(Seen(0.0, 0.0, cafe), "https-stripped", cafe, (("paypal.com", "tls"),)),
            answer("www.paypal.com"),
        ),
        ((Severity.CRITICAL, paypal("page")),),
    )
    yield Example("a name that was never reached by TLS", (answer("www.paypal.com"),))
    yield Example("a hello that nobody answered", (*known[:1], answer("www.paypal.com")))
    yield Example(
        "the first request is moved to https",
        (*known, answer("www.paypal.com", 301, ("https", "www.paypal.com"))),
    )
    yield Example(
        "one name of the institution leads to another",
        (*known, answer("www.paypal.com", 301, ("https", "www.paypal.me"))),
    )
    yield Example("a picture", (*known, answer("www.paypal.com", page=False)))
    yield Example("an error", (*known, answer("www.paypal.com", 404)))
    yield Example(
        "a captive portal answers everything",
        (
            *known,
            answer("detectportal.firefox.com", 302, ("http", "hotel.example")),
            answer("www.paypal.com"),
            answer("www.paypal.com", 302, ("http", "hotel.example")),
        ),
    )
    yield Example(
        "a network that sends every site to its login",
        (
            *known,
            answer("www.example.org", 302, ("https", "login.hotel.example")),
            answer("www.paypal.com", 302, ("https", "login.hotel.example")),
        ),
    )
    yield Example("any other site", (*visit("www.example.org"), answer("www.example.org")))
