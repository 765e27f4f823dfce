"""The rulesets of iptables and ip6tables as `iptables-save` tells them (iptables-extensions(8)), made into chains.

Both kinds are read so: those that live in nf_tables (iptables-nft) and the kernel's older ones (iptables-legacy).
"""

from __future__ import annotations

import ipaddress
import shlex
from collections.abc import Callable, Iterator
from typing import NamedTuple

from wifiguard.core.filtering import (
    Action,
    Chain,
    FilterRule,
    Jump,
    Match,
    Packet,
    Redirect,
    Verdict,
    negated,
    within,
)

_PRIORITY = {"raw": -300, "mangle": -150, "nat": -100, "filter": 0, "security": 50}
_HOOKS = {"PREROUTING": "prerouting", "INPUT": "input", "FORWARD": "forward"}
_VERDICTS = {"ACCEPT": Verdict.ACCEPT, "DROP": Verdict.DROP, "REJECT": Verdict.DROP, "RETURN": Verdict.RETURN}
_IDLE = frozenset(
    {"LOG", "NFLOG", "ULOG", "AUDIT", "TRACE", "MARK", "CONNMARK", "SECMARK", "CONNSECMARK", "CT", "NOTRACK", "TCPMSS"}
    | {"CHECKSUM", "CLASSIFY", "DSCP", "TOS", "TTL", "HL", "SET", "RATEEST", "IDLETIMER", "LED", "SNAT", "MASQUERADE"}
)
# What a first packet below every limit is: true or false to these, whatever their arguments.
_ALWAYS = frozenset({"--limit", "--hashlimit-upto", "--hashlimit", "--connlimit-upto", "--set", "--syn", "--validmark"})
_NEVER = frozenset(
    {"--hashlimit-above", "--connlimit-above", "--update", "--rcheck", "--icmp-type", "--icmpv6-type", "--rt-type"}
)
# Arguments of the above, and what tells nothing about the packet.
_SILENT = frozenset(
    {
        "-m",
        "--comment",
        "--limit-burst",
        "--name",
        "--mask",
        "--rsource",
        "--rdest",
        "--seconds",
        "--hitcount",
        "--rttl",
    }
    | {"--reap", "--connlimit-mask", "--connlimit-saddr", "--connlimit-daddr", "--reject-with", "--log-prefix"}
    | {"--log-level", "--random", "--persistent", "--loose", "--accept-local"}
)


class _Option(NamedTuple):
    name: str
    arguments: list[str]
    inverted: bool


def parse(text: str, family: int, mark: str = "") -> dict[str, Chain]:
    """Chains by name: `mark`, then `ip` or `ip6`, the table, the chain. Raises ValueError where this is no such listing."""
    prefix = mark + ("ip" if family == 4 else "ip6")
    table = ""
    policies: dict[tuple[str, str], str] = {}
    rules: dict[tuple[str, str], list[list[str]]] = {}
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif line.startswith(":") and table:
            name, policy, *_ = line[1:].split()
            policies[table, name] = policy
        elif line.startswith("-A ") and table:
            _, name, *words = shlex.split(line)
            rules.setdefault((table, name), []).append(words)
        elif line.strip() not in ("", "COMMIT") and not line.startswith("#"):
            raise ValueError("the answer of iptables-save is not understood")
    chains: dict[str, Chain] = {}
    for (table, name), policy in policies.items():
        here = f"{prefix} {table}"
        known = {chain for where, chain in policies if where == table}
        made = (_rule(words, here, known) for words in rules.get((table, name), ()))
        chains[f"{here} {name}"] = Chain(
            tuple(rule for rule in made if rule is not None),
            _HOOKS.get(name, "") if policy != "-" else "",
            (family,),
            _PRIORITY.get(table, 0),
            _VERDICTS.get(policy, Verdict.ACCEPT),
        )
    return chains


def _rule(words: list[str], table: str, chains: set[str]) -> FilterRule | None:
    """One rule; None where it decides nothing."""
    matches: list[Match] = []
    target: _Option | None = None
    to: list[str] = []
    for option in _options(words):
        if option.name in ("-j", "-g"):
            target = option
        elif option.name in ("--to-destination", "--to-ports"):
            to = option.arguments
        elif option.name not in _SILENT:
            matches.append(_match(option))
    if target is None:
        return None
    if not target.arguments:
        raise ValueError("a rule of iptables-save names no target")
    if target.arguments[0] in _IDLE:
        return None
    return FilterRule(tuple(matches), _action(target, to, table, chains))


def _options(words: list[str]) -> Iterator[_Option]:
    inverted = False
    option: _Option | None = None
    for word in words:
        takes_any = option is not None and option.name in ("--comment", "--log-prefix") and not option.arguments
        if option is not None and (takes_any or not (word.startswith("-") or word == "!")):
            option.arguments.append(word)
            continue
        if option is not None:
            yield option
            option = None
        if word == "!":
            inverted = True
        else:
            option = _Option(word, [], inverted)
            inverted = False
    if option is not None:
        yield option


def _action(target: _Option, to: list[str], table: str, chains: set[str]) -> Action:
    name = target.arguments[0]
    if name in chains:
        return Jump(f"{table} {name}", back=target.name == "-j")
    if name in ("DNAT", "REDIRECT"):
        address, port = _destination(to[0] if to else "", name == "REDIRECT")
        return Redirect(None if address is None else ipaddress.ip_address(address), port)
    return _VERDICTS.get(name, Verdict.UNCLEAR)


def _destination(to: str, only_port: bool) -> tuple[str | None, int | None]:
    """`10.0.0.2:80`, `[fd00::2]:80`, `10.0.0.2`, or a port alone; of ranges the first."""
    if only_port:
        return None, int(to.partition("-")[0]) if to else None
    if to.startswith("["):
        address, _, port = to[1:].partition("]")
        port = port.removeprefix(":")
    elif to.count(":") == 1:
        address, _, port = to.partition(":")
    else:
        address, port = to, ""
    return address.partition("-")[0], int(port.partition("-")[0]) if port else None


def _match(option: _Option) -> Match:
    def match(packet: Packet) -> bool | None:
        answer = _answer(option.name, option.arguments, packet)
        return negated(answer) if option.inverted else answer

    return match


def _answer(name: str, arguments: list[str], packet: Packet) -> bool | None:
    if name in _ALWAYS:
        return True
    if name in _NEVER:
        return False
    asked = _QUESTIONS.get(name)
    if asked is None or not arguments:
        return None
    try:
        return asked(arguments, packet)
    except ValueError:
        # No address or port after all: another version's way to write it.
        return None


def _interface(pattern: str, name: str | None) -> bool:
    if name is None:
        return False
    return name.startswith(pattern[:-1]) if pattern.endswith("+") else name == pattern


def _among_ports(given: str, port: int) -> bool:
    for part in given.split(","):
        first, _, last = part.partition(":")
        if int(first or 0) <= port <= int(last or (first if not _ else 65535)):
            return True
    return False


def _kind(given: str, packet: Packet) -> bool:
    mine = "MULTICAST" if packet.destination.is_multicast else "UNICAST" if packet.leaves else "LOCAL"
    return mine in given.split(",")


def _flags(mask: str, wanted: str) -> bool:
    # Of all flags only SYN is set.
    tested = {"SYN"} & set(mask.split(",")) if mask != "ALL" else {"SYN"}
    return tested == set(wanted.split(",")) - {"NONE"}


def _states(given: str, packet: Packet) -> bool:
    return "NEW" in given.split(",") or (packet.redirected and "DNAT" in given.split(","))


_QUESTIONS: dict[str, Callable[[list[str], Packet], bool | None]] = {
    "-p": lambda a, p: a[0] in (p.transport, "all", "6" if p.transport == "tcp" else "17"),
    "-i": lambda a, p: _interface(a[0], p.interface),
    "-o": lambda a, p: _interface(a[0], p.leaves),
    "-s": lambda a, p: within(p.sources, ipaddress.ip_network(a[0], strict=False)),
    "-d": lambda a, p: p.destination in ipaddress.ip_network(a[0], strict=False),
    "--dport": lambda a, p: _among_ports(a[0], p.port),
    "--dports": lambda a, p: _among_ports(a[0], p.port),
    "--ctstate": lambda a, p: _states(a[0], p),
    "--state": lambda a, p: _states(a[0], p),
    "--dst-type": lambda a, p: _kind(a[0], p),
    "--pkt-type": lambda a, p: a[0].lower() == ("multicast" if p.destination.is_multicast else "unicast"),
    "--tcp-flags": lambda a, p: p.transport == "tcp" and len(a) > 1 and _flags(a[0], a[1]),
}
