"""What a packet filter does with a packet that arrives: chains of rules, walked in three-valued logic.

A ruleset may ask what nobody can know beforehand (who exactly sends, an extension that is not known here). Such a match is
`None`, neither true nor false, and both ways are followed. The answer is then "perhaps", never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum, StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from msgspec import Struct
from msgspec.structs import replace

Address = IPv4Address | IPv6Address
Prefix = IPv4Network | IPv6Network

# The hooks of a packet for this laptop, and those where one for a container or virtual machine behind it goes on.
ARRIVING = ("ingress", "prerouting")
HERE = ("input",)
ONWARD = ("forward",)
# Rules that are looked at for one packet, at most; large rulesets of laptops have a thousand.
STEPS = 20_000
# The kernel's own bound for jumps within jumps (NFT_JUMP_STACK_SIZE).
DEPTH = 16


class Reach(StrEnum):
    """Whether the network's other hosts get through. PERHAPS: some do, or nobody can tell."""

    OPEN = "open"
    PERHAPS = "perhaps"
    STOPPED = "stopped"


class Packet(Struct, frozen=True):
    """The first packet of a conversation that another host of the network begins.

    `sources`: where it may come from. `redirected`: a rule gave it another destination. `leaves`: the interface that it goes on
    to, None while it is for this laptop.
    """

    interface: str
    transport: str
    destination: Address
    port: int
    sources: tuple[Prefix, ...] = ()
    redirected: bool = False
    leaves: str | None = None

    @property
    def family(self) -> int:
        return self.destination.version


# True, False, or None where it cannot be told.
Match = Callable[[Packet], bool | None]


class Verdict(Enum):
    """What a rule decides. RETURN is also the end of a chain; UNCLEAR an action that is not known here."""

    ACCEPT = "accept"
    DROP = "drop"
    RETURN = "return"
    UNCLEAR = "unclear"


class Jump(Struct, frozen=True):
    """Go on in another chain; `back`: and come back where that does not decide."""

    chain: str
    back: bool = True


class Redirect(Struct, frozen=True):
    """Give the packet another destination. `address` None: this laptop itself. `port` None: as it was."""

    address: Address | None
    port: int | None


Action = Verdict | Jump | Redirect


class FilterRule(Struct, frozen=True):
    """All of `matches` true: `action`. Who reads a ruleset leaves out what decides nothing (a counter, a log)."""

    matches: tuple[Match, ...]
    action: Action


class Chain(Struct, frozen=True):
    """`hook` "": reached by jumps only. `families`: the address families that it sees. `priority`: lower comes first.

    `devices`: whose packets it sees, all where none is named.
    """

    rules: tuple[FilterRule, ...]
    hook: str = ""
    families: tuple[int, ...] = (4, 6)
    priority: int = 0
    policy: Verdict = Verdict.ACCEPT
    devices: tuple[str, ...] = ()


class Ruleset(Struct, frozen=True):
    """Chains by names that are unique over all tables. `tools`: what they were put there with, for people."""

    chains: Mapping[str, Chain]
    tools: tuple[str, ...] = ()

    def reach(self, packet: Packet, links: Mapping[str, tuple[Prefix, ...]]) -> Reach:
        """What becomes of `packet`. `links`: interface → its prefixes, to know where a redirected packet goes."""
        return _Walk(self, links).reach(packet)


def both(left: bool | None, right: bool | None) -> bool | None:
    """Three-valued and."""
    if left is False or right is False:
        return False
    return True if left and right else None


def negated(value: bool | None) -> bool | None:
    """Three-valued not."""
    return None if value is None else not value


def within(sources: tuple[Prefix, ...], wanted: Prefix) -> bool | None:
    """Whether a sender that may be anywhere in `sources` is in `wanted`."""
    mine = [source for source in sources if source.version == wanted.version]
    if mine and all(source.subnet_of(wanted) for source in mine):  # type: ignore[arg-type]
        return True
    return None if any(source.overlaps(wanted) for source in mine) else False


class _Walk:
    """One packet's way. Ends as "perhaps" where a ruleset is too large or too deep to follow."""

    def __init__(self, ruleset: Ruleset, links: Mapping[str, tuple[Prefix, ...]]) -> None:
        self._chains = ruleset.chains
        self._links = links
        self._steps = STEPS

    def reach(self, packet: Packet) -> Reach:
        worst, sure = self._stage(packet, ARRIVING)
        if worst is Reach.STOPPED:
            return worst
        result = worst
        for packet_now in sure:
            there, _ = self._stage(packet_now, ONWARD if packet_now.leaves is not None else HERE)
            if there is Reach.STOPPED and len(sure) == 1:
                return Reach.STOPPED
            if there is not Reach.OPEN:
                result = Reach.PERHAPS
        return Reach.PERHAPS if len(sure) > 1 else result

    def _stage(self, packet: Packet, hooks: tuple[str, ...]) -> tuple[Reach, list[Packet]]:
        """What the base chains of `hooks` let through, and as which packets."""
        result = Reach.OPEN
        packets = [packet]
        for hook in hooks:
            for chain in self._base(hook, packet):
                outcomes = set().union(*(self._chain(chain, p, DEPTH) for p in packets))
                if Verdict.RETURN in outcomes:
                    outcomes = outcomes - {Verdict.RETURN} | {chain.policy}
                passing = outcomes - {Verdict.DROP}
                if not passing:
                    return Reach.STOPPED, []
                if Verdict.DROP in outcomes or Verdict.UNCLEAR in outcomes:
                    result = Reach.PERHAPS
                redirects = [outcome for outcome in passing if isinstance(outcome, Redirect)]
                if redirects:
                    unchanged = packets if len(redirects) < len(passing) else []
                    packets = [*unchanged, *(self._redirected(packet, redirect) for redirect in redirects)]
        return result, packets

    def _base(self, hook: str, packet: Packet) -> list[Chain]:
        mine = [
            chain
            for chain in self._chains.values()
            if chain.hook == hook
            and packet.family in chain.families
            and (not chain.devices or packet.interface in chain.devices)
        ]
        return sorted(mine, key=lambda chain: chain.priority)

    def _chain(self, chain: Chain, packet: Packet, depth: int) -> set[Action]:
        """All that may come of it; RETURN where nothing decides."""
        out: set[Action] = set()
        for rule in chain.rules:
            self._steps -= 1
            if self._steps < 0:
                return out | {Verdict.UNCLEAR}
            matches: bool | None = True
            for match in rule.matches:
                matches = both(matches, match(packet))
                if matches is False:
                    break
            if matches is False:
                continue
            outcomes = self._action(rule.action, packet, depth)
            comes_back = Verdict.RETURN in outcomes and isinstance(rule.action, Jump) and rule.action.back
            out |= outcomes - {Verdict.RETURN} if comes_back else outcomes
            if matches and not comes_back:
                return out
        return out | {Verdict.RETURN}

    def _action(self, action: Action, packet: Packet, depth: int) -> set[Action]:
        if not isinstance(action, Jump):
            return {action}
        target = self._chains.get(action.chain)
        if target is None or depth == 0:
            return {Verdict.UNCLEAR}
        return self._chain(target, packet, depth - 1)

    def _redirected(self, packet: Packet, redirect: Redirect) -> Packet:
        port = packet.port if redirect.port is None else redirect.port
        address = redirect.address
        if address is None:
            return replace(packet, port=port, redirected=True)
        return replace(packet, destination=address, port=port, redirected=True, leaves=self._toward(address))

    def _toward(self, address: Address) -> str | None:
        """The interface behind which `address` is; None: it is this laptop's own, or nobody knows."""
        return next(_behind(address, self._links), None)


def _behind(address: Address, links: Mapping[str, tuple[Prefix, ...]]) -> Iterator[str]:
    for name, prefixes in links.items():
        if any(address in prefix for prefix in prefixes):
            yield name
