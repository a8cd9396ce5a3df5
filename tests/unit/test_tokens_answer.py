"""Output tokens, and that no JSON at all upsets a count."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.tokens import Estimator, Tokenizer, count_input, count_output

CHAT, REASONING = "gpt-4o", "gpt-5"

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
KEYS = st.text() | st.sampled_from(
    [
        *("type", "role", "content", "text", "tools", "arguments", "action", "output"),
        *("parameters", "properties", "required", "$ref", "anyOf", "items", "enum", "schema"),
        *("description", "default", "name", "format", "image_url", "file_data", "detail"),
    ]
)
JSON = st.recursive(
    LEAVES | st.sampled_from(["message", "input_image", "input_file", "function", "reasoning"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


class Words:
    """Counts the words of a text."""

    def count(self, text: str) -> int:
        """Give the number of words."""
        return len(text.split())


WORDS = Words()


def answer(*texts: str) -> list[dict[str, Any]]:
    """Output of one message."""
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return [{"id": "msg_1", "type": "message", "role": "assistant", "content": content}]


def test_message_counts_its_text_and_its_frame() -> None:
    """A message costs one token more than its text on chat models, the channel's name on others."""
    assert count_output(WORDS, answer("one two three"), model=CHAT) == 3 + 1
    assert count_output(WORDS, answer("one two three"), model=REASONING) == 3 + 5
    refusal = [{"type": "message", "content": [{"type": "refusal", "refusal": "I will not"}]}]
    assert count_output(WORDS, refusal, model=CHAT) == 3 + 1


def test_calls_count_names_and_arguments() -> None:
    """Each of several calls costs more than a single one, as recorded."""
    call = {"type": "function_call", "name": "go", "arguments": '{"to": "Rome"}', "call_id": "c"}
    assert count_output(WORDS, [call], model=CHAT) == 3 + 8
    assert count_output(WORDS, [call, call], model=CHAT) == 2 * (3 + 15)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"type": "custom_tool_call", "name": "run", "input": "print it now"}, 4),
        ({"type": "code_interpreter_call", "code": "a = 1", "outputs": [{"logs": "x y"}]}, 3),
        ({"type": "image_generation_call", "result": "iVBO w0 KG", "revised_prompt": "a cat"}, 2),
        ({"type": "mcp_call", "name": "roll", "arguments": "{}", "output": "you rolled a 6"}, 2),
        ({"type": "tool_search_call", "arguments": {"goal": "find it"}}, 2),
        ({"type": "web_search_call", "action": {"query": "a b", "sources": [{"url": "c d"}]}}, 2),
        ({"type": "some_future_call", "plan": {"steps": ["one two", "three"]}}, 3),
    ],
)
def test_what_the_model_wrote_counts_when_an_item_is(item: dict[str, Any], words: int) -> None:
    """Of a call, what the model wrote counts, not what the tool answered; new kinds count too."""
    assert count_output(WORDS, [item], model=CHAT) == words + 8


@pytest.mark.parametrize("kind", ["reasoning", "mcp_list_tools", "shell_call_output"])
def test_item_costs_nothing_when_the_server_wrote_it(kind: str) -> None:
    """Reasoning is told apart, and what the server writes is no output of the model."""
    summary = [{"type": "summary_text", "text": "some thought"}]
    assert count_output(WORDS, [{"type": kind, "summary": summary}]) == 0


def test_compaction_counts_by_its_ciphertext() -> None:
    """A compaction is written by the model, but only its length is known."""
    short, long = ({"type": "compaction", "encrypted_content": "g" * n} for n in (100, 7450))
    assert count_output(WORDS, [short]) == 0
    assert count_output(WORDS, [long]) == 1000


@given(st.lists(JSON, max_size=3), JSON, st.lists(JSON, max_size=3), JSON)
def test_counts_are_never_negative_for_any_json(
    items: list[Any], instructions: Any, tools: list[Any], more: Any
) -> None:
    """Whatever JSON a request holds, counting it neither fails nor goes below zero."""
    estimate = Estimator()
    for model in (CHAT, REASONING, "", "anything"):
        asked = count_input(
            estimate,
            items=items,
            instructions=instructions,
            tools=tools,
            text_format={"type": "json_schema", "schema": more},
            tool_choice=more,
            model=model,
        )
        assert asked >= 0
        assert count_output(estimate, items, model=model) >= 0


@pytest.mark.parametrize("key", ["content", "tools", "arguments", "type", "parameters"])
def test_counts_stand_any_depth(key: str) -> None:
    """Nesting far beyond what a request may have is no reason to fail."""
    deep: Any = "text"
    for _ in range(5000):
        deep = {key: [deep]}
    estimate = Estimator()
    tool = {"type": "function", "parameters": {"properties": {"a": deep, "b": {"default": deep}}}}
    text_format = {"type": "json_schema", "name": "x", "schema": deep}
    assert count_input(estimate, items=[deep], tools=[deep, tool], text_format=text_format) > 0
    assert count_output(estimate, [deep]) >= 0


def test_tokenizer_is_a_protocol() -> None:
    """Anything with ``count`` is a tokenizer."""
    mine: Tokenizer = Words()
    assert count_output(mine, answer("a b"), model=CHAT) == 3
