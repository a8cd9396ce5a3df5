"""Whatever the JSON, a request is parsed or refused, and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.schema.errors import ApiError
from mockserver.schema.input import INPUT_ITEMS
from mockserver.schema.request import CreateResponse
from mockserver.schema.shape import keys
from mockserver.schema.strict_schema import normalise_function, violation
from mockserver.schema.text_format import TEXT_FORMATS
from mockserver.schema.tool_choice import TOOL_CHOICES
from mockserver.schema.tools import TOOLS
from mockserver.schema.validation import (
    Mode,
    check_items,
    parse_compact,
    parse_input_tokens,
    parse_request,
)

MODES: tuple[Mode, ...] = ("strict", "lenient", "off")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((10**400, -(10**400), 2**63, 0, 1))
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(("user", "assistant", "auto", "object", "string", "json_schema", "low"))
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)


def typed(shapes: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Make objects that say they are of a kind, with some of its keys and any values."""

    def of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
        names = [*keys(shapes[kind]), "zzz"]
        rest = st.dictionaries(st.sampled_from(names), ANYTHING, max_size=5)
        return rest.map(lambda document: document | {"type": kind})

    return st.sampled_from(sorted(shapes)).flatmap(of)


ITEMS = typed(INPUT_ITEMS) | st.fixed_dictionaries(
    {"role": SCALARS},
    optional={"content": ANYTHING, "type": SCALARS, "id": SCALARS, "phase": SCALARS},
)
VALUES = {
    "input": st.lists(ITEMS | ANYTHING, max_size=3) | ANYTHING,
    "tools": st.lists(typed(TOOLS) | ANYTHING, max_size=3) | ANYTHING,
    "tool_choice": typed(TOOL_CHOICES) | ANYTHING,
    "text": st.fixed_dictionaries({}, optional={"format": typed(TEXT_FORMATS)}) | ANYTHING,
    "model": st.sampled_from(("gpt-4o", "gpt-5.6", "o3-deep-research", "o1-mini")) | ANYTHING,
}
BODIES = st.fixed_dictionaries(
    {},
    optional={name: VALUES.get(name, ANYTHING) for name in (*keys(CreateResponse), "zzz", "stop")},
)
SCHEMAS = st.recursive(
    ANYTHING,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(("object", "array", "string", ["object", "null"], 7)),
            "properties": st.dictionaries(st.text(max_size=3), inner, max_size=3) | ANYTHING,
            "required": st.lists(st.text(max_size=3), max_size=2) | ANYTHING,
            "additionalProperties": st.booleans() | inner,
            "items": inner,
            "anyOf": st.lists(inner, max_size=2) | ANYTHING,
            "$defs": st.dictionaries(st.text(max_size=3), inner, max_size=2) | ANYTHING,
            "$ref": SCALARS,
            "enum": st.lists(SCALARS, max_size=2) | ANYTHING,
            "const": ANYTHING,
            "format": ANYTHING,
        },
    ),
    max_leaves=6,
)

BOUNDED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def outcome_of(
    parse: Callable[..., CreateResponse], body: dict[str, Any], mode: Mode
) -> CreateResponse | ApiError:
    """Return the request, or what it was refused with."""
    try:
        return parse(body, mode=mode)
    except ApiError as error:
        return error


@BOUNDED
@given(BODIES)
def test_any_body_is_parsed_or_refused(body: dict[str, Any]) -> None:
    """A refusal is a 400 with all its parts; a request that passes can be read."""
    for mode in MODES:
        for parse in (parse_request, parse_input_tokens, parse_compact):
            outcome = outcome_of(parse, body, mode)
            if isinstance(outcome, ApiError):
                assert mode != "off"
                assert outcome.status == 400
                assert isinstance(outcome.message, str)
                assert outcome.param is None or isinstance(outcome.param, str)
            else:
                assert isinstance(outcome.model, str)
                assert isinstance(outcome.input, str | list)


@BOUNDED
@given(BODIES)
def test_what_passes_strictly_passes_leniently_and_alike(body: dict[str, Any]) -> None:
    """Leniency only ever takes more, and off changes nothing that is fine."""
    try:
        request = parse_request(body)
    except ApiError:
        return
    assert parse_request(body, mode="lenient") == request
    assert parse_request(body, mode="off") == request


@BOUNDED
@given(st.dictionaries(st.text(max_size=8), ANYTHING, max_size=4))
def test_any_json_object_is_parsed_or_refused(body: dict[str, Any]) -> None:
    """Even an object that is no request at all."""
    for mode in MODES:
        outcome = outcome_of(parse_request, body, mode)
        assert isinstance(outcome, CreateResponse) or mode != "off"


@BOUNDED
@given(SCHEMAS)
def test_any_schema_is_judged(schema: Any) -> None:
    """A schema is within the subset or told why not, and a function with it can be echoed."""
    sentence = violation(schema)
    assert sentence is None or sentence.endswith(".")
    if isinstance(schema, dict):
        echo = normalise_function({"type": "function", "name": "f", "parameters": schema})
        assert echo["strict"] is (violation(echo["parameters"]) is None)


@pytest.mark.parametrize("mode", ["strict", "lenient"])
def test_nesting_beyond_measure_is_refused(mode: Mode) -> None:
    """A filter, a schema and an input nested ten thousand deep end in a refusal, not a crash."""
    deep: Any = {"type": "eq", "key": "a", "value": 1}
    schema: Any = {"type": "string"}
    text: Any = "a"
    for _ in range(10_000):
        deep = {"type": "and", "filters": [deep]}
        schema = {"type": "array", "items": schema}
        text = [text]
    search = {"type": "file_search", "vector_store_ids": [], "filters": deep}
    with pytest.raises(ApiError):
        parse_request({"model": "gpt-4o", "input": "a", "tools": [search]}, mode=mode)
    assert parse_request({"input": "a", "tools": [search]}, mode="off").tools == []
    if mode == "strict":
        form = {"type": "json_object"}
        item = {"type": "tool_search_call", "arguments": text}
        with pytest.raises(ApiError):
            parse_request({"model": "gpt-4o", "input": [item], "text": {"format": form}})
        parameters = {
            "type": "object",
            "properties": {"a": schema},
            "required": ["a"],
            "additionalProperties": False,
        }
        tool = {"type": "function", "name": "f", "strict": True, "parameters": parameters}
        with pytest.raises(ApiError):
            parse_request({"model": "gpt-4o", "input": "a", "tools": [tool]})


@pytest.mark.parametrize("kind", sorted(INPUT_ITEMS))
def test_every_kind_of_item_misses_what_it_needs(kind: str) -> None:
    """A bare item is refused for its first required key, or passes if it has none."""
    needed = [name for name, key in keys(INPUT_ITEMS[kind]).items() if key.required]
    needed = [name for name in needed if name != "type"]
    if kind == "message":
        needed = ["role"]
    if not needed:
        check_items([{"type": kind}])
        return
    with pytest.raises(ApiError) as caught:
        check_items([{"type": kind}])
    assert caught.value.param in (f"items[0].{needed[0]}", "items[0]")
