"""Chains of certificates judged, each once: a page opens many connections to the same server."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.messages import Flow
from wifiguard.core.observation import Seen
from wifiguard.core.tls import Roots, TlsCertificate, Trust, Voucher

if TYPE_CHECKING:
    from wifiguard.decode.certificates import Judgement

_CHAINS = 128
# Longer ones are judged each time, so that the map stays small whatever they hold.
_LONGEST = 8192
_DAY = 86400


class Certificates:
    """Judges chains by the authorities that `trust` names, which is asked at the first of them."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._roots: Roots | None = None
        self._known: BoundedMap[tuple[tuple[bytes, ...], float], Judgement] = BoundedMap(_CHAINS)

    def judged(self, chain: tuple[bytes, ...], flow: Flow, server_name: str | None, seen: Seen) -> TlsCertificate:
        """The observation of a chain (DER, the server's own first, at least one) that a server showed."""
        digest = hashlib.sha256(chain[0]).digest()
        if not _is_whole(chain[0]):
            return TlsCertificate(seen, flow, server_name, None, Voucher.NOBODY, digest)
        roots = self._trust()
        if roots is not self._roots:
            self._roots = roots
            self._known.clear()
        # A link may run out: what was said of a chain holds for a day.
        key = chain, seen.at // _DAY
        judgement = self._known.get(key, seen.tick)
        if judgement is None:
            # Imported with the first certificate: see there.
            from wifiguard.decode.certificates import authorities

            judgement = authorities(roots).judge(chain, seen.at)
            if sum(map(len, chain)) <= _LONGEST:
                self._known.put(key, judgement, seen.tick)
        certificate, voucher, authority = judgement
        return TlsCertificate(seen, flow, server_name, certificate, voucher, digest, authority)


def _is_whole(der: bytes) -> bool:
    """Whether bytes are one DER sequence from end to end, as every certificate is (RFC 5280, 4.1; X.690, 8.1.3).

    What is not, is noise, which anybody can send: nothing is loaded for it.
    """
    if len(der) < 4 or der[0] != 0x30:
        return False
    size = der[1] & 0x7F if der[1] & 0x80 else 0
    length = int.from_bytes(der[2 : 2 + size], "big") if size else der[1]
    return 2 + size + length == len(der)
