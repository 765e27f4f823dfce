"""Which notifications are up: what is told at once, what is gathered, what waits. Pure: time is an argument.

Everything that decides this lives here. The agent asks `next` for one step after another and tells what came of it. A step
follows from the newest state alone, so nothing piles up while nobody can be told.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from gettext import NullTranslations

from msgspec import Struct, field

from wifiguard.agent.cards import ENGLISH, Button, Card, News, done, gathered, more, refused, veiled
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.policy import State
from wifiguard.core.severity import Severity

# Notifications that pop up within a minute; the rest are gathered into one.
POPS = 5
MINUTE = 60.0
# What is found so soon after a network was joined comes as one: shown after SETTLE, growing until WELCOME.
WELCOME = 5.0
SETTLE = 0.5
# A notification that changes faster than this cannot be read.
CALM = 1.0
# What failed is tried again after this; the others go ahead.
RETRY = 10.0
PROBLEMS = 1000
NETWORKS = 64


class Presence(Enum):
    """AWAY: no session is in front of a person. LOCKED: one is, behind its lock."""

    HERE = "here"
    LOCKED = "locked"
    AWAY = "away"


class Show(Struct, frozen=True):
    """Put `card` up in place of the notification `replaces`, 0 for a new one. `key`: whose it is; `worst`: how bad it is."""

    key: str
    card: Card
    worst: Severity
    replaces: int = 0


class Withdraw(Struct, frozen=True):
    """Take the notification down."""

    id: int


class _Waiting(Struct, frozen=True):
    """A problem that nobody was told of. `group`: the key of the notification that it comes in, empty for its own."""

    news: News
    group: str


class _Slot(Struct):
    """A notification. `members`: the problems that it tells of. `told`: what it said last, and the worst of that.

    `id`: the desktop's number, kept after the notification was closed. `asked`: the button that the monitor has not answered
    yet; `answer`: what then takes the place of the problems' words.
    """

    key: str
    members: dict[str, News] = field(default_factory=dict)
    id: int = 0
    up: bool = False
    told: Card | None = None
    told_worst: Severity = Severity.INFO
    told_at: float = 0.0
    retry_at: float = 0.0
    asked: Button | None = None
    answer: Card | None = None

    @property
    def grows(self) -> bool:
        """Whether another problem may come in it: nobody closed it, nobody pressed its buttons."""
        return (self.up or self.told is None) and self.asked is None and self.answer is None

    @property
    def answering(self) -> bool:
        """Whether it belongs to a pressed button, and no longer to its problems."""
        return self.asked is not None or (self.answer is not None and not self.answer.buttons)

    @property
    def owes(self) -> bool:
        """Whether a pressed button still waits for its answer to be seen."""
        return self.asked is not None or (self.answer is not None and self.told != self.answer)

    @property
    def worst(self) -> Severity:
        """The worst of its problems."""
        return max((item.severity for item in self.members.values()), default=Severity.INFO)


class Board:
    """`minimum`: the least severity that becomes a notification."""

    def __init__(self, minimum: Severity = Severity.MEDIUM, speech: NullTranslations = ENGLISH) -> None:
        self._minimum = minimum
        self._speech = speech
        self._presence = Presence.HERE
        # A problem is in one place: among those that wait, oldest first, or in one slot.
        self._waiting: dict[str, _Waiting] = {}
        self._slots: dict[str, _Slot] = {}
        self._place: dict[str, str] = {}
        self._joined: BoundedMap[str, float] = BoundedMap(NETWORKS)
        self._over: list[Withdraw] = []
        self._pops: list[float] = []
        self._own = 0
        self._more = 0
        self._more_at = float("-inf")
        self._due: float | None = None

    # -- what happened

    def news(self, item: News, now: float) -> None:
        """A finding's line came."""
        if item.state in (State.RESOLVED, State.SUPPRESSED) or item.severity < self._minimum:
            self._drop(item.id)
        elif key := self._place.get(item.id):
            self._slots[key].members[item.id] = item
        elif waiting := self._waiting.get(item.id):
            self._waiting[item.id] = _Waiting(item, waiting.group)
        else:
            self._wait(item, now)

    def snapshot(self, items: Iterable[News], now: float) -> None:
        """All problems that are open now: what is not among them is over."""
        fresh = {item.id: item for item in items}
        for id in [*self._place, *self._waiting]:
            if id not in fresh:
                self._drop(id)
        for item in fresh.values():
            self.news(item, now)

    def presence(self, presence: Presence) -> None:
        """Whether somebody can be told."""
        self._presence = presence

    def pressed(self, id: int, act: str) -> Button | None:
        """The button that was pressed on notification `id`; None where nothing is to be done."""
        for slot in self._slots.values():
            if slot.id == id and slot.told is not None and slot.asked is None:
                slot.asked = next((button for button in slot.told.buttons if button.act == act), None)
                return slot.asked
        return None

    def answered(self, button: Button, refusal: str | None = None, *, late: bool = False) -> None:
        """What `button` asked for was done, or refused with that sentence; `late`: the network had been left before."""
        for slot in self._slots.values():
            if slot.asked is button and slot.told is not None:
                slot.asked = None
                if refusal is None:
                    slot.answer = done(button, list(slot.members.values()), self._speech, late=late)
                else:
                    slot.answer = refused(refusal, slot.told.buttons, self._speech)

    def closed(self, id: int) -> None:
        """The desktop or the person took the notification down."""
        for slot in self._slots.values():
            if slot.id == id:
                slot.up = False

    def lost(self) -> None:
        """The notification service went, and with it all that was up; what was up is shown again."""
        self._over.clear()
        for slot in self._slots.values():
            if slot.up and not slot.answering:
                slot.told = None
            slot.id, slot.up, slot.retry_at = 0, False, 0.0

    def shown(self, step: Show, id: int, now: float) -> None:
        """`step` was carried out; `id` is the desktop's number for it."""
        slot = self._slots.get(step.key)
        if slot is None:  # it was over before it was up
            self._over.append(Withdraw(id))
            return
        slot.id, slot.up, slot.told, slot.told_at = id, True, step.card, now
        if step.card is not slot.answer:
            slot.told_worst = step.worst
        elif not slot.members:
            del self._slots[slot.key]

    def failed(self, step: Show, now: float) -> None:
        """The desktop did not take it."""
        if slot := self._slots.get(step.key):
            slot.retry_at = now + RETRY

    def up(self) -> list[int]:
        """The notifications that are up."""
        return [slot.id for slot in self._slots.values() if slot.up]

    # -- what is to be done

    def next(self, now: float) -> Show | Withdraw | None:
        """The next step; None where there is none before `deadline`."""
        self._due = None
        if self._over:
            return self._over.pop(0)
        if self._presence is Presence.AWAY:
            return None
        if self._presence is Presence.HERE:
            self._place_waiting(now)
        for slot in self._slots.values():
            if step := self._step(slot, now):
                return step
        return None

    def deadline(self) -> float | None:
        """When `next` may have something to tell though nothing happened."""
        return self._due

    # -- inside

    def _step(self, slot: _Slot, now: float) -> Show | None:
        if slot.retry_at > now:
            self._wake(slot.retry_at)
            return None
        if self._presence is Presence.LOCKED:
            wanted = veiled(list(slot.members.values()), self._speech) if slot.members else None
            return self._show(slot, wanted) if slot.up and wanted and wanted != slot.told else None
        if slot.answer is not None:
            return self._show(slot, slot.answer) if slot.told != slot.answer else None
        if slot.asked is not None:
            return None
        wanted = self._words(slot)
        if slot.told is None:
            return self._show(slot, wanted)
        if not slot.up or wanted == slot.told:
            return None
        if slot.worst <= slot.told_worst and now < slot.told_at + CALM:
            self._wake(slot.told_at + CALM)
            return None
        return self._show(slot, wanted)

    def _words(self, slot: _Slot) -> Card:
        items = list(slot.members.values())
        return more(items, self._speech) if slot.key.startswith("more:") else gathered(items, self._speech)

    @staticmethod
    def _show(slot: _Slot, card: Card) -> Show:
        return Show(slot.key, card, slot.worst, slot.id)

    def _wait(self, item: News, now: float) -> None:
        if len(self._waiting) >= PROBLEMS:
            mildest = min(self._waiting.values(), key=lambda waiting: waiting.news.severity).news
            if mildest.severity > item.severity:
                return
            del self._waiting[mildest.id]
        if item.network and not self._knows(item.network):
            self._joined.put(item.network, now, now)
        joined = self._joined.get(item.network, now)
        # What is critical is about what just left this laptop: it neither waits nor hides among others.
        early = joined is not None and now < joined + WELCOME and item.severity < Severity.CRITICAL
        group = f"network:{item.network}" if early else ""
        self._waiting[item.id] = _Waiting(item, group)

    def _knows(self, network: str) -> bool:
        return any(waiting.news.network == network for waiting in self._waiting.values()) or any(
            item.network == network for slot in self._slots.values() for item in slot.members.values()
        )

    def _place_waiting(self, now: float) -> None:
        """Give every problem that waits its notification, the worst first, as far as the limits allow."""
        self._reopen()
        self._pops = [at for at in self._pops if at > now - MINUTE]
        for waiting in sorted(self._waiting.values(), key=lambda waiting: -waiting.news.severity):
            key = self._key(waiting, now)
            if key is None:
                continue
            del self._waiting[waiting.news.id]
            while len(self._place) >= PROBLEMS:
                self._evict()
            self._slots.setdefault(key, _Slot(key)).members[waiting.news.id] = waiting.news
            self._place[waiting.news.id] = key

    def _key(self, waiting: _Waiting, now: float) -> str | None:
        """Where a waiting problem goes now; None where it has to wait on."""
        group = self._slots.get(waiting.group)
        if group is not None and group.grows:
            return group.key
        if waiting.group and group is None:
            settled = (self._joined.get(waiting.news.network, now) or 0.0) + SETTLE
            if now < settled:
                self._wake(settled)
                return None
        if len(self._pops) < POPS:
            self._pops.append(now)
            self._own += 1
            return waiting.group if waiting.group and group is None else f"own:{self._own}"
        self._wake(self._pops[0] + MINUTE)
        last = self._slots.get(f"more:{self._more}")
        if last is not None and last.grows:
            return last.key
        # A person who closes it is not to be shown another one at once, unless that has worse to tell.
        if now < self._more_at + MINUTE and (last is None or waiting.news.severity <= last.told_worst):
            return None
        self._more += 1
        self._more_at = now
        return f"more:{self._more}"

    def _reopen(self) -> None:
        """What got worse after its notification was closed, or answered, is news again."""
        for slot in list(self._slots.values()):
            if slot.told is None or slot.asked is not None or (slot.up and slot.answer is None):
                continue
            for item in [item for item in slot.members.values() if item.severity > slot.told_worst]:
                self._leave(item.id)
                self._waiting[item.id] = _Waiting(item, "")

    def _leave(self, id: str) -> None:
        slot = self._slots[self._place.pop(id)]
        del slot.members[id]
        if not slot.members and not slot.owes:
            del self._slots[slot.key]
            if slot.up and not slot.answering:
                self._over.append(Withdraw(slot.id))

    def _drop(self, id: str) -> None:
        self._waiting.pop(id, None)
        if id in self._place:
            self._leave(id)

    def _evict(self) -> None:
        slots = self._slots.values()
        oldest = next((slot for slot in slots if slot.members and not slot.up), None) or next(
            slot for slot in slots if slot.members
        )
        self._drop(next(iter(oldest.members)))

    def _wake(self, at: float) -> None:
        self._due = at if self._due is None else min(at, self._due)
