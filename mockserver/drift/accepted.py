"""What we take in against what the SDK sends, down to the objects within objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from mockserver.drift.compare import Finding, compare_accepted, nearest
from mockserver.drift.types import Field, Fields, fields_of, is_declared, literals, parts
from mockserver.schema.limits import Choice, Tagged, Using


class Accepting:
    """Compares declared classes key by key, and each pair of classes once.

    ``beyond`` are classes of ours that have been compared elsewhere.
    """

    def __init__(self, beyond: Iterable[Any] = ()) -> None:
        self._beyond = frozenset(beyond)
        self._seen: set[tuple[Any, Any]] = set()

    @property
    def compared(self) -> frozenset[Any]:
        """The classes of ours that have been compared."""
        return self._beyond.union(ours for ours, _ in self._seen)

    def compare(self, where: str, ours: Any, theirs: Iterable[Any]) -> list[Finding]:
        """Return how a class of ours departs from the nearest of the SDK's for the same thing."""
        candidates = [each for each in theirs if (ours, each) not in self._seen]
        if not candidates:
            return []
        self._seen.update((ours, each) for each in candidates)
        mine = shown_fields(ours)
        return nearest(self._whole(where, mine, fields_of(each)) for each in candidates)

    def _whole(self, where: str, ours: Fields, theirs: Fields) -> list[Finding]:
        findings = compare_accepted(where, ours, theirs)
        for key in sorted(ours.keys() & theirs):
            findings += self._within(f"{where}.{key}", ours[key].type, theirs[key].type)
        return findings

    def _within(self, where: str, ours: Any, theirs: Any) -> list[Finding]:
        """Compare the objects that a key may hold, by their ``type`` where they have one."""
        known = [each for each in parts(theirs) if is_declared(each)]
        findings: list[Finding] = []
        mine = (each for each in parts(ours) if is_declared(each) and each not in self._beyond)
        for declared in mine:
            same = [each for each in known if _alike(declared, each)]
            findings += self.compare(where, declared, same)
        return findings


def shown_fields(declared: Any) -> Fields:
    """Return the keys of a class of ours, each with the type that its marks say it has."""
    return {
        key: Field(_shown(field.type), field.required) for key, field in fields_of(declared).items()
    }


def _shown(annotation: Any) -> Any:
    """Return an annotation whose marks are spelt as types: choices as literals, and so on."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        for mark in marks:
            if isinstance(mark, Using) and mark.shows is not None:
                return _shown(mark.shows())
            if isinstance(mark, Choice):
                chosen = Literal[(*mark.values, *mark.also)]  # type: ignore[valid-type]
                return Union[chosen, None] if type(None) in get_args(inner) else chosen  # noqa: UP007
            if isinstance(mark, Tagged):
                return Union[tuple(dict.fromkeys(mark.shapes.values()))]  # noqa: UP007
        return _shown(inner)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is list:
        return list[_shown(arguments[0])]  # type: ignore[misc]
    if origin is not None and origin is not Literal and origin is not dict:
        return Union[tuple(map(_shown, arguments))]  # noqa: UP007
    return annotation


def _alike(ours: Any, theirs: Any) -> bool:
    """Tell whether two classes are for the same thing, as far as their ``type`` and role say."""
    mine, known = shown_fields(ours), fields_of(theirs)
    for key in ("type", "role"):
        if key in mine and key in known:
            said, allowed = literals(mine[key].type), literals(known[key].type)
            if said and allowed and not set(said) & set(allowed):
                return False
    return True
