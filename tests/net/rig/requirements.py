"""What a test needs of the machine; without it the test is skipped, and says what is missing."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

import pytest

from tests.net.rig.command import environment, run

PACKAGES = {
    # What laptops offer by accident, and the firewalls in front of it.
    "avahi-daemon": "avahi-daemon",
    "busctl": "systemd",
    "busybox": "busybox-static",
    "chromium": "chromium",
    "cupsd": "cups-daemon",
    "curl": "curl",
    "dbus-daemon": "dbus-daemon",
    "dhclient": "isc-dhcp-client",
    "dhcpd": "isc-dhcp-server",
    "dbusmock": "python3-dbusmock",  # not a program: a module of Debian's own Python
    "dnsmasq": "dnsmasq-base",
    "dovecot": "dovecot-imapd",
    "dpkg-deb": "dpkg",
    "dunst": "dunst",
    "exim4": "exim4-daemon-light",
    "firewalld": "firewalld",
    "fish": "fish",
    "ganesha.nfsd": "nfs-ganesha",
    "pg_ctlcluster": "postgresql",
    "ettercap": "ettercap-text-only",
    "import": "imagemagick",
    "ip": "iproute2",
    "iperf3": "iperf3",
    "iptables": "iptables",
    "ldapsearch": "ldap-utils",
    "lftp": "lftp",
    "man": "man-db",
    "microsocks": "microsocks",
    "mitmdump": "mitmproxy",
    "grim": "grim",
    "mako": "mako-notifier",
    "mosquitto": "mosquitto",
    "NetworkManager": "network-manager",
    "nft": "nftables",
    "nginx": "nginx",
    "ngircd": "ngircd",
    "nmap": "nmap",
    "notify-send": "libnotify-bin",
    "openssl": "openssl",
    "openvpn": "openvpn",
    "ping": "iputils-ping",
    "radvd": "radvd",
    "/usr/lib/dovecot/pop3": "dovecot-pop3d",
    "prosody": "prosody",
    "redis-server": "redis-server",
    "rsync": "rsync",
    "sendxmpp": "sendxmpp",
    "setpriv": "util-linux",
    "slapd": "slapd",
    "smbd": "samba",
    "snmpd": "snmpd",
    "snmpget": "snmp",
    "squid": "squid",
    "sshd": "openssh-server",
    "swaks": "swaks",
    "sway": "sway",
    "sysctl": "procps",
    "tcpdump": "tcpdump",
    "unbound": "unbound",
    "tcpreplay": "tcpreplay",
    "telnet": "inetutils-telnet",
    "tshark": "tshark",
    "ufw": "ufw",
    "update-ca-certificates": "ca-certificates",
    "vsftpd": "vsftpd",
    "wg": "wireguard-tools",
    "wireguard-go": "wireguard-go",
    "xdotool": "xdotool",
    "Xvfb": "xvfb",
    "arpspoof": "dsniff",
    "atk6-parasite6": "thc-ipv6",
    "bettercap": "bettercap",
    "yersinia": "yersinia",
    "zsh": "zsh",
    # A virtual machine with radios, and what is in the air there.
    "aireplay-ng": "aircrack-ng",
    "cpio": "cpio",
    "hostapd": "hostapd",
    "iw": "iw",
    "iwctl": "iwd",
    "mdk4": "mdk4",
    "modprobe": "kmod",
    "qemu-system-x86_64": "qemu-system-x86",
    "rfkill": "rfkill",
    "udevadm": "udev",
    "wpa_supplicant": "wpasupplicant",
}
"""Program to the Debian package that has it; tests/debian-packages.txt lists the same packages."""
DBUSMOCK = Path("/usr/lib/python3/dist-packages/dbusmock")

LAB = ("ip", "sysctl", "setpriv")
WIFI = (
    *(
        "qemu-system-x86_64",
        "busybox",
        "cpio",
        "modprobe",
        "ip",
        "hostapd",
        "wpa_supplicant",
        "iw",
        "rfkill",
        "udevadm",
    ),
    *("NetworkManager", "dbus-daemon", "iwctl", "dnsmasq", "mdk4", "aireplay-ng", "openssl"),
)
BUS = ("dbus-daemon", "busctl", "setpriv")
DESKTOP = (*BUS, "Xvfb", "dunst", "import")


def skip_unless_possible(item: pytest.Item) -> None:
    """Honour the markers `root` and `rig(*programs)` of one test."""
    programs = [program for marker in item.iter_markers("rig") for program in marker.args]
    require(*programs, root=item.get_closest_marker("root") is not None)


def require(*programs: str, root: bool = False) -> None:
    """Skip the running test unless all programs are there and, with `root`, namespaces can be made."""
    wanting = missing(*programs)
    if wanting:
        packages = sorted({PACKAGES.get(program, program) for program in wanting})
        pytest.skip(f"needs {', '.join(wanting)} (Debian packages: {' '.join(packages)})")
    if root:
        obstacle = root_obstacle()
        if obstacle:
            pytest.skip(obstacle)


def missing(*programs: str) -> list[str]:
    """Those that are not on this machine."""
    return [program for program in dict.fromkeys(programs) if not _present(program)]


@cache
def root_obstacle() -> str:
    """Why network namespaces cannot be made here; empty when they can."""
    if os.geteuid() != 0:
        return "needs root, for network namespaces"
    done = run(["unshare", "--net", "--mount", "true"], check=False)
    if done.returncode:
        return f"needs permission to make network namespaces ({done.stderr.strip()})"
    return ""


def _present(program: str) -> bool:
    if program == "dbusmock":
        return DBUSMOCK.is_dir()
    return shutil.which(program, path=environment()["PATH"]) is not None
