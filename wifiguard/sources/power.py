"""Whether this laptop runs on its battery, as the kernel's power supplies say."""

from __future__ import annotations

from pathlib import Path

SUPPLIES = Path("/sys/class/power_supply")


def on_battery(supplies: Path = SUPPLIES) -> bool:
    """True where a battery of the laptop's own is being emptied and no mains adapter is in; False where nothing tells."""
    try:
        folders = list(supplies.iterdir())
    except OSError:
        return False
    # A mouse's battery has the scope "Device".
    mine = [folder for folder in folders if _said(folder, "scope") != "Device"]
    if any(_said(folder, "type") != "Battery" and _said(folder, "online") == "1" for folder in mine):
        return False
    return any(_said(folder, "type") == "Battery" and _said(folder, "status") == "Discharging" for folder in mine)


def _said(supply: Path, what: str) -> str:
    try:
        return (supply / what).read_text().strip()
    except OSError:
        return ""
