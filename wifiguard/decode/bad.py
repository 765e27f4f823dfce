"""The one error of this room."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why bytes are not what they claim to be: all that `Malformed.reason` can say."""

    SHORT = "short"  # ends inside a header
    LENGTH = "length"  # a length points beyond the packet, or contradicts another
    HEADER = "header"  # a field of a header has a value that it must not have
    NESTING = "nesting"  # more layers than any network uses
    NAME = "name"  # a domain name that loops or is too long
    LINE = "line"  # a first line that is none
    TOO_LONG = "too-long"  # a head or message above the bound
    CHUNK = "chunk"  # a chunk size that is none
    OVERLAP = "overlap"  # fragments that overlap


class Bad(Exception):
    """Bytes that claim to be `protocol` and are not; caught in streams, counted, never shown with text of the packet."""

    def __init__(self, protocol: str, reason: Reason) -> None:
        super().__init__(protocol, reason)
        self.protocol = protocol
        self.reason = reason
