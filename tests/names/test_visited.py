"""Whose server it is."""

from __future__ import annotations

import pytest

from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.observation import Seen
from wifiguard.names.catalogue import Catalogue
from wifiguard.names.private import is_private_name
from wifiguard.names.visited import Visited

ADDRESS = bytes([192, 0, 2, 1])
FLOW = Flow(bytes([10, 0, 0, 2]), 40000, bytes([10, 0, 0, 1]), 53, "udp")


def answer(name: str, address: bytes = ADDRESS, *, tick: float = 0.0, response: bool = True) -> DnsMessage:
    record = DnsRecord("alias.example", 1, 60, address)
    return DnsMessage(Seen(tick, tick), FLOW, "dns", 1, response, 0, (DnsQuestion(name, 1),), (record,))


def visited(*answers: DnsMessage) -> Visited:
    made = Visited(Catalogue(["mybank.example"]), ("bank",))
    for each in answers:
        made.learn(each)
    return made


def test_names_of_an_address() -> None:
    one = visited(answer("b.example"), answer("a.example"), answer("c.example", bytes(4)))
    assert one.names(None, ADDRESS, 1.0) == ("a.example", "b.example")
    assert one.names("said.example", ADDRESS, 1.0) == ("said.example",)
    assert one.names(None, bytes(16), 1.0) == ()


def test_a_question_teaches_nothing() -> None:
    assert visited(answer("a.example", response=False)).names(None, ADDRESS, 1.0) == ()


def test_whose_they_are() -> None:
    bank = visited()
    found = bank.sole_listing(("www.commerzbank.de", "m.commerzbank.de"))
    assert found is not None
    assert found.entry_name == "Commerzbank"
    assert bank.sole_listing(("www.commerzbank.de", "cdn.example.org")) is None
    assert bank.sole_listing(("www.commerzbank.de", "www.deutsche-bank.de")) is None
    assert bank.sole_listing(()) is None


def test_categories_count_and_the_users_own_always() -> None:
    assert visited().listing("www.paypal.com") is None
    own = visited().listing("www.mybank.example")
    assert own is not None
    assert own.certainty == "user"


@pytest.mark.parametrize(
    ("name", "private"),
    [
        ("router", True),
        ("printer.local", True),
        ("nas.home.arpa", True),
        ("a.b.internal", True),
        ("fritz.box", True),
        ("www.routerlogin.net", True),
        ("192.168.1.1", True),
        ("fe80::1", True),
        ("8.8.8.8", False),
        ("www.example.org", False),
        ("local.example.org", False),
        ("nota.fritz.box", False),
        ("home.example", False),
    ],
)
def test_private_names(name: str, private: bool) -> None:
    assert is_private_name(name) is private
