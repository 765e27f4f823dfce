"""wpa_supplicant's own file of networks: blocks of `key=value` between `network={` and `}` (wpa_supplicant.conf(5))."""

from __future__ import annotations

import re
from typing import NamedTuple

from wifiguard.core.network import Security
from wifiguard.core.profiles import Profile

SUPPLICANT = "wpa_supplicant"
_BEGIN = re.compile(r"\s*network\s*=\s*\{")
_SETTING = re.compile(r"\s*([a-z_0-9]+)=(.*?)\s*")
_BY_CERTIFICATE = frozenset({"PEAP", "TTLS", "TLS", "FAST"})
_ENTERPRISE = frozenset({"WPA-EAP", "WPA-EAP-SHA256", "FT-EAP", "IEEE8021X"})
_PERSONAL = frozenset({"WPA-PSK", "WPA-PSK-SHA256", "FT-PSK"})


class Block(NamedTuple):
    """One network: the lines `first` up to `last` (exclusive) of the file, and what they set."""

    first: int
    last: int
    settings: dict[str, str]


def blocks(text: str) -> list[Block]:
    """Every network in the text, in its order. One that does not end is none."""
    out: list[Block] = []
    first: int | None = None
    settings: dict[str, str] = {}
    for number, line in enumerate(text.split("\n")):
        if first is None:
            if _BEGIN.match(line):
                first, settings = number + 1, {}
        elif line.strip() == "}":
            out.append(Block(first, number, settings))
            first = None
        elif found := _SETTING.fullmatch(line):
            settings[found[1]] = found[2]
    return out


def edited(text: str, number: int, key: str, value: str) -> str:
    """The text with `key` of one network set to `value` (empty: left out). IndexError where there is no such network."""
    first, last, _ = blocks(text)[number]
    lines = text.split("\n")
    inside = [line for line in lines[first:last] if not ((found := _SETTING.fullmatch(line)) and found[1] == key)]
    return "\n".join([*lines[:first], *inside, *([f"\t{key}={value}"] if value else []), *lines[last:]])


def profile_of(block: Block, id: str) -> Profile | None:
    """A network as a profile; None for an access point of our own, or one without a name."""
    told = block.settings
    ssid = name_of(told.get("ssid", ""))
    if not ssid or told.get("mode", "0") not in ("0", ""):
        return None
    address = told.get("mac_addr")
    return Profile(
        keeper=SUPPLICANT,
        id=id,
        name=ssid.decode("utf-8", "replace"),
        ssid=ssid,
        security=_security(told),
        autojoin=told.get("disabled", "0") == "0",
        hidden=told.get("scan_ssid", "0") == "1",
        hardware_address=None if address is None else address == "0",
        verified=_verified(told),
    )


def name_of(raw: str) -> bytes:
    """A name as the file writes it: in quotes, with escapes after P, or in hexadecimal."""
    if raw.startswith('P"') and raw.endswith('"') and len(raw) > 2:
        try:
            return raw[2:-1].encode("latin-1", "replace").decode("unicode_escape").encode("latin-1", "replace")[:32]
        except UnicodeDecodeError:
            return b""
    if len(raw) > 1 and raw[0] == raw[-1] == '"':
        return raw[1:-1].encode("utf-8", "replace")[:32]
    try:
        return bytes.fromhex(raw)[:32]
    except ValueError:
        return b""


def _security(told: dict[str, str]) -> Security:
    """The least that the network accepts."""
    kinds = frozenset(told.get("key_mgmt", "WPA-PSK" if "psk" in told else "WPA-PSK WPA-EAP").split())
    if "NONE" in kinds:
        return Security.WEP if any(key.startswith("wep_key") for key in told) else Security.OPEN
    if "OWE" in kinds:
        return Security.ENHANCED_OPEN
    if kinds & _PERSONAL and "psk" in told:
        return Security.WPA2
    if kinds & {"SAE", "FT-SAE", "SAE-EXT-KEY"}:
        return Security.WPA3
    if kinds & _ENTERPRISE:
        return Security.WPA2_ENTERPRISE
    return Security.WPA3_ENTERPRISE if "WPA-EAP-SUITE-B-192" in kinds else Security.UNKNOWN


def _verified(told: dict[str, str]) -> bool | None:
    methods = frozenset(told.get("eap", "").upper().split())
    if not methods & _BY_CERTIFICATE:
        return None
    if "ca_cert" in told:
        return True
    named = any(key in told for key in ("domain_suffix_match", "domain_match", "subject_match", "altsubject_match"))
    return named and "ca_path" in told
