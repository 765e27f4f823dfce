"""Which language it is, and how filled sentences are found in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.core.text import cells, folded, padded
from wifiguard.daemon.language import Speech, languages

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, []),
        ({"LANG": "zh_CN.UTF-8"}, ["zh_CN.UTF-8"]),
        ({"LANG": "en_GB.UTF-8"}, []),
        ({"LANG": "C.UTF-8"}, []),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "de_DE.UTF-8"}, ["de_DE.UTF-8"]),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR", "LC_ALL": "zh_CN.UTF-8"}, ["zh_CN.UTF-8"]),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "zh_CN:zh"}, ["zh_CN", "zh"]),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en_US:zh_CN"}, []),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "zh_CN:en"}, ["zh_CN"]),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, ["zh_CN.UTF-8"]),
        ({"LC_ALL": "C", "LANGUAGE": "zh_CN"}, []),
        ({"LC_ALL": "POSIX", "LANG": "zh_CN.UTF-8"}, []),
    ],
)
def test_the_environment_chooses_as_in_gettext(environment: dict[str, str], wanted: list[str]) -> None:
    assert languages(environment) == wanted


def test_filled_sentences_are_found_by_their_template(speech: Speech) -> None:
    assert [
        speech.gettext(text)
        for text in (
            "no network is called Cafe; `wifiguard networks` lists the known ones",
            "traffic could not be checked: packets can't be captured without root",
            "The log /tmp/x is on a disk that can only be read. Mount it for writing.",
            "the letter l is the digit 1",
            "",
            "Nobody ever wrote this.",
        )
    ] == [
        "没有名为 Cafe 的网络；运行 `wifiguard networks` 可列出已知网络",
        "流量未能检查：没有 root 权限，无法捕获数据包",
        "日志 /tmp/x 所在的磁盘是只读的。请以可写方式挂载它。",
        "字母 l 换成了数字 1",
        "",
        "Nobody ever wrote this.",
    ]


def test_every_sentence_of_the_monitor_is_found(texts: ModuleType, speech: Speech) -> None:
    """Those that it fills before they go through the control socket, with anything in their places."""
    english = []
    for path in sorted((ROOT / "wifiguard").rglob("*.py")):
        if path.relative_to(ROOT / "wifiguard").parts[0] not in ("sources", "actions", "daemon", "store"):
            continue
        for text in texts.Reader(prose=True).read(ast.parse(path.read_text())):
            if path.name in texts.OTHER_LANGUAGES or not isinstance(text, str) or "{" not in text:
                continue
            if len(re.findall("[A-Za-z]", re.sub(r"\{\w*\}", "", text))) < 4:
                continue
            filled = re.sub(r"\{\w*\}", "7", text)
            if CHINESE.search(speech.gettext(text)) and not CHINESE.search(speech.gettext(filled)):
                english.append(f"{path.relative_to(ROOT)}: {filled}")
    assert english == []


@given(st.text(max_size=300))
def test_any_text_is_told_without_an_exception(speech: Speech, text: str) -> None:
    assert isinstance(speech.gettext(text), str)


WORDS = st.text("ab ，。“”（）中文è-", max_size=120)


@given(WORDS, st.integers(12, 60))
def test_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = folded(text, width, "  ", "    ")
    # Marks that no line begins with may hang over.
    assert all(cells(line.rstrip("，。”）")) <= width for line in lines)
    assert "".join("".join(line.split()) for line in lines) == "".join(text.split())


def test_columns_count_cells() -> None:
    assert [cells(text) for text in ("ab", "中文", "e\u0301", "“x”")] == [2, 4, 1, 3]
    assert [padded(text, 6) for text in ("严重", "HIGH", "七八九十")] == ["严重  ", "HIGH  ", "七八九十"]
    assert folded("网络没有加密，请离开。", 12) == ["网络没有加", "密，请离开。"]
