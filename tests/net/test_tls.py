"""TLS between real servers and a real client: what proves nothing or is broken is told once, its good twin never."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.tls_sites import TlsSite, TlsSites, site, visit, with_sha1
from tests.net.rig.waiting import wait_until
from tests.net.watched import Line, Watched
from tests.streams.handshakes import Issued, issue, rsa_key

pytestmark = [pytest.mark.root, pytest.mark.rig("nginx", "openssl", "curl", "update-ca-certificates")]

BANK, BROKER = "www.commerzbank.de", "www.consorsbank.de"
LIST, ADDED = "/etc/ssl/certs/ca-certificates.crt", "/usr/local/share/ca-certificates"
TLS12 = ("--tls-max", "1.2")


class World(NamedTuple):
    """The authorities of this test, and the laptop's list of them."""

    now: float
    public: Issued
    link: Issued
    company: Issued
    impostor: Issued
    mounts: dict[str, Path]


@pytest.fixture
def world(tmp_path: Path) -> World:
    now = time.time()
    public = issue("Test Public Authority", authority=True, key=rsa_key(), begin=-900, end=900, now=now)
    link = issue("Test Link", public, authority=True, begin=-800, end=800, now=now)
    company = issue("Test Company CA", authority=True, now=now)
    impostor = issue("Test Impostor", authority=True, now=now)
    bundle, added = tmp_path / "bundle.crt", tmp_path / "added"
    bundle.write_bytes(public.pem + company.pem)
    added.mkdir()
    (added / "company.crt").write_bytes(company.pem)
    return World(now, public, link, company, impostor, {LIST: bundle, ADDED: added})


class Case(NamedTuple):
    """A site, and what is to be told of it: severity and problems."""

    site: TlsSite
    severity: str
    problems: tuple[str, ...]
    key_bits: int = 256


def cases(world: World, cafe: Cafe, folder: Path) -> list[Case]:
    hosts = count(20)

    def address() -> str:
        return cafe.host(next(hosts)).v4

    def shown(
        name: str, by: Issued | None, *, begin: float = -30, end: float = 60, bits: int = 0, alias: str = ""
    ) -> TlsSite:
        key = rsa_key(bits) if bits else None
        own = issue(name, by, names=[alias or name], begin=begin, end=end, key=key, now=world.now)
        return site(name, address(), own, *([by] if by is not None else []))

    signed = issue("sha1.test", names=["sha1.test"], key=rsa_key(), now=world.now)
    sha1 = TlsSite("sha1.test", address(), with_sha1(folder, signed, world.public), signed.key_pem)
    public_looking = issue(BROKER, world.impostor, names=[BROKER], public=True, now=world.now)
    return [
        Case(shown("self.test", None), "high", ("self-signed",)),
        Case(shown("expired.test", world.link, begin=-90, end=-1), "high", ("expired",)),
        Case(shown("early.test", world.link, begin=2, end=90), "high", ("not-yet-valid",)),
        Case(shown("wrong.test", world.link, alias="right.test"), "high", ("name-mismatch",)),
        Case(shown("small.test", world.link, bits=1024), "high", ("weak-key",), 1024),
        Case(sha1, "high", ("unknown-issuer", "sha1-signature"), 2048),
        Case(shown("unknown.test", world.impostor), "high", ("unknown-issuer",)),
        Case(shown(BANK, world.impostor), "critical", ("unknown-issuer",)),
        Case(site(BROKER, address(), public_looking), "medium", ("unknown-issuer",)),
        Case(shown("printer.lan", None), "low", ("self-signed",)),
        Case(shown("intranet.test", world.company), "info", ()),
    ]


def told(lines: Sequence[Line]) -> set[tuple[str, str, tuple[str, ...], int]]:
    return {
        (
            line["evidence"]["server"],
            line["severity"],
            tuple(line["evidence"]["problems"]),
            line["evidence"]["key_bits"],
        )
        for line in lines
    }


def rules(watched: Watched) -> set[str]:
    """The rules about TLS that have found something."""
    return {line["rule"] for line in watched.printed()} & {
        *("untrusted-certificate", "obsolete-tls", "obsolete-tls-client", "clock-is-wrong"),
    }


def test_every_certificate_that_proves_nothing_is_told_once(cafe: Cafe, world: World, tmp_path: Path) -> None:
    every = cases(world, cafe, tmp_path)
    good = site(
        "good.test",
        cafe.host(19).v4,
        issue("good.test", world.link, names=["*.test", "good.test"], now=world.now),
        world.link,
    )
    sites = [each.site for each in every]
    TlsSites(cafe.internet, [good, *sites])
    watched = Watched(cafe.laptop, mounts=world.mounts)
    # The good one, and TLS 1.3, which shows nothing.
    visit(cafe.laptop, tmp_path, [good], *TLS12)
    visit(cafe.laptop, tmp_path, sites, "--tlsv1.3")
    for _ in range(2):
        visit(cafe.laptop, tmp_path, sites, *TLS12)
    wanted = {(each.site.address, each.severity, each.problems, each.key_bits) for each in every}
    wait_until(lambda: told(watched.printed("untrusted-certificate")) >= wanted, "every certificate to be told", 15)
    assert told(watched.printed("untrusted-certificate")) == wanted
    news = [line for line in watched.printed("untrusted-certificate") if line["state"] == "new"]
    assert len(news) == len(every)
    by_severity = {line["severity"]: line["evidence"] for line in news}
    assert by_severity["critical"]["institution"] == "Commerzbank"
    assert by_severity["info"]["authority"] == "Test Company CA"
    assert rules(watched) == {"untrusted-certificate"}
    kept = watched.kept()
    assert b"self.test" not in kept
    assert b"expired.test" not in kept


def test_many_out_of_date_at_once_are_the_clocks_fault(cafe: Cafe, world: World, tmp_path: Path) -> None:
    sites = [
        site(
            name,
            cafe.host(30 + number).v4,
            issue(name, world.link, names=[name], begin=-90 - number, end=-5, now=world.now),
            world.link,
        )
        for number, name in enumerate(("a.test", "b.test", "c.test", "d.test"))
    ]
    TlsSites(cafe.internet, sites)
    watched = Watched(cafe.laptop, mounts=world.mounts)
    # One alone is its owner's neglect; with the others it turns out to be the clock.
    visit(cafe.laptop, tmp_path, sites[:1], *TLS12)
    assert watched.wait_for("untrusted-certificate")["evidence"]["problems"] == ["expired"]
    visit(cafe.laptop, tmp_path, sites, *TLS12)
    found = watched.wait_for("clock-is-wrong")
    assert (found["severity"], found["evidence"]["direction"], found["evidence"]["days"]) == ("low", "ahead", 5)
    watched.wait_for("untrusted-certificate", lambda line: line["state"] == "resolved")
    assert [line["state"] for line in watched.printed("untrusted-certificate")] == ["new", "resolved"]


PROTOCOLS = {"1.0": "TLSv1", "1.1": "TLSv1.1", "1.2": "TLSv1.2", "1.3": "TLSv1.3"}


def test_what_servers_choose_and_what_clients_offer(cafe: Cafe, world: World, tmp_path: Path) -> None:
    def serving(name: str, host: int, version: str, ciphers: str = TlsSite._field_defaults["ciphers"]) -> TlsSite:
        own = issue(name, world.link, names=[name], now=world.now)
        address = cafe.host(host).v4
        return site(name, address, own, world.link, protocols=PROTOCOLS[version])._replace(ciphers=ciphers)

    banks = {version: serving(BANK, 40 + number, version) for number, version in enumerate(PROTOCOLS)}
    others = {version: serving("old.test", 50 + number, version) for number, version in enumerate(PROTOCOLS)}
    nothing = serving("null.test", 60, "1.2", "NULL:@SECLEVEL=0")
    nobody = serving("nobody.test", 61, "1.2", "aNULL:!eNULL:@SECLEVEL=0")
    # Servers that no client has offered more to.
    fresh = {version: serving("fresh.test", 70 + number, version) for number, version in enumerate(("1.0", "1.1"))}
    TlsSites(cafe.internet, [*banks.values(), *others.values(), *fresh.values(), nothing, nobody])
    watched = Watched(cafe.laptop, mounts=world.mounts, settings="[rules.obsolete-tls-client]\nwait = 1.0\n")
    for version in ("1.2", "1.3"):
        visit(cafe.laptop, tmp_path, [banks[version], others[version]], f"--tlsv{version}", "--tls-max", version)
    for weak, cipher in ((nothing, "NULL:@SECLEVEL=0"), (nobody, "aNULL:!eNULL:@SECLEVEL=0")):
        visit(cafe.laptop, tmp_path, [weak], "--tlsv1.2", *TLS12, "--ciphers", cipher)
    # What comes after is found, so all that came before was looked at.
    watched.wait_for("obsolete-tls", lambda line: line["evidence"]["weak_cipher"] == "ANON")
    weak_ones = {("medium", "", "TLS1.2", "NULL"), ("medium", "", "TLS1.2", "ANON")}
    assert chosen(watched) == weak_ones
    assert rules(watched) == {"obsolete-tls"}
    # A client that offers everything is not to blame for what the server chooses.
    for version in ("1.0", "1.1"):
        visit(cafe.laptop, tmp_path, [banks[version], others[version]], "--tlsv1.0")
    old = {("high", "Commerzbank", f"TLS{v}", None) for v in ("1.0", "1.1")}
    old |= {("medium", "", f"TLS{v}", None) for v in ("1.0", "1.1")}
    wait_until(lambda: chosen(watched) >= old | weak_ones, "old versions to be told")
    assert chosen(watched) == old | weak_ones
    assert rules(watched) == {"obsolete-tls"}
    for version in ("1.0", "1.1"):
        visit(cafe.laptop, tmp_path, [fresh[version]], "--tlsv1.0", "--tls-max", version)
        found = watched.wait_for(
            "obsolete-tls-client", lambda line, v=version: line["evidence"]["version"] == f"TLS{v}"
        )
        assert found["severity"] == "low"


def chosen(watched: Watched) -> set[tuple[str, str, str, str | None]]:
    return {
        (
            line["severity"],
            line["evidence"]["institution"],
            line["evidence"]["version"],
            line["evidence"]["weak_cipher"],
        )
        for line in watched.printed("obsolete-tls")
    }
