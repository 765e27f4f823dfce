"""A café's login page: until somebody logs in, its router answers every look-up, every page and every TLS handshake itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.net.rig.cafe import Cafe
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.nginx import Nginx, Site

LOGIN = "login.cafe.test"
DNS, HTTP, HTTPS = 8053, 8081, 8444
LOOK_UPS = "udp dport 53"
OWN = {LOOK_UPS: DNS, "tcp dport 80": HTTP, "tcp dport 443": HTTPS}
REDIRECTS = """
table ip portal
delete table ip portal
table ip portal {{
    chain prerouting {{
        type nat hook prerouting priority dstnat;
        {redirects}
    }}
}}
"""


class CaptivePortal:
    """Nobody is logged in at first. `names`: those whose true addresses it gives all the same."""

    def __init__(self, cafe: Cafe, names: Mapping[str, Sequence[str]] | None = None) -> None:
        self._router = cafe.internet
        Dnsmasq(cafe.internet, names or {}, port=DNS, everything=cafe.router.v4)
        sites = [Site(("everybody.test",), elsewhere=f"http://{LOGIN}/"), Site((LOGIN,))]
        Nginx(cafe.internet, sites, http_ports=(HTTP,), https_ports=(HTTPS,))
        self.shut()

    def shut(self) -> None:
        """The session is over."""
        self._take(*OWN)

    def log_in(self, *, lies_on: bool = False) -> None:
        """Everything passes from now on; with `lies_on`, everything but look-ups."""
        self._take(*[LOOK_UPS] if lies_on else [])

    def _take(self, *kinds: str) -> None:
        rules = "; ".join(f'iifname "eth0" {kind} redirect to :{OWN[kind]}' for kind in kinds)
        self._router.run("nft", "-f", "-", stdin=REDIRECTS.format(redirects=rules))
