"""Network namespaces wired together, with programs in them; all gone when the lab closes."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from tests.net.rig.command import run
from tests.net.rig.processes import Processes
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until

NAMED = Path("/run/netns")
OURS = re.compile(r"wg-(\d+)-[0-9a-f]{4}-")

# `ip netns exec` has made a mount namespace already (and mounted this network's /sys): what is mounted here is seen by
# the program and its children alone. The second file keeps a host's systemd-resolved or mDNS out of look-ups.
ENTER = """
mount --bind "$1" /etc/resolv.conf
if [ -e /etc/nsswitch.conf ]; then mount --bind "$2" /etc/nsswitch.conf; fi
shift 2
exec "$@"
"""
LOOK_UPS = "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n"


class Namespace:
    """One machine of the lab: its own interfaces, addresses, routes, resolver."""

    def __init__(self, lab: Lab, name: str, role: str) -> None:
        self.lab = lab
        self.name = name
        self.role = role
        self.ns_file = NAMED / name
        self._resolver = lab.processes.folder / f"{role}-resolv.conf"
        self._resolver.write_text("")

    def command(self, argv: Sequence[str]) -> list[str]:
        """The command line that runs `argv` in here."""
        return [
            *("ip", "netns", "exec", self.name, "sh", "-ec", ENTER, "sh"),
            *(str(self._resolver), str(self.lab.look_ups), *argv),
        ]

    def run(
        self,
        *argv: str,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        check: bool = True,
        timeout: float = 30.0,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in here to its end."""
        return run(self.command(argv), stdin=stdin, env=env, check=check, timeout=timeout)

    def start(self, name: str, *argv: str, env: Mapping[str, str] | None = None) -> Spawned:
        """Start a program in here; the lab ends it. Its pid is the program's own."""
        return self.lab.processes.start(name, self.command(argv), env)

    def ip(self, *commands: str) -> None:
        """Commands of ip(8), without the word ip."""
        run(["ip", "-n", self.name, "-batch", "-"], stdin="\n".join(commands) + "\n")

    def address(self, interface: str, *addresses: str) -> None:
        """Add addresses (with prefix length) that can be used at once."""
        self.ip(*(f"address add {a} dev {interface}" + (" nodad" if ":" in a else "") for a in addresses))

    def resolve_with(self, *servers: str) -> None:
        """The name servers of every program in here, running ones included."""
        self._resolver.write_text("".join(f"nameserver {server}\n" for server in servers) + "options timeout:2\n")

    def wait_listening(self, spawned: Spawned, *ports: int, protocol: str = "tcp") -> None:
        """Until `spawned`, a server in here, listens on all `ports` (of either family); no packet is sent."""
        wait_until(
            lambda: spawned.require_running() and set(ports) <= _open_ports(spawned.pid, protocol),
            f"{spawned.name} to listen on {protocol} {ports}",
        )

    def pids(self) -> set[int]:
        """Every process in here."""
        return {int(pid) for pid in run(["ip", "netns", "pids", self.name]).stdout.split()}


class Lab:
    """Uniquely named namespaces and what runs in them."""

    def __init__(self) -> None:
        sweep()
        self._stack = ExitStack()  # closed last entry first, each whatever happens to the others
        self._namespaces = ExitStack()
        self._prefix = f"wg-{os.getpid()}-{secrets.token_hex(2)}"
        self.namespaces: list[Namespace] = []
        self.processes = Processes()
        self._stack.callback(self.processes.close)
        self._stack.callback(self._namespaces.close)
        self._stack.callback(self.processes.stop)
        self.look_ups = self.processes.folder / "nsswitch.conf"
        self.look_ups.write_text(LOOK_UPS)

    def namespace(self, role: str) -> Namespace:
        """A new machine with nothing but loopback."""
        namespace = Namespace(self, f"{self._prefix}-{role}", role)
        self.namespaces.append(namespace)
        self._namespaces.callback(_remove, namespace)  # first: whatever interrupts the next line, it is removed
        run(["ip", "netns", "add", namespace.name])
        # Interfaces made from now on take their addresses without asking around for a second first.
        run(["ip", "netns", "exec", namespace.name, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0"])
        namespace.ip("link set lo up")
        return namespace

    def wire(self, one: Namespace, interface: str, other: Namespace, other_interface: str) -> None:
        """A cable between two machines, up at both ends."""
        ends = f"{interface} netns {one.name} type veth peer name {other_interface} netns {other.name}"
        run(["ip", "link", "add", *ends.split()])
        one.ip(f"link set {interface} up")
        other.ip(f"link set {other_interface} up")

    def logs(self) -> dict[str, str]:
        return self.processes.logs()

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sweep() -> None:
    """Remove the namespaces of test runs that were killed before they could (the kernel has ended their programs)."""
    for entry in NAMED.glob("wg-*") if NAMED.is_dir() else ():
        found = OURS.match(entry.name)
        if found and not Path("/proc", found[1]).exists():
            run(["ip", "netns", "delete", entry.name], check=False)  # another test run may be sweeping as well


def _remove(namespace: Namespace) -> None:
    if not namespace.ns_file.exists():
        return
    # Only what our own programs left behind in another session can still be in here: the namespace was ours alone.
    for pid in namespace.pids():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    wait_until(lambda: not namespace.pids(), f"what was left in {namespace.name} to be gone")
    run(["ip", "netns", "delete", namespace.name])


def _open_ports(pid: int, protocol: str) -> set[int]:
    ports = set()
    for family in ("", "6"):
        table = Path(f"/proc/{pid}/net/{protocol}{family}")
        if table.exists():
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] in ("0A", "07"):  # TCP listening; UDP unconnected
                    ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports
