"""The machines of the demo: a laptop and an attacker on one Wi-Fi, and behind its router a bank and a site that imitates one.

All are network namespaces of this machine; nothing of them reaches the network that this machine is on, nor the other way round.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType

from demo.notifications import Notifications
from tests.net.rig import wifi_security
from tests.net.rig.bus import PrivateBus
from tests.net.rig.certificate import make_certificate
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.lab import Lab
from tests.net.rig.mock_network_manager import MockNetworkManager
from tests.net.rig.mock_wifi import AccessPoint
from tests.net.rig.requirements import BUS, LAB
from tests.net.rig.shared_air import LAPTOP4, ROUTER4, SharedAir
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

NEEDS = (*LAB, *BUS, "dbusmock", "dnsmasq", "curl", "openssl", "arpspoof", "ping")
ROOT = Path(__file__).resolve().parents[1]
BANK, PAYMENT, IMITATION = "www.commerzbank.de", "www.paypal.com", "www.paypa1.com"
FORM = "user=ann&pin=31415"
SECRET = b"31415"
# One notification a scene: what else is true of this laptop (no firewall, a profile that joins by itself) and of that form (it
# held a password) is left out. What is over is over soon, since nobody wants to watch five minutes of silence.
SETTINGS = """
[rules.firewall-off]
enabled = false
[rules.open-network-autojoin]
enabled = false
[rules.plaintext-login]
enabled = false
[rules.gateway-impersonated]
quiet_seconds = 3
"""


class Stage:
    """Everything running, WiFiGuard included; taken down on leaving."""

    def __init__(self) -> None:
        self._lab = Lab()
        try:
            self._build(self._lab)
        except BaseException:
            self._lab.close()
            raise

    def _build(self, lab: Lab) -> None:
        self.air = air = SharedAir(lab, 4)
        sites = {BANK: ["203.0.113.10"], PAYMENT: ["203.0.113.11"], IMITATION: ["203.0.113.66"]}
        air.router.address("lo", *(f"{address}/32" for (address,) in sites.values()))
        Dnsmasq(air.router, sites)
        self.certificate = make_certificate(lab.processes.subfolder("bank"), list(sites))
        keys = (str(self.certificate.certificate), str(self.certificate.key))
        bank = air.router.start("bank", sys.executable, "-m", "demo.bank", *keys, env={"PYTHONPATH": str(ROOT)})
        air.router.wait_listening(bank, 80, 443)
        # What the attacker gets he passes on, so that nobody notices.
        air.attacker.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.send_redirects=0")
        air.attacker.run("sysctl", "-qw", "net.ipv4.conf.eth0.send_redirects=0")
        system, session = PrivateBus(lab.processes, "system"), PrivateBus(lab.processes, "session")
        self.radio = MockNetworkManager(system).add_wifi("wlan0")
        self.home = self.radio.add_access_point(b"Home", "02:00:00:00:0a:01", wifi_security.WPA2_PERSONAL)
        self.cafe = self.radio.add_access_point(b"CafeGuest", "02:00:00:00:0b:01", wifi_security.OPEN)
        self.notifications = Notifications(session.address)
        self.watched = Watched(air.laptop, settings=SETTINGS, env={**system.as_system, **session.as_session})
        agents = self.watched.status
        wait_until(lambda: any(agent["ok"] for agent in agents()["agents"].values()), "the desktop's half", 30)

    def join(self, access_point: AccessPoint) -> None:
        """The laptop joins a Wi-Fi, and learns where its router is, as on any network that it joins."""
        self.radio.join(access_point)
        self.air.meet()

    def browse(self, url: str, form: str = "") -> None:
        """Ann's browser gets a page, or sends a form."""
        trust = ("--cacert", str(self.certificate.certificate)) if url.startswith("https") else ()
        sent = ("--data-raw", form) if form else ()
        self.air.laptop.run("curl", "-sS", "--max-time", "15", "-o", "/dev/null", *trust, *sent, url)

    def attack(self) -> Spawned:
        """Somebody tells the laptop to be the router (ARP spoofing)."""
        return self.air.attacker.start("arpspoof", "arpspoof", "-i", "eth0", "-t", LAPTOP4, ROUTER4)

    def wifiguard(self, *words: str) -> str:
        """What a command of WiFiGuard says on the laptop."""
        return self.watched.command(*words, check=False)

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.notifications.close()
        self._lab.close()
