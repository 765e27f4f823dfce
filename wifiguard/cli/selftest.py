"""`wifiguard selftest`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from wifiguard.cli.output import write_line
from wifiguard.cli.people import say, told
from wifiguard.core.text import N_, padded
from wifiguard.daemon.language import translate

Check = tuple[str, bool | None, str]
LOG = N_("the log keeps what it is given")
NOTICE = N_("a test notification is shown")


@click.command(epilog="Example:  wifiguard selftest")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
@click.option("--no-notify", is_flag=True, help="Show no test notification.")
def command(as_json: bool, no_notify: bool) -> None:
    """Try every rule, the log and the notification path on this machine.

    Exit status: 0 all is well, 1 something failed, 3 something could not be tried.
    """
    failed = untried = 0
    checks = [*_rules(), *_log(), *([] if no_notify else _notification())]
    for what, ok, detail in checks:
        failed += ok is False
        untried += ok is None
        word = {True: N_("ok"), False: N_("FAILED"), None: N_("not tried")}[ok]
        if as_json:
            write_line(
                {"schema": 1, "type": "selftest", "what": what, "result": word.lower(), "detail": detail or None}
            )
        elif ok is not True or not what.startswith("rule"):
            outcome = padded(translate(word), 10)
            text = N_("{what}: {detail}") if detail else N_("{what}")
            say(f"{outcome} {told(text, what=translate(what), detail=translate(detail))}")
    if not as_json:
        rules = sum(what.startswith("rule") for what, _, _ in checks)
        sentence = N_("{rules} cases of the rules tried, {failed} checks failed, {untried} could not be tried.")
        say(told(sentence, rules=rules, failed=failed, untried=untried))
    sys.exit(1 if failed else 3 if untried else 0)


def _rules() -> Iterator[Check]:
    from wifiguard.core.engine import Engine
    from wifiguard.core.rule import Finding
    from wifiguard.names.catalogue import Catalogue
    from wifiguard.rules import rule_files

    names = Catalogue()
    for id, file in rule_files().items():
        for example in file.examples():
            engine = Engine([file.make(names)])
            out = [output for obs in example.observations for output in engine.observe(obs)] + engine.finish()
            got = tuple((found.severity, found.evidence) for found in out if isinstance(found, Finding))
            ok = got == example.expected and not engine.disabled
            yield N_(f"rule {id}, {example.name}"), ok, "" if ok else f"expected {example.expected}, got {got}"


def _log() -> Iterator[Check]:
    from wifiguard.core.observation import Seen
    from wifiguard.core.policy import Policy
    from wifiguard.core.rule import Finding
    from wifiguard.rules import rule_files
    from wifiguard.store import Store
    from wifiguard.store.errors import StoreError

    file = rule_files()["open-wifi"]
    severity, evidence = next(example.expected[0] for example in file.examples() if example.expected)
    now = time.time()
    decision = Policy([file.rule]).decide(Finding(file.rule.id, Seen(now, 0.0), (), severity, evidence))
    try:
        with tempfile.TemporaryDirectory(prefix="wifiguard-selftest-") as folder:
            path = Path(folder, "selftest.db")
            store = Store.open(path, now=now)
            store.record([decision])
            store.close()
            store = Store.open(path, read_only=True, now=now)
            back = store.problem(decision.problem.id)
            store.close()
        yield LOG, back is not None and back.severity == severity, ""
    except (StoreError, OSError) as error:
        yield LOG, False, str(error)


def _notification() -> Iterator[Check]:
    import asyncio

    from wifiguard.agent.notifier import NoNotifications, try_notification

    try:
        asyncio.run(try_notification())
        yield NOTICE, True, N_("did you see it?")
    except NoNotifications as error:
        yield NOTICE, None, str(error)
