"""LDAP's messages, beside scapy's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.sessions import ber, bind
from wifiguard.decode import ldap
from wifiguard.decode.bad import Bad

SIMPLE = bind(ber(0x80, b"s3cret"))


def content(message: bytes) -> bytes:
    head = ldap.head(message)
    assert isinstance(head, ldap.Head)
    return message[head.content : head.end]


def test_a_head() -> None:
    assert ldap.head(SIMPLE) == ldap.Head(ldap.BIND_REQUEST, 7, len(SIMPLE))
    assert ldap.head(SIMPLE + b"more") == ldap.head(SIMPLE[:7])
    # Lengths in the long form, as Active Directory writes them.
    long = bytes.fromhex("308400000010020101608400000007020103040080" + "00")
    assert ldap.head(long) == ldap.Head(0x60, 15, 22)


def test_any_prefix_is_short_and_nothing_else() -> None:
    assert {ldap.head(SIMPLE[:size]) for size in range(6)} == {ldap.Begin.SHORT}


@pytest.mark.parametrize(
    "data",
    [
        "3005020101",
        "310c020101600702010304008000",
        "300c040101600702010304008000",
        "300c02010130070201030400800",
        "3080",
    ],
)
def test_what_is_none(data: str) -> None:
    assert not isinstance(ldap.head(bytes.fromhex(data[: len(data) // 2 * 2])), ldap.Head)


@pytest.mark.parametrize(
    ("authentication", "password"),
    [
        (ber(0x80, b"s3cret"), True),
        (ber(0x80), False),
        (ber(0xA3, ber(4, b"GSSAPI"), ber(4, b"ticket")), False),
        (ber(0xA3, ber(4, b"EXTERNAL")), False),
        (ber(0xA3, ber(4, b"PLAIN"), ber(4, b"\0me\0s3cret")), True),
        (ber(0xA3, ber(4, b"PLAIN")), False),
        (ber(0x89, b"NTLM"), False),  # Sicily, of Active Directory
    ],
)
def test_binds(authentication: bytes, password: bool) -> None:
    assert ldap.carries_password(content(bind(authentication))) is password


def test_a_bind_of_scapy() -> None:
    from scapy.layers.ldap import LDAP, LDAP_Authentication_simple, LDAP_BindRequest, LDAP_SearchRequest

    request = LDAP_BindRequest(bind_name=b"cn=me", authentication=LDAP_Authentication_simple(b"s3cret"))
    assert ldap.carries_password(content(bytes(LDAP(protocolOp=request))))
    search = ldap.head(bytes(LDAP(protocolOp=LDAP_SearchRequest())))
    assert isinstance(search, ldap.Head)
    assert search.operation == 0x63


@settings(max_examples=500, deadline=None)
@given(st.integers(0, len(SIMPLE) - 1), st.integers(0, 255), st.integers(0, len(SIMPLE)))
def test_spoilt(at: int, value: int, cut: int) -> None:
    spoilt = bytearray(SIMPLE)
    spoilt[at] = value
    data = bytes(spoilt[:cut])
    if isinstance(head := ldap.head(data), ldap.Head):
        try:
            ldap.carries_password(data[head.content : head.end])
        except Bad as bad:
            assert bad.protocol == "ldap"


@given(st.binary(max_size=40))
def test_any_bind(data: bytes) -> None:
    try:
        ldap.carries_password(data)
    except Bad as bad:
        assert bad.protocol == "ldap"
