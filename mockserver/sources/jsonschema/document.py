"""A schema document: its parts, and where the references in it lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urljoin

from mockserver.sources.jsonschema.shape import Place, Schema, children, inspect
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd, Path, shown


class Document:
    """A schema with everything in it, checked once; its parts are known by their identity.

    Raises UnsatisfiableSchema when a keyword somewhere in it holds what it cannot hold.
    """

    def __init__(self, root: Schema) -> None:
        self.root = Place(root, ())
        self.parts: list[Place] = []
        self.has_references = False
        self._base: dict[int, str] = {}
        self._targets: dict[str, Place] = {"": self.root}
        self._made: dict[tuple[int, str, str], Place] = {}
        self._survey(self.root, "")

    def resolve(self, place: Place, keyword: str) -> Place:
        """Return what ``$ref`` or ``$dynamicRef`` of a schema refers to.

        Understands ``#``, JSON pointers, anchors and the ids of schemas in the document.
        """
        reference: str = place.schema[keyword]
        uri, _, fragment = reference.partition("#")
        base = self._base.get(id(place.schema), "")
        # urljoin knows no bases such as urn:…; a lone fragment needs none.
        uri = urljoin(base, uri) if uri else base
        target = self._targets.get(f"{uri}#{fragment}") if fragment else self._targets.get(uri)
        if target is None and fragment.startswith("/") and uri in self._targets:
            target = _follow(self._targets[uri], fragment)
        if target is None:
            raise DeadEnd(place.path, f"the reference {shown(reference)} leads nowhere")
        if isinstance(target.schema, dict) and id(target.schema) not in self._base:
            self._survey(target, uri)  # a place that holds no schema by its keyword
        return target

    def negation(self, place: Place) -> Place:
        """Return the schema of all that does not meet another, the same object each time."""
        return self._make(place, "not", "", {"not": place.schema})

    def presence(self, place: Place, key: str) -> tuple[Place, Place]:
        """Return the schemas of objects without a key and with it, the same objects each time."""
        absent = self._make(place, "absent", key, {"properties": {key: False}})
        return absent, self._make(place, "present", key, {"required": [key]})

    def _make(self, place: Place, kind: str, key: str, schema: dict[str, Any]) -> Place:
        # Schemas are told apart by identity, so one that is made up must never be made twice.
        return self._made.setdefault((id(place.schema), kind, key), Place(schema, place.path))

    def _survey(self, start: Place, base: str) -> None:
        """File the schema and all in it, in an order that has the outer before the inner."""
        waiting = [(start, base)]
        while waiting:
            place, base = waiting.pop()
            inspect(place)
            schema: Any = place.schema
            if isinstance(schema, bool) or id(schema) in self._base:
                continue
            if "$id" in schema:
                base = urljoin(base, schema["$id"]).partition("#")[0]
                self._targets.setdefault(base, place)
            for key in ("$anchor", "$dynamicAnchor"):
                if key in schema:
                    self._targets.setdefault(f"{base}#{schema[key]}", place)
            self.has_references |= "$ref" in schema or "$dynamicRef" in schema
            self._base[id(schema)] = base
            self.parts.append(place)
            waiting.extend((child, base) for child in children(place))


def _follow(root: Place, pointer: str) -> Place | None:
    """Return what a JSON pointer leads to below a schema; None when that is nothing."""
    here: Any = root.schema
    path: Path = root.path
    for raw in unquote(pointer).split("/")[1:]:
        key: str | int = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and raw.isdecimal() and int(raw) < len(here):
            key = int(raw)
        elif not isinstance(here, dict) or key not in here:
            return None
        here = here[key]
        path = (*path, key)
    return Place(here, path)
