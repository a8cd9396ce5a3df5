"""Hiding inside JSON: by name, by place and by value, every other byte left as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from mockserver.cassette import json_text
from mockserver.cassette.json_text import Edit, Node
from mockserver.cassette.redact import address, pseudonym
from mockserver.cassette.redact.rules import Rules
from mockserver.cassette.redact.shapes import PLACEHOLDER

_SPELT_OUT: Final = frozenset(["text", "delta", "refusal", "arguments"])
"""Strings that a list of log probabilities beside them spells out token by token."""
_MAX_NESTED: Final = 4


def string(value: str, known: Rules, path: tuple[str, ...] = (), depth: int = 0) -> str:
    """Hide what a string holds: JSON written into it, addresses, and secrets anywhere else."""
    if not known.may_touch(value):
        return value
    root = json_text.parse(value) if depth < _MAX_NESTED else None
    if root is None:
        return address.within(known.text(value), known)
    return json_text.edited(value, edits(value, root, known, path=path, depth=depth))


def edits(
    source: str,
    root: Node,
    known: Rules,
    *,
    settled: Mapping[int, str] | None = None,
    path: tuple[str, ...] = (),
    depth: int = 0,
) -> Iterator[Edit]:
    """Yield the changes to the text of a JSON value.

    ``settled`` are strings, by the identity of their node, that have been decided on already.
    """
    walk = _Walk(source, known, settled or {}, depth)
    yield from walk.members(root, path)


class _Walk:
    """One walk over a tree, gathering its changes."""

    def __init__(self, source: str, known: Rules, settled: Mapping[int, str], depth: int) -> None:
        self._source = source
        self._known = known
        self._settled = settled
        self._depth = depth

    def members(self, parent: Node, path: tuple[str, ...]) -> Iterator[Edit]:
        named = parent.kind == "object"
        found = [
            (name, list(self._member(parent, name, node, (*path, name) if named else path)))
            for name, node in parent.members
        ]
        logprobs = parent.get("logprobs")
        retold = any(changes and name in _SPELT_OUT for name, changes in found)
        if retold and logprobs is not None and logprobs.members:
            found = [(name, changes) for name, changes in found if name != "logprobs"]
            yield logprobs.start, logprobs.end, "[]"
        for _, changes in found:
            yield from changes

    def _member(self, parent: Node, name: str, node: Node, path: tuple[str, ...]) -> Iterator[Edit]:
        named = parent.kind == "object"
        if named and self._known.covers(path):
            yield from self._pseudonyms(node)
        elif named and self._known.hides(path, told=self._depth > 0) and node.kind != "array":
            secret = node.get("value") if node.kind == "object" else node
            if secret is not None and secret.kind == "string" and secret.text:
                yield from self._changed(secret, PLACEHOLDER)
            elif node.kind == "object":
                yield from self.members(node, path)
        elif named and name == "headers" and _is_server(parent):
            for _, value in node.members:
                yield from self._changed(value, PLACEHOLDER)
        elif node.kind == "string":
            yield from self._string(node, path)
        else:
            yield from self.members(node, path)

    def _string(self, node: Node, path: tuple[str, ...]) -> Iterator[Edit]:
        new = self._settled.get(id(node))
        if new is None:
            new = string(node.text, self._known, path, self._depth + 1)
        yield from self._changed(node, new)

    def _pseudonyms(self, node: Node) -> Iterator[Edit]:
        """Give every text and number below a node its pseudonym; its shape stays."""
        if node.kind == "string":
            yield from self._changed(node, pseudonym.of_text(node.text))
        elif node.kind == "other" and node.text not in ("true", "false", "null"):
            number = json.loads(node.text)
            yield node.start, node.end, json.dumps(pseudonym.of_number(number))
        for _, member in node.members:
            yield from self._pseudonyms(member)

    def _changed(self, node: Node, new: str) -> Iterator[Edit]:
        if node.kind == "string" and node.text != new:
            source = self._source[node.start : node.end]
            yield node.start, node.end, json_text.quoted(new, source)


def _is_server(node: Node) -> bool:
    """Tell whether an object names a remote server, whose headers hold keys."""
    return node.get("server_url") is not None or node.get("server_label") is not None
