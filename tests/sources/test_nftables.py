"""nft's answer, read: what it says, what it may say in other versions, and anything else."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.core.filtering import Packet, Reach, Ruleset
from wifiguard.sources.nftables import parse, uses_extensions

META: dict[str, Any] = {"metainfo": {"version": "1.0.6", "json_schema_version": 1}}
SSH = Packet("wlan0", "tcp", ip_address("10.0.0.2"), 22, (ip_network("10.0.0.0/24"),))
SSH_6 = Packet("wlan0", "tcp", ip_address("fd00::2"), 22, (ip_network("fd00::/64"),))
DNS = Packet("wlan0", "udp", ip_address("10.0.0.2"), 53, (ip_network("10.0.0.0/24"),))


def told(
    *expr: dict[str, Any], family: str = "inet", policy: str = "drop", more: tuple[dict[str, Any], ...] = ()
) -> str:
    """A table with one base chain, in it one rule that accepts."""
    chain = {
        "family": family,
        "table": "t",
        "name": "in",
        "type": "filter",
        "hook": "input",
        "prio": 0,
        "policy": policy,
    }
    rule = {"family": family, "table": "t", "chain": "in", "expr": [*expr]}
    return json.dumps(
        {"nftables": [META, {"table": {"family": family, "name": "t"}}, {"chain": chain}, *more, {"rule": rule}]}
    )


def reach(text: str, packet: Packet = SSH) -> Reach:
    return Ruleset(parse(text)).reach(packet, {})


def match(left: Any, right: Any, op: str = "==") -> dict[str, Any]:
    return {"match": {"op": op, "left": left, "right": right}}


ACCEPT: dict[str, Any] = {"accept": None}
DPORT = {"payload": {"protocol": "tcp", "field": "dport"}}
SADDR = {"payload": {"protocol": "ip", "field": "saddr"}}
ICMP = {"payload": {"protocol": "icmp", "field": "type"}}


@pytest.mark.parametrize(
    ("matches", "expected"),
    [
        ([match(DPORT, 22)], Reach.OPEN),
        ([match(DPORT, {"set": [80, {"range": [20, 30]}]})], Reach.OPEN),
        ([match(DPORT, {"set": [{"elem": {"val": 22, "timeout": 60}}]})], Reach.OPEN),
        ([match(DPORT, 23)], Reach.STOPPED),
        ([match(DPORT, 22, "!=")], Reach.STOPPED),
        ([match(DPORT, 20, ">="), match(DPORT, 24, "<")], Reach.OPEN),
        ([match({"payload": {"protocol": "udp", "field": "dport"}}, 22, "!=")], Reach.STOPPED),
        ([match({"payload": {"protocol": "th", "field": "dport"}}, 22)], Reach.OPEN),
        ([match({"meta": {"key": "l4proto"}}, {"set": [6, 17]})], Reach.OPEN),
        ([match({"meta": {"key": "iifname"}}, "wl*")], Reach.OPEN),
        ([match({"meta": {"key": "iifname"}}, "lo")], Reach.STOPPED),
        ([match({"ct": {"key": "state"}}, ["established", "related"], "in")], Reach.STOPPED),
        ([match({"ct": {"key": "state"}}, {"set": ["new", "untracked"]})], Reach.OPEN),
        ([match(SADDR, {"prefix": {"addr": "10.0.0.0", "len": 8}})], Reach.OPEN),
        ([match(SADDR, "10.0.0.9")], Reach.PERHAPS),
        ([match(SADDR, {"range": ["10.0.0.0", "10.0.0.255"]})], Reach.OPEN),
        ([match(SADDR, "192.0.2.1")], Reach.STOPPED),
        (
            [
                match(
                    {"concat": [SADDR, DPORT]}, {"set": [{"concat": [{"prefix": {"addr": "10.0.0.0", "len": 16}}, 22]}]}
                )
            ],
            Reach.OPEN,
        ),
        ([match({"concat": [SADDR, DPORT]}, {"set": [{"concat": ["10.0.0.9", 23]}]})], Reach.STOPPED),
        ([match(ICMP, "echo-request")], Reach.STOPPED),
        ([match({"fib": {"result": "type", "flags": ["daddr"]}}, "local")], Reach.OPEN),
        ([match({"meta": {"key": "mark"}}, 1)], Reach.PERHAPS),
        ([match({"something": "new"}, {"stranger": []})], Reach.PERHAPS),
        ([{"limit": {"rate": 5, "per": "minute"}}, {"counter": {"packets": 0, "bytes": 0}}], Reach.OPEN),
        ([{"limit": {"rate": 5, "per": "minute", "inv": True}}], Reach.STOPPED),
        ([{"ct count": {"val": 3, "inv": True}}], Reach.STOPPED),
        ([{"xt": {"type": "match", "name": "recent"}}], Reach.PERHAPS),
        ([{"statement of tomorrow": {}}], Reach.PERHAPS),
    ],
)
def test_what_a_rule_lets_in(matches: list[dict[str, Any]], expected: Reach) -> None:
    assert reach(told(*matches, ACCEPT)) is expected


def test_maps_of_verdicts_and_named_sets() -> None:
    ports = {"set": {"family": "inet", "table": "t", "name": "ports", "type": "inet_service", "elem": [22]}}
    assert reach(told(match(DPORT, "@ports"), ACCEPT, more=(ports,))) is Reach.OPEN
    verdicts = {"vmap": {"key": DPORT, "data": {"set": [[22, {"accept": None}], [23, {"drop": None}]]}}}
    assert reach(told(verdicts)) is Reach.OPEN
    named = {"map": {"family": "inet", "table": "t", "name": "m", "map": "verdict", "elem": [[22, {"drop": None}]]}}
    assert reach(told({"vmap": {"key": DPORT, "data": "@m"}}, policy="accept", more=(named,))) is Reach.STOPPED


def test_each_family_has_its_own_tables() -> None:
    assert reach(told(match(DPORT, 22), ACCEPT, family="ip"), SSH_6) is Reach.OPEN, "IPv6 has no rules at all"
    assert reach(told(match(DPORT, 22), {"drop": None}, family="ip6", policy="accept"), SSH_6) is Reach.STOPPED
    assert reach(told({"drop": None}, family="bridge")) is Reach.OPEN
    sleeping = told({"drop": None}).replace('"name": "t"}', '"name": "t", "flags": ["dormant"]}', 1)
    assert reach(sleeping) is Reach.OPEN


def test_what_only_iptables_can_tell_is_noticed() -> None:
    assert uses_extensions(told({"xt": {"type": "match", "name": "recent"}}, ACCEPT).replace(" ", ""))
    assert not uses_extensions(told(ACCEPT).replace(" ", ""))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"nftables": []}',
        '{"nftables": [{"metainfo": {"json_schema_version": 2}}]}',
        '{"nftables": [{"metainfo": {"json_schema_version": 1}}, {"rule": {}}]}',
        '{"nftables": [{"metainfo": {"json_schema_version": 1}}, {"chain": {"family": "ip", "policy": "?"}}]}',
        '{"nftables": ' + "[" * 10_000,
    ],
)
def test_an_unknown_version_and_nonsense_are_said(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


SAMPLE = json.loads(told(match(DPORT, {"set": [22]}), {"jump": {"target": "x"}}, ACCEPT))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("@ports"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["match", "set", "val", "elem", "payload", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.lists(JSON, max_size=4), st.sampled_from([SSH, SSH_6, DNS]))
def test_any_rule_is_read_or_refused(expr: list[Any], packet: Packet) -> None:
    try:
        chains = parse(told(*expr, ACCEPT))
    except ValueError:
        return
    assert Ruleset(chains).reach(packet, {}) in Reach


@given(st.data())
def test_any_part_may_be_missing(data: st.DataObject) -> None:
    raw = json.dumps(SAMPLE)
    cut = data.draw(st.integers(0, len(raw)))
    byte = data.draw(st.integers(32, 126))
    for text in (raw[:cut], raw[:cut] + chr(byte) + raw[cut + 1 :]):
        try:
            chains = parse(text)
        except ValueError:
            continue
        assert Ruleset(chains).reach(SSH, {}) in Reach
