"""Names that mean something on one network only."""

from __future__ import annotations

from wifiguard.core.addresses import address_bytes, is_private

# RFC 6762 (local, and the others of appendix G), RFC 8375 (home.arpa), RFC 6761 (localhost), ICANN's .internal.
_SUFFIXES = frozenset(
    {"local", "localhost", "internal", "home.arpa", "intranet", "private", "corp", "home", "lan", "localdomain"}
)
# What home routers call themselves, though the domains belong to the world.
_ROUTERS = frozenset(
    {
        *("fritz.box", "speedport.ip", "easy.box", "o2.box", "routerlogin.net", "routerlogin.com", "orbilogin.com"),
        *("tplinkwifi.net", "tplinklogin.net", "tplinkmodem.net", "tplinkrepeater.net", "router.asus.com"),
        *("mywifiext.net", "linksyssmartwifi.com", "miwifi.com"),
    }
)


def is_private_name(name: str) -> bool:
    """Whether a host name (lower case) belongs to no one in the world: one label, a private suffix, a router's own name.

    An address in place of a name: whether it is a private network's.
    """
    address = address_bytes(name)
    if address is not None:
        return is_private(address)
    labels = name.split(".")
    if len(labels) == 1 or labels[-1] in _SUFFIXES or ".".join(labels[-2:]) in _SUFFIXES:
        return True
    return name in _ROUTERS or name.removeprefix("www.") in _ROUTERS
