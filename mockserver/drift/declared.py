"""The kinds we declare, and the keys of each, against the SDK's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.drift.accepted import Accepting
from mockserver.drift.compare import Finding, compare_kinds, compare_sent, compare_tables
from mockserver.drift.sdk import Sdk
from mockserver.drift.types import by_type, fields_of
from mockserver.items import KINDS
from mockserver.schema import response
from mockserver.schema.content import ANNOTATIONS
from mockserver.schema.input import INPUT_ITEMS
from mockserver.schema.shape import Shape
from mockserver.schema.text_format import TEXT_FORMATS
from mockserver.schema.tool_choice import TOOL_CHOICES
from mockserver.schema.tools import TOOLS

_TABLES: Final[tuple[tuple[str, Mapping[str, type[Shape]], tuple[str, str]], ...]] = (
    ("tool", TOOLS, ("responses", "Tool")),
    ("input item", INPUT_ITEMS, ("responses", "ResponseInputItem")),
    ("annotation", ANNOTATIONS, ("responses.response_output_text", "Annotation")),
    ("text format", TEXT_FORMATS, ("responses", "ResponseFormatTextConfig")),
    ("tool choice", TOOL_CHOICES, ("responses.response_create_params", "ToolChoice")),
)
"""What it is, our kinds of it, and where the SDK has its union."""

_SENT: Final[tuple[tuple[str, Any, tuple[str, str]], ...]] = (
    ("response", response.Response, ("responses", "Response")),
    ("usage", response.Usage, ("responses", "ResponseUsage")),
    (
        "usage.input_tokens_details",
        response.InputTokensDetails,
        ("responses.response_usage", "InputTokensDetails"),
    ),
    (
        "usage.output_tokens_details",
        response.OutputTokensDetails,
        ("responses.response_usage", "OutputTokensDetails"),
    ),
    ("response.error", response.ResponseError, ("responses", "ResponseError")),
    (
        "response.incomplete_details",
        response.IncompleteDetails,
        ("responses.response", "IncompleteDetails"),
    ),
    ("response.conversation", response.Conversation, ("responses.response", "Conversation")),
)
"""What it is, our model of it, and where the SDK has its own."""


def compare_items(sdk: Sdk) -> list[Finding]:
    """Compare the kinds of output items, and the keys of each."""
    area, known = "output item", by_type(sdk.find("responses", "ResponseOutputItem"))
    ours = {kind: fields_of(item) for kind, item in KINDS.items()}
    theirs = {kind: list(map(fields_of, classes)) for kind, classes in known.items()}
    return [
        *compare_kinds(area, ours, known),
        *compare_tables(area, compare_sent, ours, theirs),
    ]


def compare_response(sdk: Sdk) -> list[Finding]:
    """Compare the keys of the response and of the objects of its own."""
    findings: list[Finding] = []
    for name, model, place in _SENT:
        findings += compare_sent(name, fields_of(model), fields_of(sdk.find(*place)))
    return findings


def compare_taken(sdk: Sdk, accepting: Accepting) -> list[Finding]:
    """Compare the kinds of things that clients send, and all within them."""
    findings: list[Finding] = []
    for area, ours, place in _TABLES:
        known = by_type(sdk.find(*place))
        findings += compare_kinds(area, ours, known)
        for kind in sorted(ours.keys() & known):
            findings += accepting.compare(f"{area} {kind}", ours[kind], known[kind])
    return findings
