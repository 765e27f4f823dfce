"""A café's login page: understood, no false alarm while it is up, over with the login; then the alarms work that it held back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.net.rig.cafe import Addresses, Cafe
from tests.net.rig.captive_portal import LOGIN, CaptivePortal
from tests.net.rig.curl import curl
from tests.net.rig.dnsmasq import Dhcp, Dnsmasq
from tests.net.rig.nginx import Nginx, Site
from tests.net.rig.sslstrip import Sslstrip
from tests.net.rig.waiting import wait_until
from tests.net.watched import Line, Watched, looking_for_login_page

pytestmark = [
    pytest.mark.root,
    pytest.mark.rig("nginx", "openssl", "dnsmasq", "dhclient", "curl", "ping", "nft", "mitmdump"),
]

BANK, CHECK, OTHER = "www.paypal.com", "network-test.debian.org", "www.garden.test"
# The login is looked for sooner than in the field.
SOON = "[rules.captive-portal]\nagain_seconds = 0.5\n"
HELD_BACK = {"dns-hijack", "dns-answer-race", "https-stripped", "untrusted-certificate", "plaintext-login"}


class Visit:
    """A laptop behind a login page, and the monitor that it was opened with."""

    def __init__(self, cafe: Cafe, tmp_path: Path) -> None:
        self.cafe = cafe
        self.sites = [Site((BANK,), to_https=True), Site((CHECK,), page="NetworkManager is online\n"), Site((OTHER,))]
        self.addresses: dict[str, Addresses] = {
            site.names[0]: cafe.host(number) for number, site in enumerate(self.sites, 10)
        }
        announced = ("dhcp-option-force=114,https://login.cafe.test/api",)
        self.honest = Dnsmasq(cafe.internet, self.addresses, dhcp=Dhcp(prefix=None), options=announced)
        self.nginx = Nginx(cafe.internet, self.sites)
        self.portal = CaptivePortal(cafe, {CHECK: self.addresses[CHECK]})
        cafe.laptop.run("ping", "-nqc1", "-W5", cafe.router.v4)  # so that it is known which network this is
        self.watched = Watched(cafe.laptop, settings=SOON, mounts=looking_for_login_page(CHECK, tmp_path))

    def ask_for_lease(self) -> None:
        folder = self.cafe.lab.processes.subfolder("dhclient")
        files = ("-sf", "/bin/true", "-lf", f"{folder}/leases", "-pf", f"{folder}/pid")
        client = self.cafe.laptop.start("dhclient", "dhclient", "-1", "-d", *files, self.cafe.interface)
        client.wait_for_output("bound to", timeout=30)
        client.stop()

    def browse(self) -> None:
        """What a browser does while nobody is logged in."""
        laptop = self.cafe.laptop
        assert curl(laptop, f"http://{OTHER}/").redirect == f"http://{LOGIN}/"
        assert curl(laptop, f"https://{OTHER}/", "--insecure", "--tls-max", "1.2").redirect == f"http://{LOGIN}/"
        assert curl(laptop, f"http://{BANK}/").redirect == f"http://{LOGIN}/"
        # It comes after the rest, so all of that was judged when it is told.
        self.watched.wait_for("plaintext-banking")

    def alarms(self) -> set[str]:
        return {line["rule"] for line in self.watched.printed()} & HELD_BACK

    def wait_for_state(self, state: str) -> Line:
        """The latest finding about the login page, once it is in this state."""
        return wait_until(
            lambda: next((x for x in self.watched.printed("captive-portal")[-1:] if x["state"] == state), None),
            f"the login page to be {state}",
            30,
        )


@pytest.fixture
def visit(cafe: Cafe, tmp_path: Path) -> Visit:
    return Visit(cafe, tmp_path)


def test_a_login_page_is_understood_and_over_with_the_login(visit: Visit) -> None:
    watched, laptop = visit.watched, visit.cafe.laptop
    found = visit.wait_for_state("new")
    assert (found["severity"], "log in first" in found["title"]) == ("info", True)
    visit.browse()
    assert visit.alarms() == set()
    assert "log in first" in watched.command("status")

    visit.portal.log_in()
    assert visit.wait_for_state("resolved")["id"] == found["id"]
    # The name server is asked again. The lease names the portal to those who are logged in, too.
    wait_until(lambda: any(name.endswith(".com") for _, name in visit.honest.queries()), "names to be asked", 30)
    visit.ask_for_lease()
    trust = visit.nginx.certificate.certificate
    assert curl(laptop, f"https://{BANK}/", trust=trust).status == 200

    # The session is over: the desktop's own check is sent to the login page, and so is a bank that was reached by TLS.
    visit.portal.shut()
    assert curl(laptop, f"http://{CHECK}/nm").redirect
    visit.wait_for_state("new")
    visit.browse()
    assert visit.alarms() == set()
    visit.portal.log_in()
    visit.wait_for_state("resolved")

    states = [line["state"] for line in watched.printed("captive-portal")]
    assert states == ["new", "resolved"] * 2, "told when there was one, and never of the lease alone"

    # Whoever takes the encryption off is told again.
    Sslstrip(visit.cafe.internet)
    curl(laptop, f"http://{BANK}/")
    assert watched.wait_for("https-stripped", timeout=30)["severity"] == "critical"


def test_a_name_server_that_lies_on_after_the_login_is_told(visit: Visit) -> None:
    visit.wait_for_state("new")
    assert visit.alarms() == set()
    visit.portal.log_in(lies_on=True)
    visit.wait_for_state("resolved")
    found = visit.watched.wait_for("dns-hijack", timeout=30)
    assert (found["severity"], found["evidence"]["address"]) == ("high", visit.cafe.router.v4)
