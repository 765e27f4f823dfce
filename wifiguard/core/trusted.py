"""Whom the user trusts, and how strongly a network's security says who it is."""

from __future__ import annotations

from wifiguard.core.network import Network, Security
from wifiguard.core.observation import Observation


class TrustedNetworks(Observation, frozen=True):
    """All networks that the user trusts, told at the start and after every change. A capture file has no such list."""

    networks: tuple[Network, ...]


# What an impostor would have to know: nothing, the password that everybody shares, or the operator's own key.
_PROOF = {
    Security.OPEN: 0,
    Security.ENHANCED_OPEN: 0,
    Security.WEP: 0,
    Security.WPA: 1,
    Security.WPA_WPA2: 1,
    Security.WPA2: 1,
    Security.WPA3_TRANSITION: 1,
    Security.WPA3: 1,
    Security.WPA2_ENTERPRISE: 2,
    Security.WPA3_ENTERPRISE: 2,
}
_STRENGTH = {
    Security.OPEN: 0,
    Security.WEP: 1,
    Security.ENHANCED_OPEN: 1,
    Security.WPA: 2,
    Security.WPA_WPA2: 3,
    Security.WPA2: 4,
    Security.WPA3_TRANSITION: 5,
    Security.WPA3: 6,
    Security.WPA2_ENTERPRISE: 7,
    Security.WPA3_ENTERPRISE: 8,
}


def proof(security: Security | None) -> int | None:
    """0: anyone can offer such a network; 1: whoever knows its password; 2: its operator alone. None: not known."""
    return None if security is None else _PROOF.get(security)


def strength(security: Security | None) -> int | None:
    """A number that grows with what it takes to listen or to pretend; None: not known."""
    return None if security is None else _STRENGTH.get(security)
