"""How much is refused: everything the API refuses, what cannot be served, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.schema.conversation import parse_conversation
from mockserver.schema.errors import ApiError
from mockserver.schema.validation import (
    Mode,
    check_items,
    parse_compact,
    parse_input_tokens,
    parse_request,
)

ACCEPTED_WHEN_LENIENT: list[dict[str, Any]] = [
    {"zzz": 1},
    {"messages": []},
    {"temperature": 9},
    {"max_output_tokens": 1},
    {"truncation": "sometimes"},
    {"service_tier": "best"},
    {"include": ["everything"]},
    {"metadata": {f"k{index}": "v" * 600 for index in range(20)}},
    {"text": {"format": {"type": "yaml"}, "verbosity": "shouting", "zzz": 1}},
    {"reasoning": {"effort": "heroic"}},
    {"tool_choice": "maybe"},
    {"tool_choice": {"type": "function", "name": "not_offered"}},
    {"tools": [{"type": "time_machine", "year": 1985}]},
    {"tools": [{"type": "function", "name": "a b", "zzz": 1}]},
    {"input": [{"type": "time_travel"}]},
    {"input": [{"role": "narrator", "content": "Once"}]},
    {"input": [{"role": "user", "content": [{"type": "smell", "of": "rain"}]}]},
    {"input": [{"role": "user", "content": [{"type": "output_text", "text": "a"}]}]},
    {"input": ""},
    {"model": ""},
    {"model": "o3", "temperature": 0.5},
    {"conversation": "conv_1", "previous_response_id": "resp_1"},
    {"text": {"format": {"type": "json_object"}}},
    {"text": {"format": {"type": "json_schema", "name": "n", "schema": {}, "strict": True}}},
]

REFUSED_WHEN_LENIENT: list[tuple[dict[str, Any], str]] = [
    ({"model": 7}, "model"),
    ({"input": 7}, "input"),
    ({"input": [7]}, "input[0]"),
    ({"input": [{"role": "user", "content": 7}]}, "input[0].content"),
    ({"input": [{"role": "user", "content": [7]}]}, "input[0].content[0]"),
    ({"input": [{"role": 7, "content": "a"}]}, "input[0]"),
    ({"input": [{"type": 7}]}, "input[0]"),
    ({"tools": {}}, "tools"),
    ({"tools": [{"type": 7}]}, "tools[0].type"),
    ({"tools": [{"type": "function"}]}, "tools[0].name"),
    ({"stream": "yes"}, "stream"),
    ({"temperature": "hot"}, "temperature"),
    ({"temperature": 10**400}, "temperature"),
    ({"metadata": {"k": 1}}, "metadata.k"),
    ({"text": {"format": {"type": "json_schema", "name": "n"}}}, "text.format.schema"),
    ({"truncation": 7}, "truncation"),
    ({"previous_response_id": 7}, "previous_response_id"),
]

PLAIN = {"model": "gpt-4o-mini", "input": "ping"}


@pytest.mark.parametrize("body", ACCEPTED_WHEN_LENIENT, ids=str)
def test_a_lenient_server_passes_what_it_can_serve(body: dict[str, Any]) -> None:
    """Unknown keys and unusual values are refused when strict and passed when lenient."""
    with pytest.raises(ApiError):
        parse_request(PLAIN | body)
    request = parse_request(PLAIN | body, mode="lenient")
    for name, value in body.items():
        assert getattr(request, name) == value


@pytest.mark.parametrize(("body", "param"), REFUSED_WHEN_LENIENT, ids=str)
def test_a_lenient_server_refuses_what_it_cannot_serve(body: dict[str, Any], param: str) -> None:
    """A wrong JSON type is refused in the API's words, lenient or not."""
    for mode in ("strict", "lenient"):
        with pytest.raises(ApiError) as caught:
            parse_request(PLAIN | body, mode=mode)
        assert caught.value.param == param


@pytest.mark.parametrize("name", ["model", "input"])
def test_a_lenient_server_needs_model_and_input(name: str) -> None:
    """What nothing can be answered without is missed, lenient or not."""
    body = {key: value for key, value in PLAIN.items() if key != name}
    with pytest.raises(ApiError) as caught:
        parse_request(body, mode="lenient")
    assert (caught.value.param, caught.value.code) == (name, "missing_required_parameter")


@pytest.mark.parametrize("body", [body for body, _ in REFUSED_WHEN_LENIENT], ids=str)
def test_nothing_is_refused_when_validation_is_off(body: dict[str, Any]) -> None:
    """What cannot be served is left out, the rest stays."""
    request = parse_request(PLAIN | body | {"instructions": "Be brief"}, mode="off")
    assert request.instructions == "Be brief"
    if "input" not in body:
        assert request.input == "ping"
    for name in body.keys() - {"model", "input", "tools"}:
        assert getattr(request, name) is None


def test_an_empty_body_is_served_when_validation_is_off() -> None:
    """Model and input have stand-ins."""
    request = parse_request({}, mode="off")
    assert (request.model, request.input) == ("gpt-4o-mini", "")


def test_only_the_bad_items_and_tools_are_dropped_when_validation_is_off() -> None:
    """One bad member of a list does not take the others with it."""
    user = {"role": "user", "content": "hi"}
    tool = {"type": "function", "name": "f"}
    request = parse_request(
        {"input": [7, user, {"role": "user", "content": 7}], "tools": [{}, tool]}, mode="off"
    )
    assert request.input == [user]
    assert request.tools == [tool]


def test_documents_stay_as_they_were_sent() -> None:
    """Items, tools and settings are handed on, not copied or converted."""
    item = {"role": "user", "content": [{"type": "input_text", "text": "hi"}]}
    tool = {"type": "web_search"}
    body = {"model": "gpt-4o", "input": [item], "tools": [tool], "text": {"verbosity": "low"}}
    request = parse_request(body)
    assert request.input[0] is item
    assert request.tools is not None
    assert request.tools[0] is tool
    assert request.text is body["text"]


def test_whole_numbers_become_decimals_where_decimals_are_meant() -> None:
    """A temperature of 0 reads as 0.0, as the API echoes it."""
    request = parse_request(PLAIN | {"temperature": 0, "top_p": 1})
    assert isinstance(request.temperature, float)
    assert isinstance(request.top_p, float)


@pytest.mark.parametrize("mode", ["strict", "lenient", "off"])
def test_tokens_are_counted_for_an_empty_request(mode: Mode) -> None:
    """A count may leave out everything."""
    assert parse_input_tokens({}, mode=mode).input == ""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"store": True}, "Unknown parameter: 'store'."),
        ({"modell": "x"}, "Unknown parameter: 'modell'. Did you mean 'model'?"),
        (
            {"input": 7},
            "Invalid type for 'input': expected one of a string or array of input items, "
            "but got an integer instead.",
        ),
    ],
)
def test_a_count_has_parameters_of_its_own(body: dict[str, Any], message: str) -> None:
    """What only creating knows is unknown to counting."""
    with pytest.raises(ApiError) as caught:
        parse_input_tokens(body)
    assert caught.value.message == message


def test_a_compaction_needs_a_model_and_nothing_else() -> None:
    """The model is required, streaming is not known."""
    assert parse_compact({"model": "gpt-5.6", "previous_response_id": "resp_1"}).input == ""
    for body, code in (
        ({}, "missing_required_parameter"),
        ({"model": "m", "stream": True}, "unknown_parameter"),
    ):
        with pytest.raises(ApiError) as caught:
            parse_compact(body)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("given", "param", "message"),
    [
        (
            {"prompt_cache_key": "k" * 65},
            "prompt_cache_key",
            "Invalid 'prompt_cache_key': string too long. Expected a string with maximum length "
            "64, but got a string with length 65 instead.",
        ),
        (
            {"prompt_cache_options": {"ttl": "12h"}},
            "prompt_cache_options.ttl",
            "Invalid value: '12h'. Supported values are: '30m'.",
        ),
        (
            {"prompt_cache_options": {"prewarm": True}},
            "prompt_cache_options.prewarm",
            "Unknown parameter: 'prompt_cache_options.prewarm'.",
        ),
    ],
)
def test_a_compaction_has_closer_bounds_for_its_cache(
    given: dict[str, Any], param: str, message: str
) -> None:
    """What a create may ask of the prompt cache, a compaction may not."""
    parse_request({"model": "gpt-5.6", "input": "hi", **given})
    with pytest.raises(ApiError) as caught:
        parse_compact({"model": "gpt-5.6", **given})
    assert (caught.value.param, caught.value.message) == (param, message)


def test_the_prompt_cache_of_a_compaction_passes() -> None:
    """The longest key and all that the options know are taken."""
    options = {"mode": "explicit", "ttl": "30m"}
    body = {"model": "gpt-5.6", "prompt_cache_key": "k" * 64, "prompt_cache_options": options}
    assert parse_compact(body).prompt_cache_options == options


def test_items_of_a_conversation_are_told_under_their_own_name() -> None:
    """A fault in a list of items carries the name the list has there."""
    with pytest.raises(ApiError) as caught:
        check_items([{"type": "message", "content": []}])
    assert (caught.value.param, caught.value.code) == ("items[0]", "invalid_value")
    check_items([{"type": "message", "content": []}], mode="off")
    with pytest.raises(ApiError, match="expected an array of input items"):
        check_items("hello", mode="lenient")


def test_metadata_of_a_conversation_keeps_the_same_limits() -> None:
    """Null passes, a value that is no string does not."""
    assert parse_conversation({"metadata": None}) == ([], {})
    assert parse_conversation({"metadata": {"k": 1}}, mode="off") == ([], {"k": 1})
    parse_conversation({"metadata": {"k": "v" * 600}}, mode="lenient")
    for mode in ("strict", "lenient"):
        with pytest.raises(ApiError) as caught:
            parse_conversation({"metadata": {"k": 1}}, mode=mode)
        assert caught.value.param == "metadata.k"
