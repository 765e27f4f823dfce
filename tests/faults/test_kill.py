"""kill -9 at any moment: what was told is in the log, and the next monitor watches again at once."""

from __future__ import annotations

import random
import signal
import statistics
import time

import pytest

from tests.faults.left import stored, told
from tests.faults.logins import RULE, SETTINGS, Logins
from tests.net.rig.cafe import Cafe
from tests.net.watched import Watched

pytestmark = pytest.mark.root

# A start takes about a second; so moments of the start are among those that are hit.
LONGEST_LIFE = 2.5
# After so many kills one monitor may come up in peace, and is timed.
IN_PEACE = 5


@pytest.mark.parametrize(
    "kills", [pytest.param(20, marks=pytest.mark.timeout(400)), pytest.param(200, marks=[pytest.mark.long])]
)
@pytest.mark.timeout(3600)
def test_what_was_told_is_in_the_log_after_kill_9(cafe: Cafe, logins: Logins, kills: int) -> None:
    watched = Watched(cafe.laptop, "--no-notify", settings=SETTINGS)
    logins.burst()
    dice = random.Random(kills)
    ever: set[str] = set()
    back: list[float] = []
    for number in range(1, kills + 1):
        time.sleep(dice.random() * LONGEST_LIFE)
        watched.process.signal(signal.SIGKILL)
        assert watched.process.wait() == -signal.SIGKILL
        fresh = told(watched)
        assert stored(watched, fresh) == fresh
        ever |= fresh
        began = time.monotonic()
        watched.launch()
        if number % IN_PEACE == 0:
            watched.wait_for(RULE, timeout=30)
            back.append(time.monotonic() - began)
    assert len(ever) > kills
    assert stored(watched, ever) == ever
    assert "damaged" not in watched.process.errors()
    print(f"{len(ever)} findings; a finding {statistics.median(back):.1f} s after a start, at most {max(back):.1f} s")
