"""Every question of `wifiguard log` goes along an index and sorts nothing: what keeps it below 100 ms on 200,000 problems."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path

import pytest

from tests.store.making import NOW
from tests.store.test_opening import filled
from wifiguard.core.policy import State
from wifiguard.store import Store, opening, reading, schema

ASKED = {"network": "0" * 16, "rule": "open-wifi", "state": None, "severity": 2, "until": 1.0}
LEADS = {"network": "problems_by_network", "rule": "problems_by_rule", "state": "problems_by_standing"}


def plan(wanted: dict[str, object]) -> list[str]:
    db = opening.empty()
    query = reading._question(wanted) + " ORDER BY p.last_seen DESC, p.id DESC LIMIT :size"
    told = [str(row[3]) for row in db.execute("EXPLAIN QUERY PLAN " + query, {**wanted, "size": 200})]
    db.close()
    return told


@pytest.mark.parametrize("state", [None, *(s for s in State)])
@pytest.mark.parametrize(
    "names", [n for size in range(5) for n in itertools.combinations(ASKED.keys() - {"state"}, size)]
)
def test_no_question_sorts_or_reads_all(names: tuple[str, ...], state: State | None) -> None:
    wanted = {name: ASKED[name] if name in names else None for name in ASKED}
    wanted |= {"at": 0.0, "id": "", "state": None if state is None else state.value}
    steps = plan(wanted)
    if state is State.ESCALATED:
        # What got worse is rare, so what is found may be sorted.
        assert any("timeline_escalated" in step for step in steps)
    else:
        assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN")]
        leader = next((LEADS[name] for name in LEADS if wanted[name] is not None), "problems_by_time")
        assert leader in steps[0]


def test_a_log_of_the_first_version_keeps_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state" / "wifiguard.db"
    with monkeypatch.context() as first:
        for module in (opening, schema):
            first.setattr(module, "MIGRATIONS", schema.MIGRATIONS[:1])
        filled(path)
    store = Store.open(path, now=NOW)
    assert (store.recovered, store.stats().problems, len(list(store.problems()))) == (None, 300, 300)
    store.close()
    with sqlite3.connect(path) as db:
        assert schema.version(db) == len(schema.MIGRATIONS)
    db.close()
