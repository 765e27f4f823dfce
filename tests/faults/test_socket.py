"""The control socket of the real monitor in the hands of hostile programs: it answers, watches on, and does not grow."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.left import stored, told
from tests.faults.logins import RULE, SETTINGS, Logins
from tests.faults.requests import Hostile
from tests.net.rig.cafe import Cafe
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched, as_a_service
from wifiguard.daemon.client import ask

pytestmark = [pytest.mark.root]
PATIENCE = 30.0
AT_ONCE = 8
A_CONNECTION = 16
MOST_GROWTH = 1024 * 1024
ANSWERS = ({"line"}, {"end"}, {"error", "mend"})


def control_socket(watched: Watched) -> Path:
    return watched.folder / "run" / "control.sock"


def memory(watched: Watched) -> int:
    """Bytes that are the monitor's alone."""
    rollup = Path(f"/proc/{watched.process.pid}/smaps_rollup").read_text()
    lines = dict(line.split(":", 1) for line in rollup.splitlines()[1:])
    return 1024 * sum(int(lines[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))


async def converse(path: Path, hostile: Hostile) -> int:
    """One connection; how many messages were answered. Every line that comes back is an answer."""
    reader, writer = await asyncio.open_unix_connection(path, limit=2**22)
    answered = 0
    try:
        writer.write(hostile.conversation(A_CONNECTION))
        writer.write_eof()
        async for line in reader:
            answer = json.loads(line)
            assert answer.keys() - {"v"} in ANSWERS, line
            assert "a defect" not in str(answer.get("error")), line
            answered += "line" not in answer
    except ConnectionError:
        pass  # the monitor had refused what came before and hung up
    finally:
        writer.close()
    return answered


async def fuzz(path: Path, messages: int, seed: int) -> None:
    """Until so many messages were answered, on several connections at once."""
    answered = 0

    async def some(number: int) -> None:
        nonlocal answered
        hostile = Hostile(seed + number)
        while answered < messages:
            # Not `+= await`: what others count meanwhile would be lost.
            more = await converse(path, hostile)
            answered += more

    async with asyncio.TaskGroup() as group:
        for number in range(AT_ONCE):
            group.create_task(some(number))


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param(20_000, marks=pytest.mark.timeout(300)),
        pytest.param(1_000_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
def test_a_flood_of_requests(cafe: Cafe, logins: Logins, messages: int) -> None:
    watched = Watched(cafe.laptop, "--no-notify", env=as_a_service(), settings=SETTINGS)
    path = control_socket(watched)
    asyncio.run(fuzz(path, messages // 2, 1))
    before = memory(watched)
    asyncio.run(fuzz(path, messages // 2, 2))
    grew = memory(watched) - before
    assert watched.process.errors().replace("The settings were read again.\n", "") == ""
    assert grew < MOST_GROWTH
    for mute in ask(path, "mutes"):
        ask(path, "unmute", target=mute["target"])
    logins.one()
    watched.wait_for(RULE, timeout=PATIENCE)
    assert stored(watched, told(watched)) == told(watched)
    print(f"{messages} messages: {grew / 1024:+.0f} KiB in the second half")


def test_slow_and_dead_clients_hold_up_nobody(cafe: Cafe, logins: Logins) -> None:
    """Programs that never read, that ask for all and never read, and that write half a line."""
    watched = Watched(cafe.laptop, "--no-notify", settings=SETTINGS)
    path = control_socket(watched)
    logins.burst(20)
    wait_until(lambda: len(told(watched)) == 20, "the first findings", PATIENCE)
    says = {"subscribe": b'{"v":1,"do":"subscribe"}\n', "log": b'{"v":1,"do":"log"}\n' * 500, "half": b'{"v":1,"do":'}
    with ExitStack() as clients:
        for said in (*says.values(), *says.values(), *says.values()):
            client = clients.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(path))
            client.sendall(said)
        follower = watched.start_command("log", "--follow")
        follower.signal(signal.SIGSTOP)
        logins.burst(60)
        wait_until(lambda: len(told(watched)) == 80, "the others", PATIENCE)
        assert ask(path, "status")[0]["type"] == "status"
        assert len(ask(path, "log", rule=RULE)) == 80
    assert stored(watched, told(watched)) == told(watched)
    assert watched.process.errors() == ""


def test_another_user_is_refused_with_a_sentence(cafe: Cafe) -> None:
    watched = Watched(cafe.laptop, "--no-notify")
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-B", "-c")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from wifiguard.daemon.client import Refused, ask\n"
        "try: ask(Path(sys.argv[2]), sys.argv[3])\n"
        "except Refused as error: print(error.sentence, error.mend)"
    )
    source = str(Path(__file__).parents[2])
    sentence = (
        "You may not ask this monitor. Use sudo, or sit at this computer, or let root add you to the group wifiguard.\n"
    )
    for request in ("status", "erase", "subscribe"):
        asked = cafe.laptop.run(*nobody, program, source, str(control_socket(watched)), request)
        assert asked.stdout == sentence
    assert ask(control_socket(watched), "status")
