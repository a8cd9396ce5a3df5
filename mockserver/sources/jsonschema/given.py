"""Values that schemas give themselves: members of ``enum``, ``const``, examples and defaults."""

from __future__ import annotations

from typing import Any, Final

from mockserver.sources.jsonschema.conjunction import Conjunction
from mockserver.sources.jsonschema.equality import thaw
from mockserver.sources.jsonschema.run import Make, Nodes, Run
from mockserver.sources.jsonschema.shape import Place
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd

_SAMPLE_SHARE: Final = 0.6
_SAYING_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})


def listed_values(facts: Conjunction, nodes: Nodes) -> list[Any] | None:
    """Return the members of ``enum`` that meet all else; None when there is no such list.

    Raises UnsatisfiableSchema when no member does.
    """
    members = facts.candidates()
    if members is None:
        return None
    # A member is not looked up in the lists again: with many members that would take for ever.
    rest = [Place(_without_lists(place.schema), place.path) for place in facts.places]
    valid = [member for member in members if _meets(member, rest, nodes)]
    if not valid:
        raise DeadEnd(facts.path, "none of the values it lists meets all of it")
    return valid


def samples(facts: Conjunction, places: tuple[Place, ...], nodes: Nodes) -> list[Any]:
    """Return the values of ``examples`` and ``default`` that are valid and say something."""
    lists = [each for each in facts.all("examples") if isinstance(each, list)]
    given = [each for members in lists for each in members] + facts.all("default")
    telling = [each for each in given if each not in _SAYING_NOTHING]
    return [each for each in telling if _meets(each, places, nodes)]


def picking(values: list[Any]) -> Make:
    """Return what picks one of the values."""
    if len(values) == 1:
        return lambda _: thaw(values[0])
    return lambda run: thaw(values[int(run.rng.random() * len(values))])


def preferring(values: list[Any], otherwise: Make) -> Make:
    """Return what takes one of the values more often than not, unless one was rejected."""
    pick = picking(values)

    def draw(run: Run) -> Any:
        likely = run.attempt == 0 and run.rng.random() < _SAMPLE_SHARE
        return pick(run) if likely else otherwise(run)

    return draw


def _meets(value: Any, places: list[Place] | tuple[Place, ...], nodes: Nodes) -> bool:
    return all(nodes.meets(value, place, nodes.compiling) for place in places)


def _without_lists(schema: dict[str, Any]) -> dict[str, Any]:
    left = schema.keys() - {"enum", "const"}
    if "unevaluatedProperties" not in left and "unevaluatedItems" not in left:
        left -= {"$ref", "$dynamicRef", "allOf"}  # what they lead to is among the schemas itself
    return {key: value for key, value in schema.items() if key in left}
