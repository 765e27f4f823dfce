"""With real peers: a laptop visits a name that only looks like its bank's, and its owner is told at once, once."""

from __future__ import annotations

import time

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.curl import curl
from tests.net.rig.desktop import Desktop
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.nginx import Nginx, Site
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = [pytest.mark.root, pytest.mark.rig("nginx", "openssl", "dnsmasq", "curl")]

DIGIT, SCRIPT, TRUE, ORDINARY = "www.paypa1.com", "xn--commerzbnk-6qi.com", "www.paypal.com", "purchase.example"
RULE = "lookalike-domain"


@pytest.fixture
def web(cafe: Cafe) -> Nginx:
    host = cafe.host(10)
    names = (DIGIT, SCRIPT, TRUE, ORDINARY)
    Dnsmasq(cafe.internet, dict.fromkeys(names, host))
    return Nginx(cafe.internet, [Site(names)])


def at_home(cafe: Cafe, watched: Watched) -> None:
    """The laptop has spoken to its router, so that the network is known by it and findings stay with it."""
    curl(cafe.laptop, f"http://{ORDINARY}/")
    wait_until(
        lambda: [n for n in watched.status()["networks"] if "router" in str(n["name"])], "the router to be known"
    )


@pytest.mark.rig("dunst", "Xvfb")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_one_notification_within_a_second(cafe: Cafe, web: Nginx, desktop: Desktop, scheme: str) -> None:
    # A firewall that this laptop lacks would come in the same notification.
    watched = Watched(cafe.laptop, env=desktop.environment, settings="[rules.firewall-off]\nenabled = false\n")
    wait_until(lambda: any(agent["ok"] for agent in watched.status()["agents"].values()), "the desktop agent")
    at_home(cafe, watched)
    started = time.monotonic()
    curl(cafe.laptop, f"{scheme}://{DIGIT}/", trust=web.certificate.certificate)
    shown = desktop.dunst.wait_for_shown("only looks like")
    assert time.monotonic() - started < 3.0, "the notification took long after the visit"
    assert "www.paypa1.com is not PayPal: the letter l is the digit 1." in shown.body
    found = watched.wait_for(RULE, lambda line: line["severity"] == "high")
    assert found["evidence"]["seen_in"] == ["dns", {"http": "http", "https": "sni"}[scheme]]
    assert len({line["id"] for line in watched.printed(RULE)}) == 1
    assert len({told.id for told in desktop.dunst.shown()}) == desktop.dunst.displayed() == 1


def test_a_form_is_worse_than_a_visit_and_muting_is_by_name(cafe: Cafe, web: Nginx) -> None:
    watched = Watched(cafe.laptop)
    at_home(cafe, watched)
    curl(cafe.laptop, f"http://{DIGIT}/")
    visit = watched.wait_for(RULE, lambda line: line["severity"] == "high")
    curl(cafe.laptop, f"http://{DIGIT}/login", form="user=ann&password=hunter2-the-secret-word")
    sent = watched.wait_for(RULE, lambda line: line["severity"] == "critical")
    assert (sent["id"], sent["state"]) == (visit["id"], "escalated")
    assert b"hunter2" not in watched.kept()
    watched.command("mute", sent["id"])
    curl(cafe.laptop, f"http://{SCRIPT}/")
    other = watched.wait_for(RULE, lambda line: line["evidence"]["host"] == SCRIPT)
    assert (other["state"], other["evidence"]["imitates"]) == ("new", "Commerzbank")
    assert other["evidence"]["difference"] == "the letter a is a Cyrillic letter that looks the same"


def test_silence_for_the_true_name_and_for_ordinary_words(cafe: Cafe, web: Nginx) -> None:
    watched = Watched(cafe.laptop)
    for name in (TRUE, ORDINARY):
        curl(cafe.laptop, f"https://{name}/", trust=web.certificate.certificate)
    curl(cafe.laptop, f"https://{DIGIT}/", trust=web.certificate.certificate)
    watched.wait_for(RULE)
    assert {line["evidence"]["host"] for line in watched.printed(RULE)} == {DIGIT}
