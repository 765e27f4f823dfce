from __future__ import annotations

from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.observation import Seen
from wifiguard.core.resolutions import AGE, MOST_NAMES, A, Resolutions

FLOW = Flow(bytes([10, 0, 0, 2]), 5000, bytes([10, 0, 0, 1]), 53, "udp")
ADDRESS = bytes([192, 0, 2, 1])


def answer(name: str, *records: DnsRecord, tick: float = 0.0, asked: bool = True) -> DnsMessage:
    questions = (DnsQuestion(name, A),) if asked else ()
    return DnsMessage(Seen(tick, tick), FLOW, "dns", 7, True, 0, questions, records)


def test_the_name_that_was_asked_for_counts_and_not_its_alias() -> None:
    known = Resolutions()
    alias = DnsRecord("www.bank.example", 5, 60, "edge.cdn.example")
    known.learn(answer("www.bank.example", alias, DnsRecord("edge.cdn.example", A, 60, ADDRESS)))
    assert known.names(ADDRESS, 1.0) == {"www.bank.example"}
    assert known.names(bytes(4), 1.0) == frozenset()


def test_what_answers_nothing_teaches_nothing() -> None:
    known = Resolutions()
    known.learn(answer("a.example", DnsRecord("a.example", A, 60, None)))
    known.learn(answer("a.example", DnsRecord("a.example", A, 60, ADDRESS), asked=False))
    assert known.names(ADDRESS, 0.0) == frozenset()


def test_an_address_of_many_names_means_none_of_them() -> None:
    known = Resolutions()
    for number in range(MOST_NAMES):
        assert len(known.names(ADDRESS, 0.0)) == number
        known.learn(answer(f"{number}.example", DnsRecord(f"{number}.example", A, 60, ADDRESS)))
    assert known.names(ADDRESS, 0.0) == frozenset()


def test_it_is_forgotten() -> None:
    known = Resolutions()
    known.learn(answer("a.example", DnsRecord("a.example", A, 60, ADDRESS)))
    assert known.names(ADDRESS, AGE) == {"a.example"}
    assert known.names(ADDRESS, AGE + 1) == frozenset()
