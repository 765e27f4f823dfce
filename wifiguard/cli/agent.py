"""`wifiguard agent`."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(epilog="Example:  wifiguard agent")
@click.option(
    "--socket", type=click.Path(path_type=Path), help="The monitor's control socket, where it is not the usual one."
)
@click.option("--beside-monitor", is_flag=True, hidden=True, help="End when standard input closes.")
def command(socket: Path | None, beside_monitor: bool) -> None:
    """Show the monitor's findings on this desktop.

    Runs in your desktop session, without privileges, until it is stopped.
    """
    from wifiguard.cli.lean import load_without_openssl

    load_without_openssl("wifiguard.agent.agent")
    import asyncio

    from wifiguard.agent.agent import run_agent
    from wifiguard.cli.book import failed
    from wifiguard.core.severity import Severity
    from wifiguard.daemon.config import ConfigError, load
    from wifiguard.daemon.places import Places

    try:
        minimum = Severity.parse(load(*Places.mine().configs).notify.minimum)
    except ConfigError as error:
        raise failed(str(error)) from error
    try:
        parent = sys.stdin.fileno() if beside_monitor else None
        sys.exit(asyncio.run(run_agent(lambda: socket or Places.service_socket(), minimum=minimum, parent=parent)))
    except KeyboardInterrupt:
        sys.exit(130)
