"""What the examples of lookalike-domain do not show: floods of names, repeats, and that every finding says what is wrong."""

from __future__ import annotations

from tests.names.techniques import imitations
from wifiguard.core.messages import DnsMessage, DnsQuestion, Flow, TlsHello
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Finding
from wifiguard.names.catalogue import Catalogue, packaged
from wifiguard.rules.traffic.lookalike_domain import (
    HOUR,
    JUDGED,
    VISIT,
    Config,
    LookalikeDomain,
    LookalikeDomainEvidence,
)

CATALOGUE = Catalogue()
ASKED = Flow(bytes([10, 0, 0, 2]), 40000, bytes([10, 0, 0, 1]), 53, "udp")
TLS = Flow(bytes([10, 0, 0, 2]), 40001, bytes([192, 0, 2, 1]), 443, "tcp")


def ask(rule: LookalikeDomain, name: str, tick: float) -> list[Finding]:
    seen = Seen(tick, tick, interface="wlan0")
    return list(rule.observe(DnsMessage(seen, ASKED, "dns", 7, False, 0, (DnsQuestion(name, 1),), ())))


def visit(rule: LookalikeDomain, name: str, tick: float) -> list[Finding]:
    return list(rule.observe(TlsHello(Seen(tick, tick, interface="wlan0"), TLS, False, ("TLS1.3",), name)))


def test_a_list_of_look_alikes_tells_of_some_an_hour() -> None:
    rule = LookalikeDomain(CATALOGUE, Config(most_names=20))
    first = [ask(rule, f"paypal-login{number}.com", 0.0) for number in range(1000)]
    assert [bool(found) for found in first] == [True] * 20 + [False] * 980
    assert ask(rule, "paypal-login0.com", 1.0) == []  # said already
    assert len(visit(rule, "paypal-login0.com", 2.0)) == 1  # and now visited
    assert visit(rule, "paypal-login999.com", 3.0) == []
    assert len(visit(rule, "paypal-login999.com", HOUR + 1.0)) == 1


def test_a_visit_is_said_once_and_a_later_one_again() -> None:
    rule = LookalikeDomain(CATALOGUE)
    ticks = (0.0, 1.0, VISIT - 1.0, VISIT + 1.0)
    assert [len(visit(rule, "paypa1.com", tick)) for tick in ticks] == [1, 0, 0, 1]


def test_honest_names_are_judged_once_and_not_kept_for_ever() -> None:
    rule = LookalikeDomain(CATALOGUE)
    for number in range(JUDGED + 100):
        assert ask(rule, f"host{number}.example", float(number)) == []
    assert len(rule._judged) == JUDGED


def test_every_finding_says_what_is_wrong() -> None:
    rule = LookalikeDomain(CATALOGUE, Config(most_names=100_000))
    told = 0
    for entry in list(packaged())[::200]:
        for made in imitations(entry):
            for found in visit(rule, made.name, 0.0):
                evidence = found.evidence
                assert isinstance(evidence, LookalikeDomainEvidence)
                assert all((evidence.difference, evidence.own, evidence.imitates, evidence.techniques)), made.name
                told += 1
    assert told > 400
