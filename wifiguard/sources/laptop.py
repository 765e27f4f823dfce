"""All that is looked at of this laptop itself."""

from __future__ import annotations

from wifiguard.sources import firewall, forwarding, profiles, proxy, services, vpn
from wifiguard.sources.posture import Posture


def laptop() -> tuple[Posture, ...]:
    """A source for each part, so that one that cannot look leaves the others alone."""
    return (
        Posture(services.NAME, services.Services()),
        Posture(firewall.NAME, firewall.inbound),
        Posture(forwarding.FORWARDING, forwarding.forwarding),
        Posture(forwarding.MODES, forwarding.modes),
        Posture(vpn.NAME, vpn.bypasses, often=vpn.tunnelled),
        Posture(proxy.NAME, proxy.proxies),
        Posture(profiles.NAME, profiles.profiles),
    )
