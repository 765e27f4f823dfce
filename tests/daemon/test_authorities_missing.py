"""Without a list of authorities it is said that certificates were not checked."""

from __future__ import annotations

import asyncio

import pytest

from wifiguard.core.rule import NotChecked
from wifiguard.core.tls import NO_ROOTS, Roots
from wifiguard.daemon import monitor
from wifiguard.daemon.config import Settings
from wifiguard.daemon.rulebook import Rulebook


def said(monkeypatch: pytest.MonkeyPatch, roots: Roots) -> list[NotChecked]:
    monkeypatch.setattr(monitor, "trusted", lambda: roots)

    async def ask() -> list[NotChecked]:
        return monitor.Monitor(Rulebook(Settings()), None, lambda _: None).not_checked()

    return [each for each in asyncio.run(ask()) if each.what == "certificates"]


def test_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, NO_ROOTS) == [
        NotChecked(
            "certificates",
            "this computer has no list of trusted authorities",
            "install the package ca-certificates",
        )
    ]


def test_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, Roots((b"0",), (), 0.0)) == []
