"""On a Wi-Fi that you have not trusted, your VPN was switched on as you asked, or could not be.

What it means
    The settings name a VPN profile of NetworkManager for such networks ([on_untrusted] vpn). On joining one, WiFiGuard switches
    it on and says what came of it.

Why it matters
    With the VPN up, whoever runs or shares the network sees only that you use it. If it could not come up, your traffic goes
    through a stranger's hands, although you had asked for better.

What to do
    Where it failed: start the VPN by hand, or leave the network. Some networks let a VPN through only after their login page.

False alarms
    None: it tells what was done.

Limits
    Without that setting nothing is done. Only VPNs that NetworkManager keeps can be switched on, and only if their password is
    stored for all users. What passes before the VPN is up passes outside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import ProbeAnswer
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.rule import AskProbe, Detector, Evidence, Example, Kind, Output, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.wifi import Bss, WifiAssociated, WifiLeft

RULE = Rule(
    id="vpn-on-untrusted-wifi",
    kind=Kind.EVENT,
    texts={
        Severity.MEDIUM: Text(
            N_("Your VPN could not be switched on"),
            N_("You asked for “{profile}” on networks that you do not trust, but: {reason}."),
            (N_("Start the VPN by hand, or leave this network."),),
        ),
        Severity.INFO: Text(
            N_("Your VPN was switched on for this network"),
            N_("You have not trusted this Wi-Fi, so “{profile}” was started, as your settings say."),
            (N_("If the network is yours, trust it; then the VPN stays as it is."),),
        ),
    },
)

PROBE = "vpn-up"


class Config(Struct, frozen=True):
    """`vpn`: the name of NetworkManager's profile; set as `vpn` under `[on_untrusted]`. Empty: nothing is done."""

    vpn: str = ""


class VpnOnUntrustedEvidence(Evidence, frozen=True):
    """`profile`: the VPN's name. `reason`: why it could not be switched on, empty where it was."""

    profile: str
    reason: str = ""


class VpnOnUntrustedWifi(Detector):
    """Asks for the VPN once an association, and tells what came of it."""

    rule = RULE
    inputs = (WifiAssociated, WifiLeft, ProbeAnswer)

    def __init__(self, config: Config = Config()) -> None:
        self._vpn = config.vpn
        # Interface → the network for which the VPN was asked.
        self._asked: BoundedMap[str, bytes] = BoundedMap(64)

    def observe(self, obs: Observation) -> Iterator[Output]:
        match obs:
            case WifiAssociated(bss=bss) if self._vpn and not (obs.network and obs.network.trusted):
                if self._asked.get(obs.interface, obs.tick) != bss.ssid:
                    self._asked.put(obs.interface, bss.ssid, obs.tick)
                    yield AskProbe(RULE.id, PROBE, obs.seen, (("profile", self._vpn),))
            case WifiLeft():
                self._asked.pop(obs.interface)
            case ProbeAnswer(rule=RULE.id):
                profile = visible(dict(obs.question).get("profile", ""))
                told = dict(obs.answer or ())
                reason = visible(obs.failed or told.get("refused", ""), 160)
                if reason:
                    yield self.found(obs, Severity.MEDIUM, (), VpnOnUntrustedEvidence(profile, reason))
                elif told.get("state") == "started":
                    yield self.found(obs, Severity.INFO, (), VpnOnUntrustedEvidence(profile))
            case _:
                pass


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    bss = Bss(b"Hotel", bytes.fromhex("a42bb011220e"), Security.OPEN)
    seen = Seen(0.0, 0.0, wifi_network(bss.ssid, bss.security, bss.bssid), "wlan0")

    def answer(*pairs: tuple[str, str], failed: str = "") -> ProbeAnswer:
        return ProbeAnswer(seen, RULE.id, PROBE, (("profile", "work"),), None if failed else pairs, failed)

    yield Example(
        "the VPN came up", (answer(("state", "started")),), ((Severity.INFO, VpnOnUntrustedEvidence("work")),)
    )
    yield Example(
        "it did not",
        (answer(("refused", "the VPN service did not start in time")),),
        ((Severity.MEDIUM, VpnOnUntrustedEvidence("work", "the VPN service did not start in time")),),
    )
    yield Example(
        "nothing can be started",
        (answer(failed="the program nmcli is missing"),),
        ((Severity.MEDIUM, VpnOnUntrustedEvidence("work", "the program nmcli is missing")),),
    )
    yield Example("it was up already", (answer(("state", "up")),))
    yield Example("no VPN is named in the settings", (WifiAssociated(seen, bss),))
