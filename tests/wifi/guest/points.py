"""Access points: hostapd with a radio and a network namespace of its own, and a router's address behind every name."""

from __future__ import annotations

import contextlib
import subprocess

from msgspec import Struct, field

from tests.wifi.guest.radios import configure, inside
from tests.wifi.guest.shell import SCRATCH, background, end, run, wait_for
from tests.wifi.vm import COUNTRY

PASSWORD = "correct horse battery"
# A country with 6 GHz.
WIDE = "DE"


class Offer(Struct, frozen=True):
    """One name that an access point offers, with hostapd's settings for it."""

    ssid: bytes
    settings: tuple[str, ...] = ()
    bssid: str | None = None

    def but(self, *settings: str, bssid: str | None = None) -> Offer:
        """The same with more settings."""
        return Offer(self.ssid, (*self.settings, *settings), bssid or self.bssid)


def _name(ssid: str | bytes) -> bytes:
    return ssid if isinstance(ssid, bytes) else ssid.encode()


def open_(ssid: str | bytes) -> Offer:
    """No protection at all."""
    return Offer(_name(ssid))


def wep(ssid: str) -> Offer:
    """The encryption of 1999."""
    return Offer(_name(ssid), ("wep_default_key=0", "wep_key0=0102030405"))


def wpa1(ssid: str) -> Offer:
    """TKIP and nothing better."""
    return Offer(_name(ssid), ("wpa=1", "wpa_key_mgmt=WPA-PSK", "wpa_pairwise=TKIP", f"wpa_passphrase={PASSWORD}"))


def mixed(ssid: str) -> Offer:
    """WPA and WPA2 at once, so that broadcasts are under TKIP."""
    return Offer(
        _name(ssid),
        ("wpa=3", "wpa_key_mgmt=WPA-PSK", "wpa_pairwise=TKIP", "rsn_pairwise=CCMP", f"wpa_passphrase={PASSWORD}"),
    )


def wpa2(ssid: str | bytes) -> Offer:
    """A password, as most homes have it."""
    return Offer(_name(ssid), ("wpa=2", "wpa_key_mgmt=WPA-PSK", "rsn_pairwise=CCMP", f"wpa_passphrase={PASSWORD}"))


def wpa3(ssid: str) -> Offer:
    """SAE with protected management frames."""
    return Offer(
        _name(ssid),
        ("wpa=2", "wpa_key_mgmt=SAE", "rsn_pairwise=CCMP", "ieee80211w=2", f"wpa_passphrase={PASSWORD}"),
    )


def transition(ssid: str) -> Offer:
    """WPA2 and WPA3 under one name."""
    return Offer(
        _name(ssid),
        ("wpa=2", "wpa_key_mgmt=WPA-PSK SAE", "rsn_pairwise=CCMP", "ieee80211w=1", f"wpa_passphrase={PASSWORD}"),
    )


def owe(ssid: str) -> Offer:
    """Encrypted without a password."""
    return Offer(_name(ssid), ("wpa=2", "wpa_key_mgmt=OWE", "rsn_pairwise=CCMP", "ieee80211w=2"))


def enterprise(ssid: str, certificate: str) -> Offer:
    """802.1X with hostapd's own server; the user is ann, her password the usual one."""
    users = SCRATCH / "users"
    users.write_text(f'* PEAP\n"ann" MSCHAPV2 "{PASSWORD}" [2]\n')
    return Offer(
        _name(ssid),
        (
            *("wpa=2", "wpa_key_mgmt=WPA-EAP", "rsn_pairwise=CCMP", "ieee8021x=1", "eap_server=1"),
            *(f"eap_user_file={users}", f"ca_cert={certificate}", f"server_cert={certificate}"),
            f"private_key={certificate}",
        ),
    )


class Point(Struct):
    """A running access point. Its names are on interfaces wlanN, wlanN_1 …, with the router at 10.N.i.1."""

    number: int
    offers: tuple[Offer, ...]
    channel: int
    six: bool = False
    programs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def interface(self) -> str:
        return f"wlan{self.number}"

    @property
    def frequency(self) -> int:
        """In MHz."""
        if self.six:
            return 5950 + 5 * self.channel
        return 5000 + 5 * self.channel if self.channel > 14 else 2407 + 5 * self.channel

    def bssid(self, index: int = 0) -> str:
        """The address of one of its names."""
        return self.offers[index].bssid or f"02:00:00:00:{self.number:02x}:{16 + index:02x}"

    def start(self) -> None:
        """Begin to send beacons."""
        settings = SCRATCH / f"hostapd{self.number}.conf"
        lines = [
            *(f"interface={self.interface}", "driver=nl80211", f"channel={self.channel}"),
            *(f"hw_mode={'g' if self.frequency < 5000 else 'a'}", f"country_code={WIDE if self.six else COUNTRY}"),
            *(("ieee80211ax=1", "op_class=131") if self.six else ("ieee80211n=1",)),
            f"ctrl_interface={SCRATCH}/hostapd",
        ]
        for index, offer in enumerate(self.offers):
            if index:
                lines.append(f"bss={self._interface(index)}")
            lines.append(f"bssid={self.bssid(index)}")
            lines += [f"ssid2={offer.ssid.hex()}" if offer.ssid else 'ssid2=""', *offer.settings]
        settings.write_text("\n".join(lines) + "\n")
        log = SCRATCH / f"hostapd{self.number}.log"
        log.unlink(missing_ok=True)
        self.programs.append(background(f"hostapd{self.number}", *inside(self.number, "hostapd", str(settings))))
        wait_for(lambda: "AP-ENABLED" in log.read_text(errors="replace"), f"hostapd {self.number}")
        configure(
            self.number,
            *(
                f"address replace 10.{self.number}.{index}.1/24 dev {self._interface(index)}"
                for index in range(len(self.offers))
            ),
        )

    def restart(self) -> None:
        """As if somebody pulled the plug for a moment."""
        self.stop()
        self.start()

    def throw_out(self, station: str, reason: int) -> None:
        """Tell a station to go, and why."""
        where = ("-p", f"{SCRATCH}/hostapd", "-i", self.interface)
        run(*inside(self.number, "hostapd_cli", *where, "deauthenticate", station, f"reason={reason}"))

    def stop(self) -> None:
        """Fall silent."""
        for program in self.programs:
            with contextlib.suppress(OSError):
                end(program)
        self.programs.clear()

    def serve_dhcp(self) -> None:
        """Give leases under all of its names."""
        nets = [(f"10.{self.number}.{index}", self._interface(index)) for index in range(len(self.offers))]
        self.programs.append(
            background(
                f"dnsmasq{self.number}",
                *inside(self.number, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null"),
                *("--bind-interfaces", "--port=0", "--no-ping"),
                *(f"--interface={interface}" for _, interface in nets),
                *(f"--dhcp-range={net}.10,{net}.99,255.255.255.0" for net, _ in nets),
                *(f"--dhcp-leasefile={SCRATCH}/leases{self.number}", f"--pid-file={SCRATCH}/dnsmasq{self.number}.pid"),
            )
        )

    def _interface(self, index: int) -> str:
        return self.interface if index == 0 else f"{self.interface}_{index}"
