"""Makes the page from its content: Jinja2 with autoescape, a style sheet inside, and a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from wifiguard.core.severity import Severity
from wifiguard.report.content import Content, Line, counts, groups, is_open, moment
from wifiguard.report.timeline import lane, rows, timeline
from wifiguard.report.words import WORDS

Translate = Callable[[str], str]


def render(content: Content, translate: Translate = lambda text: text, language: str = "en") -> str:
    """The whole page. Whatever names and evidence hold, it is shown as text."""
    import jinja2
    import markupsafe

    folder = files("wifiguard.report")
    style = folder.joinpath("style.css").read_text()
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    environment.filters["code"] = lambda text: _with_code(markupsafe.escape(_shown(text)))
    template = environment.from_string(folder.joinpath("page.html.j2").read_text())
    # Only this very style sheet may be applied; nothing may be loaded, run, framed or sent.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    words = {key: translate(text) for key, text in WORDS.items()}
    found = groups(content)
    plot = timeline(content)
    return template.render(
        language=language,
        policy=policy,
        style=style,
        w=words,
        content=content,
        groups=found,
        totals=counts(content.findings),
        open_totals=counts(line for line in content.findings if is_open(line)),
        timeline=plot,
        timeline_rows=rows(plot),
        networks=[_network(line, content, words) for line in content.networks],
        since=_day(content, content.since),
        until=_day(content, content.until),
        made=content.local(datetime.fromtimestamp(content.until, UTC)).strftime("%Y-%m-%d %H:%M"),
        severities=[str(severity) for severity in reversed(Severity)],
    )


def _network(line: Line, content: Content, words: dict[str, str]) -> dict[str, Any]:
    first, last = moment(line.get("first_seen")), moment(line.get("last_seen"))
    here = bool(line.get("interface"))
    if not line.get("last_seen"):
        first = last = datetime.fromtimestamp(content.until, UTC)
    security = line.get("security")
    key = "open-wifi" if security == "open" else str(security)
    return {
        "name": line["name"],
        "protection": words.get(key, key) if security else words["wired"],
        "strength": _strength(security),
        "trusted": line["trusted"],
        "here": here,
        "first": content.local(first),
        "last": content.local(last),
        "lane": lane(first, last, content),
        "findings": sum(1 for f in content.findings if f.get("network") and f["network"]["id"] == line["id"]),
    }


def _with_code(escaped: Any) -> Any:
    """What stands between backticks is a command. `escaped` is markup already: the tags go around it."""
    parts = str(escaped).split("`")
    if len(parts) % 2 == 0:
        return escaped
    return type(escaped)("".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts)))


def _strength(security: object) -> str:
    """How the strip is coloured; the words beside it say the same."""
    if security in ("open", "wep", "wpa-personal"):
        return "weak"
    if security is None:
        return "none"
    return "plain" if security in ("unknown", "enhanced-open", "wpa+wpa2-personal") else "strong"


def _day(content: Content, at: float) -> str:
    return content.local(datetime.fromtimestamp(at, UTC)).strftime("%Y-%m-%d")


def _shown(value: object) -> object:
    # Names were made visible where they entered; what an older log holds may still carry what a browser would obey.
    if type(value) is not str or value.isprintable():
        return value
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in value)
