"""How many files this process may hold open: the monitor must not begin with too few."""

from __future__ import annotations

import resource

# Some twenty are the monitor's own, one each interface's, and the clients of the control socket take theirs.
FEWEST = 128


class TooFew(Exception):
    """The system does not allow enough; the text says how to."""


def provide() -> None:
    """Raise the limit where it is lower than what is needed and may be raised. Raises TooFew where it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= FEWEST:
        return
    if hard < FEWEST:
        raise TooFew(f"The monitor needs {FEWEST} open files and is allowed {hard}. Allow more: ulimit -Hn {FEWEST}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEWEST, hard))
