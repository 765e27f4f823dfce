"""How a Wi-Fi network is protected, in one plain sentence, and in the words of those who know more."""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.addresses import mac_text
from wifiguard.core.air import FrameProtection
from wifiguard.core.network import Security
from wifiguard.core.text import N_
from wifiguard.core.wifi import Bss

SENTENCES = {
    Security.OPEN: N_("no encryption: everybody nearby can read what programs do not encrypt"),
    Security.ENHANCED_OPEN: N_(
        "encrypted without a password: listeners hear nothing, but anyone can run such a network"
    ),
    Security.WEP: N_("WEP, which is broken within minutes: as good as no encryption"),
    Security.WPA: N_("the first WPA, password: an encryption that can be attacked"),
    Security.WPA_WPA2: N_("WPA and WPA2 together, password: as weak as the older one for what is sent to all"),
    Security.WPA2: N_("WPA2, password: whoever knows the password can read what others here do not encrypt"),
    Security.WPA2_ENTERPRISE: N_("WPA2-Enterprise: everybody has a login and a key of his own"),
    Security.WPA3_TRANSITION: N_("WPA3 or WPA2, password: with WPA3 everybody has a key of his own"),
    Security.WPA3: N_("WPA3, password: the password is shared, but everybody has a key of his own"),
    Security.WPA3_ENTERPRISE: N_("WPA3-Enterprise: everybody has a login and a key of his own"),
    Security.UNKNOWN: N_("protected in a way that WiFiGuard cannot tell, so it does not count as safe"),
}


def protection(security: Security) -> str:
    """The sentence about a network of this security, to be translated where it is shown."""
    return SENTENCES[security]


def details(bss: Bss) -> Iterator[str]:
    """Facts about an access point, each a short line in the field's own words."""
    if bss.bssid is not None:
        yield f"BSSID {mac_text(bss.bssid)}"
    if bss.frequency is not None:
        yield f"{bss.frequency} MHz" + (f", {bss.signal} dBm" if bss.signal is not None else "")
    elements = bss.elements
    if elements is None:
        return
    if elements.akms:
        yield f"key management {', '.join(elements.akms)}; ciphers {', '.join(elements.pairwise)}; group {elements.group}"
    if elements.akms and elements.protection is not FrameProtection.OFF:
        yield f"protected management frames (802.11w) {elements.protection}"
    elif elements.akms:
        yield "no protected management frames (802.11w)"
    for told, text in (
        (elements.hash_to_element, "SAE hash-to-element"),
        (elements.wpa1, "WPA of 2003 as well"),
        (elements.wps, "WPS"),
        (bss.hidden, "hides its name"),
        (not elements.whole, "announces itself in a way that is cut or contradicts itself"),
    ):
        if told:
            yield text
    if elements.mobility_domain is not None:
        yield f"fast roaming (802.11r) in domain {elements.mobility_domain.hex()}"
    if elements.owe_transition is not None:
        yield f"open half of an Enhanced Open pair with {mac_text(elements.owe_transition[0])}"
    if elements.country is not None:
        yield f"country {elements.country}"


def flags(bss: Bss) -> tuple[str, ...]:
    """What speaks against joining, as words for machines: open, unproven, weak, mixed, wps, hidden, unclear."""
    out: list[str] = []
    match bss.security:
        case Security.OPEN:
            out.append("open")
        case Security.ENHANCED_OPEN:
            out.append("unproven")
        case Security.WEP | Security.WPA:
            out.append("weak")
        case Security.UNKNOWN:
            out.append("unclear")
        case _ if bss.group_tkip:
            out.append("mixed")
    if bss.elements is not None and bss.elements.wps:
        out.append("wps")
    if bss.hidden:
        out.append("hidden")
    return tuple(out)


FLAGS = {
    "open": N_("not encrypted"),
    "unproven": N_("encrypted, but nobody proves who runs it"),
    "weak": N_("its encryption can be broken"),
    "mixed": N_("sends to all under an old encryption (TKIP)"),
    "wps": N_("its PIN can be guessed (WPS)"),
    "hidden": N_("hides its name, so that devices call it everywhere"),
    "unclear": N_("its protection cannot be told"),
    "weaker-than-trusted": N_("has the name of a network you trust, with less protection: a trap"),
}
