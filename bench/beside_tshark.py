"""What tshark and WiFiGuard see in the same files: `python bench/beside_tshark.py FILE…`. Exit status 1 where they differ.

Compared are HTTP requests, DNS messages (mDNS and LLMNR too), the TLS versions that servers chose and the names that clients
asked for. Every packet is read by both; tshark looks for HTTP and TLS on every port, as we do. Not compared is what tshark calls
malformed, decrypts with keys in the file, finds quoted by ICMP or in a body of HTTP, or takes for DNS on a port that is not its
own, and DNS's updates and notifications, which tell us nothing.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from wifiguard.core.messages import DnsMessage, HttpRequest, TlsHello
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources.files import CaptureFile
from wifiguard.sources.savefile import CaptureError
from wifiguard.streams import Streams, supported

# What is counted → how often.
Counts = Counter[str]

_FIELDS = (
    "frame.protocols",
    "_ws.malformed",
    "udp.port",
    "dns.flags.opcode",
    "http.request.method",
    "tls.handshake.type",
    "tls.handshake.random",
    "tls.handshake.version",
    "tls.handshake.extensions.supported_version",
    "tls.handshake.extensions_server_name",
)
_VERSIONS = {0x0300: "SSLv3", 0x0301: "TLS1.0", 0x0302: "TLS1.1", 0x0303: "TLS1.2", 0x0304: "TLS1.3"}
_DNS_PORTS = {"53", "5353", "5355"}
_ELSEWHERE = {"icmp", "icmpv6", "http"}
_RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"


def by_tshark(path: str) -> Counts:
    """What tshark counts in a file. Raises subprocess.CalledProcessError where it can not read it."""
    options = ["-n", "-r", path, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,"]
    options += [
        "-o",
        "tcp.reassemble_out_of_order:TRUE",
        "--enable-heuristic",
        "http_tcp",
        "--enable-heuristic",
        "tls_tcp",
        "-Y",
        "http or dns or mdns or llmnr or tls",
    ]
    fields = [word for field in _FIELDS for word in ("-e", field)]
    done = subprocess.run(["tshark", *options, *fields], capture_output=True, text=True, check=True)
    counts: Counts = Counter()
    for line in done.stdout.splitlines():
        layers, malformed, ports, opcodes, methods, kinds, randoms, versions, chosen, names = (
            [part for part in column.split(",") if part] for column in line.split("\t")
        )
        if ":tls:" in layers[0]:
            methods = opcodes = []
        counts["http requests"] += len(methods)
        if not malformed and not _ELSEWHERE & set(layers[0].split(":")) and (not ports or _DNS_PORTS & set(ports)):
            counts["dns messages"] += sum(opcode == "0" for opcode in opcodes)
        counts.update(f"name {name.lower()}" for name in names)
        if "2" in kinds and _RETRY not in [random.replace(":", "") for random in randoms]:
            counts[f"version {_version(int((chosen or versions)[0], 16))}"] += 1
    return +counts


def _version(number: int) -> str:
    # The drafts of TLS 1.3 have numbers of their own.
    return "TLS1.3" if number >> 8 in (0x7F, 0xFB) else _VERSIONS.get(number, "unknown")


def by_us(path: str) -> Counts:
    """What WiFiGuard counts in a file. Raises CaptureError."""
    told: list[Observation] = []
    streams: dict[int, Streams] = {}

    def take(data: bytes, wire_length: int, at: float, link_type: int) -> None:
        if link_type not in streams and supported(link_type):
            streams[link_type] = Streams(told.append, link_type)
        if link_type in streams:
            streams[link_type].packet(data, Seen(at, at), wire_length)

    with CaptureFile(path, filtered=False) as file:
        while file.read(take, 10_000):
            pass
    for each in streams.values():
        each.finish()
    return Counter(_counted(told))


def _counted(told: Iterable[Observation]) -> Iterator[str]:
    for obs in told:
        if isinstance(obs, HttpRequest):
            yield "http requests"
        elif isinstance(obs, DnsMessage):
            yield "dns messages"
        elif isinstance(obs, TlsHello):
            if obs.server:
                yield f"version {obs.versions[0]}"
            elif obs.server_name is not None:
                yield f"name {obs.server_name}"


def differences(path: str) -> dict[str, tuple[int, int]]:
    """What is counted differently → (by tshark, by us)."""
    theirs, ours = by_tshark(path), by_us(path)
    return {what: (theirs[what], ours[what]) for what in sorted(theirs | ours) if theirs[what] != ours[what]}


def main(paths: list[str]) -> int:
    """Print a line a file and one a difference."""
    differ = 0
    for path in paths:
        try:
            found = differences(path)
        except (CaptureError, subprocess.CalledProcessError) as error:
            print(f"{path}: not compared: {getattr(error, 'stderr', None) or error}".strip())
            continue
        differ += bool(found)
        print(f"{path}: {'the same' if not found else ''}")
        for what, (theirs, ours) in found.items():
            print(f"  {what}: tshark {theirs}, wifiguard {ours}")
    print(f"{len(paths)} files, {differ} with differences")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
