"""Values of D-Bus types as the words that busctl(1) takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

CLOSING = {"(": ")", "{": "}"}


def words(signature: str, values: Sequence[Any]) -> list[str]:
    """The words for values of the types in `signature`. A variant is a pair of its signature and its value."""
    return [word for kind, value in zip(_types(signature), values, strict=True) for word in _words_of_one(kind, value)]


def _words_of_one(kind: str, value: Any) -> list[str]:
    if kind == "v":
        signature, inner = value
        return [signature, *_words_of_one(signature, inner)]
    if kind.startswith("a{"):
        pairs = [word for pair in value.items() for word in words(kind[2:-1], pair)]
        return [str(len(value)), *pairs]
    if kind.startswith("a"):
        return [str(len(value)), *(word for item in value for word in _words_of_one(kind[1:], item))]
    if kind.startswith("("):
        return words(kind[1:-1], value)
    if kind == "b":
        return ["true" if value else "false"]
    return [str(value)]


def _types(signature: str) -> list[str]:
    """The complete types in a signature: "sa{sv}" is "s", "a{sv}"."""
    types = []
    start = depth = 0
    for position, letter in enumerate(signature):
        depth += (letter in CLOSING) - (letter in CLOSING.values())
        if letter != "a" and depth == 0:
            types.append(signature[start : position + 1])
            start = position + 1
    return types
