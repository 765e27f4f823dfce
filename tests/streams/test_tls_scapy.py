"""Hellos of OpenSSL, by scapy's reading and by ours."""

from __future__ import annotations

import random
import ssl

import pytest
from scapy.layers.tls.extensions import ServerName, TLS_Ext_ServerName, TLS_Ext_SupportedVersion_SH
from scapy.layers.tls.handshake import TLSClientHello, TLSServerHello

from tests.streams.handshakes import LEAF, LINK, handshake
from wifiguard.core.tls import VERSIONS
from wifiguard.decode import tls

V = ssl.TLSVersion
NUMBERS = dict(zip((0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304), VERSIONS, strict=True))


def hellos(version: ssl.TLSVersion, name: str) -> tuple[bytes, bytes]:
    """The two first messages, without their records."""
    said = dict(reversed(handshake([LEAF, LINK], name, version=version)[:2]))
    first = [tls.record(said[side], 0) for side in ("up", "down")]
    messages = [tls.message(each.body) for each in first if each is not None]
    up, down = (each.body for each in messages if each is not None)
    return up, down


@pytest.mark.parametrize("version", [V.TLSv1, V.TLSv1_1, V.TLSv1_2, V.TLSv1_3])
def test_the_same_is_read(version: ssl.TLSVersion) -> None:
    name = f"host-{random.Random(version).randrange(9999)}.example.org"
    up, down = hellos(version, name)
    asked, ours = TLSClientHello(b"\1" + len(up).to_bytes(3, "big") + up), tls.client_hello(up)
    (named,) = (each for each in asked.ext if isinstance(each, TLS_Ext_ServerName))
    assert [each.servername.decode() for each in named.servernames if isinstance(each, ServerName)] == [name]
    assert ours.server_name == name
    assert ours.ciphers == tuple(asked.ciphers)
    chosen, mine = TLSServerHello(b"\2" + len(down).to_bytes(3, "big") + down), tls.server_hello(down)
    supported = [each.version for each in chosen.ext or () if isinstance(each, TLS_Ext_SupportedVersion_SH)]
    assert mine.version == NUMBERS[supported[0] if supported else chosen.version]
    assert mine.cipher == chosen.cipher
