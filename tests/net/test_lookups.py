"""Name look-ups in clear on somebody else's network, counted; silent on one's own."""

from __future__ import annotations

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.curl import curl
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.nginx import Nginx, Site
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = [pytest.mark.root, pytest.mark.rig("nginx", "openssl", "dnsmasq", "curl")]

BANK, OTHER = "www.commerzbank.de", "www.garden.test"
SOON = "[rules.unencrypted-dns]\nfirst = 0.5\n"


def test_look_ups_are_counted_until_the_network_is_trusted(cafe: Cafe) -> None:
    address = cafe.host(10)
    Dnsmasq(cafe.internet, {BANK: address, OTHER: address})
    nginx = Nginx(cafe.internet, [Site((BANK, OTHER))])
    watched = Watched(cafe.laptop, settings=SOON)
    # Questions count on networks that are known: until then nobody can say whose they are.
    wait_until(lambda: watched.status()["networks"], "the network to be known")
    trust = nginx.certificate.certificate
    curl(cafe.laptop, f"https://{OTHER}/", trust=trust)
    first = watched.wait_for("unencrypted-dns")
    assert (first["severity"], first["evidence"]["bank"]) == ("info", False)
    assert first["evidence"]["lookups"] >= 1
    curl(cafe.laptop, f"https://{BANK}/", trust=trust)
    watched.wait_for("unencrypted-dns", lambda line: line["evidence"]["bank"])

    watched.command("trust")
    seen = len(watched.printed("unencrypted-dns"))
    curl(cafe.laptop, f"https://{BANK}/", trust=trust)
    # What comes last is found, so all that came before was looked at.
    curl(cafe.laptop, f"http://{BANK}/")
    watched.wait_for("plaintext-banking")
    assert len(watched.printed("unencrypted-dns")) == seen
