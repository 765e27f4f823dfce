"""What /sys tells of network interfaces without asking anybody."""

from __future__ import annotations

from pathlib import Path

from wifiguard.core.addresses import mac_bytes

NET = Path("/sys/class/net")


def is_wireless(name: str) -> bool:
    """Whether the interface belongs to an 802.11 radio."""
    # Old drivers know only the second one.
    return (NET / name / "phy80211").exists() or (NET / name / "wireless").exists()


def wireless_interfaces() -> list[str]:
    """The names of all interfaces of 802.11 radios, sorted; none where there is no /sys."""
    try:
        return sorted(entry.name for entry in NET.iterdir() if is_wireless(entry.name))
    except OSError:
        return []


def carries(name: str) -> bool:
    """Whether the interface can carry data now: for a radio, whether it is associated and let in."""
    try:
        return (NET / name / "operstate").read_text().strip() == "up"
    except OSError:
        return False


def speed(name: str) -> int | None:
    """What the cable carries, in Mbit/s; None where there is no cable, or nothing is known."""
    try:
        told = int((NET / name / "speed").read_text())
    except (OSError, ValueError):
        return None
    return told if told > 0 else None


def hardware_address(name: str) -> bytes | None:
    """The address that was burnt into the interface's radio, whatever it shows now; None where it cannot be known."""
    try:
        return mac_bytes((NET / name / "phy80211" / "macaddress").read_text().strip())
    except (OSError, ValueError):
        return None
