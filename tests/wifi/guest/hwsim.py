"""Radios taken out and put in again, as a stick or a driver's restart does: mac80211_hwsim's own netlink family."""

from __future__ import annotations

import struct

from wifiguard.sources.genl import Generic
from wifiguard.sources.netlink import ERROR, REQUEST, attribute, messages, refusal

# drivers/net/wireless/mac80211_hwsim.h
_NEW_RADIO, _DEL_RADIO = 4, 5
_RADIO_NAME, _PERM_ADDR = 17, 22
_ACKNOWLEDGE = 0x4


def take_out(name: str) -> None:
    """The radio is gone, with all its interfaces. Raises OSError."""
    _order(_DEL_RADIO, attribute(_RADIO_NAME, name.encode() + b"\0"))


def put_in(name: str, address: str) -> None:
    """A radio of this name and address, where the laptop is; its interface is called as the kernel likes. Raises OSError."""
    raw = bytes.fromhex(address.replace(":", ""))
    _order(_NEW_RADIO, attribute(_RADIO_NAME, name.encode() + b"\0"), attribute(_PERM_ADDR, raw))


def _order(command: int, *about: bytes) -> None:
    with Generic("MAC80211_HWSIM") as kernel:
        question = struct.pack("=BBxx", command, 1) + b"".join(about)
        kernel._kernel._send(kernel._family, REQUEST | _ACKNOWLEDGE, question)
        for message in messages(kernel.socket.recv(1 << 16)):
            # A new radio's number comes as an error above 0.
            if (
                message.kind == ERROR
                and struct.unpack_from("=i", message.body)[0] < 0
                and (error := refusal(message.body))
            ):
                raise error
