"""SNMP, SOCKS, VNC and XMPP: small messages, each read by its length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifiguard.decode import snmp, socks, vnc
from wifiguard.decode.dialogue import Said
from wifiguard.decode.xmpp import Xmpp


@pytest.mark.parametrize(
    ("community", "secret"), [("public", False), ("private", False), ("geheim", True), ("", False)]
)
@pytest.mark.parametrize("version", [0, 1])
def test_snmp_beside_scapy(community: str, version: int, secret: bool) -> None:
    from scapy.layers.snmp import SNMP, SNMPget

    message = bytes(SNMP(version=version, community=community, PDU=SNMPget()))
    assert snmp.secret_community(message) is secret
    assert snmp.secret_community(bytes(SNMP(version=3, community=community, PDU=SNMPget()))) is None
    assert {snmp.secret_community(message[:size]) for size in range(8 + len(community))} == {None}


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (socks.greeting, b"\5\2\0\2"),
        (socks.greeting, b"\4\1\0\x50\xc0\0\2\1me\0"),
        (socks.greeting, b"\4\1\0\x50\0\0\0\1me\0host.example\0"),
        (socks.address, b"\5\1\0\1\xc0\0\2\1\0\x50"),
        (socks.address, b"\5\1\0\3\4host\0\x50"),
        (socks.address, b"\5\0\0\4" + bytes(18)),
    ],
)
def test_socks_messages_have_their_length(read: object, message: bytes) -> None:
    assert callable(read)
    assert read(message) == read(message + b"more") == len(message)
    assert {read(message[:size]) for size in range(len(message))} == {None}


def test_socks_passwords() -> None:
    assert socks.user_password(b"\1\2me\6s3cretmore") == (11, True)
    assert socks.user_password(b"\1\2me\0") == (5, False)
    assert socks.user_password(b"\1\2me\6s3cre") is None
    assert socks.user_password(b"\2") == (0, False)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    for first in (b"", b"\5", b"\4\1", b"\1", b"\x30\x20\2\1\1\4"):
        whole = first + data
        assert socks.greeting(whole) is None or 0 <= (socks.greeting(whole) or 0) <= len(whole)
        assert socks.address(whole) is None or 0 <= (socks.address(whole) or 0) <= len(whole)
        assert socks.user_password(whole) is None or socks.user_password(whole)[0] <= len(whole)  # type: ignore[index]
        assert snmp.secret_community(whole) in (None, True, False)
        assert vnc.begins(whole) in (None, True, False)
        assert Xmpp().tag(whole) in Said


def test_vnc_versions() -> None:
    assert vnc.server_decides(b"RFB 003.003\n")
    assert not vnc.server_decides(b"RFB 003.007\n")
    assert not vnc.server_decides(b"RFB 004.001\n")
    assert {vnc.begins(b"RFB 003.008\n"[:size]) for size in range(12)} == {None}
    assert vnc.begins(b"RFC 003.008\n") is False


def test_xmpp_tags() -> None:
    stream = Xmpp()
    assert [
        stream.tag(piece)
        for piece in (
            b"<?xml version='1.0'?>",
            b"<stream:stream to='a'>",
            b"<auth mechanism='PLAIN' xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>",
            b"AG1lAHMzY3JldA==</auth>",
        )
    ] == [Said.PREAMBLE, Said.PREAMBLE, Said.CONTENT, Said.PASSWORD]
