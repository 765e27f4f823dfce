"""Who can show notifications, as `status` tells it."""

from __future__ import annotations

from wifiguard.daemon.agents import REPORT_EVERY, Agents
from wifiguard.daemon.peers import Peer


def agent(pid: int, uid: int = 1000) -> Peer:
    return Peer(pid, uid, frozenset())


def test_the_last_word_of_every_agent_counts() -> None:
    agents = Agents()
    agents.report(agent(7), True, "", 0.0)
    agents.report(agent(8), False, "No notification service.", 1.0)
    agents.report(agent(7), False, "The service does not answer.", 2.0)
    assert agents.present(3.0) == {
        "8": {"ok": False, "reason": "No notification service."},
        "7": {"ok": False, "reason": "The service does not answer."},
    }


def test_one_that_fell_silent_is_gone() -> None:
    agents = Agents()
    agents.report(agent(7), True, "", 0.0)
    agents.report(agent(9, 1001), True, "", 0.0)
    agents.report(agent(8), True, "", 2 * REPORT_EVERY)
    assert agents.present(2.5 * REPORT_EVERY + 1.0) == {"8": {"ok": True, "reason": ""}}


def test_what_agents_say_is_bounded_and_visible() -> None:
    agents = Agents()
    for number in range(1000):
        agents.report(agent(number, number), True, "x" * 10_000, 0.0)
    said = {"ok": True, "reason": "x" * 300 + "…"}
    assert agents.present(0.0) == {str(number): said for number in range(984, 1000)}
    agents.report(agent(1000, 1000), False, "\x1b]0;owned\x07\x1b[2J\udcff", 0.0)
    assert agents.present(0.0)["1000"] == {"ok": False, "reason": r"\x1b]0;owned\x07\x1b[2J\xff"}


def test_one_user_pushes_out_nobody_else() -> None:
    agents = Agents()
    agents.report(agent(7), True, "", 0.0)
    for number in range(100, 200):
        agents.report(agent(number, 65534), False, "forged", 1.0)
    forged = {"ok": False, "reason": "forged"}
    assert agents.present(1.0) == {"7": {"ok": True, "reason": ""}} | {str(pid): forged for pid in range(196, 200)}
