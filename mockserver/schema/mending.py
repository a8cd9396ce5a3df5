"""Mending: a value without what the API has against it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, Final

from mockserver.schema.faults import Fault
from mockserver.schema.limits import Check

_MOST: Final = 256
"""So many faults are mended in one value; one with more is taken for rubbish."""

_ROOT: Final = ""
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def mended(value: Any, check: Check, fill: Mapping[str, Any] = _NOTHING) -> Any:
    """Return a copy of a value that passes a check, None when nothing of it can.

    What is refused is cut out where it stands. An object that lacks a required key goes as a
    whole, unless it is the value itself and ``fill`` has that key; a list that is too long loses
    its end, and of keys that exclude each other the first one stays.
    """
    whole = {_ROOT: deepcopy(value)}
    for _ in range(_MOST):
        try:
            check(whole[_ROOT])
        except Fault as fault:
            _mend(whole, fault, fill)
        except RecursionError:
            return None
        else:
            return whole[_ROOT]
        if _ROOT not in whole:
            return None
    return None


def mended_list(values: list[Any], check: Check) -> Any:
    """Return the members of a list that pass its check, each of them mended on its own."""
    kept = [member for value in values for member in mended([value], check) or ()]
    return mended(kept, check)


def without(document: Any, path: list[str | int]) -> Any:
    """Return a copy without what stands at a path, or as near to it as there is anything."""
    whole = {_ROOT: deepcopy(document)}
    _cut(whole, [_ROOT, *path])
    return whole.get(_ROOT)


def _mend(whole: dict[str, Any], fault: Fault, fill: Mapping[str, Any]) -> None:
    path = [_ROOT, *reversed(fault.path)]
    if fault.code == "missing_required_parameter":
        key = path.pop()
        if len(path) == 1 and key in fill:
            whole[_ROOT][key] = deepcopy(fill[str(key)])
            return
    elif fault.code == "array_above_max_length":
        path.append(-1)
    elif fault.surplus is not None:
        path.append(fault.surplus)
    _cut(whole, path)


def _cut(container: Any, path: list[str | int]) -> None:
    """Take out what stands at the end of a path, or as far along it as there is anything."""
    last: tuple[Any, str | int] | None = None
    for key in path:
        if not _has(container, key):
            break
        last = (container, key)
        container = container[key]
    if last is not None:
        del last[0][last[1]]


def _has(container: Any, key: str | int) -> bool:
    if isinstance(container, dict):
        return key in container
    if isinstance(container, list) and isinstance(key, int):
        return -len(container) <= key < len(container)
    return False
