"""The button "Leave this network", pressed: whoever presses it leaves by his own rights. Loads its tools only then."""

from __future__ import annotations

from wifiguard.daemon.places import Places


def leave(interface: str, name: str, *, joined: bool) -> str | None:
    """Leave the network `name` for good, on `interface` where that has `joined` it; None, or the sentence why that failed."""
    from wifiguard.daemon.mending import CannotChange, leave_network

    try:
        outcomes = leave_network(interface, name, Places.mine().state, joined=joined)
    except CannotChange as error:
        return str(error)
    except OSError as error:
        return f"the way back cannot be kept, so nothing was changed: {error.strerror}"
    return next((outcome.error for outcome in outcomes if outcome.error), None)
