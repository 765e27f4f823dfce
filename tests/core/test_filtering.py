"""Chains are walked as the kernel does, and what cannot be known is never guessed."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from msgspec.structs import replace

from wifiguard.core.filtering import (
    STEPS,
    Action,
    Chain,
    FilterRule,
    Jump,
    Packet,
    Reach,
    Redirect,
    Ruleset,
    Verdict,
    within,
)

ACCEPT, DROP, RETURN, UNCLEAR = Verdict.ACCEPT, Verdict.DROP, Verdict.RETURN, Verdict.UNCLEAR
PACKET = Packet("wlan0", "tcp", ip_address("10.0.0.2"), 22, (ip_network("10.0.0.0/24"),))
LINKS = {"wlan0": (ip_network("10.0.0.0/24"),), "docker0": (ip_network("172.17.0.0/16"),)}


def rule(action: Action, matches: bool | None = True) -> FilterRule:
    return FilterRule((lambda _: matches,), action)


def chain(*rules: FilterRule, hook: str = "input", policy: Verdict = ACCEPT, priority: int = 0) -> Chain:
    return Chain(rules, hook, policy=policy, priority=priority)


def reach(packet: Packet = PACKET, **chains: Chain) -> Reach:
    return Ruleset(chains).reach(packet, LINKS)


def test_without_rules_everything_is_open() -> None:
    assert reach() is Reach.OPEN


@pytest.mark.parametrize(
    ("rules", "policy", "expected"),
    [
        ((), DROP, Reach.STOPPED),
        ((rule(ACCEPT),), DROP, Reach.OPEN),
        ((rule(DROP),), ACCEPT, Reach.STOPPED),
        ((rule(DROP, False),), ACCEPT, Reach.OPEN),
        ((rule(ACCEPT, None),), DROP, Reach.PERHAPS),
        ((rule(DROP, None),), ACCEPT, Reach.PERHAPS),
        ((rule(DROP, None), rule(DROP)), ACCEPT, Reach.STOPPED),
        ((rule(ACCEPT), rule(DROP)), DROP, Reach.OPEN),
        ((rule(RETURN), rule(ACCEPT)), DROP, Reach.STOPPED),
        ((rule(UNCLEAR),), ACCEPT, Reach.PERHAPS),
    ],
)
def test_rules_in_order_then_the_policy(rules: tuple[FilterRule, ...], policy: Verdict, expected: Reach) -> None:
    assert reach(input=chain(*rules, policy=policy)) is expected


def test_a_jump_comes_back_and_a_goto_does_not() -> None:
    sub = chain(rule(ACCEPT, False), hook="")
    assert reach(input=chain(rule(Jump("sub")), rule(ACCEPT), policy=DROP), sub=sub) is Reach.OPEN
    assert reach(input=chain(rule(Jump("sub", back=False)), rule(ACCEPT), policy=DROP), sub=sub) is Reach.STOPPED
    assert reach(input=chain(rule(Jump("gone")), policy=DROP)) is Reach.PERHAPS


def test_every_base_chain_must_let_it_through() -> None:
    late = chain(rule(DROP), priority=10)
    assert reach(first=chain(rule(ACCEPT)), late=late) is Reach.STOPPED
    assert reach(early=chain(rule(DROP), hook="prerouting"), late=chain(rule(ACCEPT))) is Reach.STOPPED
    assert reach(other=replace(late, families=(6,))) is Reach.OPEN
    assert reach(other=replace(late, devices=("eth9",))) is Reach.OPEN
    assert reach(other=replace(late, hook="output")) is Reach.OPEN


def test_a_redirected_packet_is_judged_where_it_goes() -> None:
    nat = chain(rule(Redirect(ip_address("172.17.0.2"), 80)), hook="prerouting", priority=-100)
    closed = chain(policy=DROP)
    # A container's port goes past the rules for this laptop: that is how Docker opens what ufw closes.
    assert reach(nat=nat, input=closed) is Reach.OPEN
    assert reach(nat=nat, input=closed, forward=chain(hook="forward", policy=DROP)) is Reach.STOPPED
    to_80 = FilterRule((lambda p: p.port == 80,), ACCEPT)
    here = chain(rule(Redirect(None, 80)), hook="prerouting")
    assert reach(nat=here, input=chain(to_80, policy=DROP)) is Reach.OPEN
    assert reach(nat=here, input=chain(FilterRule((lambda p: p.port == 22,), ACCEPT), policy=DROP)) is Reach.STOPPED


def test_loops_and_floods_of_rules_end() -> None:
    assert reach(input=chain(rule(Jump("a"))), a=chain(rule(Jump("a")), hook="")) is Reach.PERHAPS
    twice = {f"c{n}": chain(rule(Jump(f"c{n + 1}"), None), rule(Jump(f"c{n + 1}"), None), hook="") for n in range(15)}
    assert reach(input=chain(rule(Jump("c0"))), c15=chain(hook=""), **twice) is not Reach.STOPPED
    assert reach(input=chain(*[rule(DROP, False)] * (STEPS + 1), policy=DROP)) is Reach.PERHAPS


def test_who_sends() -> None:
    here = (ip_network("10.0.0.0/24"),)
    assert within(here, ip_network("10.0.0.0/8")) is True
    assert within(here, ip_network("10.0.0.7/32")) is None
    assert within(here, ip_network("192.168.0.0/16")) is False
    assert within(here, ip_network("fe80::/10")) is False
