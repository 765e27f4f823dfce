"""Observations decoded from packets: what was said, never the words themselves.

A message keeps what a rule needs to judge (that a password crossed, for which host) and no value of a field, header, path or
cookie: what is not kept cannot leak (docs/privacy.md).
"""

from __future__ import annotations

from typing import NamedTuple

from wifiguard.core.lan import Delivery
from wifiguard.core.observation import Observation

_NOWHERE = Delivery()


class Flow(NamedTuple):
    """Who talks to whom. Addresses are bytes (4 or 16); `transport` is "tcp" or "udp".

    The client is who opened the conversation, where that was seen; else who has the higher port. `tunnelled`: read inside a
    VPN device, so that plaintext here is not plaintext on the link under it.
    """

    client: bytes
    client_port: int
    server: bytes
    server_port: int
    transport: str
    tunnelled: bool = False


class DnsQuestion(NamedTuple):
    """`name` lower case without the final dot, bytes outside printable ASCII as \\DDD (RFC 4343, 2.1)."""

    name: str
    type: int


class DnsRecord(NamedTuple):
    """`data`: the address bytes of A and AAAA, the target name (text) of CNAME, PTR, SVCB and HTTPS, else None."""

    name: str
    type: int
    ttl: int
    data: bytes | str | None


class DnsMessage(Observation, frozen=True):
    """One DNS message (RFC 1035) over UDP or TCP, or its mDNS and LLMNR kin; `protocol` is dns, dns-over-tcp, mdns, llmnr.

    `delivery`: how a datagram came over the link.
    """

    flow: Flow
    protocol: str
    id: int
    response: bool
    rcode: int
    questions: tuple[DnsQuestion, ...]
    answers: tuple[DnsRecord, ...]
    delivery: Delivery = _NOWHERE


class HttpRequest(Observation, frozen=True):
    """One HTTP/1 request (RFC 9112), told once: its body was read up to the bound, or will not come.

    `host` from an absolute target, else the Host header; lower case, no port, None where neither names one. `form`: a body of
    a form type was announced or sent. `password`: a field of a form or query whose name says password had a value.
    """

    flow: Flow
    method: str
    host: str | None
    form: bool = False
    password: bool = False
    cookie: bool = False
    authorization: bool = False
    complete: bool = True


class HttpResponse(Observation, frozen=True):
    """One final HTTP/1 response (no 1xx), with the host that its request named where that was seen.

    `location` is (scheme, host) of a redirect's target, relative targets resolved, None where there is none. `page`: what it
    carries is HTML, or of a type that it does not say.
    """

    flow: Flow
    status: int
    host: str | None
    method: str | None = None
    location: tuple[str, str] | None = None
    page: bool = True


class TlsHello(Observation, frozen=True):
    """A ClientHello or ServerHello. `versions`: those offered, or the one chosen (TLS1.0 … TLS1.3, SSLv2, SSLv3).

    `server_name`: the SNI host name, lower case. `quic`: carried by QUIC.
    """

    flow: Flow
    server: bool
    versions: tuple[str, ...]
    server_name: str | None = None
    ciphers: tuple[int, ...] = ()
    quic: bool = False


class CleartextSession(Observation, frozen=True):
    """A conversation in a cleartext protocol other than HTTP. `protocol`: ftp, smtp, …, or "text".

    `content`: it carried some; else its client only found out what the server can do, and no TLS followed.
    """

    flow: Flow
    protocol: str
    content: bool = True


class CleartextLogin(Observation, frozen=True):
    """A password, or what serves as one, crossed in clear.

    `protocol`: http, http-proxy, ftp, pop3, imap, smtp, ldap, telnet, irc, xmpp, socks, snmp, vnc. `host`: the server's name
    where the conversation says it, lower case, no port.
    """

    flow: Flow
    protocol: str
    host: str | None = None


class PersonalData(Observation, frozen=True):
    """Personal data of these `categories` (sorted words, never a value) left in a cleartext form, URL or upload."""

    flow: Flow
    protocol: str
    categories: tuple[str, ...]
    host: str | None = None


class Malformed(Observation, frozen=True):
    """Bytes that claim to be `protocol` and are not; `reason` is from a fixed list, never text of the packet."""

    protocol: str
    reason: str
