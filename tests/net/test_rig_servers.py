"""The servers of the café are real, and the laptop's programs reach them by name, over both families."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.net.rig.cafe import Addresses, Cafe
from tests.net.rig.command import CommandFailedError
from tests.net.rig.curl import Answer, curl
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.iperf3 import Iperf3Client, Iperf3Server
from tests.net.rig.nginx import PAGE, HttpRecord, Nginx, Site
from tests.net.rig.pieces import form_post, send_pieces

pytestmark = [pytest.mark.root, pytest.mark.rig("nginx", "openssl", "dnsmasq", "curl", "iperf3")]

Family = Literal[4, 6]
BANK = "www.bank.test"
SHOP = "shop.test"


@pytest.fixture
def bank(cafe: Cafe) -> Addresses:
    return cafe.host(10)


@pytest.fixture
def names(cafe: Cafe, bank: Addresses) -> Dnsmasq:
    return Dnsmasq(cafe.internet, {BANK: bank, SHOP: bank, "v4only.test": [bank.v4]})


@pytest.fixture
def web(cafe: Cafe, names: Dnsmasq) -> Nginx:
    headers = (("Set-Cookie", "session=1"),)
    return Nginx(cafe.internet, [Site((BANK,), headers=headers), Site((SHOP,), to_https=True)], http_ports=(80, 8080))


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_curl_gets_the_page(
    cafe: Cafe, bank: Addresses, names: Dnsmasq, web: Nginx, family: Family, scheme: str
) -> None:
    address = bank.v4 if family == 4 else bank.v6
    got = curl(cafe.laptop, f"{scheme}://{BANK}/a?b", family=family, trust=web.certificate.certificate)
    assert got == Answer(200, PAGE, address, "")
    client = cafe.laptop_addresses.v4 if family == 4 else cafe.laptop_addresses.v6
    port = 80 if scheme == "http" else 443
    assert web.wait_for_request(lambda _: True) == HttpRecord(BANK, "GET", "/a?b", scheme, "", client, address, port)
    assert ("A" if family == 4 else "AAAA", BANK) in names.queries()


@pytest.mark.parametrize("family", [4, 6])
def test_form_goes_out_in_two_segments(cafe: Cafe, web: Nginx, family: Family) -> None:
    pieces = form_post(BANK, "/login", {"user": "ann", "password": "s3cret\u00fc"})
    exchange = send_pieces(cafe.laptop, BANK, pieces, family=family)
    assert exchange.answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nSet-Cookie: session=1\r\n" in exchange.answer
    assert exchange.data_segments == 2
    request = web.wait_for_request(lambda request: request.method == "POST")
    assert (request.path, request.body) == ("/login", "user=ann&password=s3cret%C3%BC")


def test_curl_posts_a_form(cafe: Cafe, web: Nginx) -> None:
    assert curl(cafe.laptop, f"http://{BANK}:8080/login", form="user=ann&pin=1234").status == 200
    request = web.wait_for_request(lambda request: request.method == "POST")
    assert (request.body, request.port) == ("user=ann&pin=1234", 8080)


def test_site_that_moves_to_https(cafe: Cafe, web: Nginx) -> None:
    assert curl(cafe.laptop, f"http://{SHOP}/x").redirect == f"https://{SHOP}/x"
    assert curl(cafe.laptop, f"https://{SHOP}/x", trust=web.certificate.certificate).status == 200


def test_certificate_is_not_trusted_by_itself(cafe: Cafe, web: Nginx) -> None:
    with pytest.raises(CommandFailedError, match="certificate"):
        curl(cafe.laptop, f"https://{BANK}/")


def test_names_that_were_not_given_do_not_exist(cafe: Cafe, names: Dnsmasq) -> None:
    with pytest.raises(CommandFailedError, match=r"Could not resolve host: elsewhere\.test"):
        curl(cafe.laptop, "http://elsewhere.test/")
    with pytest.raises(CommandFailedError, match=r"exit status [67]"):
        curl(cafe.laptop, "http://v4only.test/", family=6)
    assert ("A", "elsewhere.test") in names.queries()


def test_iperf3_fills_the_link(cafe: Cafe, bank: Addresses) -> None:
    Iperf3Server(cafe.internet)
    limited = Iperf3Client(cafe.laptop, bank.v6, seconds=1, megabits=8, reverse=True).result()
    assert 200_000 < limited.bytes < 5_000_000
    assert limited.seconds > 0.5
