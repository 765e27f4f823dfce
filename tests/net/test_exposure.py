"""What the laptop offers, with real servers and real firewalls; nmap on the café's side says what can be reached.

For each firewall, each server and each address family, WiFiGuard's answer must be nmap's.
"""

from __future__ import annotations

import json
import resource
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.net.rig import exposed, firewalls
from tests.net.rig.cafe import Cafe
from tests.net.rig.lab import Lab, Namespace
from tests.net.rig.laptop_servers import LaptopServers
from tests.net.rig.requirements import LAB, require
from tests.net.rig.waiting import wait_until
from tests.net.watched import Line, Watched

pytestmark = [
    pytest.mark.root,
    pytest.mark.rig("nmap", "nft", "iptables", "ufw", "firewalld", "sshd", "smbd", "avahi-daemon", "cupsd"),
    pytest.mark.rig("redis-server", "mosquitto", "rsync", "dnsmasq", "curl", "ganesha.nfsd", "pg_ctlcluster"),
    pytest.mark.xdist_group("exposure"),
]
Table = dict[tuple[str, int], str]


@pytest.fixture(scope="module")
def cafe() -> Iterator[Cafe]:
    require(*LAB, root=True)
    with Lab() as lab:
        yield Cafe(lab)


@pytest.fixture(scope="module")
def servers(cafe: Cafe) -> LaptopServers:
    return LaptopServers(cafe.laptop)


@contextmanager
def running(machine: Namespace, name: str, *argv: str) -> Iterator[None]:
    """A program of ours that says when it is ready, and is gone afterwards."""
    program = machine.start(name, *argv)
    try:
        program.wait_for_output("ready", timeout=60)
        yield
    finally:
        program.stop()


@contextmanager
def forwarding(laptop: Namespace, *names: str) -> Iterator[None]:
    """The laptop passes packets on: these switches of sysctl(8) are on."""
    try:
        laptop.run("sysctl", "-qw", *(f"{name}=1" for name in names))
        yield
    finally:
        laptop.run("sysctl", "-qw", *(f"{name}=0" for name in names))


@contextmanager
def docker_bridge(laptop: Namespace) -> Iterator[None]:
    """What a daemon of containers makes."""
    try:
        laptop.ip("link add docker0 type bridge", "link set docker0 up")
        yield
    finally:
        laptop.ip("link del docker0")


def told(cafe: Cafe) -> Table:
    """(service, address family) → open, perhaps or stopped, as WiFiGuard says."""
    answer = json.loads(cafe.laptop.run(sys.executable, "-m", exposed.__name__).stdout)
    return {(service, int(family)): reach for service, ways in answer.items() for family, reach in ways.items()}


def seen_by_nmap(cafe: Cafe, family: int) -> Table:
    """The same as somebody in the café finds out."""
    address = cafe.laptop_addresses.v4 if family == 4 else cafe.laptop_addresses.v6
    ports = ",".join(f"{t[0].upper()}:" + ",".join(map(str, p)) for t, p in LaptopServers.ports.items())
    hurry = (
        "--max-retries",
        "2",
        "--min-rate",
        "100",
        "--initial-rtt-timeout",
        "200ms",
        "--max-rtt-timeout",
        "400ms",
        "-n",
        "-Pn",
    )
    done = cafe.internet.run(
        "nmap", *(["-6"] if family == 6 else []), "-sS", "-sU", "-p", ports, *hurry, "-oX", "-", address, timeout=60
    )
    states = {
        f"{port.get('protocol')}/{port.get('portid')}": str(port.find("state").get("state"))  # type: ignore[union-attr]
        for port in ET.fromstring(done.stdout).iter("port")
    }
    return {(service, family): "open" if state == "open" else "stopped" for service, state in states.items()}


# The name of the laptop, asked for as a simple resolver does (RFC 6762, 6.7): the answer comes by unicast.
ASK_BY_MULTICAST = """
import socket, sys
family, group = (socket.AF_INET, "224.0.0.251") if sys.argv[1] == "4" else (socket.AF_INET6, "ff02::fb")
kind = b"\\x01" if sys.argv[1] == "4" else b"\\x1c"
asked = socket.socket(family, socket.SOCK_DGRAM)
asked.settimeout(0.5)
where = (group, 5353) if sys.argv[1] == "4" else (group, 5353, 0, socket.if_nametoindex("eth0"))
for attempt in range(3):
    asked.sendto(bytes.fromhex("000700000001000000000000") + b"\\x06laptop\\x05local\\0\\0" + kind + b"\\0\\x01", where)
    try:
        print(len(asked.recv(9000)))
        break
    except TimeoutError:
        pass
"""


def answers_by_multicast(cafe: Cafe, family: int) -> Table:
    """Whether Avahi tells the café its name: nmap asks single hosts only."""
    cafe.internet.run("ip", "route", "replace", "224.0.0.0/4", "dev", "eth0")
    answer = cafe.internet.run(sys.executable, "-c", ASK_BY_MULTICAST, str(family)).stdout
    return {("udp/5353", family): "open" if answer else "stopped"}


def reached(cafe: Cafe) -> Table:
    """All that the café reaches, asked at the same time."""
    with ThreadPoolExecutor(4) as askers:
        asked = [askers.submit(ask, cafe, family) for family in (4, 6) for ask in (seen_by_nmap, answers_by_multicast)]
        return {cell: state for answer in asked for cell, state in answer.result().items()}


@pytest.mark.parametrize("firewall", firewalls.ALL)
def test_what_is_told_is_what_nmap_reaches(cafe: Cafe, servers: LaptopServers, firewall: str) -> None:
    with firewalls.switched_on(cafe.laptop, firewall):
        answer = told(cafe)
        truth = reached(cafe)
    mine = {cell: answer.get(cell, "stopped") for cell in truth}
    assert len(truth) == 30
    assert {cell: (mine[cell], truth[cell]) for cell in truth if mine[cell] != truth[cell]} == {}
    assert ("tcp/8001", 4) not in answer, "what listens on this laptop only is nobody's business"
    if firewall == "nothing":
        assert list(truth.values()).count("open") == 28


# A program with ten thousand sockets, as a proxy or a trap would have them.
MANY = """
import resource, socket, time
resource.setrlimit(resource.RLIMIT_NOFILE, (10_100, 10_100))
held = []
for port in range(20_000, 30_000):
    held.append(socket.socket())
    held[-1].bind(("10.23.0.2", port))
    held[-1].listen()
print("ready", flush=True)
time.sleep(600)
"""
# As packet analysers ask for it (packet(7), PACKET_ADD_MEMBERSHIP): the interface's own flags do not show it.
PROMISCUOUS = """
import socket, struct, time
listening = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
listening.bind(("wlan0", 0))
listening.setsockopt(263, 1, struct.pack("iHH8s", socket.if_nametoindex("wlan0"), 1, 0, b""))
print("ready", flush=True)
time.sleep(600)
"""
# /proc as distributions mount it that hide other people's processes.
HIDDEN = """
mount -t proc -o hidepid=2 proc /proc
exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$@"
"""


def scanned(cafe: Cafe, *options: str, prefix: tuple[str, ...] = (), folder: str = "/nonexistent") -> list[Line]:
    """What a scan of our own says to machines."""
    nowhere = "unix:path=/nonexistent"
    env = {
        "WIFIGUARD_STATE_DIR": folder,
        "WIFIGUARD_RUNTIME_DIR": folder,
        "WIFIGUARD_CONFIG_DIR": folder,
        "DBUS_SYSTEM_BUS_ADDRESS": nowhere,
    }
    lines: list[Line] = []
    # A busy machine gets more time: what does not answer soon enough is said, and not what these tests are about.
    for seconds in ("6", "40"):
        argv = [*prefix, sys.executable, "-m", "wifiguard", "scan", "--seconds", seconds, "--json", *options]
        done = cafe.laptop.run(*argv, env=env, check=False, timeout=90)
        assert done.returncode in (0, 1, 3), done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if not any(line["type"] == "not_checked" and "in time" in line["reason"] for line in lines):
            break
    return lines


def test_ten_thousand_sockets(cafe: Cafe) -> None:
    with running(cafe.laptop, "many", sys.executable, "-c", MANY):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        lines = scanned(cafe, "--only", "exposed-service")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 8, "processor time of two scans"
    found = [line for line in lines if line["type"] == "finding" and "python" in (line["evidence"]["program"] or "")]
    many = [line for line in found if len(line["evidence"]["ports"]) > 60]
    assert len({line["id"] for line in many}) == 1, "what one program does is one problem"
    (missing,) = (line for line in lines if line["type"] == "not_checked")
    assert missing["what"] == "services"
    assert "more than 400" in missing["reason"]


def test_a_person_without_rights_where_processes_are_hidden(cafe: Cafe, servers: LaptopServers) -> None:
    lines = scanned(cafe, "--only", "exposed-service", "--only", "firewall-off", prefix=("sh", "-ec", HIDDEN, "sh"))
    redis = next(
        line for line in lines if line["type"] == "finding" and "tcp/6379" in line["evidence"].get("ports", [])
    )
    assert (redis["severity"], redis["evidence"]["service"]) == ("medium", "Redis"), (
        "nobody knows whether it is stopped"
    )
    assert (redis["evidence"]["program"], redis["evidence"]["certain"]) == (None, False)
    missing = {line["what"]: line["reason"] for line in lines if line["type"] == "not_checked"}
    assert missing == {"firewall": "only root can read the firewall's rules"}
    assert lines[-1]["verdict"] == "with-care"


def test_the_monitor_looks_again_when_asked(cafe: Cafe, servers: LaptopServers) -> None:
    watched = Watched(cafe.laptop)
    cafe.laptop.run("ping", "-c", "1", cafe.router.v4)
    wait_until(
        lambda: any(n["name"].startswith("wired, wlan0 (router") for n in watched.status()["networks"]), "a network"
    )

    def scanned_in_time() -> list[Line]:
        """Nothing while a busy machine has only older state to show, and says so."""
        lines = watched.lines("scan")
        missing = {line["what"] for line in lines if line["type"] == "not_checked"}
        return [] if missing & {"services", "firewall"} else lines

    def rules() -> dict[str, str]:
        lines = wait_until(scanned_in_time, "a scan that looked again", 60)
        # The worst comes first.
        return {line["rule"]: line["severity"] for line in reversed(lines) if line["type"] == "finding"}

    found = rules()
    expected = {
        "exposed-service": "high",
        "file-sharing-on": "high",
        "firewall-off": "medium",
        "remote-login-on": "medium",
    }
    assert found.items() >= expected.items()
    with firewalls.switched_on(cafe.laptop, "nftables"):
        assert rules().keys() & expected.keys() == {"exposed-service", "remote-login-on"}, "8000 and SSH are let in"
    watched.command("trust")
    wait_until(lambda: set(rules().values()) == {"info"}, "everything to be info at home", 30)
    program = next(line for line in watched.log("exposed-service") if line["evidence"]["service"] == "Redis")
    evidence = program["evidence"]
    assert (evidence["program"], evidence["package"], evidence["user"]) == ("redis-server", "redis-tools", "root")
    assert evidence["bind"] == "redis.conf: bind 127.0.0.1 -::1"
    login = next(line for line in watched.log("remote-login-on") if line["evidence"]["service"] == "SSH")
    assert login["evidence"]["passwords"] is True


def test_a_laptop_that_routes_and_listens(cafe: Cafe) -> None:
    only = [word for rule in ("forwards-traffic", "promiscuous-interface") for word in ("--only", rule)]

    def found() -> dict[str, Line]:
        return {line["rule"]: line["evidence"] for line in scanned(cafe, *only) if line["type"] == "finding"}

    assert found() == {}
    with (
        running(cafe.laptop, "sniffer", sys.executable, "-c", PROMISCUOUS),
        forwarding(cafe.laptop, "net.ipv4.conf.wlan0.forwarding", "net.ipv6.conf.all.forwarding"),
    ):
        assert found() == {"forwards-traffic": {"families": [4, 6]}, "promiscuous-interface": {"interface": "wlan0"}}
        with docker_bridge(cafe.laptop):
            assert found().keys() == {"promiscuous-interface"}, "containers need a laptop that routes"
    assert found() == {}


PUBLISH = (
    "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -p tcp --dport 8090 -j DNAT --to-destination 172.17.0.2:80",
    "-I FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-I FORWARD -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT",
)


@pytest.fixture
def published(cafe: Cafe) -> Iterator[None]:
    """A container with a web server, and a proxy on the laptop for it, as Docker publishes a port."""
    with docker_bridge(cafe.laptop), forwarding(cafe.laptop, "net.ipv4.ip_forward"), Lab() as inside:
        container = inside.namespace("container")
        inside.wire(cafe.laptop, "veth-c", container, "eth0")
        cafe.laptop.ip("link set veth-c master docker0")
        cafe.laptop.address("docker0", "172.17.0.1/16")
        container.address("eth0", "172.17.0.2/16")
        container.ip("route add default via 172.17.0.1")
        web = container.start("container-web", sys.executable, "-m", "http.server", "80")
        container.wait_listening(web, 80)
        proxy = cafe.laptop.start("docker-proxy", sys.executable, "-m", "http.server", "8090", "--bind", "0.0.0.0")
        try:
            cafe.laptop.wait_listening(proxy, 8090)
            yield
        finally:
            proxy.stop()


@pytest.mark.usefixtures("published")
def test_a_containers_port_goes_past_ufw(cafe: Cafe) -> None:
    """The container's rules stand before ufw's."""

    def both() -> tuple[str | None, bool]:
        """What is told of the port, and whether somebody in the café gets a page."""
        page = cafe.internet.run("curl", "-s", "-m", "3", f"http://{cafe.laptop_addresses.v4}:8090/", check=False)
        return told(cafe).get(("tcp/8090", 4)), page.returncode == 0

    with firewalls.switched_on(cafe.laptop, "ufw"):
        assert both() == ("stopped", False)
        for rule in PUBLISH:
            cafe.laptop.run("iptables-nft", *rule.split())
        assert both() == ("open", True)
        cafe.laptop.run("iptables-nft", "-D", *PUBLISH[2].split()[1:])
        assert both() == ("stopped", False), "the way is there, but nobody may go it"
