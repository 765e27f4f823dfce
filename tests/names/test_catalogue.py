"""Whose word counts, and what a look-up says of a host."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.names.catalogue import Catalogue, Entry, Listing, packaged
from wifiguard.names.lists import Rejected
from wifiguard.names.registrable import registrable

CATALOGUE = Catalogue()


@pytest.mark.parametrize(
    ("host", "listing"),
    [
        ("paypal.com", Listing("PayPal", "paypal.com", "payment", "catalogue", "xx")),
        ("www.PayPal.com.", Listing("PayPal", "paypal.com", "payment", "catalogue", "xx")),
        ("meine.deutsche-bank.de", Listing("Deutsche Bank", "deutsche-bank.de", "bank", "catalogue", "de")),
        ("www.bportugal.pt", Listing("Banco de Portugal", "bportugal.pt", "bank", "catalogue", "pt")),
        ("home.barclays", Listing("Barclays", "home.barclays", "bank", "catalogue", "gb")),
        ("a.b.barclays", Listing("Barclays", "b.barclays", "bank", "catalogue", "gb")),
        ("barclays", None),
        ("www.irs.gov", Listing("IRS", "irs.gov", "government", "catalogue", "us")),
        ("www.weather.gov", Listing("US government", "weather.gov", "government", "catalogue", "us")),
        ("www.kreditbank-xyz.de", Listing("kreditbank-xyz.de", "kreditbank-xyz.de", "bank", "likely", None)),
        ("anything.bank", Listing("anything.bank", "anything.bank", "bank", "likely", None)),
        ("example.com", None),
        ("paypal.com.example.net", None),
        ("notpaypal.com", None),
        ("192.0.2.1", None),
        ("", None),
        ("\x00", None),
    ],
)
def test_lookup(host: str, listing: Listing | None) -> None:
    assert CATALOGUE.lookup(host) == listing


def test_the_user_has_the_first_word() -> None:
    catalogue = Catalogue(extra=["portal.example.com", " paypal.com ", "anything.bank"], lists=[["www.example.org"]])
    assert [
        catalogue.lookup(host) for host in ("example.com", "www.paypal.com", "x.anything.bank", "a.example.org")
    ] == [
        Listing("example.com", "example.com", "bank", "user", None),
        Listing("paypal.com", "paypal.com", "bank", "user", None),
        Listing("anything.bank", "anything.bank", "bank", "user", None),
        Listing("example.org", "example.org", "bank", "user", None),
    ]
    assert catalogue.rejected == []


def test_what_cannot_be_read_is_said() -> None:
    catalogue = Catalogue(extra=["example.com", "10.0.0.1"], lists=[["example.org"], ["# list", "", "co.uk"]])
    assert catalogue.rejected == [
        Rejected("extra", 2, "10.0.0.1", "not a host name"),
        Rejected("list 2", 3, "co.uk", "a whole suffix, not one owner's domain"),
    ]
    assert catalogue.lookup("www.example.org") is not None


def test_entries_are_the_users_own_and_then_the_packaged_ones() -> None:
    entries = list(Catalogue(extra=["portal.example.com", "example.com"], lists=[["example.org"]]).entries())
    assert entries[0] == Entry("example.com", None, ("example.com",), "xx", "bank")
    assert entries[1:] == list(packaged())


def test_every_packaged_domain_is_found() -> None:
    for entry in packaged():
        for domain in entry.domains:
            host = domain.replace("*", "something-else-entirely")
            expected = Listing(entry.name, host, entry.category, "catalogue", entry.country)
            assert CATALOGUE.lookup(host) == expected
            assert CATALOGUE.lookup("www." + host) == expected


DOMAINS = [domain for entry in packaged() for domain in entry.domains if not domain.startswith("*.")]
LABEL = st.from_regex(r"[a-z0-9_-]{1,10}", fullmatch=True)


@given(st.sampled_from([*DOMAINS, "example.com", "duybank.example"]), st.lists(LABEL, max_size=3))
def test_hosts_below_a_domain_are_the_domains(domain: str, labels: list[str]) -> None:
    assert CATALOGUE.lookup(".".join([*labels, domain])) == CATALOGUE.lookup(domain)


@given(st.sampled_from(DOMAINS), LABEL)
def test_a_name_that_only_ends_like_one_is_another(domain: str, prefix: str) -> None:
    listing = CATALOGUE.lookup(prefix + domain)
    assert listing is None or listing.registrable != domain


@given(st.text())
def test_any_text_can_be_looked_up(text: str) -> None:
    listing = CATALOGUE.lookup(text)
    if listing is not None:
        assert listing.registrable == registrable(text)


@given(st.lists(st.text()), st.lists(st.lists(st.text())))
def test_any_text_can_be_the_users(extra: list[str], lists: list[list[str]]) -> None:
    catalogue = Catalogue(extra, lists)
    for text in extra:
        domain = registrable(text.strip().removeprefix("*."))
        if domain is not None:
            assert catalogue.lookup(domain) == Listing(domain, domain, "bank", "user", None)
