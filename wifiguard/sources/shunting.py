"""The filter's second stage: drop what is sent on settled, heavy flows, unless it begins a new conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import TypeAlias

from wifiguard.streams import Shunt

# One instruction of the classic BSD packet filter: code, jump if true, jump if false, operand (linux/filter.h).
Instruction: TypeAlias = tuple[int, int, int, int]

ACCEPT = (0x06, 0, 0, 0xFFFF)
REJECT = (0x06, 0, 0, 0)

_LOAD_HALF = 0x28  # A = packet[k:2]
_LOAD_WORD_X, _LOAD_HALF_X, _LOAD_BYTE_X = 0x40, 0x48, 0x50  # A = packet[X + k:4, 2, 1]
_SET_X, _A_TO_X, _X_TO_A = 0x01, 0x07, 0x87
_STORE, _RECALL = 0x02, 0x60  # scratch[k] = A, A = scratch[k]
_ADD, _ADD_X, _AND, _SHIFT_LEFT, _SHIFT_RIGHT = 0x04, 0x0C, 0x54, 0x64, 0x74
_JUMP, _IF_EQUAL, _IF_ABOVE, _IF_LEAST, _IF_ANY_BIT = 0x05, 0x15, 0x25, 0x35, 0x45

_TAGS = (0x8100, 0x88A8, 0x9100)
_TCP, _UDP = 6, 17
_PORTS = 0  # scratch slots: both ports, then the words of the source address, the last (most telling) first
_ADDRESS = 1

_GREETINGS = tuple(
    int.from_bytes(word, "big")
    for word in b"GET |POST|HEAD|PUT |DELE|OPTI|CONN|PATC|HTTP|SSH-|220 |220-|+OK |* OK".split(b"|")
)


def shunt_stage(shunts: Iterable[Shunt], network_at: int, *, tagged: bool) -> list[Instruction]:
    """The instructions; `network_at`: offset of the network layer, `tagged`: behind up to two VLAN tags in the packet.

    Every offset stays at or above `network_at`, X holds only what comes on top: libpcap rewrites the offsets of programs for
    cooked devices by their constant part. Input: packets that the first stage passed.
    """
    tables: dict[tuple[int, int], list[Shunt]] = {}
    for shunt in shunts:
        protocol = _TCP if shunt.transport == "tcp" else _UDP
        tables.setdefault((len(shunt.address), protocol), []).append(shunt)
    four = _family(network_at, 4, tables)
    six = _family(network_at, 16, tables)
    return [*_begin(network_at, tagged), (_JUMP, 0, 0, len(four)), *four, *six]


# What is the same whoever is shunted is made once: in a capture file the stage is made anew for every flow.
@cache
def _begin(network_at: int, tagged: bool) -> tuple[Instruction, ...]:
    """Skip the tags, and IPv4's instructions where it is IPv6: the jump over them is to follow."""
    return (
        *(_skip_tags(network_at) if tagged else [(_SET_X, 0, 0, 0)]),
        (_LOAD_BYTE_X, 0, 0, network_at),
        (_SHIFT_RIGHT, 0, 0, 4),
        (_IF_EQUAL, 3, 0, 4),
        (_IF_EQUAL, 1, 0, 6),
        ACCEPT,
    )


def _skip_tags(network_at: int) -> Iterator[Instruction]:
    yield _SET_X, 0, 0, 0
    yield _LOAD_HALF, 0, 0, network_at - 2
    yield _IF_EQUAL, 2, 0, _TAGS[0]
    yield _IF_EQUAL, 1, 0, _TAGS[1]
    yield _IF_EQUAL, 0, 6, _TAGS[2]
    yield _SET_X, 0, 0, 4
    yield _LOAD_HALF, 0, 0, network_at + 2
    yield _IF_EQUAL, 2, 0, _TAGS[0]
    yield _IF_EQUAL, 1, 0, _TAGS[1]
    yield _IF_EQUAL, 0, 1, _TAGS[2]
    yield _SET_X, 0, 0, 8


def _family(at: int, size: int, tables: dict[tuple[int, int], list[Shunt]]) -> list[Instruction]:
    """One address family: remember the sender, put X to the transport layer, look the sender up in its protocol's table."""
    tcp = _table(at, tables.get((size, _TCP), []), _begins(at))
    udp = _table(at, tables.get((size, _UDP), []), (REJECT,))
    return [*_sender(at, size), (_JUMP, 0, 0, len(tcp)), *tcp, *udp]


@cache
def _sender(at: int, size: int) -> tuple[Instruction, ...]:
    """Store the sender's address, put X to the transport layer; the jump over TCP's table is to follow, taken for UDP."""
    code: list[Instruction] = []
    source, protocol = (12, 9) if size == 4 else (8, 6)
    if size == 4:
        # The first stage passes fragments; the later ones have no ports.
        code += (_LOAD_HALF_X, 0, 0, at + 6), (_IF_ANY_BIT, 0, 1, 0x3FFF), ACCEPT
    for slot, offset in enumerate(range(size - 4, -1, -4)):
        code += (_LOAD_WORD_X, 0, 0, at + source + offset), (_STORE, 0, 0, _ADDRESS + slot)
    code += (_LOAD_BYTE_X, 0, 0, at + protocol), (_STORE, 0, 0, _PORTS)
    if size == 4:
        code += (_LOAD_BYTE_X, 0, 0, at), (_AND, 0, 0, 0xF), (_SHIFT_LEFT, 0, 0, 2), (_ADD_X, 0, 0, 0)
    else:
        code += (_X_TO_A, 0, 0, 0), (_ADD, 0, 0, 40)
    code += (_A_TO_X, 0, 0, 0), (_RECALL, 0, 0, _PORTS), (_IF_EQUAL, 2, 0, _TCP), (_IF_EQUAL, 2, 0, _UDP), ACCEPT
    return (*code, (_JUMP, 0, 0, 1))


def _table(at: int, shunts: list[Shunt], on_match: Sequence[Instruction]) -> list[Instruction]:
    """Look the sender up; run `on_match` if it is there, accept if it is not."""
    code: list[Instruction] = [(_LOAD_WORD_X, 0, 0, at), (_STORE, 0, 0, _PORTS)]
    for later, shunt in zip(range(len(shunts) - 1, -1, -1), shunts, strict=True):
        tests = _tests(shunt)
        code += tests
        code.append((_JUMP, 0, 0, later * (len(tests) + 1) + 1))
    code.append(ACCEPT)
    code += on_match
    return code


@lru_cache(maxsize=256)
def _tests(shunt: Shunt) -> tuple[Instruction, ...]:
    """One sender's entry without its last instruction, the jump that is taken where all of this is true."""
    address = shunt.address
    words = [int.from_bytes(address[i : i + 4], "big") for i in range(len(address) - 4, -1, -4)]
    tests = [*enumerate(words, _ADDRESS), (_PORTS, shunt.port << 16 | shunt.peer_port)]
    code: list[Instruction] = []
    for index, (slot, value) in enumerate(tests):
        code += (_RECALL, 0, 0, slot), (_IF_EQUAL, 0, 2 * (len(tests) - index) - 1, value)  # else to the next entry
    return tuple(code)


@cache
def _begins(at: int) -> tuple[Instruction, ...]:
    """Accept SYN, FIN, RST and a payload that begins a TLS handshake record, an HTTP message or a server's greeting.

    A payload under four bytes lies beyond the packet's end: that load rejects, as the filter's machine has it.
    """
    code: list[Instruction] = [(_LOAD_BYTE_X, 0, 0, at + 13), (_IF_ANY_BIT, 0, 1, 0x7), ACCEPT]
    code += (_LOAD_BYTE_X, 0, 0, at + 12), (_AND, 0, 0, 0xF0), (_SHIFT_RIGHT, 0, 0, 2), (_ADD_X, 0, 0, 0)
    code += (_A_TO_X, 0, 0, 0), (_LOAD_WORD_X, 0, 0, at)
    # Bulk is seldom text: what begins with another byte than all greetings do is compared with none of them.
    code += (_IF_ABOVE, len(_GREETINGS) + 3, 0, max(_GREETINGS)), (_IF_LEAST, 0, len(_GREETINGS), min(_GREETINGS))
    for index, greeting in enumerate(_GREETINGS):
        code.append((_IF_EQUAL, len(_GREETINGS) - index + 2, 0, greeting))
    return (*code, (_AND, 0, 0, 0xFFFF0000), (_IF_EQUAL, 1, 0, 0x16030000), REJECT, ACCEPT)
