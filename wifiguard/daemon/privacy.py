"""The privacy statement: what is kept, why and for how long. Lists come from the types and tables themselves."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from wifiguard.core.text import N_
from wifiguard.rules import rule_files

STATEMENT = (
    (N_("Purpose"), N_("Warn the person at this machine. Nothing that was seen leaves the machine.")),
    (
        N_("Findings, nothing else"),
        N_(
            "What is kept is what was found: the rule, when and how often, on which network, and the evidence"
            " listed below. No packet, no byte of what was sent, no address of a page beyond the host, no "
            "header, no field of a form, no password."
        ),
    ),
    (
        N_("No list of sites"),
        N_(
            "A host name stands in a finding only where it is in the catalogue of banks and payment services,"
            " in your own list, imitates one of these, or says bank by itself. Other servers are kept as "
            "addresses and ports."
        ),
    ),
    (
        N_("No place without a reason"),
        N_(
            "Names of networks are kept with findings, and for networks that you trust. An access point's "
            "address (BSSID) is kept only for networks that you trust. Networks that were merely in the air "
            "are never kept."
        ),
    ),
    (
        N_("How long"),
        N_("{days} days, then it is overwritten. You can change that: [log] keep_days in the settings."),
    ),
    (
        N_("Your choice"),
        N_(
            '[watch] traffic = "untrusted" reads packets only on networks that you do not trust, "never" '
            "reads none; the rest goes on. `wifiguard forget NETWORK` takes a place out of everything; "
            "`wifiguard erase` takes out a day, a network or all, and overwrites it on the disk."
        ),
    ),
    (
        N_("Where"),
        N_(
            "The service: /var/lib/wifiguard, readable by root and the group wifiguard. Started by you "
            "without root: $XDG_STATE_HOME/wifiguard, readable by you. With systemd, titles of findings also "
            "go to the system's journal. The last scan's findings are kept beside the log, so that the next "
            "one can be compared with it."
        ),
    ),
    (
        N_("What is asked of the network"),
        N_(
            "On joining a network that you do not trust, and in a scan there: who answers to a name made up on the spot,"
            " and, of the network's own name server, the addresses of a made-up name and of three well-known banks chosen"
            " by lot; and the page that NetworkManager is configured to ask, again while it is a login page. Anywhere,"
            " where two machines claim the router's address: both of them. A handful of packets, and nothing about you."
            ' "ask = false" switches each off: [rules.name-poisoning], [rules.dns-hijack], [rules.captive-portal],'
            " [rules.gateway-impersonated]. Nothing is asked by scan --quick, nor where [watch] traffic is"
            ' "never".'
        ),
    ),
    (
        N_("In memory only, and bounded"),
        N_(
            "The addresses that names resolved to (an hour) and unfinished conversations (at most 16 MiB), so"
            " that a form that comes in pieces is recognised."
        ),
    ),
)

# Table → what it is, and why each column is there. A test holds this against the tables of the log.
TABLES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "problems": (
        N_("Findings"),
        {
            "id": N_("tells the same problem again: a hash over rule, network and what makes it the same"),
            "rule": N_("what was found"),
            "severity": N_("how bad it is"),
            "network": N_("where: the network's id below"),
            "interface": N_("on which network interface"),
            "evidence": N_("what the rule saw: listed below, rule by rule"),
            "first_seen": N_("when it began"),
            "last_seen": N_("when it was seen last"),
            "count": N_("how often"),
            "open": N_("whether it is over"),
            "muted": N_("whether you do not want to hear of it"),
        },
    ),
    "timeline": (
        N_("A finding's story"),
        {
            "problem": N_("which finding"),
            "at": N_("when"),
            "state": N_("new, worse, over or muted"),
            "severity": N_("how bad it was then"),
        },
    ),
    "networks": (
        N_("Networks that you trust, and those with findings"),
        {
            "id": N_(
                "tells the same network again: a hash over its name and kind of protection, or its router's address"
            ),
            "medium": N_("Wi-Fi, cable or VPN"),
            "name": N_("so that you recognise it"),
            "ssid": N_("its name as it was sent: what a false copy would imitate"),
            "bssid": N_("its access point; only of networks that you trust"),
            "security": N_("how it is protected: weaker the next time is worth a warning"),
            "interface": N_("how this laptop was on it"),
            "trusted_since": N_("your decision"),
            "first_seen": N_("when it was first seen"),
            "last_seen": N_("when it was last seen"),
        },
    ),
    "memory": (
        N_("What rules learned of a kept network"),
        {
            "rule": N_("which rule needs it"),
            "network": N_("of which network; it goes with the network"),
            "key": N_("what was learned"),
            "value": N_("its value: the router's address; which banks of the catalogue were reached by TLS"),
        },
    ),
    "mutes": (
        N_("What you muted"),
        {
            "scope": N_("a rule, a finding or a network"),
            "target": N_("which one"),
            "until": N_("until when"),
        },
    ),
    "meta": (
        N_("The log itself"),
        {
            "key": N_(
                "created: when the log was begun; clock: for how long the time was right, and when that was looked at"
            ),
            "value": N_("its value"),
        },
    ),
}


class Kept(Struct, frozen=True):
    """One rule's evidence: field → type, and the sentence that says what they mean."""

    rule: str
    meaning: str
    fields: tuple[tuple[str, str], ...]


def evidence() -> Iterator[Kept]:
    """What each rule keeps, from its evidence class."""
    for id, file in rule_files().items():
        hints = typing.get_type_hints(file.evidence)
        fields = tuple((field.name, _type(hints[field.name])) for field in structs.fields(file.evidence))
        yield Kept(id, " ".join((file.evidence.__doc__ or "").split()), fields)


def _type(hint: object) -> str:
    """In words: what kind of thing the field can hold at all."""
    arguments = typing.get_args(hint)
    if not arguments:
        plain = {"str": "text", "int": "number", "float": "number", "bool": "yes or no", "NoneType": "nothing"}
        name = getattr(hint, "__name__", str(hint))
        return plain.get(name, name)
    inner = [_type(argument) for argument in arguments if argument is not Ellipsis]
    if typing.get_origin(hint) is tuple:
        return "list of " + " and ".join(dict.fromkeys(inner))
    return " or ".join(inner)
