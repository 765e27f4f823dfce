"""The laptop's side, as distributions have it: bare wpa_supplicant, NetworkManager, iwd. Its radio is wlan0."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.wifi.guest.points import PASSWORD, Offer, Point
from tests.wifi.guest.radios import configure
from tests.wifi.guest.shell import PATIENCE, SCRATCH, Failed, background, end, insist, run, wait_for

INTERFACE = "wlan0"
PROFILES = Path("/etc/NetworkManager/system-connections")


class Control:
    """wpa_supplicant's control socket: a question, an answer. To start wpa_cli for each would take minutes in all."""

    def __init__(self, path: Path) -> None:
        wait_for(path.exists, "wpa_supplicant")
        self._own = path.with_name(f"{path.name}.mine")
        self._own.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE)
        self._socket.bind(str(self._own))
        self._socket.connect(str(path))

    def ask(self, *words: str) -> str:
        """What it answers; FAIL and perhaps more where it does not do it."""
        self._socket.send(" ".join(words).encode())
        return self._socket.recv(1 << 16).decode(errors="replace").strip()

    def order(self, *words: str) -> str:
        """The same. Raises Failed where it does not do it."""
        answer = self.ask(*words)
        if answer.startswith("FAIL"):
            raise Failed(f"wpa_supplicant refused: {' '.join(words)}")
        return answer

    def close(self) -> None:
        """No more questions."""
        self._socket.close()


class Bare:
    """wpa_supplicant and nothing above it."""

    def __init__(self, interface: str = INTERFACE) -> None:
        self.interface = interface
        self._place = SCRATCH / f"control-{interface}"
        self.start()

    def start(self) -> None:
        """Switch it on; it knows no network."""
        settings = SCRATCH / f"{self.interface}.conf"
        settings.write_text(f"ctrl_interface={self._place}\nap_scan=1\npmf=1\nsae_pwe=2\n")
        self._program = background(
            f"wpa_supplicant-{self.interface}", "wpa_supplicant", "-i", self.interface, "-c", str(settings)
        )
        self._control = Control(self._place / self.interface)

    def join(
        self, point: Point, index: int = 0, *, password: str = PASSWORD, hidden: bool = False, name: bytes | None = None
    ) -> None:
        """Join one of the access point's names, and no other, by its settings. `name`: saved under another one."""
        offer = point.offers[index]
        self._control.order("REMOVE_NETWORK", "all")
        number = self._control.order("ADD_NETWORK")
        settings = {
            "ssid": (name or offer.ssid).hex(),
            "scan_freq": str(point.frequency),
            "freq_list": str(point.frequency),
        }
        settings |= _settings(offer, password) | ({"scan_ssid": "1"} if hidden else {})
        for key, value in settings.items():
            self._control.order("SET_NETWORK", number, key, value)
        self._control.order("SELECT_NETWORK", number)
        # Not wpa_state: with half of an Enhanced Open pair it goes on looking for the other one.
        there = f"\nbssid={point.bssid(index)}\n"
        wait_for(
            lambda: there in f"\n{self._control.ask('STATUS')}" and self._let_in(), f"an association to {offer.ssid!r}"
        )
        net = f"10.{point.number}.{index}"
        configure(
            None,
            f"address flush dev {self.interface}",
            f"address add {net}.2/24 dev {self.interface}",
            f"route replace default via {net}.1",
        )

    @contextmanager
    def talking(self, point: Point, index: int = 0) -> Iterator[None]:
        """It has something to say to the router, as laptops have: mdk4 attacks whom it hears."""
        talk = background("talk", "ping", "-i", "0.5", f"10.{point.number}.{index}.1")
        try:
            yield
        finally:
            end(talk)

    def roam(self, point: Point) -> None:
        """Go over to another access point of the same network, as soon as it is heard and lets the laptop in."""
        bssid = point.bssid()

        def there() -> bool:
            status = self._control.ask("STATUS")
            if "wpa_state=COMPLETED" not in status:
                return False
            if f"bssid={bssid}" not in status and self._control.ask("ROAM", bssid) != "OK":
                self._control.ask("SCAN", f"freq={point.frequency}")
            return f"bssid={bssid}" in status

        wait_for(there, f"roaming to {bssid}")

    def stay_out(self) -> None:
        """Until it leaves, it does not come back by itself when it is thrown out."""
        self._control.order("STA_AUTOCONNECT", "0")

    def scan(self, *frequencies: int) -> None:
        """Look around, as soon as no other scan goes on."""
        self._scan(*((f"freq={','.join(map(str, frequencies))}",) if frequencies else ()))

    def call(self, *names: bytes) -> None:
        """Ask in the air for networks by their names, as laptops with hidden profiles do."""
        self._scan(*(word for name in names for word in ("ssid", name.hex())))

    def look(self, point: Point) -> None:
        """Look for it, if no other scan goes on."""
        self._control.ask("SCAN", f"freq={point.frequency}")

    def _scan(self, *how: str) -> None:
        wait_for(lambda: self._control.ask("SCAN", *how) == "OK", "the radio to be free for a scan")

    def leave(self) -> None:
        """The user's own disconnect."""
        self._control.order("DISCONNECT")
        self._control.order("STA_AUTOCONNECT", "1")
        self._control.order("REMOVE_NETWORK", "all")

    def stop(self) -> None:
        """Switch it off."""
        end(self._program)
        self._gone()
        configure(None, f"address flush dev {self.interface}")

    def kill(self) -> None:
        """It dies without a goodbye: the radio stays associated."""
        self._program.kill()
        self._program.wait()
        self._gone()

    def _gone(self) -> None:
        self._control.close()
        shutil.rmtree(self._place, ignore_errors=True)

    def _let_in(self) -> bool:
        return Path("/sys/class/net", self.interface, "operstate").read_text().strip() == "up"


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
        PROFILES.mkdir(parents=True, exist_ok=True)
        PROFILES.with_name("NetworkManager.conf").write_text(
            "[main]\nplugins=keyfile\nauth-polkit=false\nrc-manager=unmanaged\n"
            f"[keyfile]\nunmanaged-devices=*,except:interface-name:{INTERFACE},except:type:wireguard\n"
            "[device]\nwifi.scan-rand-mac-address=no\n"
            # The router answers at once or has not heard.
            "[connection]\nipv4.dhcp-timeout=15\n"
        )
        self._supplicant = background("supplicant", "wpa_supplicant", "-u")
        self._manager = self._started()

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
        connect = ("--wait", "50", "device", "wifi", "connect", name, *secret, *more)
        insist(lambda: self.nmcli(*connect), f"NetworkManager to join {name}")

    def look(self, point: Point) -> None:
        """Look around, if no other scan goes on."""
        run("nmcli", "device", "wifi", "rescan", check=False)

    def add_vpn(self, name: str) -> None:
        """A saved VPN that nothing starts by itself; nobody is at its other end."""
        key = base64.b64encode(bytes(range(32))).decode()
        how = (
            "autoconnect",
            "no",
            "ipv4.method",
            "manual",
            "ipv4.addresses",
            "10.200.0.2/24",
            "ipv6.method",
            "disabled",
        )
        self.nmcli(
            *("connection", "add", "type", "wireguard", "con-name", name, "ifname", name),
            *("wireguard.private-key", key, *how),
        )

    def nmcli(self, *words: str) -> str:
        """NetworkManager's own command."""
        return run("nmcli", *words)

    def leave(self) -> None:
        """The user's own disconnect: the profiles go, and what they held up with them."""
        if profiles := [path.stem for path in PROFILES.glob("*.nmconnection")]:
            run("nmcli", "connection", "delete", "id", *profiles, check=False)

    def kill_supplicant(self) -> None:
        """wpa_supplicant dies, and is started again as systemd would; NetworkManager then joins anew."""
        self._supplicant.kill()
        self._supplicant.wait()
        log = SCRATCH / "supplicant.log"
        log.unlink(missing_ok=True)
        self._supplicant = background("supplicant", "wpa_supplicant", "-u")
        wait_for(lambda: "CTRL-EVENT-CONNECTED" in log.read_text(errors="replace"), "NetworkManager to join again")

    def restart(self) -> None:
        """A new NetworkManager; the association outlives the old one."""
        end(self._manager)
        self._manager = self._started()

    def reboot(self) -> None:
        """All begins anew; back when whatever joins by itself has joined."""
        self.stop()
        run("ip", "link", "set", INTERFACE, "down")
        self._supplicant = background("supplicant", "wpa_supplicant", "-u")
        self._manager = self._started()

    def joined(self) -> bool:
        """Whether it is on a network."""
        return f"{INTERFACE}:connected" in self.nmcli("-t", "-f", "DEVICE,STATE", "device")

    def stop(self) -> None:
        """Switch it off."""
        end(self._manager)
        end(self._supplicant)

    def _started(self) -> subprocess.Popen[bytes]:
        log = SCRATCH / "networkmanager.log"
        log.unlink(missing_ok=True)
        program = background("networkmanager", "NetworkManager", "--debug")
        wait_for(lambda: "startup complete" in log.read_text(errors="replace"), "NetworkManager")
        return program


class Iwd:
    """iwd alone."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Switch it on; it joins the networks that it knows."""
        self._program = background("iwd", "/usr/libexec/iwd", "-i", INTERFACE)
        wait_for(lambda: INTERFACE in run("iwctl", "station", "list", check=False), "iwd")

    def restart(self) -> None:
        """It dies without a goodbye, and is started again as systemd would."""
        self._program.kill()
        self._program.wait()
        self.start()

    def join(self, point: Point, index: int = 0, *, password: str = PASSWORD) -> None:
        """Choose the name, type the password."""
        offer = point.offers[index]
        name = offer.ssid.decode()
        run("iwctl", "station", INTERFACE, "scan", check=False)
        wait_for(lambda: name in run("iwctl", "station", INTERFACE, "get-networks", check=False), f"{name} in the list")
        secret = ("--passphrase", password) if offer.settings else ()
        insist(lambda: run("iwctl", *secret, "station", INTERFACE, "connect", name), f"iwd to join {name}")

    def leave(self) -> None:
        """The user's own disconnect."""
        run("iwctl", "station", INTERFACE, "disconnect", check=False)

    def look(self, point: Point) -> None:
        """Look around, if no other scan goes on."""
        run("iwctl", "station", INTERFACE, "scan", check=False)

    def stop(self) -> None:
        """Switch it off."""
        end(self._program)


LAPTOPS: dict[str, type[Bare] | type[NetworkManager] | type[Iwd]] = {
    "bare": Bare,
    "networkmanager": NetworkManager,
    "iwd": Iwd,
}
Laptop = Bare | NetworkManager | Iwd
