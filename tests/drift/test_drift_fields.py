"""Drift of fields: our declarations hold the SDK's keys and literals, and invent none."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, get_type_hints

import pytest
from openai.types.responses import Response, ResponseError, ResponseInputItem, ResponseUsage
from openai.types.responses.response import Conversation, IncompleteDetails
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from openai.types.responses.response_output_text import Annotation
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails
from oracle import sdk
from oracle.drift import (
    Field,
    Fields,
    Finding,
    compare_accepted,
    compare_sent,
    compare_tables,
    failures,
    model_fields,
)
from oracle.samples import reachable
from oracle.wire import KEYS

REQUEST_ONLY = frozenset({"client_metadata", "frequency_penalty", "presence_penalty"})
"""Parameters that the API takes and the SDK's signature does not have."""

RECENT = frozenset({"access_programs"})
"""Keys the SDK requires that were recorded only since September 2026."""


def shape_fields(shape: Any) -> Fields:
    """Return the keys of one of our declared shapes."""
    keys = pytest.importorskip("mockserver.schema.shape").keys
    return {name: Field(key.annotation, key.required) for name, key in keys(shape).items()}


def shapes(table: Mapping[str, Any]) -> dict[str, Fields]:
    """Return the keys of all shapes of one of our tables."""
    return {kind: shape_fields(shape) for kind, shape in table.items()}


def models(table: Mapping[str, list[sdk.Model]]) -> dict[str, list[Fields]]:
    """Return the keys of all models of one of the SDK's tables."""
    return {kind: [model_fields(model) for model in found] for kind, found in table.items()}


def settle(findings: list[Finding]) -> list[str]:
    """Write the warnings to the test's output and return what may not be."""
    warnings = [str(finding) for finding in findings if finding.severity == "warns"]
    sys.stdout.write("\n".join([*warnings, ""]))
    return failures(findings)


def test_output_items_have_the_sdk_s_fields_when_both_know_the_kind() -> None:
    """Our items declare what the SDK requires, nothing it does not know, and its literals."""
    kinds = pytest.importorskip("mockserver.items").KINDS
    ours = {kind: model_fields(item) for kind, item in kinds.items()}
    assert settle(compare_tables(compare_sent, ours, models(sdk.by_type(sdk.OUTPUT_ITEMS)))) == []


def test_the_response_has_the_sdk_s_fields_when_both_declare_it() -> None:
    """Our Response and the objects of its own declare what the SDK requires and no key beyond."""
    ours = pytest.importorskip("mockserver.schema.response")
    pairs: dict[str, tuple[sdk.Model, sdk.Model]] = {
        "response": (ours.Response, Response),
        "usage": (ours.Usage, ResponseUsage),
        "input_tokens_details": (ours.InputTokensDetails, InputTokensDetails),
        "output_tokens_details": (ours.OutputTokensDetails, OutputTokensDetails),
        "error": (ours.ResponseError, ResponseError),
        "incomplete_details": (ours.IncompleteDetails, IncompleteDetails),
        "conversation": (ours.Conversation, Conversation),
    }
    findings: list[Finding] = []
    for kind, (mine, theirs) in pairs.items():
        findings += compare_sent(kind, model_fields(mine), model_fields(theirs))
    assert settle(findings) == []


def test_tools_take_the_sdk_s_fields_when_a_client_defines_them() -> None:
    """No key or value of a tool that the SDK sends is refused, and none is demanded beyond."""
    ours = shapes(pytest.importorskip("mockserver.schema.tools").TOOLS)
    assert settle(compare_tables(compare_accepted, ours, models(sdk.by_type(sdk.TOOLS)))) == []


def test_input_items_take_the_sdk_s_fields_when_a_client_sends_them() -> None:
    """No key or value of an input item that the SDK sends is refused."""
    ours = shapes(pytest.importorskip("mockserver.schema.input").INPUT_ITEMS)
    theirs = models(sdk.by_type(ResponseInputItem))
    assert settle(compare_tables(compare_accepted, ours, theirs)) == []


def test_content_parts_take_the_sdk_s_fields_when_a_client_sends_them() -> None:
    """No key or value of a content part or an annotation that the SDK sends is refused."""
    content = pytest.importorskip("mockserver.schema.content")
    ours = shapes({**content.CONTENT_PARTS, **content.ANNOTATIONS})
    theirs: dict[str, list[sdk.Model]] = {}
    for model in reachable(ResponseInputItem, Annotation):
        info = sdk.fields(model).get("type")
        for kind in sdk.literals(sdk.annotation(info)) if info else ():
            theirs.setdefault(kind, []).append(model)
    known = {kind: found for kind, found in theirs.items() if kind in ours}
    assert len(known) >= 12
    assert settle(compare_tables(compare_accepted, ours, models(known))) == []


def test_request_parameters_are_the_sdk_s_when_a_response_is_created() -> None:
    """Every parameter of `responses.create` is known, and the few others are listed here."""
    request = pytest.importorskip("mockserver.schema.request").CreateResponse
    theirs = set(get_type_hints(ResponseCreateParamsNonStreaming))
    assert set(sdk.fields(request)) == theirs | REQUEST_ONLY


def test_the_wire_s_keys_cover_the_sdk_s_when_a_response_is_told() -> None:
    """The keys every Response has hold all that the SDK requires, and are known to it."""
    ours = {key: Field(Any, required=True) for key in KEYS | RECENT}
    assert settle([*compare_sent("response", ours, model_fields(Response))]) == []
    assert not KEYS & RECENT
