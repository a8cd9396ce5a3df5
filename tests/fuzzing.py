"""Requests made from an OpenAPI description: fitting ones, and ones broken at one place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from hypothesis import strategies as st

Document = dict[str, Any]
Values = st.SearchStrategy[Any]

_TEXT: Final = st.text(max_size=8)
_SCALARS: Final = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((10**400, 2**63, -1, 0))
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT
)
JUNK: Final = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_MOST_OPTIONAL: Final = 5


class Operation(NamedTuple):
    """One operation of a description."""

    method: str
    path: str
    described: Document

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Sent(NamedTuple):
    """A request as it goes out; ``body`` is JSON text, None for a request without one."""

    method: str
    url: str
    body: bytes | None


def operations(description: Document) -> list[Operation]:
    """Return the operations below the API's base path."""
    return [
        Operation(method.upper(), path, described)
        for path, entry in description["paths"].items()
        if "servers" not in entry
        for method, described in entry.items()
    ]


class Fuzzer:
    """Makes requests for the operations of a description.

    ``known`` are values worth trying for the names in paths; ``usual`` are values worth having in
    bodies, by key.
    """

    def __init__(
        self, description: Document, known: dict[str, list[str]], usual: dict[str, Values]
    ) -> None:
        self._schemas: Document = description["components"]["schemas"]
        self._known = known
        self._usual = usual
        self._made: dict[str, Values] = {}

    def requests(self, operation: Operation) -> st.SearchStrategy[Sent]:
        """Return requests for an operation; one in three has a body that is broken somewhere."""
        body: Values = st.none()
        if content := operation.described.get("requestBody", {}).get("content"):
            fitting = self._body(content["application/json"]["schema"])
            body = (fitting | fitting | st.builds(_broken, fitting, st.randoms(), JUNK)).map(_bytes)
        return st.builds(
            lambda path, query, body: Sent(operation.method, path + query, body),
            self._path(operation.path),
            self._query(operation.described["parameters"]),
            body,
        )

    def _path(self, path: str) -> Values:
        names = [part.partition("}")[0] for part in path.split("{")[1:]]
        fillings = {
            name: st.sampled_from(self._known[f"{path.split('/')[1]}.{name}"]) | _TEXT
            for name in names
        }
        return st.fixed_dictionaries(fillings).map(
            lambda filled: path.format_map({k: quote(v, safe="") for k, v in filled.items()})
        )

    def _query(self, parameters: list[Document]) -> Values:
        spelt = {
            each["name"]: (self.values(each["schema"]) | JUNK).map(_spelt)
            for each in parameters
            if each["in"] == "query"
        }
        return st.fixed_dictionaries({}, optional=spelt).map(
            lambda query: "?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else ""
        )

    def _body(self, schema: Document) -> Values:
        usual = st.fixed_dictionaries({}, optional=self._usual)
        return st.builds(
            lambda body, extra: body | {k: v for k, v in extra.items() if k in self._keys(schema)},
            self.values(schema),
            usual,
        )

    def _keys(self, schema: Document) -> Document:
        keys: Document = self._schemas[schema["$ref"].rpartition("/")[2]].get("properties", {})
        return keys

    def values(self, schema: Document) -> Values:
        """Return values that a schema allows."""
        if "$ref" in schema:
            return self._referred(schema["$ref"].rpartition("/")[2])
        if "allOf" in schema:
            kinds = {key: self.values(inner) for key, inner in schema["properties"].items()}
            of = self.values(schema["allOf"][0])
            return st.builds(lambda value, kind: value | kind, of, st.fixed_dictionaries(kinds))
        if "anyOf" in schema:
            return st.one_of([self.values(each) for each in schema["anyOf"]])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        makers: dict[str, Callable[[Document], Values]] = {
            "string": _string,
            "integer": lambda s: st.integers(s.get("minimum"), s.get("maximum")),
            "number": lambda s: st.floats(
                s.get("minimum", -1e9), s.get("maximum", 1e9), allow_nan=False
            ),
            "boolean": lambda s: st.booleans(),
            "null": lambda s: st.none(),
            "array": self._array,
            "object": self._object,
        }
        return makers[schema["type"]](schema) if "type" in schema else JUNK

    def _referred(self, name: str) -> Values:
        if name not in self._made:
            self._made[name] = st.deferred(lambda: self.values(self._schemas[name]))
        return self._made[name]

    def _array(self, schema: Document) -> Values:
        least = schema.get("minItems", 0)
        return st.lists(self.values(schema["items"]), min_size=least, max_size=max(least, 2))

    def _object(self, schema: Document) -> Values:
        properties = schema.get("properties", {})
        required = {key: self.values(properties[key]) for key in schema.get("required", ())}
        optional = {
            key: self.values(each) for key, each in properties.items() if key not in required
        }
        if not properties:
            inner = schema.get("additionalProperties")
            return st.dictionaries(_TEXT, self.values(inner) if inner else JUNK, max_size=2)
        if not optional:
            return st.fixed_dictionaries(required)
        some = st.lists(st.sampled_from(sorted(optional)), max_size=_MOST_OPTIONAL, unique=True)
        return some.flatmap(
            lambda names: st.fixed_dictionaries(required | {name: optional[name] for name in names})
        )


def _string(schema: Document) -> Values:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=schema["pattern"].endswith("$"))
    least = schema.get("minLength", 0)
    return st.text(min_size=least, max_size=min(schema.get("maxLength", 12), max(least, 12)))


def _broken(document: Any, random: Any, junk: Any) -> Any:
    """Put something else in one place of a document."""
    holder: Any = {"": copy.deepcopy(document)}
    places = [(holder, "")]
    waiting = [holder[""]]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            places += [(value, key) for key in keys]
            waiting += [value[key] for key in keys]
    owner, key = random.choice(places)
    owner[key] = junk
    return holder[""]


def _bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


def _spelt(value: Any) -> str:
    return quote(value if isinstance(value, str) else json.dumps(value), safe="")
