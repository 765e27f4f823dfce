"""A test that cannot run is skipped, and says what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.net.rig import requirements
from tests.net.rig.requirements import PACKAGES, missing, require

LIST = Path(__file__).parents[1] / "debian-packages.txt"


def test_missing_programs_and_their_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "_present", lambda program: program == "ip")
    with pytest.raises(
        pytest.skip.Exception, match=r"^needs dnsmasq, hovercraft \(Debian packages: dnsmasq-base hovercraft\)$"
    ):
        require("ip", "dnsmasq", "hovercraft")


def test_without_root_the_reason_is_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert requirements.root_obstacle.__wrapped__() == "needs root, for network namespaces"


def test_programs_that_are_there_are_not_missing() -> None:
    assert missing("sh", "no-such-program") == ["no-such-program"]


def test_package_list_has_every_package() -> None:
    lines = [line.partition("#") for line in LIST.read_text().splitlines()]
    packages = [package.strip() for package, _hash, _why in lines if package.strip()]
    assert all(why.strip() for package, _hash, why in lines if package.strip())
    # What programs need and none of them is.
    beside = {
        "fonts-dejavu-core",
        "nfs-ganesha-vfs",
        "wireless-regdb",
        "xfce4-notifyd",
        "mate-notification-daemon",
    }
    assert set(packages) == {*PACKAGES.values(), *beside}
    assert len(packages) == len(set(packages))
