"""Personal data left this laptop without encryption.

What it means
    A form, a web address or an upload that a program on this laptop sent in plain text held data about a person: an identity
    number, a payment card, a bank account, a telephone number, an e-mail address, a date of birth, a name, an address, health, or
    where somebody is. A photo that says where it was taken counts as a place.

Why it matters
    Everyone on the way can read and keep it; on shared Wi-Fi that is the room. Numbers like these cannot be changed like a
    password, and together they are enough to open accounts in somebody's name.

What to do
    Stop filling in the form. Look for the same page with https:// in front, or send the data another way. If a card number was
    in it, tell the bank; if an identity number was, keep an eye on letters about accounts that you did not open.

False alarms
    A number counts only if its own check digits are right and the field's name, or its neighbours, say what it is; names and
    addresses only by the name of their field. Pages that are downloaded are not looked at. What a VPN carries is plain only
    beyond the VPN and reported one step lower.

Limits
    Names of fields are understood in English, Chinese, Spanish, Portuguese, French, German and Hindi. Data in the middle of a
    longer text, in an archive, or behind the first 16 KiB of a form is not seen, nor a JPEG's place behind 64 KiB. Only the
    kinds of data are kept, never the data.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.addresses import address_text
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.fewest import Fewest
from wifiguard.core.messages import Flow, PersonalData
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_

RULE = Rule(
    id="plaintext-personal-data",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("Personal data was sent without encryption"),
            N_("Others on this network can read what this laptop just sent to {server}: {categories}."),
            (
                N_("Stop filling in the form; look for the same page with https:// in front."),
                N_("If it held a card number, tell the bank that gave you the card."),
            ),
        ),
        Severity.MEDIUM: Text(
            N_("Personal data travels without encryption"),
            N_("Whoever is on the way between the VPN and {server} can read: {categories}."),
            (N_("Look for the same page with https:// in front."),),
        ),
    },
    references=("Civil Code of the PRC, 1034", "GDPR, 32 (1) (a)", "PCI DSS 4.0, 4.2"),
)


class PlaintextPersonalDataEvidence(Evidence, frozen=True):
    """`categories` sent to this server so far, never values. `server`: its address. `program`: the one on this laptop."""

    categories: tuple[str, ...]
    protocol: str
    server: str
    port: int
    program: str | None = None


class Config(Struct, frozen=True):
    """`servers`: how many are told apart in one network; what comes after them is one finding. `ignore`: these categories."""

    servers: int = 32
    ignore: tuple[str, ...] = ()


class PlaintextPersonalData(Detector):
    """The same server is the same problem; its evidence gathers what was sent there."""

    rule = RULE
    inputs = (PersonalData,)

    def __init__(self, config: Config = Config()) -> None:
        self._ignored = frozenset(config.ignore)
        self._servers = Fewest(config.servers)
        self._sent: BoundedMap[tuple[str, str], frozenset[str]] = BoundedMap(1024)

    def observe(self, obs: PersonalData) -> Iterator[Finding]:  # type: ignore[override]
        fresh = frozenset(obs.categories) - self._ignored
        if not fresh:
            return
        server = address_text(obs.flow.server)
        where = obs.network.id if obs.network else ""
        sent = (self._sent.get((where, server), obs.tick) or frozenset()) | fresh
        self._sent.put((where, server), sent, obs.tick)
        yield self.found(
            obs,
            Severity.MEDIUM if obs.flow.tunnelled else Severity.HIGH,
            (self._servers.name((where,), server, obs.tick),),
            PlaintextPersonalDataEvidence(tuple(sorted(sent)), obs.protocol, server, obs.flow.server_port),
        )


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, interface="wlan0")
    flow = Flow(bytes([10, 0, 0, 2]), 40000, bytes([192, 0, 2, 1]), 80, "tcp")

    def evidence(*categories: str) -> PlaintextPersonalDataEvidence:
        return PlaintextPersonalDataEvidence(categories, "http", "192.0.2.1", 80)

    card = PersonalData(seen, flow, "http", ("name", "payment-card"), "shop.example")
    yield Example("an order form", (card,), ((Severity.HIGH, evidence("name", "payment-card")),))
    yield Example(
        "another form to the same server",
        (card, PersonalData(seen, flow, "http", ("phone",))),
        (
            (Severity.HIGH, evidence("name", "payment-card")),
            (Severity.HIGH, evidence("name", "payment-card", "phone")),
        ),
    )
    yield Example(
        "a photo that says where it was taken",
        (PersonalData(seen, flow, "http", ("location",), "pictures.example"),),
        ((Severity.HIGH, evidence("location")),),
    )
    yield Example(
        "inside a VPN it is plain only beyond the VPN",
        (PersonalData(seen, flow._replace(tunnelled=True), "http", ("e-mail",)),),
        ((Severity.MEDIUM, evidence("e-mail")),),
    )
    yield Example("nothing personal", (PersonalData(seen, flow, "http", ()),))
