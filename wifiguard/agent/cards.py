"""What a notification says: made from findings, in one title and one short body. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from gettext import NullTranslations

from msgspec import Struct

from wifiguard.core.policy import State
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible

# Longer titles are cut by GNOME and KDE, longer bodies by all.
TITLE = 44
BODY = 159
BUTTONS = 3
# What to do now is worth more than the reason: of a body that is too long, the reason is cut first.
ADVICE = 110

ENGLISH = NullTranslations()


class Urgency(StrEnum):
    """The words of notify-py; the desktop's own levels."""

    LOW = "low"
    NORMAL = "normal"
    CRITICAL = "critical"


class Act(StrEnum):
    """What a button does: the monitor is asked to trust or to mute; this user leaves a network by his own rights."""

    TRUST = "trust"
    LEAVE = "leave"
    MUTE = "mute"


class Button(Struct, frozen=True):
    """`act` on `target`: the id of a network (trust) or of a finding (mute), or an interface (leave the network `name` on it)."""

    act: Act
    target: str
    label: str
    name: str = ""


class Card(Struct, frozen=True):
    """One notification, as plain text. `expires_ms` None: it stays until somebody closes it."""

    title: str
    body: str
    urgency: Urgency
    expires_ms: int | None
    buttons: tuple[Button, ...] = ()


class News(Struct, frozen=True):
    """A `finding` line, as far as a notification needs it. `network`: its id, empty where there is none.

    `wifi`: the name of the network where it is a Wi-Fi, on `interface`; else empty.
    """

    id: str
    rule: str
    severity: Severity
    state: State
    title: str
    why: str = ""
    advice: str = ""
    network: str = ""
    trusted: bool = False
    interface: str = ""
    wifi: str = ""


_URGENCY = {Severity.CRITICAL: Urgency.CRITICAL, Severity.HIGH: Urgency.NORMAL, Severity.MEDIUM: Urgency.NORMAL}
_EXPIRES = {Severity.CRITICAL: None, Severity.HIGH: 30_000, Severity.MEDIUM: 15_000}
_LOW_EXPIRES = 8_000
_ANSWER_EXPIRES = 8_000
UNKNOWN = "unknown-wifi"
_ABOUT_THE_NETWORK = frozenset({UNKNOWN, "open-wifi"})
# Where it is the network itself that is bad, or somebody in it.
_LEAVE = _ABOUT_THE_NETWORK | {
    "decoy-ssid-answered",
    "dns-hijack",
    "evil-twin",
    "gateway-impersonated",
    "https-stripped",
    "name-poisoning",
    "weak-wifi-encryption",
    "wifi-security-downgrade",
}
_ID = re.compile(r"[\w.:-]{1,80}", re.ASCII)

_LATE = N_("You had left this network already.")
_DONE = {
    Act.LEAVE: (N_("You left this network."), N_("It is not joined by itself any more. Undo: wifiguard profiles undo")),
    Act.TRUST: (N_("You trust this network now."), N_("WiFiGuard no longer asks about it.")),
    Act.MUTE: (N_("Muted for 7 days."), N_("You still find it in the log.")),
}


def news(line: Mapping[str, object]) -> News | None:
    """The finding in `line`, a line of the control socket; None where it is none that can be shown."""
    id, title, advice, network = line.get("id"), line.get("title"), line.get("advice"), line.get("network")
    if line.get("type") != "finding" or not isinstance(id, str) or not _ID.fullmatch(id):
        return None
    if not isinstance(title, str) or not title.strip():
        return None
    try:
        severity, state = Severity.parse(str(line.get("severity"))), State(str(line.get("state")))
    except ValueError:
        return None
    first = advice[0] if isinstance(advice, Sequence) and not isinstance(advice, str) and advice else ""
    place = network if isinstance(network, Mapping) else {}
    network_id, interface = place.get("id"), line.get("interface")
    return News(
        id=id,
        rule=_text(line.get("rule")),
        severity=severity,
        state=state,
        title=_text(title),
        why=_text(line.get("why")),
        advice=_text(first),
        network=network_id if isinstance(network_id, str) and _ID.fullmatch(network_id) else "",
        trusted=place.get("trusted") is True,
        interface=interface if isinstance(interface, str) and _ID.fullmatch(interface) else "",
        wifi=_text(place.get("name")) if isinstance(place.get("security"), str) else "",
    )


def card(item: News, speech: NullTranslations = ENGLISH) -> Card:
    """The notification about one problem."""
    buttons = [*_trust([item], speech), *_leave([item], speech), Button(Act.MUTE, item.id, speech.gettext("Mute"))]
    return _card(item.severity, item.title, _body(item.why, item.advice, speech), buttons)


def gathered(items: Sequence[News], speech: NullTranslations = ENGLISH) -> Card:
    """One notification about all that was found on a network that was just joined; at least one problem."""
    if len(items) == 1:
        return card(items[0], speech)
    ranked = _ranked(items)
    worst = ranked[0]
    if worst.severity >= Severity.HIGH:
        title = speech.gettext("Not safe to bank here: {count} problems")
    elif worst.severity is Severity.MEDIUM:
        title = speech.gettext("Bank here with care: {count} problems")
    else:
        title = speech.gettext("{count} things to know about this network")
    bodies = (_joined(_titles(ranked, shown, speech), worst.advice, speech) for shown in range(len(ranked[:3]), 0, -1))
    body = next((text for text in bodies if len(text) <= BODY), None)
    body = body or _body(_titles(ranked, 1, speech), worst.advice, speech)
    buttons = [*_trust(items, speech), *_leave(items, speech)]
    return _card(worst.severity, title.format(count=len(items)), body, buttons)


def more(items: Sequence[News], speech: NullTranslations = ENGLISH) -> Card:
    """One notification about the problems that came too fast for one each; at least one problem."""
    worst = _ranked(items)[0]
    title = speech.ngettext("{count} more problem", "{count} more problems", len(items)).format(count=len(items))
    what = speech.gettext("The worst: {title}.").format(title=worst.title.rstrip(".。"))
    return _card(worst.severity, title, _body(what, speech.gettext("“wifiguard log” lists them all."), speech), ())


def veiled(items: Sequence[News], speech: NullTranslations = ENGLISH) -> Card:
    """What a locked screen may show: no name of a network or site, and no button."""
    worst = max(item.severity for item in items)
    if worst >= Severity.HIGH:
        title = speech.gettext("Not safe to bank here")
    elif worst is Severity.MEDIUM:
        title = speech.gettext("Bank here with care")
    else:
        title = speech.gettext("WiFiGuard has something to tell")
    return _card(worst, title, speech.gettext("Unlock the screen to read what was found."), ())


def is_joined(status: Iterable[Mapping[str, object]], button: Button) -> bool:
    """Whether the interface that a button is to disconnect is in the button's network, by the answer to `status`."""
    here = {"interface": button.target, "name": button.name}
    present = [network for line in status if isinstance(networks := line.get("networks"), list) for network in networks]
    return any(isinstance(network, Mapping) and here.items() <= network.items() for network in present)


def done(button: Button, items: Sequence[News], speech: NullTranslations = ENGLISH, *, late: bool = False) -> Card:
    """What `button` asked for was done; `items` are the problems that the notification told of.

    `late`: the network to leave had been left before.
    """
    title, body = _DONE[button.act]
    title = _LATE if late else title
    rest = _ranked([item for item in items if not _settles(button, item)])
    body = (
        speech.gettext("This stays: {title}.").format(title=rest[0].title.rstrip(".。"))
        if rest
        else speech.gettext(body)
    )
    return Card(_cut(speech.gettext(title), TITLE), _cut(body, BODY), Urgency.LOW, _ANSWER_EXPIRES)


def refused(why: str, buttons: tuple[Button, ...], speech: NullTranslations = ENGLISH) -> Card:
    """The monitor did not do it; the buttons stay, for another try."""
    title = speech.gettext("That could not be done")
    return Card(_cut(title, TITLE), _cut(_text(why), BODY), Urgency.NORMAL, _EXPIRES[Severity.HIGH], buttons)


def _card(severity: Severity, title: str, body: str, buttons: Sequence[Button]) -> Card:
    return Card(
        title=_cut(title, TITLE),
        body=body,
        urgency=_URGENCY.get(severity, Urgency.LOW),
        expires_ms=_EXPIRES.get(severity, _LOW_EXPIRES),
        buttons=tuple(buttons)[:BUTTONS],
    )


def _trust(items: Sequence[News], speech: NullTranslations) -> list[Button]:
    for item in items:
        if item.rule in _ABOUT_THE_NETWORK and item.network and not item.trusted:
            return [Button(Act.TRUST, item.network, speech.gettext("Trust this network"))]
    return []


def _leave(items: Sequence[News], speech: NullTranslations) -> list[Button]:
    for item in items:
        if item.rule in _LEAVE and item.wifi and item.interface:
            return [Button(Act.LEAVE, item.interface, speech.gettext("Leave this network"), item.wifi)]
    return []


def _settles(button: Button, item: News) -> bool:
    match button.act:
        case Act.TRUST:
            return item.rule == UNKNOWN
        case Act.LEAVE:
            return item.rule in _LEAVE and item.wifi == button.name
        case Act.MUTE:
            return item.id == button.target


def _titles(ranked: Sequence[News], shown: int, speech: NullTranslations) -> str:
    titles = [speech.gettext("{title}.").format(title=item.title.rstrip(".。")) for item in ranked[:shown]]
    rest = len(ranked) - shown
    if rest:
        titles.append(speech.ngettext("{count} more.", "{count} more.", rest).format(count=rest))
    return functools.reduce(lambda before, after: _joined(before, after, speech), titles)


def _ranked(items: Sequence[News]) -> list[News]:
    return sorted(items, key=lambda item: -item.severity)


def _joined(why: str, advice: str, speech: NullTranslations) -> str:
    """Two sentences, one after the other."""
    return speech.gettext("{why} {advice}").format(why=why, advice=advice).strip()


def _body(why: str, advice: str, speech: NullTranslations) -> str:
    if len(why) + 1 + len(advice) > BODY:
        advice = _cut(advice, ADVICE)
        why = _cut(why, BODY - 1 - len(advice) if advice else BODY)
    return _joined(why, advice, speech)


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters; what is cut ends after a whole word where there is one near."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    space = kept.rfind(" ", limit * 2 // 3)
    return (kept[:space] if space > 0 else kept).rstrip(" ,;:(“，；：、（") + "…"


def _text(value: object) -> str:
    # The monitor made it visible already, so a backslash is an escape's and must not double; the rest is not believed.
    # Longer than any card, so that cutting stays the card's matter.
    text = value[:400] if isinstance(value, str) else ""
    return "\\".join(visible(part, 400) for part in text.split("\\"))
