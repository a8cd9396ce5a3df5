"""What is known of models, and what a request may not ask of them."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.catalog import KNOWN, lookup, models
from mockserver.schema.errors import ApiError
from mockserver.schema.validation import parse_request

RESEARCH = "Deep research models "


def refused(body: dict[str, Any]) -> ApiError:
    """Return what a request is refused with."""
    with pytest.raises(ApiError) as caught:
        parse_request({"input": "ping"} | body)
    return caught.value


@pytest.mark.parametrize(
    ("alias", "snapshot"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("gpt-4o-2024-11-20", "gpt-4o-2024-11-20"),
        ("gpt-4.1-nano", "gpt-4.1-nano-2025-04-14"),
        ("o3-mini", "o3-mini-2025-01-31"),
        ("gpt-5-mini", "gpt-5-mini-2025-08-07"),
        ("gpt-5.4-mini", "gpt-5.4-mini-2026-03-17"),
        ("gpt-5.6", "gpt-5.6-sol"),
        ("gpt-5.6-terra", "gpt-5.6-terra"),
        ("my-own/model", "my-own/model"),
    ],
)
def test_an_alias_stands_for_a_dated_snapshot(alias: str, snapshot: str) -> None:
    """Aliases are echoed as their snapshot, everything else as it is."""
    model = lookup(alias)
    assert (model.name, model.snapshot) == (alias, snapshot)


@pytest.mark.parametrize(
    ("name", "reasoning", "top_p", "retention", "phase"),
    [
        ("gpt-4o", (None, None), 1.0, "in_memory", False),
        ("gpt-5", ("current_turn", "medium"), 1.0, "in_memory", False),
        ("gpt-5-chat-latest", (None, None), 1.0, "in_memory", False),
        ("gpt-5-pro", ("current_turn", "high"), 1.0, "in_memory", False),
        ("o4-mini", ("current_turn", "medium"), 1.0, "in_memory", False),
        ("gpt-5.1", ("current_turn", "none"), 1.0, "in_memory", False),
        ("gpt-5.2", ("current_turn", "none"), 0.98, "24h", False),
        ("gpt-5.4", ("current_turn", "none"), 0.98, "24h", True),
        ("gpt-5.5", ("current_turn", "medium"), 0.98, "24h", True),
        ("gpt-5.6-terra", ("all_turns", "medium"), 0.98, "24h", True),
        ("gpt-6-astra", ("all_turns", "medium"), 0.98, "24h", True),
    ],
)
def test_a_model_brings_its_own_defaults(
    name: str, reasoning: tuple[Any, Any], top_p: float, retention: str, phase: bool
) -> None:
    """The defaults are those of the newest recordings."""
    model = lookup(name)
    context, effort = reasoning
    mode = {"mode": "standard"} if model.reasons else {}
    assert model.reasoning == {"context": context, "effort": effort, **mode, "summary": None}
    assert list(model.reasoning) == sorted(model.reasoning)
    assert (model.top_p, model.prompt_cache_retention, model.phase) == (top_p, retention, phase)


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("o3-next", True),
        ("gpt-5.9", True),
        ("gpt-6-nova", True),
        ("gpt-7", False),
        ("llama", False),
    ],
)
def test_an_unknown_name_reasons_when_it_looks_like_a_family(name: str, reasons: bool) -> None:
    """A name is judged by its start, and marked as unknown."""
    model = lookup(name)
    assert (model.reasons, model.known) == (reasons, False)


def test_the_list_of_models_is_whole_and_dated() -> None:
    """Every listed name is known; a snapshot was created on its date."""
    assert [model.name for model in models()] == list(KNOWN)
    assert all(model.known for model in models())
    assert {"gpt-4o", "gpt-4o-2024-08-06", "gpt-5.6-sol"} <= set(KNOWN)
    assert lookup("gpt-4o").created == 1722902400
    assert lookup("gpt-6-astra").created > lookup("gpt-4o").created


def test_a_look_up_is_remembered() -> None:
    """The same name gives the same model."""
    assert lookup("gpt-4o") is lookup("gpt-4o")


@pytest.mark.parametrize("name", ["temperature", "top_p", "presence_penalty", "frequency_penalty"])
def test_a_model_that_reasons_does_not_sample(name: str) -> None:
    """Sampling parameters are refused, without a code."""
    error = refused({"model": "gpt-5.6-terra", name: 0.5})
    assert error.message == f"Unsupported parameter: '{name}' is not supported with this model."
    assert (error.param, error.code) == (name, None)


@pytest.mark.parametrize(
    "body",
    [
        {"model": "gpt-5.4", "temperature": 0},
        {"model": "gpt-5.6", "temperature": 0.5, "reasoning": {"effort": "none"}},
        {"model": "gpt-5.6", "temperature": 1, "top_p": 0.98},
        {"model": "o3", "top_p": 1.0, "frequency_penalty": 0},
        {"model": "gpt-4o", "temperature": 0.5, "top_logprobs": 3},
        {"model": "my-model", "temperature": 0.5, "reasoning": {"effort": "low"}},
        {"model": "gpt-5.4", "include": ["message.output_text.logprobs"]},
    ],
    ids=str,
)
def test_sampling_is_accepted_where_nothing_is_thought_or_changed(body: dict[str, Any]) -> None:
    """Models without reasoning, without effort, or asked for what they do anyway."""
    parse_request({"input": "ping", **body})


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"top_logprobs": 1}, "top_logprobs"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
    ],
)
def test_a_model_that_reasons_tells_no_log_probabilities(body: dict[str, Any], param: str) -> None:
    """Both ways to ask for log probabilities are refused."""
    error = refused({"model": "o3", **body})
    assert error.message == "logprobs are not supported with reasoning models."
    assert (error.param, error.code) == (param, "unsupported_parameter")


@pytest.mark.parametrize(
    ("model", "effort", "supported"),
    [
        ("gpt-5.6-terra", "minimal", "'none', 'low', 'medium', 'high', 'xhigh', and 'max'"),
        ("gpt-5-mini", "none", "'minimal', 'low', 'medium', and 'high'"),
        ("gpt-5.5", "max", "'none', 'low', 'medium', 'high', and 'xhigh'"),
        ("o4-mini-2025-04-16", "none", "'low', 'medium', and 'high'"),
        ("gpt-5-pro", "low", "'high'"),
        ("gpt-6-astra", "none", "'low', 'medium', 'high', 'xhigh', and 'max'"),
    ],
)
def test_an_effort_that_a_model_lacks_is_refused(model: str, effort: str, supported: str) -> None:
    """The message names the model as it was asked for, and its efforts."""
    error = refused({"model": model, "reasoning": {"effort": effort}})
    assert error.message == (
        f"Unsupported value: '{effort}' is not supported with the '{model}' model. "
        f"Supported values are: {supported}."
    )
    assert (error.param, error.code) == ("reasoning.effort", "unsupported_value")


def test_a_model_that_does_not_reason_takes_no_effort() -> None:
    """A known model without reasoning refuses the parameter itself."""
    error = refused({"model": "gpt-4.1-mini", "reasoning": {"effort": "low"}})
    assert (error.param, error.code) == ("reasoning.effort", "unsupported_parameter")
    parse_request({"model": "gpt-4.1-mini", "input": "a", "reasoning": {"effort": None}})


def test_the_newest_models_keep_their_cache_for_a_day() -> None:
    """A shorter retention is refused by them, and accepted by others."""
    error = refused({"model": "gpt-5.6", "prompt_cache_retention": "in_memory"})
    assert error.message == "This model is compatible only with 24h extended prompt caching"
    assert (error.param, error.code) == ("prompt_cache_retention", "invalid_parameter")
    parse_request({"model": "gpt-5.4", "input": "a", "prompt_cache_retention": "in_memory"})


@pytest.mark.parametrize("name", ["o1-mini", "o1-preview"])
def test_a_model_of_another_api_is_not_served(name: str) -> None:
    """Two models exist, but not for this API."""
    error = refused({"model": name})
    expected = f"The requested model '{name}' is not supported with the Responses API."
    assert (error.message, error.param, error.code) == (expected, "model", "model_not_found")


@pytest.mark.parametrize(
    ("tools", "rest"),
    [
        (
            [{"type": "web_search_preview"}, {"type": "function", "name": "f"}],
            "only support the 'web_search_preview', 'code_interpreter', 'mcp', and 'file_search' "
            "tools.",
        ),
        ([], "require at least one of 'web_search_preview', 'mcp', or 'file_search' tools."),
    ],
)
def test_deep_research_needs_its_own_tools(tools: list[Any], rest: str) -> None:
    """Other tools are refused, and so is none."""
    error = refused({"model": "o3-deep-research", "tools": tools})
    assert (error.message, error.param, error.code) == (RESEARCH + rest, "tools", None)


def test_deep_research_runs_with_a_source() -> None:
    """One source is enough."""
    tools = [{"type": "web_search_preview"}]
    parse_request({"model": "o3-deep-research", "input": "a", "tools": tools})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"background": True, "stream": True},
        {"background": True, "service_tier": "flex"},
    ],
    ids=str,
)
def test_a_late_response_needs_a_plain_background(body: dict[str, Any]) -> None:
    """A late window rules out the foreground, streams and other tiers."""
    options = {"background_options": {"completion_window": "2h"}}
    error = refused({"model": "gpt-5.6", **options, **body})
    assert error.param == "background_options.completion_window"
    parse_request({"model": "gpt-5.6", "input": "a", "background": True, **options})


@pytest.mark.parametrize(
    ("choice", "tools"),
    [
        ("none", None),
        ("auto", []),
        ("required", [{"type": "web_search"}]),
        ({"type": "web_search_preview"}, [{"type": "web_search"}]),
        (
            {"type": "mcp", "server_label": "a"},
            [{"type": "mcp", "server_label": "a", "server_url": "https://example.com"}],
        ),
        ({"type": "function", "name": "f"}, [{"type": "function", "name": "f"}]),
        (
            {"type": "function", "name": "f"},
            [{"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "f"}]}],
        ),
        (
            {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "f"}, {"type": "image_generation"}],
            },
            [{"type": "function", "name": "f"}, {"type": "image_generation"}],
        ),
    ],
    ids=str,
)
def test_a_choice_among_the_tools_offered_is_accepted(choice: Any, tools: Any) -> None:
    """Functions are chosen by name, hosted tools by kind, MCP tools by their server."""
    parse_request({"model": "gpt-5.6", "input": "a", "tool_choice": choice, "tools": tools})


def test_an_allowed_tool_that_is_not_offered_is_refused() -> None:
    """Every tool of an allowed set has to be there."""
    choice = {
        "type": "allowed_tools",
        "mode": "auto",
        "tools": [{"type": "mcp", "server_label": "a"}],
    }
    error = refused({"model": "gpt-5.6", "tool_choice": choice, "tools": []})
    assert error.message == "Tool choice 'a' not found in 'tools' parameter."


@pytest.mark.parametrize(
    "body",
    [
        {"previous_response_id": "resp_1"},
        {"prompt": {"id": "pmpt_1"}},
        {"input": [{"type": "additional_tools", "role": "developer", "tools": []}]},
    ],
    ids=str,
)
def test_a_choice_is_believed_when_tools_may_come_from_elsewhere(body: dict[str, Any]) -> None:
    """Earlier turns, stored prompts and the input itself can bring tools along."""
    choice = {"type": "function", "name": "f"}
    parse_request({"model": "gpt-5.6", "input": "a", "tool_choice": choice, **body})


@pytest.mark.parametrize(
    "body",
    [
        {"input": "Reply in JSON"},
        {"input": [{"role": "system", "content": "json, please"}]},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "as Json"}]}]},
        {"previous_response_id": "resp_1"},
    ],
    ids=str,
)
def test_a_json_object_is_given_when_a_message_asks_for_json(body: dict[str, Any]) -> None:
    """Any message counts, in any case of letters; an earlier turn may have said it."""
    text = {"format": {"type": "json_object"}}
    parse_request({"model": "gpt-4o", "input": "a", "text": text, **body})
