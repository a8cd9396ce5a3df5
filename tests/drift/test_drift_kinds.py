"""Drift of kinds: every kind of the SDK's unions has a class of ours, or is named as awaited."""

from __future__ import annotations

import pytest
from openai.types.responses import ResponseInputItem
from openai.types.responses.response_output_text import Annotation
from oracle import sdk
from oracle.drift import compare_kinds

AWAITED_ITEMS: frozenset[str] = frozenset()
"""Output items that pass through as plain ones so far."""

VALIDATED_ITEMS = frozenset({"agent_message", "multi_agent_call", "multi_agent_call_output"})
"""Input items that the API's validator names, and the SDK does not have."""


def test_output_items_are_all_known_when_the_sdk_lists_them() -> None:
    """A new kind in the SDK, or one that is awaited no more, shows here."""
    kinds = pytest.importorskip("mockserver.items").KINDS
    assert compare_kinds(kinds, sdk.by_type(sdk.OUTPUT_ITEMS), awaited=AWAITED_ITEMS) == []


def test_tools_are_all_known_when_the_sdk_lists_them() -> None:
    """Every tool that a client may define is checked by a class of its own."""
    tools = pytest.importorskip("mockserver.schema.tools").TOOLS
    assert compare_kinds(tools, sdk.by_type(sdk.TOOLS)) == []


def test_input_items_are_all_known_when_the_sdk_lists_them() -> None:
    """Every item that a client may send is checked by a class of its own."""
    items = pytest.importorskip("mockserver.schema.input").INPUT_ITEMS
    assert compare_kinds(items, sdk.by_type(ResponseInputItem), beyond=VALIDATED_ITEMS) == []


def test_annotations_are_all_known_when_the_sdk_lists_them() -> None:
    """Every annotation that a client may send back is checked by a class of its own."""
    annotations = pytest.importorskip("mockserver.schema.content").ANNOTATIONS
    assert compare_kinds(annotations, sdk.by_type(Annotation)) == []
