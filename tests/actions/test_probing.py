"""Probes: carried out apart, answered or failed, never more than a few at once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.net.rig.waiting import wait_until
from wifiguard.actions import probing
from wifiguard.actions.portal import configured
from wifiguard.actions.probing import Prober
from wifiguard.core.host import ProbeAnswer
from wifiguard.core.observation import Seen
from wifiguard.core.rule import AskProbe

SEEN = Seen(1.0, 1.0, interface="nowhere0")


def request(probe: str, **question: str) -> AskProbe:
    return AskProbe("a-rule", probe, SEEN, tuple(question.items()))


def answered(*requests: AskProbe) -> list[ProbeAnswer]:
    async def run() -> list[ProbeAnswer]:
        prober = Prober()
        answers: list[ProbeAnswer] = []
        done = asyncio.Event()

        def take(answer: ProbeAnswer) -> None:
            answers.append(answer)
            if len(answers) == len(requests):
                done.set()

        for each in requests:
            prober.ask(each, take)
        await asyncio.wait_for(done.wait(), 60)
        await prober.close()
        return answers

    return asyncio.run(run())


def test_a_probe_that_cannot_be_carried_out_says_why() -> None:
    question = request("owners", address="192.0.2.1", macs="02:00:00:00:00:01")
    (answer,) = answered(question)
    assert (answer.rule, answer.probe, answer.question) == ("a-rule", "owners", question.question)
    assert answer.answer is None
    assert "nowhere0" in answer.failed


def test_a_probe_that_nobody_knows_is_a_failure_and_no_crash() -> None:
    (answer,) = answered(request("no-such-probe"))
    assert answer.answer is None
    assert answer.failed


def test_more_than_a_handful_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "WAITING", 1)
    answers = answered(request("no-such-probe"), request("no-such-probe"))
    assert [answer.failed for answer in answers].count("too many questions at once") == 1


def test_a_probe_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "TIMEOUT", 0.01)
    (answer,) = answered(request("owners", address="192.0.2.1", macs="02:00:00:00:00:01"))
    assert answer.failed == "no answer in time"


def test_giving_up_ends_what_a_probe_has_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, started = tmp_path / "nmcli", tmp_path / "started"
    program.write_text(f"#!/bin/sh\necho $$ >{started}\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    async def run() -> None:
        prober = Prober()
        prober.ask(request("vpn-up", profile="work"), lambda answer: None)
        while not (started.exists() and started.read_text().strip()):
            await asyncio.sleep(0.05)
        await prober.close()

    asyncio.run(run())
    stat = Path("/proc", started.read_text().strip(), "stat")
    wait_until(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z", "nmcli to end")


def test_giving_up_ends_what_is_under_way() -> None:
    async def run() -> None:
        prober = Prober()
        answers: list[ProbeAnswer] = []
        prober.ask(request("owners", address="192.0.2.1", macs=""), answers.append)
        await asyncio.sleep(0)
        await prober.close()
        assert answers == []

    asyncio.run(run())


def test_the_host_to_ask_is_networkmanagers(tmp_path: Path) -> None:
    assert configured([tmp_path])[0] == ""
    folder = tmp_path / "conf.d"
    folder.mkdir()
    (folder / "20-connectivity.conf").write_text("[connectivity]\nuri=http://nmcheck.test/check\n")
    assert configured([tmp_path]) == ("http://nmcheck.test/check", "NetworkManager is online")
    (folder / "30-off.conf").write_text("[connectivity]\nenabled=false\n")
    assert configured([tmp_path])[0] == ""
    (folder / "40-broken.conf").write_bytes(b"\xff\xfe[")
    assert configured([tmp_path])[0] == ""
