"""Every registered kind of item, swept through faking, streaming and folding back."""

from __future__ import annotations

from typing import Any

import pytest
from oracle import check_event, check_item, check_stream

from mockserver import catalog
from mockserver.flags import Flags
from mockserver.items import KINDS, Item, kind_of
from mockserver.items.context import Context
from mockserver.schema.models import model_of
from mockserver.schema.request import CreateResponse
from mockserver.schema.response import Response
from mockserver.seed import Draw
from mockserver.sources.jsonschema import generate
from mockserver.sources.words import Words
from mockserver.streaming.streamer import collapse, stream

WORDS = Words(seed=0, locale="en_US")

TOOLS: dict[str, dict[str, Any]] = {
    "function": {
        "type": "function",
        "name": "f",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
    "custom": {"type": "custom", "name": "c"},
}
INCLUDE = [
    "message.output_text.logprobs",
    "reasoning.encrypted_content",
    "file_search_call.results",
    "code_interpreter_call.outputs",
]


def fake(kind: type[Item], seed: int) -> dict[str, Any]:
    """Make an item up, for the first of the tools that bring its kind about."""
    draw = Draw(seed.to_bytes(16, "big"))
    context = Context(
        draw=draw,
        words=WORDS,
        request=CreateResponse(
            {
                "model": "gpt-5",
                "reasoning": {"effort": "high", "summary": "auto"},
                "top_logprobs": seed % 3,
            }
        ),
        flags=Flags(),
        model=catalog.lookup("gpt-5.4" if seed % 2 else "gpt-5"),
        generate=lambda schema: generate(schema, draw.random, WORDS),
        include=frozenset(INCLUDE if seed % 2 else ()),
    )
    name = kind.tools[0] if kind.tools else ""
    item = kind.fake(context, TOOLS.get(name, {"type": name}))
    assert item is not None
    return item


def response(*items: dict[str, Any]) -> dict[str, Any]:
    """Return the least of a finished response."""
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "background": False,
        "completed_at": 2,
        "error": None,
        "incomplete_details": None,
        "output": list(items),
        "service_tier": "default",
        "usage": {"total_tokens": 3},
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_made_up_item_is_valid(kind: type[Item]) -> None:
    """It fits the SDK's class of its type, and our own."""
    for seed in range(20):
        item = fake(kind, seed)
        assert not check_item(item)
        known = model_of(kind).model_validate(item, strict=True)
        assert known.model_dump(exclude_unset=True) == item
        assert item["id"].startswith(kind.prefix + "_")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_streamed_item_folds_back_into_itself(kind: type[Item]) -> None:
    """All events are valid, and folding them gives the response, cut stream or not."""
    for seed in range(20):
        whole = response(fake(kind, seed), fake(kind, seed + 100))
        events = list(stream(whole))
        assert collapse(events) == whole
        assert collapse(events[:-1])["output"] == whole["output"]
        assert not [
            problem for event in events if "response" not in event for problem in check_event(event)
        ]
        assert not check_stream(events)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_stream_is_the_same_every_time(kind: type[Item]) -> None:
    """Telling a response twice gives equal events, padding included."""
    whole = response(fake(kind, 1))
    assert list(stream(whole)) == list(stream(whole))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_cut_item_is_valid_and_streams(kind: type[Item]) -> None:
    """An item that ends early is still one of its kind."""
    for length in (0, 3, 11):
        item = kind.cut(fake(kind, 1), lambda text, length=length: text[:length])  # type: ignore[misc]
        assert not check_item(item)
        assert collapse(list(stream(response(item)))[:-1])["output"] == [item]


def test_an_unknown_kind_passes_through() -> None:
    """An item of a type we have never heard of is told as added and done."""
    item = {"id": "x_1", "type": "telepathy_call", "status": "completed", "thought": "42"}
    assert kind_of(item) is Item
    assert model_of(Item).model_validate(item).model_dump() == item
    types = [event["type"] for event in stream(response(item))]
    assert types[2:4] == ["response.output_item.added", "response.output_item.done"]


def test_a_kind_cannot_be_registered_twice() -> None:
    """A second class for a type is an error that names the first."""
    with pytest.raises(TypeError, match="Message"):
        type("Other", (Item,), {"kind": "message", "__module__": __name__})


def test_every_model_builds() -> None:
    """Models are made on first use, and none has an error that would only show then."""
    for shape in (Item, *KINDS.values(), Response):
        assert model_of(shape).model_fields
