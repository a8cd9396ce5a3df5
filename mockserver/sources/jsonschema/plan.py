"""A schema document made ready: values are made from its plan any number of times."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from random import Random
from typing import Any

import orjson

from mockserver.sources.jsonschema.check import Checker
from mockserver.sources.jsonschema.conjunction import Conjunction
from mockserver.sources.jsonschema.document import Document
from mockserver.sources.jsonschema.node import SchemaNode
from mockserver.sources.jsonschema.recursion import Recursion
from mockserver.sources.jsonschema.run import Node, Run
from mockserver.sources.jsonschema.shape import Place
from mockserver.sources.jsonschema.unsatisfiable import Path, UnsatisfiableSchema
from mockserver.sources.jsonschema.work import Work
from mockserver.sources.words import Words


class Plan:
    """All that is worked out for one schema document.

    Attributes: ``size`` the number of nodes made so far. Raises UnsatisfiableSchema when it is
    clear already that no value meets the schema.
    """

    def __init__(self, schema: Any) -> None:
        self.size = 0
        self.document = Document(schema)
        self.recursion = Recursion(self.document)
        self._nodes: dict[tuple[tuple[int, ...], str], SchemaNode] = {}
        if self.recursion.height(self.document.root) == math.inf:
            raise UnsatisfiableSchema((), "no value is allowed, or none that ever ends")
        self.root = self.node((self.document.root,), (), "")

    def node(self, places: tuple[Place, ...], path: Path, hint: str) -> Node:
        """Return the node for schemas that hold at once, the same one for the same schemas."""
        key = (tuple(id(place.schema) for place in places), hint)
        node = self._nodes.get(key)
        if node is None:
            facts = Conjunction(self.document, places, path)
            node = self._nodes[key] = SchemaNode(self, facts, places, hint)
        return node

    def negation(self, place: Place) -> Place:
        """Return the schema of all that does not meet another."""
        return self.document.negation(place)

    def meets(self, value: Any, place: Place, work: Work) -> bool:
        """Tell whether a value meets a schema."""
        return Checker(self.document, work).meets(value, place)


def generate(schema: Any, rng: Random, words: Words, *, optional: bool = False) -> Any:
    """Make a JSON value that meets a JSON Schema (Draft 2020-12, formats included).

    The value depends on the schema, the state of ``rng`` and ``words`` alone. Properties that are
    not required are left out unless ``optional``. Keys come in the order the schema declares them
    (api-contract §11.2). Raises UnsatisfiableSchema when there is no such value, when none is found
    with bounded work, or when the schema is wrong or uses what is not supported.
    """
    try:
        plan = _plan(orjson.dumps(schema))
        return plan.root.make(Run(rng, words, optional=optional))
    except RecursionError:
        raise UnsatisfiableSchema((), "it is nested too deeply") from None
    except orjson.JSONEncodeError:
        return _generate_odd(schema, Run(rng, words, optional=optional))


def _generate_odd(schema: Any, run: Run) -> Any:
    """Make a value for what orjson does not write: whole numbers of more than 64 bits, or worse."""
    try:
        plan = Plan(json.loads(json.dumps(schema)))
        return plan.root.make(run)
    except RecursionError:
        raise UnsatisfiableSchema((), "it is nested too deeply") from None
    except (TypeError, ValueError) as error:
        if isinstance(error, UnsatisfiableSchema):
            raise
        raise UnsatisfiableSchema((), f"it is not JSON: {error}") from None


@lru_cache(maxsize=128)
def _plan(schema: bytes) -> Plan:
    # A copy of its own, so that the caller may go on and change the schema.
    return Plan(orjson.loads(schema))
