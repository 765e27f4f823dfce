"""The laptop's side, as distributions have it: bare wpa_supplicant, NetworkManager, iwd. Its radio is wlan0."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.wifi.guest.points import PASSWORD, Offer, Point
from tests.wifi.guest.shell import SCRATCH, background, end, run, wait_for

INTERFACE = "wlan0"
CONTROL = SCRATCH / "control"


class Bare:
    """wpa_supplicant and nothing above it."""

    def __init__(self) -> None:
        settings = SCRATCH / "wpa_supplicant.conf"
        settings.write_text(f"ctrl_interface={CONTROL}\nap_scan=1\npmf=1\n")
        self._program = background("wpa_supplicant", "wpa_supplicant", "-i", INTERFACE, "-c", str(settings))
        wait_for((CONTROL / INTERFACE).exists, "wpa_supplicant")

    def join(
        self, point: Point, index: int = 0, *, password: str = PASSWORD, hidden: bool = False, name: bytes | None = None
    ) -> None:
        """Join one of the access point's names, and no other, by its settings. `name`: saved under another one."""
        offer = point.offers[index]
        self._ask("remove_network", "all")
        number = self._ask("add_network").strip().splitlines()[-1]
        settings = {
            "ssid": (name or offer.ssid).hex(),
            "scan_freq": str(point.frequency),
            "freq_list": str(point.frequency),
        }
        settings |= _settings(offer, password) | ({"scan_ssid": "1"} if hidden else {})
        for key, value in settings.items():
            self._ask("set_network", number, key, value)
        self._ask("select_network", number)
        # Not wpa_state: with half of an Enhanced Open pair it goes on looking for the other one.
        there = f"\nbssid={point.bssid(index)}\n"
        wait_for(lambda: there in f"\n{self._ask('status')}" and _let_in(), f"an association to {offer.ssid!r}")
        run("ip", "address", "flush", "dev", INTERFACE)
        run("ip", "address", "add", f"10.{point.number}.{index}.2/24", "dev", INTERFACE)
        run("ip", "route", "replace", "default", "via", f"10.{point.number}.{index}.1")

    def reach(self, point: Point, index: int = 0) -> None:
        """Talk to the router once, so that its hardware address is known."""
        wait_for(lambda: "1 packets received" in run(
            "busybox", "ping", "-c", "1", "-W", "2", f"10.{point.number}.{index}.1", check=False), "the router")  # fmt: skip

    def roam(self, bssid: str) -> None:
        """Go over to another access point of the same network."""
        self._ask("roam", bssid)
        wait_for(lambda: f"bssid={bssid}" in self._ask("status"), f"roaming to {bssid}")

    def scan(self, *frequencies: int) -> None:
        """Look around."""
        chosen = (f"freq={','.join(map(str, frequencies))}",) if frequencies else ()
        self._ask("scan", *chosen)

    def call(self, *names: bytes) -> None:
        """Ask in the air for networks by their names, as laptops with hidden profiles do."""
        self._ask("scan", *(word for name in names for word in ("ssid", name.hex())))

    def leave(self) -> None:
        """The user's own disconnect."""
        self._ask("disconnect")
        self._ask("remove_network", "all")

    def stop(self) -> None:
        """Switch it off."""
        end(self._program)
        shutil.rmtree(CONTROL, ignore_errors=True)
        run("ip", "address", "flush", "dev", INTERFACE)

    def _ask(self, *words: str) -> str:
        return run("wpa_cli", "-p", str(CONTROL), "-i", INTERFACE, *words)


def _let_in() -> bool:
    return Path("/sys/class/net", INTERFACE, "operstate").read_text().strip() == "up"


def _settings(offer: Offer, password: str) -> dict[str, str]:
    """wpa_supplicant's settings for what the access point asks."""
    told = dict(line.split("=", 1) for line in offer.settings)
    kind = told.get("wpa_key_mgmt", "")
    if not kind:
        if "wep_key0" in told:
            return {"key_mgmt": "NONE", "wep_key0": told["wep_key0"], "wep_tx_keyidx": "0"}
        return {"key_mgmt": "NONE"}
    if kind == "WPA-EAP":
        return {
            "key_mgmt": "WPA-EAP",
            "eap": "PEAP",
            "identity": '"ann"',
            "password": f'"{password}"',
            "phase2": '"auth=MSCHAPV2"',
        }
    settings = {"key_mgmt": kind, "ieee80211w": told.get("ieee80211w", "0")}
    if kind == "OWE":
        return settings
    if told["wpa"] == "1":
        settings |= {"proto": "WPA", "pairwise": "TKIP", "group": "TKIP"}
    return settings | {"psk": f'"{password}"'}


class NetworkManager:
    """NetworkManager with wpa_supplicant below it, on the system bus."""

    def __init__(self) -> None:
        folder = Path("/etc/NetworkManager")
        (folder / "system-connections").mkdir(parents=True, exist_ok=True)
        (folder / "NetworkManager.conf").write_text(
            "[main]\nplugins=keyfile\nauth-polkit=false\nrc-manager=unmanaged\n"
            f"[keyfile]\nunmanaged-devices=*,except:interface-name:{INTERFACE}\n"
            "[device]\nwifi.scan-rand-mac-address=no\n"
        )
        self._programs: list[subprocess.Popen[bytes]] = []
        self._programs.append(background("supplicant", "wpa_supplicant", "-u"))
        self.manager = self._manager()

    def join(self, point: Point, index: int = 0, *, password: str = PASSWORD, hidden: bool = False) -> None:
        """As a person would: choose the name, type the password."""
        offer = point.offers[index]
        name = offer.ssid.decode()
        wait_for(lambda: name in self.nmcli("-t", "-f", "SSID", "device", "wifi", "list"), f"{name} in the list")
        secret = (
            ()
            if not any("key_mgmt" in line and "OWE" not in line for line in offer.settings)
            else ("password", password)
        )
        more = ("hidden", "yes") if hidden else ()
        self.nmcli("--wait", "50", "device", "wifi", "connect", name, *secret, *more)

    def nmcli(self, *words: str) -> str:
        """NetworkManager's own command."""
        return run("nmcli", *words)

    def leave(self) -> None:
        """The user's own disconnect; the profile goes too."""
        run("nmcli", "device", "disconnect", INTERFACE, check=False)
        for uuid in self.nmcli("-t", "-f", "UUID", "connection").split():
            run("nmcli", "connection", "delete", uuid, check=False)

    def autoconnect(self, profile: str) -> str:
        """yes or no."""
        return self.nmcli("-g", "connection.autoconnect", "connection", "show", profile).strip()

    def kill_supplicant(self) -> None:
        """wpa_supplicant dies, and is started again as systemd would."""
        program = self._programs.pop()
        program.kill()
        program.wait()
        self._programs.append(background("supplicant", "wpa_supplicant", "-u"))

    def restart(self) -> None:
        """A new NetworkManager; the association outlives the old one."""
        end(self.manager)
        self.manager = self._manager()

    def stop(self) -> None:
        """Switch it off."""
        end(self.manager)
        for program in self._programs:
            end(program)

    def _manager(self) -> subprocess.Popen[bytes]:
        program = background("networkmanager", "NetworkManager", "--no-daemon")
        wait_for(lambda: "running" in run("nmcli", "-t", "-f", "RUNNING", "general", check=False), "NetworkManager")
        return program


class Iwd:
    """iwd alone."""

    def __init__(self) -> None:
        self._program = background("iwd", "/usr/libexec/iwd", "-i", INTERFACE)
        wait_for(lambda: INTERFACE in run("iwctl", "station", "list", check=False), "iwd")

    def join(self, point: Point, index: int = 0, *, password: str = PASSWORD) -> None:
        """Choose the name, type the password."""
        offer = point.offers[index]
        name = offer.ssid.decode()
        run("iwctl", "station", INTERFACE, "scan", check=False)
        wait_for(lambda: name in run("iwctl", "station", INTERFACE, "get-networks"), f"{name} in the list")
        secret = ("--passphrase", password) if offer.settings else ()
        run("iwctl", *secret, "station", INTERFACE, "connect", name)

    def leave(self) -> None:
        """The user's own disconnect."""
        run("iwctl", "station", INTERFACE, "disconnect", check=False)

    def stop(self) -> None:
        """Switch it off."""
        end(self._program)


LAPTOPS = {"bare": Bare, "networkmanager": NetworkManager, "iwd": Iwd}
Laptop = Bare | NetworkManager | Iwd
