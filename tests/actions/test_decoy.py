"""iw's list of scan results, searched for a name that only a false access point can bear."""

from __future__ import annotations

from wifiguard.actions.decoy import answering

LISTING = """BSS a4:2b:b0:11:22:33(on wlan0) -- associated
\tTSF: 12 usec (0d, 00:00:00)
\tSSID: Home
\tRSN:\t * Version: 1
BSS 00:13:37:A5:00:01(on wlan0)
\tSSID: qwertyuiop
BSS 00:13:37:a5:00:02(on wlan0)
\tSSID: qwertyuiop2
\tSSID: \\x00\\x00
"""


def test_only_who_bears_the_name() -> None:
    assert answering(LISTING, "qwertyuiop") == ["00:13:37:a5:00:01"]


def test_nobody() -> None:
    assert answering(LISTING, "asdf") == answering("", "asdf") == answering("SSID: asdf", "asdf") == []


def test_no_more_than_a_handful() -> None:
    many = "".join(f"BSS 00:00:00:00:00:{n:02x}(on wlan0)\n\tSSID: x\n" for n in range(50))
    assert len(answering(many, "x")) == 8
