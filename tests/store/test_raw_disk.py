"""What is erased is on no block of the disk: a small file system is written, emptied, unmounted and searched byte by byte."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.making import DAY, NOW, decision, problem
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.policy import Mute, MuteScope
from wifiguard.core.rule import Remember
from wifiguard.daemon.lastscan import forget, keep
from wifiguard.store import Store

pytestmark = [pytest.mark.root, pytest.mark.xdist_group("raw disk")]
SECRET = wifi_network(b"Rendezvous-am-Hafen", Security.WPA2, bytes.fromhex("0a1b2c3d4e5f"))
OTHER = wifi_network(b"Bibliothek", Security.WPA2)
PLANTED = (b"Rendezvous-am-Hafen", b"\x0a\x1b\x2c\x3d\x4e\x5f", SECRET.id.encode(), b"planted-value", b"feedfeed")
# Another process, so that it can be killed in the middle of its work.
WRITE_ON = """
import sys
from pathlib import Path
from tests.store import test_raw_disk as disk
store = disk.Store.open(Path(sys.argv[1]), now=disk.NOW)
for number in range(10_000):
    disk.sightings(store, number * 10, 10)
    print(number, flush=True)
"""


class Disk:
    """An ext4 file system in a file."""

    def __init__(self, folder: Path) -> None:
        self.image, self.mount = folder / "disk.img", folder / "mount"
        self.mount.mkdir()
        with self.image.open("wb") as file:
            file.truncate(48 << 20)
        subprocess.run(["mkfs.ext4", "-q", str(self.image)], check=True)
        subprocess.run(["mount", "-o", "loop", str(self.image), str(self.mount)], check=True)
        self.path = self.mount / "state" / "wifiguard.db"

    def found(self) -> set[bytes]:
        """The secrets that are still on it; unmounts it."""
        subprocess.run(["umount", str(self.mount)], check=True)
        raw = self.image.read_bytes()
        return {secret for secret in PLANTED if secret in raw}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if shutil.which("mkfs.ext4") is None or os.geteuid():
        pytest.skip("needs root and mkfs.ext4")
    try:
        made = Disk(tmp_path)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    yield made
    subprocess.run(["umount", "-q", str(made.mount)], check=False)


def sightings(store: Store, first: int, count: int, at: float = NOW) -> None:
    evidence = {"ssid": "Rendezvous-am-Hafen", "bssids": ["0a:1b:2c:3d:4e:5f"], "text": "planted-value " * 10}
    for number in range(first, first + count):
        secret = problem(f"feedfeed{number:08}", network=SECRET, evidence=evidence, first_seen=at + number)
        store.record(
            [decision(of=secret), decision(id=f"other{number:08}", network=OTHER, first_seen=at + 2 * DAY + number)]
        )


def lived(disk: Disk) -> Store:
    """A log with a life behind it: closed, killed, opened, pruned, with mutes and memory."""
    store = Store.open(disk.path, now=NOW)
    store.trust(SECRET, NOW)
    store.remember(Remember("evil-twin", SECRET, "gateway", "planted-value"))
    sightings(store, 100_000, 300, NOW - 200 * DAY)
    store.close()
    killed = subprocess.Popen([sys.executable, "-c", WRITE_ON, str(disk.path)], stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    for line in killed.stdout:
        if line == "20\n":
            killed.send_signal(signal.SIGKILL)
            break
    killed.stdout.close()
    killed.wait()
    store = Store.open(disk.path, now=NOW)
    assert store.prune(NOW) == 600 + 0
    store.mute(Mute(MuteScope.FINDING, "feedfeed00000003"))
    sightings(store, 200_000, 100)
    keep(disk.path.parent, [{"type": "finding", "id": "feedfeed", "title": "Rendezvous-am-Hafen"}] * 500)
    return store


def test_it_is_there_before(disk: Disk) -> None:
    lived(disk).close()
    assert disk.found() == set(PLANTED)


@pytest.mark.parametrize("how", ["all", "network", "day"])
def test_nothing_is_left_of_what_was_erased(disk: Disk, how: str) -> None:
    store = lived(disk)
    match how:
        case "all":
            assert store.erase() > 500
        case "network":
            assert store.erase(network=SECRET.id) > 250
        case "day":
            store.distrust(SECRET.id)
            store.unmute("feedfeed00000003")
            assert store.erase(since=NOW - DAY, until=NOW + 4 * DAY) > 500
    forget(disk.path.parent)
    assert (store.stats().problems > 250) == (how == "network")
    store.close()
    assert disk.found() == set()
