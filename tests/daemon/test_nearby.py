"""What is in the air, with the reason for each flag. The kernel's list is played here; the real one is in tests/wifi."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources.played_kernel import bssid, kernel_that_heard, name
from wifiguard.core.air import Elements
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.protection import FLAGS, SENTENCES, details, flags
from wifiguard.core.wifi import Bss
from wifiguard.daemon import nearby as room
from wifiguard.daemon.nearby import NothingHeard, nearby
from wifiguard.sources.nl80211 import Interface

TWIN, TRUE = bytes.fromhex("00c0ca112233"), bytes.fromhex("a42bb0112233")
PSK = Elements(akms=("PSK",), pairwise=("CCMP-128",), group="CCMP-128", wps=True)
AIR = (
    (Bss(b"Home", TWIN, Security.OPEN, frequency=2462, signal=-30, elements=Elements()), False),
    (Bss(b"Home", TRUE, Security.WPA2, frequency=5180, signal=-60, elements=PSK), True),
    (Bss(b"", b"\2" * 6, Security.WEP, frequency=2412, hidden=True), False),
)


class Kernel:
    """A kernel that has heard `AIR`."""

    def __init__(self, family: str) -> None:
        assert family == "nl80211"

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def heard(_: object, index: int) -> Iterator[tuple[Bss, bool]]:
    yield from AIR


def test_strongest_first_with_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "Generic", Kernel)
    monkeypatch.setattr(room, "interfaces", lambda _: [Interface(3, "wlan0", TRUE)])
    monkeypatch.setattr(room, "scan_results", heard)
    lines = [line for line, _ in nearby([wifi_network(b"Home", Security.WPA2, trusted=True)])]
    assert [(line["bssid"], line["channel"], line["joined"], line["flags"]) for line in lines] == [
        ("a4:2b:b0:11:22:33", 36, True, ["wps"]),
        ("00:c0:ca:11:22:33", 11, False, ["weaker-than-trusted", "open"]),
        ("02:02:02:02:02:02", 1, False, ["weak", "hidden"]),
    ]
    assert {flag for line in lines for flag in line["flags"]} <= FLAGS.keys()  # type: ignore[attr-defined]


def test_five_thousand_access_points() -> None:
    with kernel_that_heard(5000):
        found = nearby([wifi_network(name(4999), Security.WPA3_ENTERPRISE, trusted=True)])
    assert [bss.bssid for _, bss in found] == [bssid(n) for n in range(5000)]
    assert [line["flags"] for line, _ in found] == [[]] * 4999 + [["weaker-than-trusted"]]


def test_a_kernel_without_wifi(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(family: str) -> Kernel:
        raise FileNotFoundError

    monkeypatch.setattr(room, "Generic", missing)
    with pytest.raises(NothingHeard):
        nearby([])


def test_every_security_has_its_sentence() -> None:
    assert SENTENCES.keys() == set(Security)


@pytest.mark.parametrize(("bss", "_"), AIR)
def test_details_are_short_lines(bss: Bss, _: bool) -> None:
    assert all(line and len(line) < 120 for line in details(bss))
    assert set(flags(bss)) <= FLAGS.keys()
