"""The oracle's checks of single documents: they pass what is valid and report each fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openai.types.responses import Response, ResponseCompletedEvent
from oracle import (
    WIRE,
    Difference,
    Problem,
    check_conversation_item,
    check_error,
    check_event,
    check_input_item,
    check_item,
    check_response,
    samples,
    schema,
    sdk,
)
from oracle.examples import example_response, example_stream
from pydantic import BaseModel

REACHABLE = samples.reachable(
    Response,
    sdk.OUTPUT_ITEMS,
    sdk.LISTED_ITEMS,
    sdk.CONVERSATION_ITEMS,
    sdk.STREAM_EVENTS,
    sdk.SERVER_EVENTS,
)


def test_samples_are_valid_when_the_sdk_judges_them() -> None:
    """Documents made for the proofs below are accepted by the SDK's own models, strictly."""
    for model in REACHABLE:
        document = samples.sample(model)
        model.model_validate(document, strict=True)
    assert len(REACHABLE) > 400


def test_every_model_passes_when_the_document_is_whole() -> None:
    """A document with every field of its model, in its model's types, has no problem."""
    findings = {m.__name__: schema.check_model(m, samples.sample(m)) for m in REACHABLE}
    assert {name: lines for name, lines in findings.items() if lines} == {}


def _unreported(model: type[BaseModel], depth: int) -> list[str]:
    return [
        f"{model.__name__} {mutation.place}: {mutation.kinds}"
        for mutation in samples.mutations(model, depth)
        if not any(
            line.startswith(f"{mutation.place}: {kind}")
            for line in schema.check_model(model, mutation.document)
            for kind in mutation.kinds
        )
    ]


def test_every_mutation_is_reported_at_its_place_when_any_model_is_broken() -> None:
    """A required key dropped, a key added or a type changed is reported, in every SDK model."""
    assert [line for model in REACHABLE for line in _unreported(model, depth=1)] == []


def test_every_mutation_is_reported_at_its_place_when_it_is_deep_inside() -> None:
    """The same holds down to the annotations of a text in a message in a response in an event."""
    assert _unreported(ResponseCompletedEvent, samples.DEPTH) == []


def test_booleans_are_no_integers_and_integers_are_numbers_when_types_are_checked() -> None:
    """JSON's true is not a count, while a whole number may stand where a fraction may."""
    response = example_response()
    response["created_at"], response["temperature"], response["top_logprobs"] = 1, 1, True
    assert check_response(response) == [
        "top_logprobs: wrong type: boolean instead of integer or null"
    ]


def test_required_fields_are_told_from_optional_ones_when_both_may_be_null() -> None:
    """A nullable field that the SDK declares among the required ones has to be there."""
    response = example_response()
    del response["error"], response["user"]
    assert check_response(response) == ["error: missing"]


def test_unknown_types_are_one_line_when_a_document_is_of_no_known_kind() -> None:
    """A type that no member of a union has is told once, not once per member."""
    assert check_item({"type": "dream", "id": "x"}) == ["type: unknown kind: 'dream'"]
    assert check_event({"type": "response.dreamt"}) == ["type: unknown kind: 'response.dreamt'"]
    assert check_item({"id": "x"}) == ["type: missing"]


@pytest.mark.parametrize(
    ("check", "union"),
    [
        (check_item, sdk.OUTPUT_ITEMS),
        (check_input_item, sdk.LISTED_ITEMS),
        (check_conversation_item, sdk.CONVERSATION_ITEMS),
        (check_event, sdk.STREAM_EVENTS),
        (lambda event: check_event(event, websocket=True), sdk.SERVER_EVENTS),
    ],
    ids=["output", "listing", "conversation", "stream", "websocket"],
)
def test_kinds_are_checked_by_their_own_class_when_a_union_is_entered(
    check: Callable[[dict[str, Any]], list[Problem]], union: Any
) -> None:
    """Each kind passes whole, and a stray key in it is the only thing reported."""
    for models in sdk.by_type(union).values():
        for model in models:
            document = samples.sample(model)
            assert check(document) == []
            assert check(document | {"stray": 1}) == ["stray: unknown key"]


def test_errors_have_four_keys_when_the_envelope_is_checked() -> None:
    """An HTTP error body is `error` with message, type, param and code: all of them, no other."""
    body: dict[str, Any] = {
        "error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}
    }
    assert check_error(body) == []
    del body["error"]["param"]
    body["error"]["misalignment"] = None
    assert check_error(body) == ["error.param: missing", "error.misalignment: unknown key"]
    assert check_error({"message": "No."}) == ["message: unknown key", "error: missing"]


def _response(**changes: Any) -> dict[str, Any]:
    return {**samples.sample(Response, 1), "tools": [], "output": [], **changes}


def _without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


def _item(kind: str, **changes: Any) -> dict[str, Any]:
    return {**samples.sample(sdk.by_type(sdk.OUTPUT_ITEMS)[kind][0]), **changes}


def _delta(**changes: Any) -> dict[str, Any]:
    keys = {"item_id": "m", "output_index": 0, "content_index": 0, "sequence_number": 4}
    return {"type": "response.output_text.delta", "delta": "Hi", "logprobs": [], **keys, **changes}


def _added(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "response.output_item.added",
        "item": item,
        "output_index": 0,
        "sequence_number": 2,
    }


def _diff(move: str, key: str) -> dict[str, Any]:
    name = f"response.apply_patch_call_operation_diff.{move}"
    return {"type": name, key: "+a", "item_id": "apc_1", "output_index": 0, "sequence_number": 3}


FAILURE = {"code": "insufficient_quota", "message": "No.", "type": "insufficient_quota"}
RESULT = {"file_id": "f", "filename": "n", "score": 0.5, "text": "t", "vector_store_id": "vs_1"}

NEEDED: dict[str, Callable[[], dict[str, Any]]] = {
    "response.store": lambda: _response(store=True),
    "response.frequency_penalty": lambda: _response(frequency_penalty=0.0),
    "response.presence_penalty": lambda: _response(presence_penalty=0.0),
    "/response.billing": lambda: _response(billing={"payer": "developer"}),
    "response.error.code": lambda: _response(error=_without(FAILURE, "type")),
    "web_search*.return_token_budget": lambda: _response(
        tools=[{"type": "web_search", "return_token_budget": "default"}]
    ),
    "web_search*.search_content_types": lambda: _response(
        tools=[{"type": "web_search", "search_content_types": ["text"]}]
    ),
    "image_generation.n": lambda: _response(tools=[{"type": "image_generation", "n": 1}]),
    "custom_tool_call.status": lambda: _response(
        output=[_item("custom_tool_call", status="completed")]
    ),
    "file_search_call.results[].vector_store_id": lambda: _response(
        output=[_item("file_search_call", results=[RESULT])]
    ),
    "response.output_item.added/web_search_call.action": lambda: _added(
        _without(_item("web_search_call", status="in_progress"), "action")
    ),
    "response.*.delta.obfuscation": lambda: _delta(obfuscation="Vb3nJ8sLq2YhE5"),
    "response.output_text.*logprobs[].bytes": lambda: _delta(
        logprobs=[{"token": "Hi", "logprob": -0.1, "bytes": [72, 105], "top_logprobs": []}]
    ),
    "error": lambda: {
        "type": "error",
        "error": FAILURE | {"param": None},
        "sequence_number": 2,
    },
    "keepalive": lambda: {"type": "keepalive", "sequence_number": 3},
    "response.apply_patch_call_operation_diff.delta": lambda: _diff("delta", "delta"),
    "response.apply_patch_call_operation_diff.done": lambda: _diff("done", "diff"),
}
"""For each row of the table, a document of the wire that would be rejected without it."""


def _check(document: dict[str, Any], table: tuple[Difference, ...]) -> list[Problem]:
    check = check_response if document.get("object") == "response" else check_event
    return check(document, table)


@pytest.mark.parametrize("row", WIRE, ids=lambda row: row.where)
def test_a_row_of_the_table_is_needed_when_its_sample_is_checked(row: Difference) -> None:
    """The document passes with the whole table and fails once the row is taken out."""
    document = NEEDED[row.where]()
    assert _check(document, WIRE) == []
    assert _check(document, tuple(other for other in WIRE if other is not row)) != []


def test_differences_stay_at_their_place_when_the_same_key_shows_elsewhere() -> None:
    """What the table allows in one place is a problem in any other."""
    event = example_stream()[-1]
    event["response"]["billing"] = {"payer": "developer"}
    assert check_event(event) == ["response.billing: unknown key"]
    assert check_item(_item("web_search_call", store=True)) == ["store: unknown key"]
    assert check_item(_without(_item("web_search_call"), "action")) == ["action: missing"]
    assert check_event({"type": "keepalive", "sequence_number": "3"}) == [
        "sequence_number: wrong type: string instead of integer"
    ]


def test_the_example_is_valid_when_each_of_its_documents_is_checked() -> None:
    """The stream that further proofs break is itself without a problem, event by event."""
    assert check_response(example_response()) == []
    assert [line for event in example_stream() for line in check_event(event)] == []
