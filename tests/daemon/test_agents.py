"""Who can show notifications, as `status` tells it."""

from __future__ import annotations

from wifiguard.daemon.agents import REPORT_EVERY, Agents


def test_the_last_word_of_every_agent_counts() -> None:
    agents = Agents()
    agents.report("7", True, "", 0.0)
    agents.report("8", False, "No notification service.", 1.0)
    agents.report("7", False, "The service does not answer.", 2.0)
    assert agents.present(3.0) == {
        "8": {"ok": False, "reason": "No notification service."},
        "7": {"ok": False, "reason": "The service does not answer."},
    }


def test_one_that_fell_silent_is_gone() -> None:
    agents = Agents()
    agents.report("7", True, "", 0.0)
    agents.report("8", True, "", 2 * REPORT_EVERY)
    assert agents.present(2.5 * REPORT_EVERY + 1.0) == {"8": {"ok": True, "reason": ""}}


def test_what_agents_say_is_bounded() -> None:
    agents = Agents()
    for number in range(1000):
        agents.report(str(number), True, "x" * 10_000, 0.0)
    present = agents.present(0.0)
    assert len(present) == 16
    assert all(len(str(state["reason"])) == 300 for state in present.values())
