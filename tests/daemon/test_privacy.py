"""The statement tells all that can be kept: it is held against the tables and the types."""

from __future__ import annotations

from msgspec import structs

from wifiguard.daemon.privacy import TABLES, evidence
from wifiguard.rules import rule_files
from wifiguard.store.opening import empty


def test_every_column_of_the_log_has_its_reason() -> None:
    db = empty()
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")] for table in tables}
    db.close()
    assert {table: list(columns) for table, (_, columns) in TABLES.items()} == found


def test_every_field_of_every_rule_is_listed() -> None:
    listed = {kept.rule: [name for name, _ in kept.fields] for kept in evidence()}
    assert listed == {id: [field.name for field in structs.fields(file.evidence)] for id, file in rule_files().items()}
    for kept in evidence():
        assert kept.meaning.startswith("`"), f"{kept.rule} says what its fields mean"
        for name, kind in kept.fields:
            assert kind, name
