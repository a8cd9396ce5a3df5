"""Compaction and the prompt cache: long contexts made short, and remembered."""

from __future__ import annotations

from typing import Any

from api import Api
from openai import OpenAI
from openai.types.responses import CompactedResponse
from oracle import check_document

LONG = "The quick brown fox jumps over the lazy dog. " * 200


def test_a_compacted_context_is_its_user_messages_and_one_compaction(api: Api) -> None:
    """The output is as recorded, and strictly valid but for the user's messages in it."""
    body = {
        "model": "gpt-5",
        "input": [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": "two"},
            {"role": "user", "content": "three"},
        ],
    }
    document = api.request("POST", "/responses/compact", json=body).json()
    assert document["object"] == "response.compaction"
    assert [item["type"] for item in document["output"]] == ["message", "message", "compaction"]
    said = [item["content"][0]["text"] for item in document["output"][:2]]
    assert said == ["one", "three"]
    alone = document | {"output": document["output"][2:]}
    assert not check_document(alone, CompactedResponse)


def test_a_compacted_context_is_accepted_back(client: OpenAI) -> None:
    """The SDK compacts a chain and goes on from the result."""
    first = client.responses.create(model="gpt-5", input=LONG)
    compacted = client.responses.compact(model="gpt-5", previous_response_id=first.id, input=[])
    window: Any = [item.to_dict(warnings=False) for item in compacted.output]
    window.append({"role": "user", "content": "go on"})
    second = client.responses.create(model="gpt-5", input=window, store=False)
    assert second.status == "completed"


def test_a_context_that_outgrows_its_threshold_is_compacted(api: Api) -> None:
    """The compaction comes first, is told with its event, and shortens the turns after it."""
    management = [{"type": "compaction", "compact_threshold": 1000}]
    body = {"model": "gpt-5", "input": LONG, "context_management": management}
    first = api.create(body)
    assert [item["type"] for item in first["output"]] == ["compaction", "reasoning", "message"]
    events = [event["type"] for event in api.stream(body)]
    assert "response.compaction.compacting" in events
    second = api.create({"model": "gpt-5", "input": "on", "previous_response_id": first["id"]})
    assert second["usage"]["input_tokens"] < first["usage"]["input_tokens"]
    short = api.create({**body, "input": "short"})
    assert "compaction" not in [item["type"] for item in short["output"]]


def test_a_trigger_asks_for_a_compaction_and_nothing_else(api: Api) -> None:
    """An input that ends in a trigger is answered with a compaction."""
    items = [{"role": "user", "content": "hi"}, {"type": "compaction_trigger"}]
    response = api.create({"model": "gpt-5", "input": items})
    assert [item["type"] for item in response["output"]] == ["compaction"]


def test_a_trigger_is_a_wish_and_not_listed(api: Api) -> None:
    """The input items of a response that a trigger was sent for are what it compacted."""
    items = [{"role": "user", "content": "hi"}, {"type": "compaction_trigger"}]
    response = api.create({"model": "gpt-5", "input": items})
    assert [item["type"] for item in api.input_items(response["id"])["data"]] == ["message"]


def test_a_prompt_seen_before_is_cached(api: Api) -> None:
    """The second request reads what the first wrote, in steps of 128 tokens."""
    body = {"model": "gpt-5.6", "input": [{"role": "user", "content": LONG}]}
    first = api.create(body)["usage"]["input_tokens_details"]
    assert first["cached_tokens"] == 0
    assert first["cache_write_tokens"] % 128 == 0
    assert first["cache_write_tokens"] >= 1024
    longer = {**body, "input": [*body["input"], {"role": "user", "content": "more"}]}
    second = api.create(longer)["usage"]["input_tokens_details"]
    assert second["cached_tokens"] == first["cache_write_tokens"]


def test_other_prompts_are_not_cached(api: Api) -> None:
    """Another model, key, beginning or a short prompt find nothing."""
    body = {"model": "gpt-5.6", "input": LONG}
    api.create(body)
    for other in (
        {**body, "model": "gpt-5"},
        {**body, "prompt_cache_key": "mine"},
        {**body, "input": "X" + LONG},
        {**body, "input": "short"},
        {**body, "input": "short"},
    ):
        assert api.create(other)["usage"]["input_tokens_details"]["cached_tokens"] == 0


def test_a_moderation_that_was_asked_for_is_in_the_response(api: Api) -> None:
    """Input and output each have a result that flags nothing."""
    body = {"model": "gpt-5", "input": "hi", "moderation": {"model": "omni-moderation-latest"}}
    moderation = api.create(body)["moderation"]
    assert moderation["input"]["flagged"] is False
    assert moderation["output"]["model"] == "omni-moderation-latest"
    events = api.stream(body)
    assert events[0]["response"]["moderation"] is None
    assert events[-1]["response"]["moderation"]["input"]["type"] == "moderation_result"


def test_an_input_that_exceeds_the_window_is_refused_or_truncated(api: Api) -> None:
    """Truncation is disabled unless the request says ``auto``; then the oldest items go."""
    items = [{"role": "user", "content": LONG * 4} for _ in range(20)]
    body = {"model": "gpt-4o", "input": items}
    error = api.refused(body)
    assert (error["status"], error["code"], error["param"]) == (
        400,
        "context_length_exceeded",
        "input",
    )
    response = api.create({**body, "truncation": "auto"})
    assert 64_000 < response["usage"]["input_tokens"] <= 128_000
