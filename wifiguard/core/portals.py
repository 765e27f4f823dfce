"""Where a page asks to log in before the network opens: captive portals, and the looks of them."""

from __future__ import annotations

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import LinkState, ProbeAnswer
from wifiguard.core.lan import DhcpMessage, RouterAdvertisement
from wifiguard.core.messages import HttpResponse
from wifiguard.core.observation import Observation

RULE, PROBE = "captive-portal", "portal"
# Hosts that systems and browsers ask in clear for nothing but this.
CHECK_HOSTS = frozenset(
    {
        "captive.apple.com",
        "clients3.google.com",
        "conncheck.opensuse.org",
        "connectivity-check.ubuntu.com",
        "connectivitycheck.android.com",
        "connectivitycheck.gstatic.com",
        "detectportal.firefox.com",
        "ipv6.msftconnecttest.com",
        "network-test.debian.org",
        "nmcheck.gnome.org",
        "ping.archlinux.org",
        "play.googleapis.com",
        "www.msftconnecttest.com",
        "www.msftncsi.com",
    }
)
# Their owners send people on by themselves.
_OWNERS = (
    "apple.com",
    "archlinux.org",
    "debian.org",
    "firefox.com",
    "gnome.org",
    "google.com",
    "microsoft.com",
    "mozilla.org",
    "msn.com",
    "opensuse.org",
    "ubuntu.com",
)
_AUTHENTICATION_REQUIRED = 511  # RFC 6585, 6
_NO_CONTENT = 204
_OK = 200
_ANNOUNCED, _AT_WORK = ("dhcp", "router"), ("web", "probe")
# A login lasts hours; a portal that nothing was seen of for so long is taken for passed.
LASTS = 3600.0


class Portals:
    """Which interfaces are behind a portal now."""

    INPUTS = (DhcpMessage, RouterAdvertisement, HttpResponse, ProbeAnswer, LinkState)

    def __init__(self) -> None:
        # How it was noticed; "" where the web answered as it should.
        self._noticed: BoundedMap[str, str] = BoundedMap(64, LASTS)

    def up(self, interface: str, tick: float) -> str | None:
        """How the portal was noticed; None where there is none."""
        return self._noticed.get(interface, tick) or None

    def intercepts(self, interface: str, tick: float) -> bool:
        """Whether it was seen at work. That it is announced proves nothing: whoever attacks could announce one."""
        return self._noticed.get(interface, tick) in _AT_WORK

    def observe(self, obs: Observation) -> str | None:
        """The way in which a portal shows itself now, "" where the web answered as it should, None where nothing is told."""
        if type(obs) not in self.INPUTS:
            return None
        told: str | None = None
        match obs:
            case HttpResponse():
                told = _answered(obs) if obs.host in CHECK_HOSTS else None
            case DhcpMessage(from_server=True, portal=True):
                told = "dhcp"
            case RouterAdvertisement(portal=True):
                told = "router"
            case ProbeAnswer(probe=probe, answer=tuple() as answer) if probe == PROBE:
                told = "probe" if dict(answer).get("state") == "portal" else ""
            case LinkState() if not obs.up or not obs.present:
                self._noticed.pop(obs.name)
            case _:
                pass
        if told is None:
            return None
        known = self._noticed.get(obs.interface, obs.tick)
        if told in _ANNOUNCED and known is not None and known not in _ANNOUNCED:
            # It is announced to those who are logged in as well (RFC 8910, 2): what the web answered tells more.
            return None
        self._noticed.put(obs.interface, told, obs.tick)
        return told


def _answered(response: HttpResponse) -> str | None:
    if response.status == _AUTHENTICATION_REQUIRED:
        return "web"
    if response.status == _NO_CONTENT or (response.status == _OK and not response.page):
        return ""  # nearly all of them answer with a word or two of plain text, portals with a page
    if response.location is None or not 300 <= response.status < 400:
        return None
    _, host = response.location
    elsewhere = host != response.host and not any(host == o or host.endswith("." + o) for o in _OWNERS)
    return "web" if elsewhere else None
