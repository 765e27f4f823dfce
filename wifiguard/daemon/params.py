"""A request's parameters, checked against the signature of what answers it."""

from __future__ import annotations

import inspect
import math
import re
import types
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from wifiguard.core.text import visible
from wifiguard.daemon.desk import Unclear

LONGEST = 1000
# Half of a character: JSON can spell it, and nothing that is written can hold it.
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class _Signature(NamedTuple):
    """What a request may hold: name → type. `anything`: other names as well."""

    hints: Mapping[str, object]
    needed: tuple[str, ...]
    anything: bool


def checked(like: Callable[..., object], params: Mapping[str, object]) -> dict[str, Any]:
    """`params`, each known to `like` and of its type. Raises Unclear with one sentence otherwise."""
    hints, needed, anything = _signature(like)
    for name, value in params.items():
        if name.startswith("_") or not name.isidentifier() or (name not in hints and not anything):
            raise Unclear(f"This request knows nothing called {visible(name)!r}")
        if name in hints and not _fits(value, hints[name]):
            raise Unclear(f"{visible(name)!r} cannot be {visible(repr(value))}")
    missing = [name for name in needed if name not in params]
    if missing:
        raise Unclear(f"This request needs {', '.join(map(repr, missing))}")
    return dict(params)


# Reading a signature takes over a hundred times as long as checking a request against it.
@lru_cache(maxsize=64)
def _signature(like: Callable[..., object]) -> _Signature:
    parameters = inspect.signature(like).parameters
    hints = get_type_hints(like)
    known = {
        name: parameter
        for name, parameter in parameters.items()
        if parameter.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        and name != "self"
        and not name.startswith("_")
    }
    return _Signature(
        {name: hints.get(name, Any) for name in known},
        tuple(name for name, parameter in known.items() if parameter.default is inspect.Parameter.empty),
        any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()),
    )


def _fits(value: object, hint: object) -> bool:
    if hint is Any:
        return True
    if get_origin(hint) in (Union, types.UnionType):
        return any(_fits(value, inner) for inner in get_args(hint))
    if hint in (int, float):
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        return whole or (hint is float and isinstance(value, float) and math.isfinite(value))
    if hint is str:
        return isinstance(value, str) and len(value) <= LONGEST and _SURROGATE.search(value) is None
    return isinstance(hint, type) and isinstance(value, hint)
