"""The page as a browser shows it: readable by everyone, asks nobody, runs nothing."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.report.browser import Browser
from tests.report.making import content, findings, network, networks
from tests.report.vectors import VECTORS
from wifiguard.report import render

pytestmark = pytest.mark.xdist_group("chromium")
WIDTHS = {"phone": 390, "desktop": 1100}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(content(60)))
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=list(WIDTHS))
def test_nobody_is_shut_out(browser: Browser, axe: str, page: Path, width: int, dark: bool) -> None:
    browser.open(page, width=width, dark=dark)
    browser.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    browser.evaluate(axe)
    found = browser.evaluate(
        "axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))"
    )
    assert json.loads(found) == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= width, "nothing has to be scrolled sideways"


def test_an_empty_log_is_a_page_too(browser: Browser, axe: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(content(0, answer="unknown", because=(), networks=(), not_checked=None)))
    browser.open(path)
    browser.evaluate(axe)
    assert browser.evaluate("axe.run().then(r => r.violations.length)") == 0
    assert "Nothing was found." in browser.evaluate("document.body.innerText")


def test_a_scan_is_one_moment(browser: Browser, axe: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(content(5, scan=True)))
    browser.open(path)
    browser.evaluate(axe)
    assert browser.evaluate("axe.run().then(r => r.violations.length)") == 0
    assert browser.evaluate("document.querySelectorAll('.plot, .lane, .days').length") == 0


def test_it_asks_nobody_and_its_own_policy_is_kept(browser: Browser, page: Path) -> None:
    browser.open(page)
    asked = [event["params"]["request"]["url"] for event in browser.told("Network.requestWillBeSent")]
    assert asked == [page.as_uri()]
    assert browser.told("Log.entryAdded", "Audits.issueAdded", "Runtime.exceptionThrown") == []
    # The style sheet is the one that the policy names.
    assert browser.evaluate("getComputedStyle(document.querySelector('.tiles')).display") == "grid"


@pytest.mark.parametrize("place", ["names", "evidence"])
def test_names_and_evidence_run_nothing(browser: Browser, tmp_path: Path, place: str) -> None:
    assert len(VECTORS) == 200
    lines = findings(len(VECTORS))
    for line, vector in zip(lines, VECTORS, strict=True):
        if place == "evidence":
            line |= {"evidence": {vector: [vector, {"x": vector}]}}
        else:
            line |= {"network": {**network(0), "name": vector}, "title": vector, "why": vector, "advice": [vector]}
    places = [{**line, "name": vector} for line, vector in zip(networks() * 40, VECTORS, strict=True)]
    path = tmp_path / "report.html"
    path.write_text(
        render(
            content(
                0,
                findings=lines,
                networks=places,
                because=VECTORS,
                not_checked=[{"what": v, "reason": v, "mend": v} for v in VECTORS],
            )
        )
    )
    browser.open(path)
    browser.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    # Whatever waits for the pointer, for focus or for time gets its chance.
    browser.evaluate(
        "for (const e of document.querySelectorAll('main *')) for (const k of ['mouseover', 'click', 'focus', 'toggle'])"
        " if (!['SUMMARY', 'A'].includes(e.tagName)) e.dispatchEvent(new Event(k))"
    )
    assert browser.told("Page.javascriptDialogOpening", "Runtime.exceptionThrown") == []
    assert [event["params"]["request"]["url"] for event in browser.told("Network.requestWillBeSent")] == [path.as_uri()]
    assert browser.evaluate("[typeof window.pwned, document.title.includes('pwned'), location.href]") == [
        "undefined",
        False,
        path.as_uri(),
    ]
    strangers = "script,iframe,object,embed,form,img,video,audio,base,link,marquee,template,math,input"
    assert browser.evaluate(f"document.querySelectorAll({strangers!r}).length") == 0
    # They are there to be read.
    assert "<script>alert(1)</script>" in browser.evaluate("document.body.textContent")


def test_twenty_thousand_findings_open_at_once(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(content(20_000)))
    browser.open(path)
    assert browser.evaluate("document.querySelectorAll('.rows > li').length") == 20_000
    # Once more, in a process that is there: its processor time, since other tests share the machine.
    before = browser.processor()
    browser.open(path)
    assert 0.0 < browser.processor() - before < 2.0


def test_a_finding_can_be_linked_to(browser: Browser, tmp_path: Path) -> None:
    lines = findings(40)
    path = tmp_path / "report.html"
    path.write_text(render(content(0, findings=lines)))
    browser.open(path)
    browser.evaluate(f"location.hash = 'f-{lines[3]['id']}'")
    deadline = time.monotonic() + 10
    is_open = f"document.getElementById('f-{lines[3]['id']}').closest('details').open"
    while not browser.evaluate(is_open) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert browser.evaluate(is_open), "the browser unfolds what is linked to"
