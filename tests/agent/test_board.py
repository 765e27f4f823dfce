"""Which notifications are up."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from wifiguard.agent.board import CALM, MINUTE, POPS, PROBLEMS, RETRY, SETTLE, WELCOME, Board, Presence, Show, Withdraw
from wifiguard.agent.cards import Act, Card, News, card, done, gathered, more, refused, veiled
from wifiguard.core.policy import State
from wifiguard.core.severity import Severity


def problem(id: str, severity: Severity = Severity.HIGH, network: str = "", **changes: str) -> News:
    said = {"rule": "open-wifi", "title": f"Problem {id}", "why": "Why.", "advice": "Do.", **changes}
    return News(id=id, severity=severity, state=State.NEW, network=network, **said)


def again(item: News, state: State = State.REPEAT, severity: Severity | None = None, why: str = "") -> News:
    return replace(item, state=state, severity=item.severity if severity is None else severity, why=why or item.why)


class Desk:
    """A desktop that takes everything at once: what is up on it, and what popped up anew."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.up: dict[int, Card] = {}
        self.popped: list[tuple[float, Card]] = []
        self.calls = 0
        self._last = 0

    def turn(self, now: float) -> None:
        """Do all that there is to do."""
        for _ in range(10_000):
            step = self.board.next(now)
            if step is None:
                due = self.board.deadline()
                assert due is None or due > now
                return
            self.calls += 1
            if isinstance(step, Withdraw):
                self.up.pop(step.id, None)
                continue
            id = step.replaces if step.replaces in self.up else self._new()
            if id not in self.up:
                self.popped.append((now, step.card))
            self.up[id] = step.card
            self.board.shown(step, id, now)
        raise AssertionError("the board never comes to rest")

    def close(self, id: int) -> None:
        del self.up[id]
        self.board.closed(id)

    def id(self, card: Card) -> int:
        return next(id for id, up in self.up.items() if up == card)

    @property
    def cards(self) -> list[Card]:
        return list(self.up.values())

    def _new(self) -> int:
        self._last += 1
        return self._last


def started(*items: News, now: float = 0.0) -> tuple[Board, Desk]:
    board = Board()
    desk = Desk(board)
    for item in items:
        board.news(item, now)
    desk.turn(now)
    return board, desk


A, B = problem("a"), problem("b")


def test_one_notification_a_problem() -> None:
    _, desk = started(A, B)
    assert desk.cards == [card(A), card(B)]


def test_a_repeat_says_nothing_again() -> None:
    board, desk = started(A)
    board.news(again(A), 10.0)
    desk.turn(10.0)
    desk.close(1)
    board.news(again(A), 20.0)
    desk.turn(20.0)
    assert (desk.cards, desk.calls) == ([], 1)


def test_a_repeat_that_has_more_to_say_changes_the_notification_in_place_but_not_faster_than_one_can_read() -> None:
    board, desk = started(A)
    for why in ("Second.", "Third."):
        board.news(again(A, why=why), 0.2)
        desk.turn(0.2)
    assert desk.cards == [card(A)]
    assert board.deadline() == CALM
    desk.turn(CALM)
    assert desk.cards == [card(again(A, why="Third."))]
    assert len(desk.popped) == 1


def test_what_got_worse_replaces_at_once_and_pops_again_where_it_was_closed() -> None:
    worse = again(A, State.ESCALATED, Severity.CRITICAL)
    board, desk = started(A)
    board.news(worse, 0.1)
    desk.turn(0.1)
    assert (desk.up, len(desk.popped)) == ({1: card(worse)}, 1)

    board, desk = started(A)
    desk.close(1)
    board.news(worse, 5.0)
    desk.turn(5.0)
    assert (desk.cards, len(desk.popped)) == ([card(worse)], 2)


def test_a_resolved_or_muted_problem_withdraws_its_notification() -> None:
    board, desk = started(A, B)
    board.news(again(A, State.RESOLVED), 1.0)
    board.news(again(B, State.SUPPRESSED), 1.0)
    desk.turn(1.0)
    assert desk.cards == []
    board.news(A, 2.0)
    desk.turn(2.0)
    assert desk.cards == [card(A)]


def test_what_is_over_before_it_was_up_does_not_stay_up() -> None:
    board = Board()
    board.news(A, 0.0)
    step = board.next(0.0)
    assert step == Show("own:1", card(A), Severity.HIGH)
    board.news(again(A, State.RESOLVED), 0.0)
    board.shown(step, 7, 0.0)
    assert [board.next(0.0), board.next(0.0)] == [Withdraw(7), None]


def test_below_the_minimum_is_for_the_log() -> None:
    _, desk = started(problem("a", Severity.LOW), problem("b", Severity.INFO))
    assert desk.calls == 0
    asked = Board(Severity.INFO)
    asked.news(problem("b", Severity.INFO), 0.0)
    assert asked.next(0.0) is not None


def test_at_most_five_a_minute_the_worst_first_and_the_rest_in_one() -> None:
    items = [problem(str(number)) for number in range(8)]
    grave = problem("grave", Severity.CRITICAL)
    board, desk = started(*items, grave)
    assert desk.cards == [card(grave), *map(card, items[:4]), more(items[4:])]
    assert desk.cards[-1].title == "4 more problems"

    late = problem("late")
    board.news(late, 2.0)
    desk.turn(2.0)
    assert desk.cards[-1] == more([*items[4:], late])
    board.news(again(items[7], State.RESOLVED), 4.0)
    desk.turn(4.0)
    assert desk.cards[-1].title == "4 more problems"
    assert len(desk.popped) == POPS + 1

    new = problem("new")
    board.news(new, MINUTE)
    desk.turn(MINUTE)
    assert desk.cards[-1] == card(new)


def test_who_closes_the_gathered_one_gets_the_next_in_a_minute_or_when_it_is_worse() -> None:
    items = [problem(str(number)) for number in range(POPS + 1)]
    board, desk = started(*items)
    desk.close(desk.id(more(items[-1:])))
    board.news(A, 1.0)
    desk.turn(1.0)
    assert card(A) not in desk.cards
    assert len(desk.popped) == POPS + 1
    grave = problem("grave", Severity.CRITICAL)
    board.news(grave, 2.0)
    desk.turn(2.0)
    assert desk.cards[-1] == more([grave, A])


def test_what_is_found_on_a_new_network_comes_as_one() -> None:
    board = Board()
    desk = Desk(board)
    first = problem("a", Severity.MEDIUM, "n1", rule="unknown-wifi")
    second = problem("b", Severity.HIGH, "n1")
    board.news(first, 0.0)
    desk.turn(0.0)
    assert (desk.calls, board.deadline()) == (0, SETTLE)
    board.news(second, 0.1)
    desk.turn(SETTLE)
    assert desk.cards == [gathered([second, first])]

    third = problem("c", Severity.HIGH, "n1")
    board.news(third, WELCOME - 0.1)
    desk.turn(WELCOME - 0.1)
    assert desk.cards == [gathered([second, first, third])]
    assert len(desk.popped) == 1

    late = problem("d", Severity.HIGH, "n1")
    board.news(late, WELCOME)
    desk.turn(WELCOME)
    assert desk.cards == [gathered([second, first, third]), card(late)]


def test_what_is_critical_on_a_new_network_is_told_at_once_and_by_itself() -> None:
    board, desk = started(problem("a", Severity.MEDIUM, "n1", rule="unknown-wifi"))
    grave = problem("c", Severity.CRITICAL, "n1")
    board.news(grave, 0.1)
    desk.turn(0.1)
    assert desk.cards == [card(grave)]


def test_one_problem_on_a_new_network_has_its_own_words_and_buttons() -> None:
    _, desk = started(problem("a", Severity.MEDIUM, "n1", rule="unknown-wifi"))
    desk.turn(SETTLE)
    assert [button.act for button in desk.cards[0].buttons] == [Act.TRUST, Act.MUTE]


def test_after_the_welcome_was_closed_the_next_comes_alone() -> None:
    board, desk = started(problem("a", Severity.HIGH, "n1"))
    desk.turn(SETTLE)
    desk.close(1)
    second = problem("b", Severity.HIGH, "n1")
    board.news(second, 2.0)
    desk.turn(2.0)
    assert desk.cards == [card(second)]


def test_nobody_there_the_newest_state_waits() -> None:
    board = Board()
    desk = Desk(board)
    board.presence(Presence.AWAY)
    board.news(A, 0.0)
    board.news(B, 0.0)
    board.news(again(A, State.ESCALATED, Severity.CRITICAL), 100.0)
    board.news(again(B, State.RESOLVED), 200.0)
    desk.turn(300.0)
    assert desk.calls == 0
    board.presence(Presence.HERE)
    desk.turn(400.0)
    assert desk.cards == [card(again(A, State.ESCALATED, Severity.CRITICAL))]


def test_a_network_joined_while_nobody_was_there_still_comes_as_one() -> None:
    board = Board()
    desk = Desk(board)
    board.presence(Presence.AWAY)
    items = [problem(id, Severity.HIGH, "n1") for id in "abc"]
    for item in items:
        board.news(item, 1.0)
    board.presence(Presence.HERE)
    desk.turn(4000.0)
    assert desk.cards == [gathered(items)]


def test_a_locked_screen_hides_the_words_and_shows_nothing_new() -> None:
    board, desk = started(A)
    board.presence(Presence.LOCKED)
    board.news(B, 1.0)
    desk.turn(1.0)
    assert desk.cards == [veiled([A])]
    board.presence(Presence.HERE)
    desk.turn(10.0)
    assert desk.cards == [card(A), card(B)]
    assert len(desk.popped) == 2


UNKNOWN = problem("u", Severity.MEDIUM, "n1", rule="unknown-wifi")


def pressed_trust() -> tuple[Board, Desk]:
    board, desk = started(UNKNOWN)
    desk.turn(SETTLE)
    return board, desk


def test_a_button_is_answered_by_the_same_notification() -> None:
    board, desk = pressed_trust()
    button = board.pressed(1, "trust")
    assert button == card(UNKNOWN).buttons[0]
    assert board.pressed(1, "trust") is None, "pressed twice, done once"
    # The news of what the button did arrives before its answer, and must not take the notification away.
    board.news(again(UNKNOWN, State.RESOLVED), 2.0)
    desk.turn(2.0)
    board.answered(button)
    desk.turn(2.0)
    assert desk.up == {1: done(button, [])}
    board.news(replace(UNKNOWN, id="other"), 9.0)
    desk.turn(20.0)
    assert len(desk.cards) == 2


def test_a_desktop_that_closes_what_was_pressed_still_gets_the_answer() -> None:
    board, desk = pressed_trust()
    button = board.pressed(1, "mute")
    assert button is not None
    desk.close(1)
    board.answered(button)
    desk.turn(2.0)
    assert desk.cards == [done(button, [UNKNOWN])]
    board.news(again(UNKNOWN, State.SUPPRESSED), 2.1)
    desk.turn(2.1)
    assert desk.cards == [done(button, [UNKNOWN])], "the answer expires by itself"


def test_a_refusal_keeps_the_buttons() -> None:
    board, desk = pressed_trust()
    button = board.pressed(1, "trust")
    assert button is not None
    board.answered(button, "several networks are called Cafe")
    desk.turn(2.0)
    assert desk.cards == [refused("several networks are called Cafe", card(UNKNOWN).buttons)]
    assert board.pressed(1, "trust") == button
    board.answered(button)
    desk.turn(3.0)
    assert desk.cards == [done(button, [UNKNOWN])]


def test_a_refused_one_goes_when_its_problem_is_over() -> None:
    board, desk = pressed_trust()
    button = board.pressed(1, "trust")
    assert button is not None
    board.answered(button, "no")
    desk.turn(2.0)
    board.news(again(UNKNOWN, State.RESOLVED), 3.0)
    desk.turn(3.0)
    assert desk.cards == []


def test_what_gets_worse_after_an_answer_is_news() -> None:
    board, desk = started(A)
    button = board.pressed(1, "mute")
    assert button is not None
    board.answered(button)
    desk.turn(1.0)
    worse = again(A, State.ESCALATED, Severity.CRITICAL)
    board.news(worse, 2.0)
    desk.turn(2.0)
    assert desk.cards == [done(button, [A]), card(worse)]


def test_a_button_that_is_not_there_does_nothing() -> None:
    board, _ = started(A)
    assert (board.pressed(1, "trust"), board.pressed(9, "mute"), board.pressed(1, "default")) == (None, None, None)
    assert board.pressed(1, "mute") is not None


def test_a_new_notification_service_gets_what_was_up_and_not_what_was_closed() -> None:
    board, desk = started(A, B)
    desk.close(1)
    board.lost()
    desk.up.clear()
    board.news(again(A), 5.0)
    desk.turn(5.0)
    assert desk.cards == [card(B)]


def test_a_restarted_monitor_tells_its_whole_state() -> None:
    board, desk = started(A, B)
    c = problem("c")
    board.snapshot([again(B), c], 9.0)
    desk.turn(9.0)
    assert desk.cards == [card(B), card(c)]
    assert len(desk.popped) == 3


def test_what_the_desktop_refused_is_tried_again_and_holds_nothing_up() -> None:
    board = Board()
    board.news(A, 0.0)
    board.news(B, 0.0)
    first = board.next(0.0)
    assert isinstance(first, Show)
    board.failed(first, 0.0)
    second = board.next(0.0)
    assert second == Show("own:2", card(B), Severity.HIGH)
    board.shown(second, 1, 0.0)
    assert (board.next(0.0), board.deadline()) == (None, RETRY)
    assert board.next(RETRY) == first
    board.failed(first, RETRY)
    board.lost()
    assert board.next(RETRY) == first


def test_a_flood_is_bounded_and_never_pushes_out_what_is_grave() -> None:
    board = Board()
    desk = Desk(board)
    board.presence(Presence.AWAY)
    grave = problem("grave", Severity.CRITICAL)
    board.news(grave, 0.0)
    for number in range(3 * PROBLEMS):
        board.news(problem(f"f{number}", Severity.MEDIUM), 1.0)
    board.presence(Presence.HERE)
    desk.turn(2.0)
    assert desk.cards[0] == card(grave)
    assert desk.cards[-1].title == f"{PROBLEMS - POPS} more problems"
    for number in range(3 * PROBLEMS):
        board.news(problem(f"g{number}", Severity.MEDIUM), 3.0)
    desk.turn(4.0)
    assert len(desk.cards) <= POPS + 1


class Anything(RuleBasedStateMachine):
    """Whatever happens in whatever order: one place a problem, at most five and one a minute, and the board comes to rest."""

    @initialize()
    def begin(self) -> None:
        self.now = 0.0
        self.board = Board()
        self.desk = Desk(self.board)
        self.open: dict[str, News] = {}

    @rule(
        id=st.sampled_from("abcdefghijkl"),
        severity=st.sampled_from(list(Severity)),
        state=st.sampled_from(list(State)),
        network=st.sampled_from(["", "n1", "n2"]),
        kind=st.sampled_from(["open-wifi", "unknown-wifi", "plaintext-banking"]),
    )
    def tell(self, id: str, severity: Severity, state: State, network: str, kind: str) -> None:
        known = self.open.get(id)
        item = replace(problem(id, severity, network, rule=kind), state=state)
        if known is not None:
            item = replace(item, network=known.network)
        if state in (State.RESOLVED, State.SUPPRESSED) or severity < Severity.MEDIUM:
            self.open.pop(id, None)
        else:
            self.open[id] = item
        self.board.news(item, self.now)

    @rule(seconds=st.sampled_from([0.0, 0.3, 1.0, 6.0, 70.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.desk.turn(self.now)

    @rule(presence=st.sampled_from(list(Presence)))
    def look(self, presence: Presence) -> None:
        self.board.presence(presence)

    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        if self.desk.up:
            self.desk.close(data.draw(st.sampled_from(sorted(self.desk.up))))

    @rule(data=st.data(), act=st.sampled_from(list(Act)), refusal=st.none() | st.just("no"), closes=st.booleans())
    def press(self, data: st.DataObject, act: Act, refusal: str | None, closes: bool) -> None:
        if self.desk.up:
            id = data.draw(st.sampled_from(sorted(self.desk.up)))
            button = self.board.pressed(id, act)
            if button is not None:
                if closes:
                    self.desk.close(id)
                self.desk.turn(self.now)
                self.board.answered(button, refusal)

    @rule()
    def restart_desktop(self) -> None:
        self.board.lost()
        self.desk.up.clear()

    @rule()
    def restart_monitor(self) -> None:
        self.board.snapshot([again(item) for item in self.open.values()], self.now)

    @invariant()
    def every_open_problem_has_one_place(self) -> None:
        told, waiting = set(self.board._place), set(self.board._waiting)
        assert not told & waiting
        assert told | waiting == set(self.open)

    @invariant()
    def what_the_board_thinks_is_up_is_up(self) -> None:
        self.desk.turn(self.now)
        assert set(self.board.up()) <= set(self.desk.up)

    def teardown(self) -> None:
        self.board.presence(Presence.HERE)
        for _ in range(4):
            self.now += MINUTE
            self.desk.turn(self.now)
        assert not self.board._waiting
        self.board.snapshot([], self.now)
        self.desk.turn(self.now)
        assert self.board._slots == self.board._place == {}


Anything.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestAnything = Anything.TestCase


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.1, 3.0, 30.0]),
            st.integers(0, 30).map(str),
            st.sampled_from([Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]),
            st.sampled_from(["", "n1", "n2"]),
        ),
        max_size=60,
    )
)
def test_never_more_than_five_and_a_gathered_one_pop_up_in_a_minute(
    events: list[tuple[float, str, Severity, str]],
) -> None:
    board = Board()
    desk = Desk(board)
    now = 0.0
    for wait, id, severity, network in events:
        now += wait
        desk.turn(now)
        board.news(problem(id, severity, network), now)
        desk.turn(now)
    for at, _ in desk.popped:
        assert len([other for other, _ in desk.popped if at - MINUTE < other <= at]) <= POPS + 1
