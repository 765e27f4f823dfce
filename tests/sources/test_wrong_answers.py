"""Who answers in NetworkManager's or iwd's name with something else is told in one sentence, and believed in nothing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.net.rig.bus import PrivateBus
from tests.net.rig.waiting import wait_until
from tests.sources.watching import Watching
from wifiguard.core.host import SourceDone
from wifiguard.sources import profiles, sysfs
from wifiguard.sources.iwd import Iwd
from wifiguard.sources.networkmanager import NetworkManager

pytestmark = pytest.mark.rig("dbus-daemon", "busctl")

IMPOSTER = """
import asyncio, sys
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
NAMES = ("org.freedesktop.NetworkManager", "net.connman.iwd")
async def main(signature, body):
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    def answer(message):
        if message.message_type is MessageType.METHOD_CALL:
            return Message.new_method_return(message, signature, body)
    bus.add_message_handler(answer)
    for name in NAMES:
        await bus.request_name(name)
    print("ready", flush=True)
    await asyncio.Event().wait()
asyncio.run(main(sys.argv[1], eval(sys.argv[2])))
"""
ANSWERS = {
    "nothing": ("", "[]"),
    "text": ("s", "['\\x1b[2J' * 1000]"),
    "two values": ("aou", "[['/a'], 7]"),
    "paths that are no objects": ("ao", "[['/a', '/b', '/']]"),
    "a variant": ("v", "[Variant('u', 2)]"),
    "objects of the wrong types": (
        "a{oa{sa{sv}}}",
        "[{'/a': {'net.connman.iwd.Station': {'State': Variant('u', 1), 'ConnectedNetwork': Variant('o', '/')},"
        " 'net.connman.iwd.Device': {}}}]",
    ),
    "properties of the wrong types": ("a{sv}", "[{'State': Variant('s', 'up'), 'Interface': Variant('ay', b'')}]"),
}


SENTENCE = re.compile(r"(NetworkManager|iwd)('s answer lacks a usable \w+| answers \w+ with something else)")


@pytest.mark.parametrize("answer", ANSWERS)
def test_one_sentence(system_bus: PrivateBus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(sysfs, "NET", tmp_path)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", system_bus.address)
    imposter = system_bus.processes.start(
        "imposter", [sys.executable, "-c", IMPOSTER, *ANSWERS[answer]], system_bus.as_system
    )
    imposter.wait_for_output("ready")
    for source, label in ((NetworkManager, "NetworkManager"), (Iwd, "iwd")):
        with Watching(source) as watched:
            wait_until(lambda: watched.last(SourceDone), f"a word of {label}")
            done = watched.last(SourceDone)
            others = [each for each in watched.told if not isinstance(each, SourceDone)]
        assert others == []
        assert done is not None
        assert not done.ok
        assert SENTENCE.fullmatch(done.reason)
    found, trouble = profiles.read_profiles()
    assert found == []
    assert trouble[0].startswith("NetworkManager")
    assert all(SENTENCE.fullmatch(each) for each in trouble)
