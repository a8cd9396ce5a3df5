"""JSON text to plain data, with the same guards as YAML."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from mockserver.cassette.errors import CassetteError
from mockserver.cassette.parsed import MAX_DEPTH, Parsed


def load(text: str) -> Parsed:
    """Read one JSON document; raise CassetteError on broken, too deep or ambiguous text."""
    repeated: dict[int, str] = {}

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        repeated.pop(id(value), None)  # the identity of a dropped object comes round again
        if len(value) < len(pairs):
            repeated[id(value)] = Counter(name for name, _ in pairs).most_common(1)[0][0]
        return value

    try:
        document = json.loads(text, object_pairs_hook=build)
    except json.JSONDecodeError as error:
        raise CassetteError(f"this is not JSON: {error.msg}", line=error.lineno) from None
    except RecursionError:
        raise CassetteError(f"nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise CassetteError(f"a number cannot be read: {error}") from None
    _check_depth(document)
    _check_unique(document, repeated)
    return Parsed(document, whole=True)


def _check_depth(document: Any) -> None:
    level = [document]
    for _ in range(MAX_DEPTH + 1):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise CassetteError(f"nested deeper than {MAX_DEPTH} levels")


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [value for value in node.values() if isinstance(value, dict | list)]
    if isinstance(node, list):
        return [value for value in node if isinstance(value, dict | list)]
    return []


def _check_unique(document: Any, repeated: dict[int, str]) -> None:
    """Refuse a doubled key in the file, an interaction, a request or a response.

    Deeper down, the last one counts, as in every JSON parser.
    """
    level = [document]
    for _ in range(4):
        for node in level:
            if id(node) in repeated:
                name = repeated[id(node)]
                raise CassetteError(f"the key {name!r} is there twice; keep one of the two")
        level = [child for node in level for child in _children(node)]
