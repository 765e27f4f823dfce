"""The main job, with real peers: a laptop on a café's network talks to a bank without encryption, and its owner is told."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Literal
from unittest.mock import ANY

import pytest

from tests.net.rig import wifi_security
from tests.net.rig.bus import PrivateBus
from tests.net.rig.cafe import Addresses, Cafe
from tests.net.rig.curl import curl
from tests.net.rig.desktop import Desktop
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.iperf3 import Iperf3Client, Iperf3Server
from tests.net.rig.mock_network_manager import MockNetworkManager
from tests.net.rig.nginx import Nginx, Site
from tests.net.rig.pieces import form_post, send_pieces
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = [pytest.mark.root, pytest.mark.rig("nginx", "openssl", "dnsmasq", "curl")]

Family = Literal[4, 6]
BANK, MOVES, OTHER = "www.commerzbank.de", "www.paypal.com", "www.garden.test"
SECRET_USER, SECRET_WORD = "ann-the-secret-user", "hunter2-the-secret-word"
FIELDS = {"user": SECRET_USER, "password": SECRET_WORD}


@pytest.fixture
def bank(cafe: Cafe) -> Addresses:
    return cafe.host(10)


@pytest.fixture
def web(cafe: Cafe, bank: Addresses) -> Nginx:
    garden = cafe.host(11)
    Dnsmasq(cafe.internet, {BANK: bank, MOVES: bank, OTHER: garden})
    return Nginx(cafe.internet, [Site((BANK, OTHER)), Site((MOVES,), to_https=True)])


def evidence(name: str, what: list[str]) -> dict[str, object]:
    institution = {BANK: ("commerzbank.de", "Commerzbank", "bank"), MOVES: ("paypal.com", "PayPal", "payment")}[name]
    registrable, entry, category = institution
    return {
        "name": name,
        "registrable": registrable,
        "institution": entry,
        "category": category,
        "protocol": "http",
        "port": 80,
        "what": what,
        "certainty": "catalogue",
        "program": ANY,  # who sent it may be gone before it can be named
    }


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("pieces", [1, 2])
def test_a_login_form_to_a_bank_is_told_and_nothing_of_it_is_kept(
    cafe: Cafe, web: Nginx, family: Family, pieces: int
) -> None:
    watched = Watched(cafe.laptop)
    head, body = form_post(BANK, "/login?session=abc-the-secret-query", FIELDS)
    parts = [head + body] if pieces == 1 else [head, body]
    started = time.monotonic()
    assert send_pieces(cafe.laptop, BANK, parts, family=family).data_segments == pieces
    found = watched.wait_for("plaintext-banking")
    assert time.monotonic() - started < 3.0, "the finding took long after the form"
    assert (found["severity"], found["state"], found["count"]) == ("critical", "new", 1)
    assert found["evidence"] == evidence(BANK, ["form", "password"])
    logged = watched.log("plaintext-banking")
    assert [(line["id"], line["severity"], line["evidence"]) for line in logged] == [
        (found["id"], "critical", found["evidence"])
    ]
    assert "Commerzbank" in watched.command("log")
    assert "Commerzbank" in watched.command("log", "show", found["id"][:6])
    assert watched.status()["verdict"] == "no"
    kept = watched.kept() + watched.process.output().encode() + watched.process.errors().encode()
    for secret in (SECRET_USER, SECRET_WORD, "the-secret-query", "/login"):
        assert secret.encode() not in kept


def test_a_page_and_a_redirect(cafe: Cafe, web: Nginx) -> None:
    watched = Watched(cafe.laptop)
    curl(cafe.laptop, f"http://{BANK}/")
    page = watched.wait_for("plaintext-banking")
    assert (page["severity"], page["evidence"]) == ("high", evidence(BANK, ["page"]))
    curl(cafe.laptop, f"http://{MOVES}/")
    moved = watched.wait_for("plaintext-banking", lambda line: line["evidence"]["name"] == MOVES)
    assert (moved["severity"], moved["evidence"]) == ("low", evidence(MOVES, ["request"]))


def test_worse_escalates_and_repeats_are_folded(cafe: Cafe, web: Nginx) -> None:
    watched = Watched(cafe.laptop)
    curl(cafe.laptop, f"http://{BANK}/")
    watched.wait_for("plaintext-banking", lambda line: line["severity"] == "high")
    send_pieces(cafe.laptop, BANK, form_post(BANK, "/", FIELDS))
    watched.wait_for("plaintext-banking", lambda line: line["state"] == "escalated" and line["severity"] == "critical")
    for _ in range(5):
        curl(cafe.laptop, f"http://{BANK}/")
    wait_until(lambda: watched.log("plaintext-banking")[0]["count"] == 7, "seven sightings in the log")
    assert len(watched.log("plaintext-banking")) == 1
    news = [line["state"] for line in watched.printed("plaintext-banking")]
    assert news[:2] == ["new", "escalated"]
    assert set(news[2:]) <= {"repeat"}


@pytest.mark.parametrize("family", [4, 6])
def test_silence_for_other_names_and_for_https(cafe: Cafe, web: Nginx, family: Family) -> None:
    watched = Watched(cafe.laptop)
    send_pieces(cafe.laptop, OTHER, form_post(OTHER, "/login", FIELDS), family=family)
    trust = web.certificate.certificate
    assert (
        curl(cafe.laptop, f"https://{BANK}/login", family=family, form="user=x&password=y", trust=trust).status == 200
    )
    # What comes after is found, so all that came before was looked at.
    curl(cafe.laptop, f"http://{MOVES}/", family=family)
    watched.wait_for("plaintext-banking", lambda line: line["evidence"]["name"] == MOVES)
    assert [line["evidence"]["name"] for line in watched.printed("plaintext-banking")] == [MOVES]


@pytest.mark.rig("iperf3")
def test_on_a_full_link_nothing_is_missed_and_nothing_dropped(cafe: Cafe, web: Nginx, bank: Addresses) -> None:
    watched = Watched(cafe.laptop)
    Iperf3Server(cafe.internet)
    load = Iperf3Client(cafe.laptop, bank.v4, seconds=4)
    wait_until(lambda: watched.status()["traffic"]["wlan0"]["bytes"] > 0, "traffic")
    started = time.monotonic()
    send_pieces(cafe.laptop, BANK, form_post(BANK, "/login", FIELDS))
    found = watched.wait_for("plaintext-banking")
    assert time.monotonic() - started < 3.0
    assert found["evidence"] == evidence(BANK, ["form", "password"])
    assert load.result().bytes > 10_000_000
    assert watched.status()["traffic"]["wlan0"]["dropped"] == 0


def test_the_notification_on_a_real_desktop(
    cafe: Cafe,
    web: Nginx,
    desktop: Desktop,
    system_bus: PrivateBus,
    mock_network_manager: MockNetworkManager,
    tmp_path: Path,
) -> None:
    """Open network joined, form sent: both on the screen; Trust pressed: the state changes."""
    air = mock_network_manager.add_wifi("wlan0")
    env = {**desktop.environment, "DBUS_SYSTEM_BUS_ADDRESS": system_bus.address}
    watched = Watched(cafe.laptop, env=env)
    wait_until(lambda: any(agent["ok"] for agent in watched.status()["agents"].values()), "the desktop agent")

    air.join(air.add_access_point(b"CafeGuest", "02:00:00:00:0a:01", wifi_security.OPEN))
    assert watched.wait_for("open-wifi")["network"]["name"] == "CafeGuest"
    assert watched.wait_for("unknown-wifi")["severity"] == "medium"
    both = desktop.dunst.wait_for_shown("Not safe to bank here")
    assert "This Wi-Fi is not encrypted" in both.body

    send_pieces(cafe.laptop, BANK, form_post(BANK, "/login", FIELDS))
    found = watched.wait_for("plaintext-banking")
    assert found["network"]["name"] == "CafeGuest"
    shown = desktop.dunst.wait_for_shown("Bank details")
    assert shown.urgency == "CRITICAL"
    assert "Commerzbank" in shown.body
    desktop.screenshot(tmp_path / "screen.png")
    assert (tmp_path / "screen.png").stat().st_size > 1000

    network = found["network"]["id"]
    desktop.dunst.press("Trust this network")
    wait_until(
        lambda: any(line["id"] == network and line["trusted"] for line in watched.lines("networks")),
        "the trust to be kept",
    )
    watched.wait_for("unknown-wifi", lambda line: line["state"] == "resolved")


def test_a_killed_monitor_leaves_no_agent_behind(cafe: Cafe, desktop: Desktop) -> None:
    watched = Watched(cafe.laptop, env=desktop.environment)
    wait_until(lambda: any(agent["ok"] for agent in watched.status()["agents"].values()), "the desktop agent")
    (agent,) = watched.status()["agents"]
    watched.process.signal(signal.SIGKILL)
    wait_until(lambda: not Path("/proc", agent).exists(), "the agent to end")


def test_unknown_then_trusted_networks(
    cafe: Cafe, system_bus: PrivateBus, mock_network_manager: MockNetworkManager
) -> None:
    air = mock_network_manager.add_wifi("wlan0")
    home = air.add_access_point(b"Home", "02:00:00:00:0a:01", wifi_security.WPA2_PERSONAL)
    watched = Watched(cafe.laptop, env={"DBUS_SYSTEM_BUS_ADDRESS": system_bus.address})
    air.join(home)
    assert watched.wait_for("unknown-wifi")["network"] == {
        "id": watched.status()["networks"][0]["id"],
        "name": "Home",
        "bssid": "02:00:00:00:0a:01",
        "security": "wpa2-personal",
        "trusted": False,
    }
    assert watched.status()["verdict"] in ("with-care", "no")
    assert "You trust “Home” now." in watched.command("trust")
    watched.wait_for("unknown-wifi", lambda line: line["state"] == "resolved")
    air.leave()
    wait_until(lambda: not watched.status()["networks"] or watched.status()["networks"][0]["name"] != "Home", "leaving")
    seen = len(watched.printed())
    air.join(home)
    wait_until(lambda: any(n["name"] == "Home" and n["trusted"] for n in watched.status()["networks"]), "joining again")
    assert [line["rule"] for line in watched.printed()[seen:] if "wifi" in line["rule"]] == []
    assert watched.log("open-wifi") == []


HOSTILE = b"\x1b[2J\xe2\x80\xae<b>&'\"\x00\x07%s{0}" + b"\xff\xfe"


def test_a_hostile_ssid_is_shown_as_what_it_is(
    cafe: Cafe, desktop: Desktop, system_bus: PrivateBus, mock_network_manager: MockNetworkManager
) -> None:
    air = mock_network_manager.add_wifi("wlan0")
    env = {**desktop.environment, "DBUS_SYSTEM_BUS_ADDRESS": system_bus.address}
    watched = Watched(cafe.laptop, env=env)
    wait_until(lambda: any(agent["ok"] for agent in watched.status()["agents"].values()), "the desktop agent")
    air.join(air.add_access_point(HOSTILE[:32], "02:00:00:00:0a:01", wifi_security.OPEN))
    name = watched.wait_for("open-wifi")["network"]["name"]
    assert name == "\\x1b[2J\\u202e<b>&'\"\\x00\\x07%s{0}\\xff\\xfe"
    for text in (watched.command("log"), watched.command("status"), watched.command("networks")):
        assert not any(c in text for c in "\x1b\x07\u202e\x00")
    wait_until(lambda: desktop.dunst.displayed() >= 1, "a notification")
    for shown in desktop.dunst.shown():
        assert not any(c in shown.summary + shown.body for c in "\x1b\x07\u202e")
        assert "<b>" not in shown.body


def test_networkmanager_goes_and_comes_back(
    cafe: Cafe, system_bus: PrivateBus, mock_network_manager: MockNetworkManager
) -> None:
    watched = Watched(cafe.laptop, env={"DBUS_SYSTEM_BUS_ADDRESS": system_bus.address})
    mock_network_manager.stop()
    wait_until(
        lambda: any(item["what"] == "wifi" for item in watched.status()["not_checked"]), "its absence to be said"
    )
    mock_network_manager.start()
    air = mock_network_manager.add_wifi("wlan0")
    air.join(air.add_access_point(b"CafeGuest", "02:00:00:00:0a:01", wifi_security.OPEN))
    watched.wait_for("open-wifi", timeout=20)
    assert not any(item["what"] == "wifi" for item in watched.status()["not_checked"])


def test_it_ends_within_two_seconds_and_the_log_stays_readable(cafe: Cafe, web: Nginx) -> None:
    watched = Watched(cafe.laptop)
    curl(cafe.laptop, f"http://{BANK}/")
    watched.wait_for("plaintext-banking")
    started = time.monotonic()
    watched.process.signal(signal.SIGTERM)
    assert watched.process.wait(5) == 0
    assert time.monotonic() - started < 2.0
    assert list(watched.database.parent.glob("wifiguard.db-*")) == []
    assert [line["severity"] for line in watched.log("plaintext-banking")] == ["high"]
    assert watched.lines("status")[0]["what"] == "monitor"


def test_who_follows_the_log_reads_it_at_once_and_is_told_when_nobody_watches(cafe: Cafe, web: Nginx) -> None:
    watched = Watched(cafe.laptop)
    reader = watched.start_command("log", "--follow", "--severity", "high")

    def told() -> bool:
        # Until the follower is connected, what happens is not told to it: visits repeat, and every one is another page.
        curl(cafe.laptop, f"http://{BANK}/")
        return "Your bank's page is not encrypted" in reader.output()

    wait_until(told, "the follower to tell of the visit")
    watched.process.signal(signal.SIGTERM)
    assert reader.wait(5) == 2
    assert "the monitor is not running" in reader.errors()


def test_a_reload_takes_new_settings_and_refuses_wrong_ones(cafe: Cafe, web: Nginx) -> None:
    watched = Watched(cafe.laptop)
    watched.settings.write_text("[wach]\n")
    watched.process.signal(signal.SIGHUP)
    watched.process.wait_for_output("The settings stay as they were: .*did you mean 'watch'")
    cafe.lab.wire(cafe.laptop, "eth9", cafe.internet, "eth9")
    cafe.laptop.address("eth9", "10.24.0.2/24")
    watched.settings.write_text(f'[catalogue]\nextra = ["{OTHER}"]\n')
    watched.process.signal(signal.SIGHUP)
    watched.process.wait_for_output("The settings were read again")
    wait_until(lambda: "wlan0" in watched.status().get("traffic", {}), "the capture to be open again")
    assert watched.status()["traffic"].keys() == {"wlan0"}, "what the command line said still holds"
    send_pieces(cafe.laptop, OTHER, form_post(OTHER, "/login", FIELDS))
    found = watched.wait_for("plaintext-banking", lambda line: line["evidence"]["name"] == OTHER)
    assert found["evidence"]["certainty"] == "user"
