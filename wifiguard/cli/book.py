"""Asks the running service; where none runs, the log file itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from wifiguard.core.text import N_
from wifiguard.daemon.client import NoService, Refused, ask
from wifiguard.daemon.language import translate
from wifiguard.daemon.places import Places

Line = dict[str, Any]
CHANGES = frozenset({"trust", "distrust", "forget", "erase", "mute", "unmute"})


def request(do: str, **params: Any) -> list[Line]:
    """The answer's lines. Raises click.ClickException with one sentence where there is none."""
    try:
        return ask(Places.service_socket(), do, **params)
    except NoService:
        return local(do, **params)
    except Refused as error:
        raise failed(str(error)) from error


def service(do: str, **params: Any) -> list[Line] | None:
    """The running service's answer; None where no service runs."""
    try:
        return ask(Places.service_socket(), do, **params)
    except NoService:
        return None
    except Refused as error:
        raise failed(str(error)) from error


def local(do: str, **params: Any) -> list[Line]:
    """The same answer from the log file."""
    from wifiguard.daemon.desk import Unclear

    if do not in CHANGES and not Places.mine().database.exists():
        # Nothing was ever recorded; a question must not begin a log.
        if do == "show":
            raise failed(N_("the log is empty: nothing was found yet"))
        return []
    try:
        with desk(read_only=do not in CHANGES) as made:
            answer = getattr(made, do)(**params)
            return [answer] if isinstance(answer, dict) else list(answer)
    except Unclear as error:
        raise failed(str(error)) from error


@contextmanager
def desk(*, read_only: bool) -> Iterator[Any]:
    """A desk over the log file, closed afterwards."""
    from wifiguard.daemon.desk import Desk
    from wifiguard.rules import rule_files
    from wifiguard.store import Store
    from wifiguard.store.errors import StoreError

    places = Places.mine()
    rules = {id: file.rule for id, file in rule_files().items()}
    try:
        store = Store.open(places.database, read_only=read_only, now=time.time())
    except StoreError as error:
        raise failed(str(error)) from error
    try:
        yield Desk(store, rules, time.time)
    finally:
        store.close()


class Mendable(click.ClickException):
    """An error that the person can mend."""

    exit_code = 2


def failed(sentence: str) -> click.ClickException:
    """The error that says `sentence` in the reader's language."""
    return Mendable(translate(sentence))
