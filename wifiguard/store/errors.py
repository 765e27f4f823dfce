"""What can go wrong with the log, each as one sentence for a person and what mends it."""

from __future__ import annotations


class StoreError(Exception):
    """`sentence`: what is wrong. `mend`: what to do, None where nothing helps. As text: both."""

    def __init__(self, sentence: str, mend: str | None = None) -> None:
        super().__init__(sentence if mend is None else f"{sentence} {mend}")
        self.sentence = sentence
        self.mend = mend


class StoreBusy(StoreError):
    """Another process writes this log."""


class StoreWaits(StoreError):
    """Nothing can be written now. What was to be recorded waits in memory and is tried again."""


class StoreFull(StoreWaits):
    """The disk is full."""


class StoreReadOnly(StoreWaits):
    """The disk can only be read."""


class StoreRecovered(StoreError):
    """The log's file was damaged or lost while it was open. A new one was begun, and what was to be recorded is in it."""
