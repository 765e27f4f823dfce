"""Bytes become messages. Pure: no I/O, no clock. `frames` is the only way in."""
