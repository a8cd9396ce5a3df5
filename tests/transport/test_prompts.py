"""Stored prompts and prompt cache diagnostics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from api import Api
from samples import ROOT
from test_compaction import LONG

from mockserver import MockServer

PROMPTS = ROOT / "fixtures" / "prompts.json"
STORED = pytest.mark.mockserver(prompts=PROMPTS)


def prompt(**options: Any) -> dict[str, Any]:
    return {"prompt": {"id": "pmpt_weather", "variables": {"city": "Paris"}, **options}}


@STORED
def test_a_stored_prompt_stands_for_its_messages(api: Api) -> None:
    """Its model is used, its messages are the instructions, variables are put in."""
    response = api.create(prompt())
    assert response["model"] == "gpt-4.1-2025-04-14"
    texts = [message["content"][0]["text"] for message in response["instructions"]]
    assert texts == ["You are a {{tone}} weather reporter.", "What is the weather in Paris?"]
    assert response["prompt"]["id"] == "pmpt_weather"
    bare = api.create({"model": "gpt-4.1", "input": "x"})
    assert response["usage"]["input_tokens"] > bare["usage"]["input_tokens"]


@STORED
@pytest.mark.parametrize("options", [{"id": "pmpt_nope"}, {"version": "9"}])
def test_a_prompt_that_is_not_there_is_not_found(api: Api, options: dict[str, Any]) -> None:
    """An unknown id or version is the API's 404."""
    error = api.refused(prompt(**options))
    assert error["status"] == 404
    assert error["message"].startswith("Prompt with id 'pmpt_")


@pytest.mark.parametrize("text", ["[", "[]", '{"pmpt_1": {}}'])
def test_a_bad_file_of_prompts_is_named(tmp_path: Path, text: str) -> None:
    """The server does not start, and says what is wrong where."""
    path = tmp_path / "prompts.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"prompts\.json"):
        MockServer(prompts=path).start()


def compare(api: Api, first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    id_ = api.create(first)["id"]
    options = {"mode": "implicit", "ttl": "30m", "comparison_response_id": id_}
    response = api.create({**second, "prompt_cache_options": options})
    assert response["prompt_cache_options"] == options
    diagnostics: dict[str, Any] = response["prompt_cache_diagnostics"]
    return diagnostics


BODY = {"model": "gpt-5.6", "input": [{"role": "user", "content": LONG}]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {"type": "cache_hit"}),
        ({"model": "gpt-5.5"}, "model_changed"),
        ({"prompt_cache_key": "k"}, "prompt_cache_key_changed"),
        ({"tools": [{"type": "function", "name": "f", "parameters": None}]}, "tools_changed"),
        ({"text": {"format": {"type": "json_object"}}}, "text_format_changed"),
        ({"reasoning": {"effort": "high"}}, "reasoning_effort_changed"),
        ({"text": {"verbosity": "low"}}, "verbosity_changed"),
        ({"service_tier": "flex"}, "service_tier_changed"),
        ({"input": "json " + LONG}, "input_changed"),
    ],
    ids=str,
)
def test_diagnostics_name_what_changed(api: Api, change: dict[str, Any], expected: Any) -> None:
    """A hit, or a miss with its reason and the tokens that it cost."""
    body = {**BODY, "input": [*BODY["input"], {"role": "user", "content": "json"}]}
    diagnostics = compare(api, body, {**body, **change})
    if isinstance(expected, dict):
        assert diagnostics == expected
    else:
        assert diagnostics["reason"] == expected
        assert diagnostics["cache_missed_tokens"] > 0


def test_diagnostics_say_when_there_is_nothing_to_compare_with(api: Api) -> None:
    """An unknown response is told as such."""
    options = {"comparison_response_id": "resp_nope"}
    response = api.create({**BODY, "prompt_cache_options": options})
    assert response["prompt_cache_diagnostics"] == {"type": "comparison_response_not_found"}


def test_a_prewarmed_prompt_has_no_output(api: Api) -> None:
    """``prewarm`` writes the cache and says nothing."""
    warm = api.create({**BODY, "prompt_cache_options": {"prewarm": True}})
    assert warm["output"] == []
    assert api.create(BODY)["usage"]["input_tokens_details"]["cached_tokens"] > 0


def test_the_sample_prompts_are_json() -> None:
    """The file of samples can be served."""
    assert "pmpt_weather" in json.loads(PROMPTS.read_text(encoding="utf-8"))
