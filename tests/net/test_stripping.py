"""SSL stripping by a real man in the middle: mitmproxy on the café's router, a bank that answers http only with a redirect."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.curl import curl
from tests.net.rig.dialogues import Dialogue, Turn, hold
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.nginx import Nginx, Site
from tests.net.rig.sslstrip import Sslstrip
from tests.net.watched import Watched

pytestmark = [pytest.mark.root, pytest.mark.rig("nginx", "openssl", "dnsmasq", "curl", "mitmdump", "nft")]

BANK, PLAIN = "www.commerzbank.de", "www.paypal.com"
# A portal's answer to what browsers ask to find out whether they are let through.
CHECK: tuple[Turn, ...] = (
    ("client", b"GET /success.txt HTTP/1.1\r\nHost: detectportal.firefox.com\r\n\r\n"),
    ("server", b"HTTP/1.1 302 Found\r\nLocation: http://login.hotel.test/\r\nContent-Length: 0\r\n\r\n"),
)
EVIDENCE = {
    "name": BANK,
    "registrable": "commerzbank.de",
    "institution": "Commerzbank",
    "category": "bank",
    "port": 80,
    "what": "page",
}


@pytest.fixture
def web(cafe: Cafe) -> Nginx:
    sites = [Site((BANK,), to_https=True), Site((PLAIN,))]
    Dnsmasq(cafe.internet, {site.names[0]: cafe.host(number) for number, site in enumerate(sites, 10)})
    return Nginx(cafe.internet, sites)


def test_a_page_whose_encryption_somebody_took_off(cafe: Cafe, web: Nginx) -> None:
    watched = Watched(cafe.laptop)
    trust = web.certificate.certificate
    honest = curl(cafe.laptop, f"http://{BANK}/", "--location", trust=trust)
    assert (honest.status, watched.log("https-stripped")) == (200, [])

    Sslstrip(cafe.internet)
    started = time.monotonic()
    stripped = curl(cafe.laptop, f"http://{BANK}/")
    assert (stripped.status, "Welcome" in stripped.body) == (200, True)
    found = watched.wait_for("https-stripped", timeout=5.0)
    assert time.monotonic() - started < 3.0, "told long after the page"
    assert found["severity"] == "critical"
    evidence = found["evidence"]
    assert {key: value for key, value in evidence.items() if key != "program"} == EVIDENCE
    # On the wire and in the monitor's own time it is one second at most; the rest is this test's looking.
    request = next(line for line in watched.printed("plaintext-banking") if line["severity"] == "high")
    assert abs(_seconds(found["at"]) - _seconds(request["at"])) < 1.0

    # The attacker is still there, but what is encrypted by the laptop itself passes him by.
    seen = len(watched.printed("https-stripped"))
    assert curl(cafe.laptop, f"https://{BANK}/", trust=trust).status == 200
    curl(cafe.laptop, f"http://{PLAIN}/")
    watched.wait_for("plaintext-banking", lambda line: line["evidence"]["name"] == PLAIN)
    assert len(watched.printed("https-stripped")) == seen
    assert len(watched.log("https-stripped")) == 1


def test_a_captive_portal_is_no_stripping(cafe: Cafe, web: Nginx) -> None:
    watched = Watched(cafe.laptop)
    trust = web.certificate.certificate
    assert curl(cafe.laptop, f"https://{PLAIN}/", trust=trust).status == 200
    hold(cafe.laptop, cafe.internet, [Dialogue(cafe.host(20).v4, 8088, CHECK)])
    curl(cafe.laptop, f"http://{PLAIN}/")
    watched.wait_for("plaintext-banking")
    assert watched.printed("https-stripped") == []


def _seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()
