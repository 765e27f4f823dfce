"""Probes of the network's own name server, and of what it says that a name's address is."""

from __future__ import annotations

import random
import socket
import ssl
import string
from collections.abc import Iterable
from pathlib import Path

from wifiguard.core.addresses import address_text
from wifiguard.core.joining import OWN_PORTS
from wifiguard.core.messages import Flow
from wifiguard.core.observation import Seen
from wifiguard.decode import dns
from wifiguard.decode.bad import Bad

WAIT = 2.0
# Where the name servers stand that the network gave; the first has them where a local cache hides them.
RESOLVERS = (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf"))
NAMES = 3
# What the made-up name is called in the answer.
MADE_UP = "?"
_A = 1
# What a server says that does not want to answer, or cannot (RFC 1035, 4.1.1).
_SERVFAIL, _REFUSED = 2, 5


def addresses_of(interface: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """(name, its IPv4 addresses) for some of `names`, chosen by lot, and for a made-up one; "" where there is none.

    Raises OSError where no name server is to be asked or none answers.
    """
    servers = name_servers()
    if not servers:
        raise OSError("the network gave no name server")
    chosen = random.sample(sorted(set(names)), k=min(NAMES, len(set(names))))
    made_up = "".join(random.choices(string.ascii_lowercase, k=16)) + ".com"
    answers = {name: _look_up(interface, servers[0], name) for name in (made_up, *chosen)}
    if all(answer is None for answer in answers.values()):
        raise OSError("the name server refused to answer")
    return [(MADE_UP if name == made_up else name, ",".join(answer or ())) for name, answer in answers.items()]


def certificate_verdict(interface: str, address: str, name: str) -> str:
    """valid; unreachable; or why the certificate that is shown there does not stand for `name`."""
    context = ssl.create_default_context()
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as plain:
            _bind(plain, interface)
            plain.settimeout(WAIT)
            plain.connect((address, 443))
            with context.wrap_socket(plain, server_hostname=name):
                return "valid"
    except ssl.SSLCertVerificationError as error:
        return error.verify_message or "invalid"
    except OSError:
        return "unreachable"


def name_servers() -> list[str]:
    """The name servers that are no cache on this laptop."""
    for path in RESOLVERS:
        try:
            lines = path.read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        found = [fields[1] for fields in map(str.split, lines) if len(fields) > 1 and fields[0] == "nameserver"]
        if found := [server for server in found if not server.startswith("127.") and server != "::1"]:
            return found
    return []


def _look_up(interface: str, server: str, name: str) -> list[str] | None:
    """The addresses that the server gives; None where it refuses."""
    ident = random.randrange(1 << 16)
    labels = b"".join(bytes([len(label)]) + label for label in name.encode("ascii").split(b"."))
    query = ident.to_bytes(2, "big") + b"\x01\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"
    found = socket.getaddrinfo(server, 53, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as asking:
        _bind(asking, interface)
        asking.settimeout(WAIT)
        asking.bind(("", random.choice(OWN_PORTS)))
        asking.connect(address)
        asking.send(query)
        while True:
            said = asking.recv(4096)
            if said[:2] == query[:2]:
                break
    flow = Flow(b"", 0, b"", 53, "udp")
    try:
        answer = dns.message(said, flow, "dns", Seen(0.0, 0.0))
    except Bad:
        return None
    if answer is None or answer.rcode in (_SERVFAIL, _REFUSED):
        return None
    return [address_text(r.data) for r in answer.answers if r.type == _A and isinstance(r.data, bytes)]


def _bind(asking: socket.socket, interface: str) -> None:
    # Past a VPN, the question is what this network answers.
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
