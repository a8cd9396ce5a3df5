"""Schemas that hold at once, taken apart into plain ones and choices still to be made."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from mockserver.sources.jsonschema.document import Document
from mockserver.sources.jsonschema.equality import freeze
from mockserver.sources.jsonschema.shape import Place, listed
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd, Path

_DEEPEST: Final = 60
_HARD: Final = frozenset(
    ("not", "contains", "unevaluatedProperties", "unevaluatedItems", "oneOf", "if")
)


class Choice(NamedTuple):
    """Branches of which one must be taken; each is a tuple of schemas that then hold too.

    ``within`` has the identities of the schemas that the choice is a part of: one that leads back
    to any of them would be true only because it is.
    """

    branches: tuple[tuple[Place, ...], ...]
    path: Path
    keyword: str
    within: tuple[int, ...]


class Conjunction:
    """All schemas that a value must meet, with references followed and ``allOf`` laid open.

    Attributes: ``places`` the schemas, each an object whose own assertions count; ``choices`` what
    is still to be chosen; ``hard`` whether making a value from the two does not yet make it valid;
    ``types`` the types still possible, None when no schema says. Raises UnsatisfiableSchema when
    two of the schemas contradict each other or a reference leads nowhere.
    """

    def __init__(self, document: Document, places: tuple[Place, ...], path: Path) -> None:
        self.path = path
        self.places: list[Place] = []
        self.choices: list[Choice] = []
        self.hard = False
        self._document = document
        self._active: list[int] = []
        self._base = 0
        self._done: set[int] = set()
        for place in places:
            self._add(place)
        self.types = self._types()

    def taking(self, branch: tuple[Place, ...]) -> Conjunction:
        """Return the conjunction after one branch of the first choice has been taken."""
        taken = object.__new__(Conjunction)
        taken.path = branch[0].path
        taken.places, taken.choices = list(self.places), self.choices[1:]
        taken.hard = self.hard
        taken._document, taken._done = self._document, set(self._done)
        taken._active = list(self.choices[0].within)
        taken._base = len(taken._active)
        for place in branch:
            taken._add(place)
        taken.types = taken._types()
        return taken

    def all(self, keyword: str) -> list[Any]:
        """Return what each schema that has the keyword says."""
        return [place.schema[keyword] for place in self.places if keyword in place.schema]

    def most(self, keyword: str) -> Any:
        """Return the greatest bound that the keyword sets, None when none does."""
        return max(self.all(keyword), default=None)

    def least(self, keyword: str) -> Any:
        """Return the smallest bound that the keyword sets, None when none does."""
        return min(self.all(keyword), default=None)

    def has(self, *keywords: str) -> bool:
        """Tell whether any of the schemas has any of the keywords."""
        return any(key in place.schema for place in self.places for key in keywords)

    def places_with(self, keyword: str) -> list[Place]:
        """Return the schemas that have the keyword."""
        return [place for place in self.places if keyword in place.schema]

    def candidates(self) -> list[Any] | None:
        """Return the values that ``enum`` and ``const`` leave, None when neither is there."""
        lists = self.all("enum") + [[only] for only in self.all("const")]
        if not lists:
            return None
        allowed = [set(map(freeze, members)) for members in lists[1:]]
        left = {freeze(each): each for each in lists[0]}
        return [each for key, each in left.items() if all(key in others for others in allowed)]

    def _add(self, place: Place) -> None:
        schema, path = place
        if schema is True:
            return
        if schema is False:
            raise DeadEnd(path, "no value is allowed here")
        if id(schema) in self._active:
            raise DeadEnd(path, "the reference leads back to itself")
        if id(schema) in self._done:
            return
        if len(self._active) - self._base > _DEEPEST:
            raise DeadEnd(path, "it is nested too deeply")
        self._active.append(id(schema))
        self._done.add(id(schema))
        self.places.append(place)
        self.hard = self.hard or not _HARD.isdisjoint(schema)
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in schema:
                self._add(self._document.resolve(place, keyword))
        for each in listed(place, "allOf"):
            self._add(each)
        self._choose(place)
        self._active.pop()

    def _choose(self, place: Place) -> None:
        schema, path = place
        within = tuple(self._active)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                each_alone = tuple((each,) for each in listed(place, keyword))
                self.choices.append(Choice(each_alone, path, keyword, within))
        if "if" in schema and ("then" in schema or "else" in schema):
            condition = place.down("if")
            met: tuple[Place, ...] = (condition,)
            unmet: tuple[Place, ...] = (self._document.negation(condition),)
            if "then" in schema:
                met += (place.down("then"),)
            if "else" in schema:
                unmet += (place.down("else"),)
            self.choices.append(Choice((met, unmet), path, "if", within))
        for key in schema.get("dependentSchemas", ()):
            absent, present = self._document.presence(place, key)
            branches = ((absent,), (present, place.down("dependentSchemas", key)))
            self.choices.append(Choice(branches, path, "dependentSchemas", within))

    def _types(self) -> frozenset[str] | None:
        """Return the types all schemas allow; a whole number passes for a number, too."""
        left: frozenset[str] | None = None
        for wanted in self.all("type"):
            names = frozenset([wanted] if isinstance(wanted, str) else wanted)
            if left is None:
                left = names
                continue
            whole = (
                "integer" in left | names
                and {"number", "integer"} & left
                and ({"number", "integer"} & names)
            )
            left = left & names | (frozenset(["integer"]) if whole else frozenset())
            if not left:
                raise DeadEnd(self.path, "the types it asks for exclude each other")
        return left - {"integer"} if left and "number" in left else left
