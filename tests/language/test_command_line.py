"""The command line as a person calls it, in Chinese and in English."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.language.conftest import Run
from tests.store.making import decision
from wifiguard.cli.group import SETTINGS, Commands
from wifiguard.cli.helptext import Formatter
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.text import cells
from wifiguard.daemon.language import Speech
from wifiguard.store import Store

LANGUAGES = {
    "zh_CN": ({"LANG": "zh_CN.UTF-8"}, True),
    "LANGUAGE": ({"LANG": "de_DE.UTF-8", "LANGUAGE": "zh_CN"}, True),
    "C": ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
    "C.UTF-8": ({"LC_ALL": "C.UTF-8"}, False),
    "unknown": ({"LANG": "tlh_AA.UTF-8"}, False),
    "none": ({}, False),
}
CHINESE = {"LANG": "zh_CN.UTF-8"}


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_locale_chooses_the_language(name: str, run: Run) -> None:
    environment, chinese = LANGUAGES[name]
    said = run("--help", **environment)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("用法: wifiguard [选项] 命令" if chinese else "Usage: wifiguard [OPTIONS] COMMAND")
    assert ("现在能放心用网银吗？" in said.stdout, "Is it safe to bank here?" in said.stdout) == (chinese, not chinese)


def commands(group: click.Group, parent: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=parent)
        yield context.command_path, command, context
        if isinstance(command, click.Group):
            yield from commands(command, context)


def test_every_commands_help_is_chinese_and_fits(speech: Speech) -> None:
    """What is left of English are options, places to fill and examples."""
    group = Commands(speech.gettext, name="wifiguard")
    for path, command, context in commands(group, click.Context(group, info_name="wifiguard", **SETTINGS)):
        formatter = Formatter(width=78)
        command.format_help_text(context, formatter)
        command.format_epilog(context, formatter)
        options = (param for param in command.params if isinstance(param, click.Option))
        formatter.write_dl([record for param in options if (record := param.get_help_record(context)) is not None])
        text = formatter.getvalue()
        assert all(cells(line) <= 80 for line in text.splitlines()), (path, text)
        english = re.findall(r"(?:\b[a-z]{2,} ){3,}[a-z]{2,}\b", re.sub(r"示例：.*|`[^`]*`", "", text))
        assert english == [], path
    assert Commands(name="wifiguard").get_command(click.Context(group), "scan").help.startswith("Check everything")


def test_a_subcommands_help_on_the_terminal(run: Run) -> None:
    assert run("service", "restart", "-h", **CHINESE).stdout.splitlines() == [
        "用法: wifiguard service restart [选项]",
        "",
        "  重新启动服务。",
        "",
        "选项：",
        "  -h, --help  显示这份帮助并退出。",
        "",
        "  示例：sudo wifiguard service restart",
    ]


def test_wrong_usage_is_told_in_chinese(run: Run) -> None:
    said = run("scn", **CHINESE)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.splitlines()[1:] == [
        "运行“wifiguard --help”可查看帮助。",
        "",
        "错误：没有名为 'scn' 的命令。 你是不是想用“scan”？",
    ]
    assert run("scan", "--fail-on", "x", **CHINESE).stderr.endswith(
        "错误：'--fail-on' 的值无效：'x' 不在可选值之中：'info', 'low', 'medium', 'high', 'critical', 'never'。\n"
    )
    assert run("networks", "show", **CHINESE).stderr.endswith("错误：缺少参数 'NETWORK'.\n")
    assert run("explain", "open-wify", **CHINESE).stderr.endswith(
        "错误：没有规则 'open-wify'。 你是不是想用“open-wifi”？\n"
    )


def test_what_was_found_is_told_in_the_readers_language(run: Run, tmp_path: Path) -> None:
    """The log holds a rule and its evidence, no sentence."""
    now = time.time()
    store = Store.open(tmp_path / "state_dir" / "wifiguard.db", now=now)
    cafe = wifi_network(b"Cafe", Security.OPEN)
    store.record([decision(id="aaaa0001", rule="open-wifi", network=cafe, evidence={"ssid": "Cafe"}, first_seen=now)])
    store.close()
    chinese = run("log", **CHINESE).stdout
    assert "这个 Wi-Fi 没有加密" in chinese
    assert "在“Cafe”上，附近任何人都能读到这台笔记本发出的未加密内容。" in "".join(chinese.split("\n         "))
    assert "This Wi-Fi is not encrypted" in run("log", LC_ALL="C").stdout
    shown = run("log", "show", "aaaa0001", **CHINESE).stdout
    assert "网络：Cafe（开放网络，未受信任）" in shown
    assert "网络名称：Cafe" in shown
    page = tmp_path / "page.html"
    assert run("report", str(page), **CHINESE).stdout.startswith(f"{page}：")
    assert '<html lang="zh-CN">' in page.read_text()
    assert "这个 Wi-Fi 没有加密" in page.read_text()
    assert '"title":"This Wi-Fi is not encrypted"' in run("log", "--json", **CHINESE).stdout, "machines read English"


def test_explain_privacy_check_and_doctor(run: Run) -> None:
    page = run("explain", "evil-twin", **CHINESE).stdout
    assert [line for line in page.splitlines() if line in ("含义", "为什么重要", "怎么办", "误报", "局限")] == [
        "含义",
        "为什么重要",
        "怎么办",
        "误报",
        "局限",
    ]
    assert all(cells(line) <= 80 for line in page.splitlines() if not line.startswith("参考资料"))
    assert "保存 90 天，之后被覆盖。" in run("privacy", "-v", **CHINESE).stdout
    assert run("check", "https://paypa1.com", **CHINESE).stdout.splitlines()[1:] == [
        "  这不是 PayPal，只是看起来像。",
        "  字母 l 换成了数字 1。",
        "  → 请自己输入 paypal.com，不要在这个页面上填写任何内容。",
    ]
    assert "监控程序：没有运行：没有人在监控" in run("doctor", **CHINESE).stdout
    verdict, why, *_ = run("status", **CHINESE).stdout.splitlines()
    assert (verdict.startswith("现在能放心用网银吗？不清楚"), why.startswith("监控程序没有运行")) == (True, True)


def test_errors_of_settings_and_files(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "config_dir" / "wifiguard.toml"
    settings.write_text("[watsh]\n")
    said = run("config", "check", str(settings), **CHINESE)
    assert said.returncode == 2
    assert "未知的键 'watsh'；你是不是想写 'watch'？" in said.stderr
    settings.unlink()
    said = run("replay", str(tmp_path / "none.pcap"), **CHINESE)
    assert (said.returncode, "没有读完：没有这个文件" in said.stdout) == (2, True)
    said = run("report", str(tmp_path / "nowhere" / "page.html"), **CHINESE)
    assert (said.returncode, "没有这个文件或文件夹" in said.stderr or "无法写入" in said.stderr) == (2, True)
