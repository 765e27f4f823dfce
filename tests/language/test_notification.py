"""A notification in Chinese, on a real desktop: the monitor speaks English, the agent its person's language."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.background import Background
from tests.agent.test_agent import Monitor, bank, line
from tests.net.rig.desktop import Desktop
from wifiguard.agent.cards import BODY, TITLE, card, gathered, more, news, veiled
from wifiguard.core.wording import words
from wifiguard.daemon.language import Speech
from wifiguard.rules import rule_files


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as running:
        yield running


@pytest.mark.rig("dbus-daemon", "busctl", "Xvfb", "dunst", "import")
def test_the_agent_speaks_chinese(desktop: Desktop, background: Background, tmp_path: Path) -> None:
    monitor = Monitor(background, tmp_path)
    monitor.start()
    monitor.refusal = "several networks are called Cafe: give the id, wifi-1 or wifi-2"
    environment = {
        **desktop.bus.as_session,
        "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent",
        "LC_ALL": "zh_CN.UTF-8",
    }
    command = [sys.executable, "-m", "wifiguard", "agent", "--socket", str(monitor.path)]
    desktop.processes.start("agent", command, environment)
    monitor.wait_for_agent(True)
    monitor.tell(line())
    shown = desktop.dunst.wait_for_shown("你连接的 Wi-Fi 尚未受信任", timeout=30)
    assert shown.body == (
        "“Cafe”的架设者能看到你访问哪些网站，并能篡改没有加密的内容。"
        "如果是你的网络，请信任它；否则只用银行自己的 App 或移动数据办理银行业务。"
    )
    desktop.dunst.press("信任此网络")
    said = desktop.dunst.wait_for_shown("未能完成", timeout=30)
    assert said.body == "有多个网络名为 Cafe：请给出标识：wifi-1、wifi-2"
    monitor.tell(bank(evidence={"institution": "PayPal", "registrable": "paypal.com"}))
    desktop.dunst.wait_for_shown("银行信息未经加密就发出了", timeout=30)
    desktop.screenshot(tmp_path / "chinese.png")


@pytest.mark.parametrize("id", rule_files())
def test_every_notification_fits_whole(id: str, speech: Speech) -> None:
    """Nothing of a Chinese text is cut, but for names that are longer than any example's."""
    rule = rule_files()[id].rule
    for example in rule_files()[id].examples():
        for severity, evidence in example.expected:
            said = words(rule, severity, evidence, speech.gettext)
            told = {"title": said.title, "why": said.why, "advice": list(said.advice)}
            item = news(line(rule=id, severity=str(severity), **told))
            assert item is not None
            made = card(item, speech)
            assert "…" not in made.title + made.body, made
            assert len(made.title) <= TITLE
            assert len(made.body) <= BODY


def test_what_is_gathered_reads_as_one_text(speech: Speech) -> None:
    lines = ({**line(), "title": "甲。"}, {**bank(), "title": "乙"})
    items = [item for told in lines if (item := news(told)) is not None]
    made = gathered(items, speech)
    assert (made.title, made.body.startswith("乙。甲。")) == ("现在不宜用网银：有 2 个问题", True)
    assert more(items, speech).title == "还有 2 个问题"
    assert veiled(items, speech).title == "现在不宜用网银"
