"""A real mitmproxy on a router, stripping the encryption off what passes on port 80."""

from __future__ import annotations

from pathlib import Path

from tests.net.rig.lab import Namespace

PORT = 8080
ADDON = Path(__file__).with_name("sslstrip_addon.py")
REDIRECT = """
table ip sslstrip {{
    chain prerouting {{
        type nat hook prerouting priority dstnat;
        iifname "{interface}" tcp dport 80 redirect to :{port}
    }}
}}
"""


class Sslstrip:
    """Running, and every connection to port 80 that comes in on `interface` goes through it."""

    def __init__(self, router: Namespace, interface: str = "eth0") -> None:
        folder = router.lab.processes.subfolder("mitmproxy")
        options = ("mode=transparent", "ssl_insecure=true", f"confdir={folder}", f"listen_port={PORT}")
        sets = [part for option in options for part in ("--set", option)]
        self.process = router.start("mitmdump", "mitmdump", *sets, "--scripts", str(ADDON), env={"HOME": str(folder)})
        router.wait_listening(self.process, PORT)
        router.run("nft", "-f", "-", stdin=REDIRECT.format(interface=interface, port=PORT))
