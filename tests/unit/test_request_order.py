"""Which of several faults the API tells of, and its help with spelling."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from mockserver.schema.errors import ApiError
from mockserver.schema.spelling import edits, suggest
from mockserver.schema.validation import check_request, parse_request, read_request

FAULTS: dict[str, Any] = {
    "input": 7,
    "previous_response_id": 7,
    "prompt": "x",
    "moderation": "x",
    "include": ["bogus"],
    "tools": "x",
    "tool_choice": 7,
    "metadata": "x",
    "text": "x",
    "temperature": "x",
    "top_p": "x",
    "presence_penalty": "x",
    "frequency_penalty": "x",
    "parallel_tool_calls": "x",
    "stream": "x",
    "stream_options": "x",
    "background": "x",
    "max_output_tokens": "x",
    "max_tool_calls": "x",
    "reasoning": "x",
    "user": 7,
    "safety_identifier": 7,
    "prompt_cache_options": "x",
    "prompt_cache_key": 7,
    "prompt_cache_retention": "x",
    "truncation": "x",
    "instructions": 7,
    "store": "x",
    "service_tier": "bogus",
    "top_logprobs": "x",
    "context_management": "x",
}
"""A faulty value of each parameter, in the order the API looks at them."""


def refused(body: dict[str, Any]) -> ApiError:
    """Return what the request is refused with."""
    with pytest.raises(ApiError) as caught:
        parse_request(body)
    return caught.value


@pytest.mark.parametrize(("first", "second"), list(pairwise(FAULTS)))
def test_the_earlier_parameter_is_told_of_when_two_are_faulty(first: str, second: str) -> None:
    """The API's order counts, whatever the order in the body."""
    body = {second: FAULTS[second], first: FAULTS[first], "model": "gpt-5.6"}
    error = refused({"input": "ping"} | body)
    assert str(error.param).startswith(first)


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"zzz": 1}, "model", "missing_required_parameter"),
        ({"model": "gpt-5.6", "zzz": 1}, "input", "missing_required_parameter"),
        ({"model": "gpt-5.6", "truncation": "x"}, "input", "missing_required_parameter"),
        ({"model": "gpt-5.6", "input": [], "zzz": 1}, "zzz", "unknown_parameter"),
        ({"model": "gpt-5.6", "input": [{}], "zzz": 1}, "zzz", "unknown_parameter"),
        ({"model": "gpt-5.6", "input": [], "truncation": "x"}, "truncation", "invalid_value"),
        ({"model": "gpt-5.6", "input": [{}], "truncation": "x"}, "input[0]", "invalid_value"),
        ({"model": "gpt-5.6", "input": [{}], "temperature": 0.5}, "input[0]", "invalid_value"),
        (
            {"model": "gpt-5.6", "input": [], "temperature": 0.5},
            None,
            "missing_required_parameter",
        ),
        (
            {"model": "gpt-5.6", "input": "a", "top_logprobs": 1, "temperature": 0.5},
            "temperature",
            None,
        ),
        (
            {
                "model": "gpt-5.6",
                "input": "a",
                "top_logprobs": 1,
                "include": ["message.output_text.logprobs"],
            },
            "include",
            "unsupported_parameter",
        ),
        (
            {
                "model": "gpt-5.6",
                "input": "a",
                "include": ["message.output_text.logprobs"],
                "tools": "x",
            },
            "tools",
            "invalid_type",
        ),
        (
            {"model": "gpt-5.6", "input": "a", "top_logprobs": 1, "context_management": "x"},
            "context_management",
            "invalid_type",
        ),
        (
            {
                "model": "gpt-5.6",
                "input": "a",
                "conversation": "c",
                "previous_response_id": "r",
                "store": "x",
            },
            "store",
            "invalid_type",
        ),
    ],
)
def test_the_steps_come_in_the_order_of_the_api(
    body: dict[str, Any], param: str | None, code: str | None
) -> None:
    """Missing parameters, unknown ones, faulty ones, emptiness, then what the model can do."""
    error = refused(body)
    assert (error.param, error.code) == (param, code)


def test_state_can_be_looked_up_between_the_two_halves() -> None:
    """Reading passes what is only empty or beyond the model; checking refuses it."""
    bodies: list[dict[str, Any]] = [{"input": []}, {"input": "a", "temperature": 0.5}]
    for body in bodies:
        request = read_request({"model": "gpt-5.6", **body})
        with pytest.raises(ApiError):
            check_request(request)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("stop", "'store'"),
        ("sto", "'store'"),
        ("st", None),
        ("stre", "'store' or 'stream'"),
        ("strem", "'stream' or 'store'"),
        ("tool", "'tools'"),
        ("usr", "'user'"),
        ("inclde", "'include'"),
        ("inpu", None),
        ("modell", None),
        ("temperatur", "'temperature'"),
        ("", None),
    ],
)
def test_near_names_are_suggested_when_a_parameter_is_misspelt(name: str, hint: str | None) -> None:
    """Names within two edits are suggested, the nearest first, but none that was sent."""
    error = refused({"model": "gpt-4o", "input": "a", name: 1})
    tail = f" Did you mean {hint}?" if hint else ""
    assert error.message == f"Unknown parameter: '{name}'.{tail}"


def test_a_third_suggestion_takes_an_oxford_comma() -> None:
    """Three near names are told as a list."""
    assert suggest("bat", ("cat", "hat", "rat"), ()) == " Did you mean 'cat', 'hat', or 'rat'?"


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("a", "", 1), ("stop", "store", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)],
)
def test_edits_count_single_characters(one: str, other: str, count: int) -> None:
    """The distance is the usual one, and the same both ways."""
    assert edits(one, other) == edits(other, one) == count


def test_a_huge_name_is_told_without_measuring_it() -> None:
    """A name far longer than any known one costs no comparison."""
    name = "z" * 1_000_000
    assert refused({"model": "gpt-4o", "input": "a", name: 1}).code == "unknown_parameter"
