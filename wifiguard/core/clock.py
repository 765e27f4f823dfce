"""What certificates say about this computer's clock."""

from __future__ import annotations

from typing import NamedTuple

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.tls import TlsCertificate, Voucher

WINDOW = 600.0
_CERTIFICATES = 64


class ClockError(NamedTuple):
    """The clock is at least so many seconds wrong, ahead (positive) or behind, by so many certificates."""

    seconds: float
    certificates: int


class ClockWatch:
    """Compares the clock with the certificates of the last ten minutes that public authorities vouch for.

    One that is out of date is its owner's neglect. Several at once, while some other moment would suit all that were seen, mean
    that it is not that moment here.
    """

    def __init__(self, least: int = 3) -> None:
        self._least = least
        self._valid: BoundedMap[bytes, tuple[float, float]] = BoundedMap(_CERTIFICATES, WINDOW)

    def observe(self, obs: TlsCertificate) -> ClockError | None:
        """Take a certificate; what is wrong with the clock, None where nothing is or it cannot be told."""
        if obs.certificate is None or obs.voucher is not Voucher.PUBLIC:
            return None
        self._valid.expire(obs.tick)
        self._valid.put(obs.digest, (obs.certificate.not_before, obs.certificate.not_after), obs.tick)
        windows = list(self._valid.values())
        begin, end = max(begin for begin, _ in windows), min(end for _, end in windows)
        if begin > end:
            return None
        behind = sum(obs.at < begin for begin, _ in windows)
        ahead = sum(obs.at > end for _, end in windows)
        if max(behind, ahead) < self._least:
            return None
        return ClockError(obs.at - begin, behind) if behind else ClockError(obs.at - end, ahead)
