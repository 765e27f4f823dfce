"""The command line. One file a command; nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys

from wifiguard.cli.lean import load_without_openssl


def main() -> None:
    """The console script `wifiguard`."""
    load_without_openssl("hashlib", "hmac")
    import click

    from wifiguard.cli.group import Commands
    from wifiguard.daemon.language import let_click_speak, translate

    let_click_speak()
    try:
        sys.exit(Commands(translate, name="wifiguard").main(standalone_mode=False))
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python would complain again while it closes stdout.
        sys.stderr.close()
        sys.exit(0)
