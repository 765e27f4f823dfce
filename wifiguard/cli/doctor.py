"""`wifiguard doctor`."""

from __future__ import annotations

import sys

import click

from wifiguard.cli.output import write_line
from wifiguard.cli.people import say, told, wrapped
from wifiguard.core.text import N_, padded
from wifiguard.daemon.language import translate

_STATES = (N_("ok"), N_("limited"), N_("missing"))
_COLOUR = {"ok": "green", "limited": "yellow", "missing": "red"}


@click.command(epilog="Example:  wifiguard doctor")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(as_json: bool) -> None:
    """What is installed, permitted, missing, and what mends it.

    Exit status: 0 all that is needed is there, 3 something is missing.
    """
    from wifiguard.daemon.doctor import State, examine

    missing = False
    for found in examine():
        missing |= found.state is State.MISSING
        if as_json:
            write_line(
                {
                    "schema": 1,
                    "type": "diagnosis",
                    "what": found.what,
                    "state": str(found.state),
                    "said": found.said,
                    "mend": found.mend,
                }
            )
            continue
        first, *rest = wrapped(
            told(N_("{what}: {reason}"), what=translate(found.what), reason=translate(found.said)),
            padded(translate(str(found.state)), 9),
            "         ",
        )
        say(first, fg=_COLOUR[found.state])
        for part in rest:
            say(part)
        if found.mend is not None and found.state is not State.OK:
            for part in wrapped(f"→ {translate(found.mend)}", "         ", "           "):
                say(part)
    sys.exit(3 if missing else 0)
