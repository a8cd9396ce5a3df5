"""A schema document made ready: values are made from its plan any number of times."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from random import Random
from typing import Any, Final

import orjson

from mockserver.sources.jsonschema.check import Checker
from mockserver.sources.jsonschema.conjunction import Conjunction
from mockserver.sources.jsonschema.document import Document
from mockserver.sources.jsonschema.node import SchemaNode
from mockserver.sources.jsonschema.recursion import Recursion
from mockserver.sources.jsonschema.run import Node, Run
from mockserver.sources.jsonschema.shape import Place
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd, Doubt, Path, UnsatisfiableSchema
from mockserver.sources.jsonschema.work import Work
from mockserver.sources.words import Words

COMPILING: Final = 50_000
"""The steps that may go into getting ready for one value, beside those of making it."""


class Plan:
    """All that is worked out for one schema document.

    Attributes: ``size`` the number of nodes made so far, ``compiling`` the work that may still go
    into making more. Raises UnsatisfiableSchema when it is clear already that no value meets the
    schema.
    """

    def __init__(self, schema: Any) -> None:
        self.size = 0
        self.compiling = Work(COMPILING)
        self.document = Document(schema)
        self.recursion = Recursion(self.document)
        self._nodes: dict[tuple[tuple[int, ...], str], SchemaNode | DeadEnd] = {}
        if self.recursion.height(self.document.root) == math.inf:
            raise DeadEnd((), "no value is allowed, or none that ever ends")
        self._parts = len(self.document.parts)
        self.root = self.node((self.document.root,), (), "")

    def node(self, places: tuple[Place, ...], path: Path, hint: str) -> Node:
        """Return the node for schemas that hold at once, the same one for the same schemas."""
        key = (tuple(id(place.schema) for place in places), hint)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = self._new_node(places, path, hint)
        if isinstance(node, DeadEnd):
            raise DeadEnd(node.path, node.reason)  # a new one: it gathers a traceback
        return node

    def make(self, rng: Random, words: Words, *, optional: bool) -> Any:
        """Return a value that meets the schema."""
        self.compiling = Work(COMPILING)
        return self.root.make(Run(rng, words, optional=optional, parts=self._parts))

    def _new_node(self, places: tuple[Place, ...], path: Path, hint: str) -> SchemaNode | DeadEnd:
        try:
            return SchemaNode(self, Conjunction(self.document, places, path), places, hint)
        except DeadEnd as error:
            return error

    def negation(self, place: Place) -> Place:
        """Return the schema of all that does not meet another."""
        return self.document.negation(place)

    def meets(self, value: Any, place: Place, work: Work) -> bool:
        """Tell whether a value meets a schema, beyond any doubt."""
        try:
            return Checker(self.document, work).meets(value, place)
        except Doubt:
            return False


def generate(schema: Any, rng: Random, words: Words, *, optional: bool = False) -> Any:
    """Make a JSON value that meets a JSON Schema (Draft 2020-12, formats included).

    The value depends on the schema, the state of ``rng`` and ``words`` alone. Properties that are
    not required are left out unless ``optional``. Keys come in the order the schema declares them
    (api-contract §11.2). Raises UnsatisfiableSchema when there is no such value, when none is found
    with bounded work, or when the schema is wrong or uses what is not supported.
    """
    try:
        try:
            plan = _plan(orjson.dumps(schema))
        except orjson.JSONEncodeError:
            plan = _odd_plan(schema)
        return plan.make(rng, words, optional=optional)
    except RecursionError:
        raise DeadEnd((), "it is nested too deeply") from None


def _odd_plan(schema: Any) -> Plan:
    """Return a plan for what orjson does not write: numbers of more than 64 bits, or worse."""
    try:
        return Plan(json.loads(json.dumps(schema)))
    except UnsatisfiableSchema:
        raise
    except (TypeError, ValueError) as error:
        raise DeadEnd((), f"it is not JSON: {error}") from None


@lru_cache(maxsize=128)
def _plan(schema: bytes) -> Plan:
    # A copy of its own, so that the caller may go on and change the schema.
    return Plan(orjson.loads(schema))
