"""The radios that are not the laptop's: each is moved into a network namespace of its own at its first use, and stays there."""

from __future__ import annotations

from functools import cache

from tests.wifi.guest.shell import run


@cache
def namespace(number: int) -> str:
    """The name of the radio's namespace, in which its interface is wlanN."""
    name = f"air{number}"
    run("ip", "netns", "add", name)
    run("iw", "phy", f"phy{number}", "set", "netns", "name", name)
    return name


def inside(number: int | None, *command: str) -> tuple[str, ...]:
    """The command that runs this one there; None: where the laptop is."""
    return command if number is None else ("ip", "netns", "exec", namespace(number), *command)


def configure(number: int | None, *lines: str) -> None:
    """Several commands of ip(8) at the price of one: to start a program takes half a second here."""
    where = () if number is None else ("-n", namespace(number))
    run("ip", *where, "-batch", "-", text="\n".join(lines))
