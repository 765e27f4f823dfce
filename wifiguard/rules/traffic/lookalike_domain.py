"""A name imitates a bank, a payment service or another well-known institution.

What it means
    This laptop looked up or visited a name that is made to be taken for another: a digit for a letter, a letter of another
    alphabet, a letter too few or too many, words such as "secure" and "login" around a bank's name, or the bank's whole address
    in front of somebody else's.

Why it matters
    Such names are made to ask for passwords and card numbers. The page looks like the real one, and a lock in the address bar
    says only that the connection to the imitation is encrypted.

What to do
    Close the page and enter nothing. Type the true address yourself, or use a bookmark or the bank's own app. If you entered
    something, change the password at the true site at once, and call the bank where a card or a transfer is concerned.

False alarms
    Another firm may honestly be called almost the same, and an institution may own a name that is not in the list: mute the
    finding, or add the name under [catalogue] extra. Browsers look up the names of links that nobody has followed; a name that
    was only looked up is therefore reported one step lower; a true name with something behind it (paypal.com.home.example) is
    not reported then, since resolvers add their search domains so.

Limits
    The name alone is judged, by a score that `wifiguard check` explains; a page under an unsuspicious name is not recognised.
    Names inside encrypted DNS and encrypted ClientHello cannot be seen. Whether a form was sent can be seen over http alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.messages import DnsMessage, DnsQuestion, Flow, HttpRequest, TlsHello
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.names.catalogue import Catalogue
from wifiguard.names.difference import difference
from wifiguard.names.judge import Imitation, Verdict, judge

RULE = Rule(
    id="lookalike-domain",
    kind=Kind.EVENT,
    texts={
        Severity.CRITICAL: Text(
            N_("A form was sent to an imitation"),
            N_("{host} is not {imitates}: {difference}. What was entered there is in a stranger's hands."),
            (
                N_("Change the password at {own}, typed by yourself, and call the bank if a card is concerned."),
                N_("Close the page."),
            ),
        ),
        Severity.HIGH: Text(
            N_("This site only looks like a known one"),
            N_("{host} is not {imitates}: {difference}."),
            (N_("Close the page and enter nothing."), N_("Type {own} yourself if that is where you wanted to go.")),
        ),
        Severity.MEDIUM: Text(
            N_("A look-alike name was looked up"),
            N_("{host} is not {imitates}: {difference}."),
            (N_("Do not follow the link that leads there; type {own} yourself."),),
        ),
        Severity.LOW: Text(
            N_("A site's name resembles a known one"),
            N_("{host} may be an imitation of {imitates}: {difference}."),
            (N_("Look closely before you enter anything; type {own} yourself if in doubt."),),
        ),
    },
    references=("UTS #39, 4 (confusable detection)", "RFC 3492 (Punycode)"),
)

JUDGED = 8192
TOLD = 1024
HOUR = 3600.0
# A page's many requests are one visit.
VISIT = 60.0
ADDRESS_TYPES = frozenset({1, 28, 65})  # A, AAAA, HTTPS
PLACES = ("dns", "sni", "http")


class LookalikeDomainEvidence(Evidence, frozen=True):
    """`host` imitates the institution `imitates`, whose own domain is `own`, by `techniques`.

    `difference` says the same in words. `seen_in`: dns, sni, http. `program`: the one on this laptop that went there.
    """

    host: str
    imitates: str
    techniques: tuple[str, ...]
    seen_in: tuple[str, ...]
    difference: str
    own: str
    program: str | None = None


class Config(Struct, frozen=True):
    """`most_names`: new names an hour that are told of; more than that come from a list, and nobody reads them."""

    most_names: int = 20


class _Told(Struct, frozen=True):
    """What was last said of a name, and when."""

    severity: Severity
    seen_in: tuple[str, ...]
    tick: float


class LookalikeDomain(Detector):
    """Judges each name once, and says again what is worse than what was said."""

    rule = RULE
    inputs = (DnsMessage, TlsHello, HttpRequest)

    def __init__(self, catalogue: Catalogue, config: Config = Config()) -> None:
        self._catalogue = catalogue
        self._config = config
        # Names → their verdict where it is one to tell of, else False.
        self._judged: BoundedMap[str, Verdict | bool] = BoundedMap(JUDGED)
        self._told: BoundedMap[str, _Told] = BoundedMap(TOLD, HOUR)
        self._first_told: BoundedMap[str, bool] = BoundedMap(config.most_names, HOUR)

    def observe(self, obs: Observation) -> Iterator[Finding]:
        match obs:
            case DnsMessage(protocol="dns" | "dns-over-tcp", questions=questions):
                for question in questions[:1]:
                    if question.type in ADDRESS_TYPES:
                        yield from self._seen(obs, question.name, "dns", Severity.MEDIUM)
            case TlsHello(server=False, server_name=str() as name):
                yield from self._seen(obs, name, "sni", Severity.HIGH)
            case HttpRequest(host=str() as host):
                sent = obs.form or obs.password or obs.authorization
                yield from self._seen(obs, host, "http", Severity.CRITICAL if sent else Severity.HIGH)
            case _:
                pass

    def _seen(self, obs: Observation, host: str, place: str, severity: Severity) -> Iterator[Finding]:
        verdict = self._verdict(host, obs.tick)
        if verdict is None or verdict.imitation is None:
            return
        if verdict.word == "suspicious":
            if severity < Severity.HIGH:
                return
            severity = Severity.LOW
        name = verdict.imitation.name
        if place == "dns" and _continues_a_true_name(verdict.imitation):
            return  # a resolver's search domain; a visit will tell
        told = self._told.get(name, obs.tick)
        if told is None and not self._may_tell(name, obs.tick):
            return
        if told is not None:
            severity = max(severity, told.severity)
            if obs.tick - told.tick < VISIT and place in told.seen_in and severity == told.severity:
                return
        seen_in = tuple(p for p in PLACES if p == place or (told is not None and p in told.seen_in))
        self._told.put(name, _Told(severity, seen_in, obs.tick), obs.tick)
        yield self.found(
            obs,
            severity,
            (name,),
            LookalikeDomainEvidence(
                host=verdict.host or host,
                imitates=verdict.imitates or "",
                techniques=verdict.techniques,
                seen_in=seen_in,
                difference=difference(verdict),
                own=verdict.own or "",
            ),
        )

    def _verdict(self, host: str, tick: float) -> Verdict | None:
        judged = self._judged.get(host, tick)
        if judged is None:
            verdict = judge(host, self._catalogue)
            judged = verdict if verdict.imitation is not None else False
            self._judged.put(host, judged, tick)
        return judged if isinstance(judged, Verdict) else None

    def _may_tell(self, name: str, tick: float) -> bool:
        """Whether another new name may be told of in this hour."""
        self._first_told.expire(tick)
        if len(self._first_told) >= self._config.most_names:
            return False
        self._first_told.put(name, True, tick)
        return True


def _continues_a_true_name(found: Imitation) -> bool:
    domains = (domain for entry in found.sighting.brand.entries for domain in entry.domains)
    return any(found.name.startswith(f"{domain}.") for domain in domains)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    me, server = bytes([10, 0, 0, 2]), bytes([192, 0, 2, 1])
    asked = Flow(me, 40000, bytes([10, 0, 0, 1]), 53, "udp")
    web, tls = Flow(me, 40001, server, 80, "tcp"), Flow(me, 40002, server, 443, "tcp")

    def at(tick: float) -> Seen:
        return Seen(tick, tick, interface="wlan0")

    def ask(name: str, tick: float = 0.0, protocol: str = "dns") -> DnsMessage:
        return DnsMessage(at(tick), asked, protocol, 7, False, 0, (DnsQuestion(name, 1),), ())

    def hello(name: str, tick: float = 1.0) -> TlsHello:
        return TlsHello(at(tick), tls, False, ("TLS1.3",), name)

    digit = LookalikeDomainEvidence(
        "paypa1.com", "PayPal", ("confusable",), ("dns",), "the letter l is the digit 1", "paypal.com"
    )
    visited = replace(digit, seen_in=("dns", "sni"))
    yield Example("a look-alike is looked up", (ask("paypa1.com"),), ((Severity.MEDIUM, digit),))
    yield Example(
        "and visited: one problem, now worse",
        (ask("paypa1.com"), ask("paypa1.com", 0.1), hello("paypa1.com"), hello("paypa1.com", 2.0)),
        ((Severity.MEDIUM, digit), (Severity.HIGH, visited)),
    )
    yield Example(
        "a form is sent to it",
        (HttpRequest(at(0.0), web, "POST", "paypa1.com", form=True),),
        ((Severity.CRITICAL, replace(digit, seen_in=("http",))),),
    )
    decoration = LookalikeDomainEvidence(
        "www.paypal.com.verify.example",
        "PayPal",
        ("subdomain",),
        ("sni",),
        "the site belongs to verify.example; what stands before it is only decoration",
        "paypal.com",
    )
    yield Example(
        "a bank's whole address stands in front of another's",
        (hello("www.paypal.com.verify.example"),),
        ((Severity.HIGH, decoration),),
    )
    yield Example("a resolver adds its search domain to the true name", (ask("www.hsbc.com.hk.corp.example"),))
    yield Example(
        "another name in front of the same is the same problem",
        (hello("www.paypal.com.verify.example"), hello("x7.paypal.com.verify.example", 2.0)),
        ((Severity.HIGH, decoration),),
    )
    resembles = LookalikeDomainEvidence(
        "nationwied.co.uk", "Nationwide", ("swap",), ("sni",), "the letters d and e are swapped", "nationwide.co.uk"
    )
    yield Example("a name that may be a namesake's", (hello("nationwied.co.uk"),), ((Severity.LOW, resembles),))
    yield Example("such a name is only looked up", (ask("nationwied.co.uk"),))
    yield Example("the bank's own names", (ask("www.paypal.com"), hello("www.paypal.com")))
    yield Example("a word that contains a brand by chance", (hello("www.purchase.example"), ask("visage.example")))
    yield Example("a name of the local network", (ask("paypa1.local", protocol="mdns"),))
    yield Example("an address instead of a name", (HttpRequest(at(0.0), web, "GET", "192.0.2.1"),))
    yield Example("what is no name", (ask("pay\\000pal.com"), ask("")))
