"""The ruleset of nf_tables as `nft -j list ruleset` tells it (libnftables-json(5)), made into chains that can be walked.

Only what decides about a packet is kept. A match or an action that is not known here stays in, as one that nobody can tell.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from wifiguard.core.filtering import (
    Action,
    Chain,
    FilterRule,
    Jump,
    Match,
    Packet,
    Prefix,
    Redirect,
    Verdict,
    negated,
    within,
)

SCHEMA = 1
_FAMILIES = {"ip": (4,), "ip6": (6,), "inet": (4, 6), "netdev": (4, 6)}
_VERDICTS = {
    "accept": Verdict.ACCEPT,
    "drop": Verdict.DROP,
    "reject": Verdict.DROP,
    "return": Verdict.RETURN,
}
# Statements that leave the packet as it is, or change only what this reader does not follow.
_IDLE = frozenset(
    {
        "counter",
        "log",
        "comment",
        "mangle",
        "notrack",
        "ct helper",
        "ct timeout",
        "ct expectation",
        "secmark",
        "set",
        "map",
    }
    | {"masquerade", "snat", "dup", "quota", "last", "flow", "meter", "synproxy", "continue"}
)
# What a packet of TCP or UDP over IP does not carry.
_ELSEWHERE = frozenset({"tcp", "udp", "udplite", "icmp", "icmpv6", "igmp", "sctp", "dccp", "esp", "ah", "comp", "arp"})
_PROTOCOLS: Mapping[object, str] = {6: "tcp", 17: "udp", 1: "icmp", 58: "ipv6-icmp", "icmpv6": "ipv6-icmp"}


class _Absent:
    """The packet has no such field, so that no comparison with it is true."""


ABSENT: Final = _Absent()


def parse(text: str) -> dict[str, Chain]:
    """Chains by name: family, table, chain. Raises ValueError where `text` is not of the known schema."""
    try:
        listed = json.loads(text)["nftables"]
        version = next(item["metainfo"]["json_schema_version"] for item in listed if "metainfo" in item)
        if version != SCHEMA:
            raise ValueError(f"nft speaks version {version!r} of its format, known is {SCHEMA}")
        return _Reader(listed).chains()
    except (KeyError, TypeError, AttributeError, IndexError, StopIteration, RecursionError) as error:
        raise ValueError(f"nft's answer is not understood ({type(error).__name__})") from error


def uses_extensions(text: str) -> bool:
    """Whether iptables-nft put rules there with extensions that only it can tell."""
    return '"xt":' in text


class _Reader:
    def __init__(self, listed: list[dict[str, Any]]) -> None:
        self._listed = listed
        self._sets: dict[tuple[str, str, str], list[Any]] = {}
        for kind in ("set", "map"):
            for item in self._of(kind):
                self._sets[item["family"], item["table"], item["name"]] = item.get("elem", [])

    def chains(self) -> dict[str, Chain]:
        dormant = {(t["family"], t["name"]) for t in self._of("table") if "dormant" in t.get("flags", ())}
        rules: dict[str, list[FilterRule]] = {}
        for rule in self._of("rule"):
            if rule["family"] in _FAMILIES:
                rules.setdefault(_name(rule), []).extend(self._rules(rule))
        chains = {}
        for chain in self._of("chain"):
            if chain["family"] not in _FAMILIES or (chain["family"], chain["table"]) in dormant:
                continue
            name = f"{chain['family']} {chain['table']} {chain['name']}"
            device = chain.get("dev", ())
            chains[name] = Chain(
                tuple(rules.get(name, ())),
                chain.get("hook", ""),
                _FAMILIES[chain["family"]],
                int(chain.get("prio", 0)),
                _VERDICTS[chain.get("policy", "accept")],
                (device,) if isinstance(device, str) else tuple(device),
            )
        return chains

    def _of(self, kind: str) -> Iterator[dict[str, Any]]:
        return (item[kind] for item in self._listed if kind in item)

    def _rules(self, rule: dict[str, Any]) -> Iterator[FilterRule]:
        matches: list[Match] = []
        for statement in rule["expr"]:
            ((kind, body),) = statement.items()
            if kind == "match":
                matches.append(self._match(rule, body))
            elif kind == "vmap":
                for element in self._elements(rule, body["data"]):
                    key, verdict = _plain(element)
                    here = self._comparison(rule, body["key"], "==", key)
                    yield FilterRule((*matches, here), self._action(rule, *next(iter(verdict.items()))))
            elif kind == "limit" or kind == "ct count":
                # The first packet is below every limit.
                if body.get("inv"):
                    return
            elif kind not in _IDLE:
                yield FilterRule(tuple(matches), self._action(rule, kind, body))
                if kind != "xt":
                    return
                matches.append(_cannot_tell)

    def _action(self, rule: dict[str, Any], kind: str, body: Any) -> Action:
        if kind in _VERDICTS:
            return _VERDICTS[kind]
        if kind in ("jump", "goto"):
            return Jump(f"{rule['family']} {rule['table']} {body['target']}", back=kind == "jump")
        if kind in ("dnat", "redirect"):
            to = body or {}
            address, port = to.get("addr"), to.get("port")
            if isinstance(address, str | None) and isinstance(port, int | None):
                return Redirect(None if address is None else ipaddress.ip_address(address), port)
        return Verdict.UNCLEAR

    def _match(self, rule: dict[str, Any], body: dict[str, Any]) -> Match:
        return self._comparison(rule, body["left"], body["op"], body["right"])

    def _comparison(self, rule: dict[str, Any], left: Any, op: str, right: Any) -> Match:
        # Sets are looked up once, not for every packet.
        wanted = [_plain(element) for element in self._elements(rule, right)]

        def match(packet: Packet) -> bool | None:
            value = _value(packet, left)
            if value is ABSENT:
                return False
            if op in ("<", ">", "<=", ">="):
                return _ordered(value, op, wanted[0]) if wanted else None
            found: bool | None = False
            for element in wanted:
                here = _equal(value, element)
                if here:
                    found = True
                    break
                found = None if here is None else found
            return negated(found) if op == "!=" else found

        return match

    def _elements(self, rule: dict[str, Any], right: Any) -> list[Any]:
        if isinstance(right, str) and right.startswith("@"):
            return self._sets.get((rule["family"], rule["table"], right[1:]), [])
        if isinstance(right, dict) and "set" in right:
            inner = right["set"]
            return inner if isinstance(inner, list) else [inner]
        return right if isinstance(right, list) else [right]


def _cannot_tell(_: Packet) -> bool | None:
    return None


def _name(rule: dict[str, Any]) -> str:
    return f"{rule['family']} {rule['table']} {rule['chain']}"


def _plain(element: Any) -> Any:
    """A set's element without its timeout, counter and comment."""
    return element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element


def _value(packet: Packet, left: Any) -> Any:
    """The packet's value of an expression: ABSENT where it has none, None where nobody can tell."""
    match left:
        case {"concat": [*parts]}:
            values = [_value(packet, part) for part in parts]
            return ABSENT if ABSENT in values else values
        case {"payload": {"protocol": str(protocol), "field": str(field)}}:
            return _payload(packet, protocol, field)
        case {"meta": {"key": "iifname" | "iif"}}:
            return packet.interface
        case {"meta": {"key": "oifname" | "oif"}}:
            return ABSENT if packet.leaves is None else packet.leaves
        case {"meta": {"key": "l4proto"}}:
            return packet.transport
        case {"meta": {"key": "nfproto"}}:
            return f"ipv{packet.family}"
        case {"meta": {"key": "protocol"}}:
            return "ip" if packet.family == 4 else "ip6"
        case {"meta": {"key": "pkttype"}}:
            return "multicast" if packet.destination.is_multicast else "host"
        case {"ct": {"key": "state"}}:
            return "new"
        case {"ct": {"key": "status"}}:
            return "dnat" if packet.redirected else "confirmed"
        case {"fib": {"result": "type", "flags": ["daddr", *_]}}:
            return "multicast" if packet.destination.is_multicast else "unicast" if packet.leaves else "local"
        case {"fib": {"result": "oif" | "oifname", "flags": ["saddr", *_]}}:
            # A neighbour is routed back to where it came from: "missing" (false) is not the case.
            return True
        case {"exthdr": {"field": _}}:
            return ABSENT
        case {"exthdr": _}:
            return False
        case {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, *_]}:
            return "syn" if packet.transport == "tcp" else ABSENT
        case _:
            return None


def _payload(packet: Packet, protocol: str, field: str) -> Any:
    if protocol in ("ip", "ip6"):
        if packet.family != (4 if protocol == "ip" else 6):
            return ABSENT
        match field:
            case "saddr":
                return packet.sources or None
            case "daddr":
                return packet.destination
            case "protocol" | "nexthdr":
                return packet.transport
            case _:
                return None
    if protocol in _ELSEWHERE - {packet.transport}:
        return ABSENT
    if protocol not in ("th", packet.transport):
        return None
    match field:
        case "dport":
            return packet.port
        case "flags":
            return "syn"
        case _:
            return None


def _equal(value: Any, element: Any) -> bool | None:
    if isinstance(value, list):
        parts = element.get("concat") if isinstance(element, dict) else None
        if not isinstance(parts, list) or len(parts) != len(value):
            return None
        results = [_equal(one, other) for one, other in zip(value, parts, strict=True)]
        return False if False in results else None if None in results else True
    if value is None:
        return None
    if isinstance(value, tuple):
        results = [within(value, prefix) for prefix in _prefixes(element)]
        return True if True in results else None if None in results or not results else False
    if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address):
        prefixes = _prefixes(element)
        return any(value in prefix for prefix in prefixes) if prefixes else None
    match element:
        case {"range": [int(low), int(high)]} if isinstance(value, int):
            return low <= value <= high
        case str() if isinstance(value, str) and element.endswith("*"):
            return value.startswith(element[:-1])
        case bool() | int() | str():
            return bool(_PROTOCOLS.get(element, element) == value)
        case _:
            return None


def _ordered(value: Any, op: str, bound: Any) -> bool | None:
    if not isinstance(value, int) or not isinstance(bound, int):
        return None
    return {"<": value < bound, ">": value > bound, "<=": value <= bound, ">=": value >= bound}[op]


def _prefixes(element: Any) -> list[Prefix]:
    """An element of a set of addresses as prefixes; none where it is no address."""
    try:
        match element:
            case {"prefix": {"addr": str(address), "len": int(length)}}:
                return [ipaddress.ip_network(f"{address}/{length}", strict=False)]
            case {"range": [str(first), str(last)]}:
                return list(ipaddress.summarize_address_range(ipaddress.ip_address(first), ipaddress.ip_address(last)))
            case str():
                return [ipaddress.ip_network(element)]
    except (ValueError, TypeError):
        return []
    return []
