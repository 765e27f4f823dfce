"""Who owns a connection: real sockets on the loopback interface, real processes."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from wifiguard.core.messages import Flow
from wifiguard.sources import programs
from wifiguard.sources.programs import BUDGET, Programs, application

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine with thousands of processes the answer may take longer than the monitor would wait."""
    monkeypatch.setattr(programs, "BUDGET", 5.0)


def flow_of(client: socket.socket) -> Flow:
    family = client.family
    source, target = client.getsockname(), client.getpeername()
    return Flow(socket.inet_pton(family, source[0]), source[1], socket.inet_pton(family, target[0]), target[1], "tcp")


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6], ids=["ipv4", "ipv6"])
def listener(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    with socket.socket(request.param) as listening:
        try:
            listening.bind(("127.0.0.1" if request.param == socket.AF_INET else "::1", 0))
        except OSError:
            pytest.skip("this machine has no such loopback address")
        listening.listen(8192)
        yield listening


@pytest.fixture
def pair(listener: socket.socket) -> Iterator[Pair]:
    with socket.create_connection(listener.getsockname()[:2]) as client, listener.accept()[0] as server:
        yield client, server


def test_our_own_connection_is_ours_from_either_end(pair: Pair) -> None:
    flow = flow_of(pair[0])
    me = psutil.Process().name()
    assert Programs().owner(flow) == me
    assert Programs().owner(Flow(flow.server, flow.server_port, flow.client, flow.client_port, "tcp")) == me


def test_the_second_question_about_a_conversation_is_answered_at_once(pair: Pair) -> None:
    asked, flow = Programs(), flow_of(pair[0])
    names = [asked.owner(flow) for _ in range(3)]  # though it rests after the first
    assert names == [psutil.Process().name()] * 3


def test_another_process_is_named(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    code = f"import socket, sys; s = socket.create_connection(({host!r}, {port})); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        with listener.accept()[0] as server:
            peer = server.getpeername()
            family = listener.family
            flow = Flow(socket.inet_pton(family, peer[0]), peer[1], socket.inet_pton(family, host), port, "tcp")
            assert Programs().owner(flow) == psutil.Process(other.pid).name()
            # It ends, and nobody knows any more.
            other.stdin.close()
            other.wait(10)
            asked = Programs(cgroups=())
            assert asked.owner(flow) is None or asked.owner(flow) == psutil.Process().name()  # our end of it


def test_nobody_owns_what_does_not_exist(pair: Pair) -> None:
    flow = flow_of(pair[0])
    assert Programs().owner(flow._replace(client_port=1, server_port=1)) is None
    assert Programs().owner(flow._replace(client=b"x")) is None
    assert Programs().owner(flow._replace(transport="sctp")) is None
    assert Programs().owner(flow._replace(transport="udp")) is None


def test_processes_that_vanish_or_hide_are_passed_over(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_pids", lambda: [2**22 + 1, 2**22 + 2])
    assert Programs(cgroups=()).owner(flow_of(pair[0])) is None


def test_where_the_process_is_hidden_its_control_group_is_told(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "_pids", list)
    unit = tmp_path / "user.slice" / "app-gnome-org.mozilla.Thunderbird-4711.scope"
    unit.mkdir(parents=True)
    found = programs._Socket(inode=1, uid=0, cgroup=unit.stat().st_ino)
    monkeypatch.setattr(programs, "_find", lambda flow: found)
    assert Programs((str(tmp_path / "none"), str(tmp_path))).owner(flow_of(pair[0])) == "org.mozilla.Thunderbird"


JOIN = "import socket, sys; open(sys.argv[1], 'w').write('0'); "
JOIN += "s = socket.create_connection((sys.argv[2], int(sys.argv[3]))); print(flush=True); sys.stdin.read()"


@pytest.mark.root
def test_without_any_right_the_application_is_named_by_the_kernels_own_control_groups(listener: socket.socket) -> None:
    roots = [Path(root) for root in programs._CGROUPS if Path(root, "cgroup.procs").exists()]
    if not roots:
        pytest.skip("this machine has no unified control groups")
    unit = roots[0] / f"app-gnome-geary-{os.getpid()}.scope"
    try:
        unit.mkdir()
    except OSError as error:
        pytest.skip(f"control groups cannot be made here ({error.strerror})")
    host, port = listener.getsockname()[:2]
    argv = [sys.executable, "-c", JOIN, str(unit / "cgroup.procs"), host, str(port)]
    try:
        with (
            subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other,
            listener.accept()[0] as end,
        ):
            assert other.stdin is not None
            peer, family = end.getpeername(), listener.family
            flow = Flow(socket.inet_pton(family, peer[0]), peer[1], socket.inet_pton(family, host), port, "tcp")
            os.seteuid(65534)
            try:
                assert Programs().owner(flow) == "geary"
            finally:
                os.seteuid(0)
                other.stdin.close()
    finally:
        unit.rmdir()


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("app-gnome-firefox\\x2desr-3021.scope", "firefox-esr"),
        ("app-org.kde.konsole@7f3a.service", "org.kde.konsole"),
        ("app-flatpak-org.gnome.Geary-99.scope", "org.gnome.Geary"),
        ("snap.thunderbird.thunderbird-1b2c.scope", "thunderbird"),
        ("cups.service", "cups"),
        ("getty@tty1.service", "getty"),
        ("user@1000.service", None),
        ("session-2.scope", None),
        ("init.scope", None),
        ("user.slice", None),
    ],
)
def test_units_and_their_applications(unit: str, name: str | None) -> None:
    assert application(unit) == name


def test_among_thousands_of_sockets_the_answer_takes_no_longer_than_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(programs, "BUDGET", BUDGET)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 9000:
        pytest.skip("this machine allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (9000, hard))
    held: list[socket.socket] = []
    try:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen(8192)
            for _ in range(4250):
                held += (socket.create_connection(listening.getsockname()), listening.accept()[0])
            took = []
            # Not one of ours, so that all are looked at; and of several tries the best, for the machine may be busy.
            lost = programs._Socket(inode=2**32 - 1, uid=0, cgroup=None)
            for _ in range(5):
                asked = Programs(cgroups=())
                started = time.thread_time()
                assert asked._by_process(lost) is None
                took.append(time.thread_time() - started)
            assert min(took) < 2 * BUDGET
            # And it rests before it looks again.
            started = time.thread_time()
            assert asked._by_process(lost) is None
            assert time.thread_time() - started < BUDGET / 10
    finally:
        for each in held:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
