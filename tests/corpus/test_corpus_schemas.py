"""Recorded schemas: every tool and every structured output of real traffic gets valid values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from oracle.recordings import corpus, recordings
from required import optional_keys

from mockserver.sources.jsonschema import UnsatisfiableSchema, generate
from mockserver.sources.words import Words

FOLDER: Final = corpus()

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(FOLDER is None, reason="MOCKSERVER_CORPUS names no corpus"),
]


def schemas_in(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the schemas of tools, nested ones too, and of the text format of a body."""
    if not isinstance(document, dict):
        return
    for tool in document.get("tools") or ():
        if isinstance(tool, dict):
            if isinstance(tool.get("parameters"), dict):
                yield tool["parameters"]
            yield from schemas_in(tool)
    text = document.get("text")
    layout = text.get("format") if isinstance(text, dict) else None
    if isinstance(layout, dict) and isinstance(layout.get("schema"), dict):
        yield layout["schema"]


def distinct_schemas() -> list[dict[str, Any]]:
    """Return the schemas that recorded requests ask for and recorded answers echo, each once."""
    assert FOLDER is not None
    found: dict[str, dict[str, Any]] = {}
    for recording in recordings(Path(FOLDER)):
        for body in (recording.request_body, recording.response):
            for schema in schemas_in(body):
                found.setdefault(json.dumps(schema), schema)
    return list(found.values())


@pytest.mark.parametrize("optional", [False, True])
def test_recorded_schema_gets_valid_values(optional: bool) -> None:
    """No schema that somebody sent to the API is refused, and every value is valid.

    Unless they are asked for, it has no optional properties.
    """
    schemas, words = distinct_schemas(), Words(seed=1)
    checker = Draft202012Validator.FORMAT_CHECKER
    wrong: list[tuple[str, str]] = []
    for schema in schemas:
        validator = Draft202012Validator(schema, format_checker=checker)
        for seed in range(3):
            try:
                value = generate(schema, Random(seed), words, optional=optional)
            except UnsatisfiableSchema as error:
                wrong.append((json.dumps(schema), str(error)))
                break
            wrong += [(json.dumps(schema), each.message) for each in validator.iter_errors(value)]
            if not optional:
                wrong += [(json.dumps(schema), place) for place in optional_keys(schema, value)]
    assert len(schemas) > 150, "the corpus is not what it was"
    assert wrong == []
