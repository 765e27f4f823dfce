"""What real browsers and servers say over HTTP: every way to send a password or a person's data, and its encrypted twin."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.decode.photos import jpeg, tiff
from tests.net.rig.cafe import Cafe
from tests.net.rig.curl import curl
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.nginx import Nginx, Site
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = [pytest.mark.root, pytest.mark.rig("nginx", "openssl", "dnsmasq", "curl")]


class Way(NamedTuple):
    """A way to send something: curl's options, and what is found: a login's protocol, categories of personal data."""

    name: str
    options: tuple[str, ...]
    login: str | None = None
    personal: tuple[str, ...] = ()
    path: str = "/"


CARD = "cc-number=4111111111111111&name=Ann+Example&cvc=123"
WAYS = [
    Way("urlencoded", ("--data", "user=ann&password=s3cret"), "http"),
    Way("multipart", ("--form", "user=ann", "--form", "pwd=s3cret"), "http"),
    Way("json", ("--header", "Content-Type: application/json", "--data", '{"user":{"password":"s3cret"}}'), "http"),
    Way("chunked", ("--header", "Transfer-Encoding: chunked", "--data", "user=ann&password=s3cret"), "http"),
    Way("expected", ("--header", "Expect: 100-continue", "--data", "user=ann&password=s3cret"), "http"),
    Way("query", (), "http", path="/login?user=ann&password=s3cret"),
    Way("basic", ("--user", "ann:s3cret"), "http"),
    Way("card", ("--data", CARD), None, ("name", "payment-card")),
    Way("identity", ("--data-urlencode", "身份证=11010519491231002X"), None, ("id-number",)),
    Way("photo", ("--form", "picture=@{photo};type=image/jpeg"), None, ("location",)),
    Way("put", ("--upload-file", "{photo}"), None, ("location",)),
    Way("bearer", ("--header", "Authorization: Bearer YW5uOnMzY3JldA==")),
    Way("unproven", ("--data", "cc-number=4111111111111112&user=ann")),
    Way("nameless", ("--data", "order=4111111111111111")),
    Way("searching", (), path="/search?q=password&page=4111111111111111"),
]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(tiff()) + bytes(100_000))
    return path


@pytest.fixture
def servers(cafe: Cafe) -> dict[str, str]:
    """Every way has a server of its own: name → address."""
    names = [*(way.name for way in WAYS), "later", "proxy", "browser", "last"]
    hosts = {f"{name}.test": cafe.host(number) for number, name in enumerate(names, 10)}
    Dnsmasq(cafe.internet, hosts)
    return {name.removesuffix(".test"): addresses.v4 for name, addresses in hosts.items()}


def web(cafe: Cafe, servers: dict[str, str], page: str = "<p>Welcome.") -> Nginx:
    return Nginx(cafe.internet, [Site(tuple(f"{name}.test" for name in servers), page)], http_ports=(80, 8080))


def told(watched: Watched) -> set[tuple[str, str, object]]:
    """Server, rule, and what the rule says of it."""
    say = {"plaintext-login": "protocol", "plaintext-personal-data": "categories"}
    return {
        (line["evidence"]["server"], line["rule"], str(line["evidence"][say[line["rule"]]]))
        for line in watched.printed()
        if line["rule"] in say
    }


def test_every_way_to_send_a_password_or_a_persons_data(cafe: Cafe, servers: dict[str, str], photo: Path) -> None:
    nginx = web(cafe, servers)
    watched = Watched(cafe.laptop)

    def send(way: Way, scheme: str, port: str = "") -> None:
        options = [option.format(photo=photo) if "{photo}" in option else option for option in way.options]
        url = f"{scheme}://{way.name}.test{port}{way.path}"
        assert curl(cafe.laptop, url, *options, trust=nginx.certificate.certificate).status in (200, 204)

    for way in WAYS:
        send(way, "https")
    for number, way in enumerate(WAYS):
        send(way, "http", ":8080" if number % 2 else "")
    # In a later request of the same connection; and to a proxy, which has a password of its own.
    again = ("http://later.test/", "--next", "--silent", "--max-time", "15", "--data", "password=s3cret")
    curl(cafe.laptop, "http://later.test/", *again)
    proxy = ("--noproxy", "", "--proxy", f"http://{servers['proxy']}:80", "--proxy-user", "ann:s3cret")
    curl(cafe.laptop, "http://searching.test/", *proxy)
    # What comes last is found, so all that came before was looked at.
    curl(cafe.laptop, "http://last.test/", "--user", "ann:s3cret")
    wait_until(lambda: (servers["last"], "plaintext-login", "http") in told(watched), "the last login")

    expected = {(servers[way.name], "plaintext-login", way.login) for way in WAYS if way.login}
    expected |= {(servers[w.name], "plaintext-personal-data", str(list(w.personal))) for w in WAYS if w.personal}
    expected |= {(servers["later"], "plaintext-login", "http"), (servers["proxy"], "plaintext-login", "http-proxy")}
    expected |= {(servers["last"], "plaintext-login", "http")}
    assert told(watched) == expected


BROWSED = """<!doctype html><title>Sign in</title>
<form method="post" action="/in"><input name="mail" value="ann@example.com"><input type="password" name="p" value="x">
<input name="password" value="s3cret"></form><script>document.forms[0].submit()</script>
"""


@pytest.mark.rig("chromium")
def test_a_real_browser_sends_a_form_and_is_named(cafe: Cafe, servers: dict[str, str], tmp_path: Path) -> None:
    web(cafe, servers, BROWSED)
    watched = Watched(cafe.laptop)
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={tmp_path}")
    cafe.laptop.start("chromium", "chromium", *options, "--remote-debugging-port=0", "http://browser.test/")
    found = watched.wait_for("plaintext-login", timeout=40.0)
    program = found["evidence"]["program"]
    assert "chrom" in program
    assert found["why"].endswith(f"The program is {program}.")
    evidence = watched.wait_for("plaintext-personal-data")["evidence"]
    assert (evidence["categories"], evidence["program"]) == (["e-mail"], program)
