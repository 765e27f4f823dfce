"""The servers that laptops run by accident, all at once on one machine of the lab."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import MappingProxyType

from tests.net.rig.command import run
from tests.net.rig.lab import Namespace
from tests.net.rig.spawned import Spawned

# What a server wants to find under /run, without touching the host's.
PRIVATE_RUN = (
    'mount -t tmpfs none /run && mkdir -p /run/sshd /run/samba /run/cups /run/avahi-daemon /run/ganesha && exec "$@"'
)

SSHD = """
Port 22
HostKey {folder}/host_key
PidFile none
PasswordAuthentication {passwords}
KbdInteractiveAuthentication no
UsePAM no
"""
SMB = """
[global]
private dir = {folder}
lock directory = {folder}
state directory = {folder}
cache directory = {folder}
ncalrpc dir = {folder}/ncalrpc
disable spoolss = yes
[films]
path = {folder}
guest ok = yes
"""
AVAHI = """
[server]
enable-dbus=no
host-name=laptop
[rlimits]
rlimit-nproc=100
"""
CUPS = """
Listen *:631
ErrorLog stderr
<Location />
Allow all
</Location>
"""
# It empties what it is given for temporary files.
CUPS_FILES = """
ServerRoot {folder}/cups
RequestRoot {folder}/cups
CacheDir {folder}/cups
TempDir {folder}/cups
StateDir {folder}/cups
ErrorLog stderr
AccessLog stderr
User lp
Group lp
"""
MOSQUITTO = "listener 1883\nallow_anonymous true\n"
RSYNCD = "[photos]\npath = {folder}\nuse chroot = no\n"
DNS = "no-resolv\nno-hosts\nuser=root\ngroup=root\npid-file\naddress=/laptop.test/192.0.2.1\n"
# NFS that needs nothing of the kernel: version 4 alone, by a program of its own.
GANESHA = """
NFS_CORE_PARAM {{ Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; }}
NFSV4 {{ RecoveryRoot = {folder}; Graceless = true; Only_Numeric_Owners = true; }}
EXPORT {{ Export_Id = 1; Path = {folder}; Pseudo = /films; Access_Type = RO; FSAL {{ Name = VFS; }} }}
"""
# It refuses to be root.
AS_POSTGRES = ("setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--pdeathsig", "KILL", "--")
POSTGRES = ("-c", "listen_addresses=*", "-c", "fsync=off", "-c")
REDIS = ("--protected-mode", "no", "--bind", "0.0.0.0", "::", "--save", "", "--dir")


class LaptopServers:
    """Samba, NFS, databases, printers, the web and the rest; `ports` says where, by transport."""

    ports = MappingProxyType(
        {"tcp": (22, 53, 139, 445, 631, 873, 1883, 2049, 5432, 6379, 8000, 8004, 8006), "udp": (53,)}
    )

    def __init__(self, namespace: Namespace, *, passwords: bool = True) -> None:
        self._namespace = namespace
        self._folder = folder = namespace.lab.processes.subfolder("servers")
        (folder / "cups").mkdir()
        # Where its package would have made it: without it `sshd -T` does not tell its settings.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key")])
        sshd = self._file("sshd_config", SSHD, passwords="yes" if passwords else "no")
        cups_files = self._file("cups-files.conf", CUPS_FILES)
        rsyncd = self._file("rsyncd.conf", RSYNCD)
        self.sshd = self._start("sshd", "/usr/sbin/sshd", "-D", "-e", "-f", str(sshd))
        self.smbd = self._start(
            "smbd",
            "smbd",
            "--foreground",
            "--no-process-group",
            "--debug-stdout",
            "-s",
            str(self._file("smb.conf", SMB)),
        )
        avahi = self._file("avahi.conf", AVAHI)
        self.avahi = self._start("avahi", "avahi-daemon", "--no-drop-root", "--no-chroot", "-f", str(avahi))
        self.cups = self._start(
            "cupsd", "cupsd", "-f", "-c", str(self._file("cupsd.conf", CUPS)), "-s", str(cups_files)
        )
        self.nfs = self._start(
            "ganesha", "ganesha.nfsd", "-F", "-L", "STDERR", "-f", str(self._file("nfs.conf", GANESHA))
        )
        database = namespace.lab.processes.subfolder("postgres")
        shutil.chown(database, "postgres", "postgres")
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
        namespace.run(
            *AS_POSTGRES, f"{programs}/initdb", "--no-sync", "--auth=trust", "-D", f"{database}/data", timeout=120
        )
        self.postgres = self._start(
            "postgres",
            *(*AS_POSTGRES, f"{programs}/postgres", "-D", f"{database}/data"),
            *(*POSTGRES, f"unix_socket_directories={database}"),
        )
        self.redis = self._start("redis", "redis-server", *REDIS, str(folder))
        self.mosquitto = self._start("mosquitto", "mosquitto", "-c", str(self._file("mosquitto.conf", MOSQUITTO)))
        self.rsync = self._start("rsync", "rsync", "--daemon", "--no-detach", f"--config={rsyncd}")
        self.dns = self._start("dnsmasq", "dnsmasq", "-k", f"--conf-file={self._file('dnsmasq.conf', DNS)}")
        self.web = {
            8000: self._web(8000, "::"),  # both families by one socket
            8001: self._web(8001, "127.0.0.1"),  # this laptop only
            8004: self._web(8004, "0.0.0.0"),
            8006: self._web(8006, "fd23::2"),
        }
        for port, server in self.web.items():
            namespace.wait_listening(server, port)
        for server, ports in (
            (self.sshd, (22,)),
            (self.smbd, (139, 445)),
            (self.cups, (631,)),
            (self.nfs, (2049,)),
            (self.postgres, (5432,)),
            (self.redis, (6379,)),
            (self.mosquitto, (1883,)),
            (self.rsync, (873,)),
            (self.dns, (53,)),
        ):
            namespace.wait_listening(server, *ports)
        namespace.wait_listening(self.avahi, 5353, protocol="udp")

    def _start(self, name: str, *argv: str) -> Spawned:
        return self._namespace.start(name, "sh", "-ec", PRIVATE_RUN, "sh", *argv)

    def _web(self, port: int, address: str) -> Spawned:
        return self._namespace.start(
            f"web-{port}", sys.executable, "-m", "http.server", str(port), "--bind", address, "-d", str(self._folder)
        )

    def _file(self, name: str, text: str, **words: str) -> Path:
        path = self._folder / name
        path.write_text(text.format(folder=self._folder, **words))
        return path
