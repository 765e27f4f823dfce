"""A request's parameters, checked against the signature of what answers it."""

from __future__ import annotations

import inspect
import math
import types
from collections.abc import Callable, Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

from wifiguard.core.text import visible
from wifiguard.daemon.desk import Unclear

LONGEST = 1000


def checked(like: Callable[..., object], params: Mapping[str, object]) -> dict[str, Any]:
    """`params`, each known to `like` and of its type. Raises Unclear with one sentence otherwise."""
    signature = inspect.signature(like)
    hints = get_type_hints(like)
    known = {
        name: parameter
        for name, parameter in signature.parameters.items()
        if parameter.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        and name != "self"
        and not name.startswith("_")
    }
    anything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in signature.parameters.values())
    for name, value in params.items():
        if name.startswith("_") or not name.isidentifier() or (name not in known and not anything):
            raise Unclear(f"This request knows nothing called {visible(name)!r}")
        if name in known and not _fits(value, hints.get(name, Any)):
            raise Unclear(f"{visible(name)!r} cannot be {visible(repr(value))}")
    missing = [n for n, p in known.items() if p.default is inspect.Parameter.empty and n not in params]
    if missing:
        raise Unclear(f"This request needs {', '.join(map(repr, missing))}")
    return dict(params)


def _fits(value: object, hint: object) -> bool:
    if hint is Any:
        return True
    if get_origin(hint) in (Union, types.UnionType):
        return any(_fits(value, inner) for inner in get_args(hint))
    if hint in (int, float):
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        return whole or (hint is float and isinstance(value, float) and math.isfinite(value))
    if hint is str:
        return isinstance(value, str) and len(value) <= LONGEST
    return isinstance(hint, type) and isinstance(value, hint)
