"""Bytes become messages. `frames` is the only way in; every other file reads one protocol."""
