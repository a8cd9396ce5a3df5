"""Input tokens: what messages, items, tools and response formats weigh in a prompt."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.tokens import count_frame, count_input, count_item, open_tokenizer, visible
from mockserver.tokens.declaration import declare

CHAT, REASONING, RECALLING = "gpt-4o", "gpt-5", "gpt-5.6"


class Words:
    """Counts the words of a text."""

    def count(self, text: str) -> int:
        """Give the number of words."""
        return len(text.split())


WORDS = Words()


def user(text: str) -> dict[str, Any]:
    """A user's message."""
    return {"role": "user", "content": text}


def weather(**more: Any) -> dict[str, Any]:
    """A function tool."""
    schema = {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "The city"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    return {"type": "function", "name": "get_weather", "parameters": schema, "strict": True} | more


@pytest.mark.parametrize(
    ("items", "instructions", "chat", "reasoning"),
    [
        ([user("one two three")], None, 3 + 4 + 3, 2 + 4 + 3),
        ([user("one")], "be brief", 3 + 4 + 2 + 4 + 1, 2 + 4 + 2 + 4 + 1),
        ([user("hi"), {"role": "assistant", "content": "hello you"}], None, 14, 15),
        ([{"role": "system", "content": "a b"}, user("c")], None, 14, 13),
    ],
)
def test_messages_count_their_words_and_a_frame_each(
    items: list[Any], instructions: str | None, chat: int, reasoning: int
) -> None:
    """Opening and frames are those of recorded prompts, by family of model (api-contract §4)."""
    counts = [
        count_input(WORDS, items=items, instructions=instructions, model=model)
        for model in (CHAT, REASONING)
    ]
    assert counts == [chat, reasoning]


def test_parts_count_like_the_text_they_hold_when_a_message_is_parted() -> None:
    """How a message is cut into parts does not change what it costs."""
    parted = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": part} for part in ("one two", "three")],
    }
    assert count_item(WORDS, parted) == count_item(WORDS, user("one two three"))


@given(st.lists(st.sampled_from(["user", "reasoning", "call"]), max_size=8))
def test_prompt_is_frame_and_visible_items(kinds: list[str]) -> None:
    """A chain may keep the counts of its items and add them to the frame of the next request."""
    kept = {
        "user": user("hello there"),
        "reasoning": {"type": "reasoning", "summary": [{"type": "summary_text", "text": "mmh"}]},
        "call": {"type": "function_call", "name": "go", "arguments": "{}", "call_id": "call_1"},
    }
    items = [kept[kind] for kind in kinds]
    frame = count_frame(WORDS, instructions="be kind", tools=[weather()], model=REASONING)
    seen = sum(count_item(WORDS, item, model=REASONING) for item in visible(items, model=REASONING))
    assert frame + seen == count_input(
        WORDS, items=items, instructions="be kind", tools=[weather()], model=REASONING
    )


def test_reasoning_is_forgotten_when_the_user_speaks_again() -> None:
    """Reasoning counts within its turn only, but the newest models keep it."""
    thought = {"type": "reasoning", "summary": [], "encrypted_content": "g" * 3000}
    turn = [user("go"), thought, {"type": "function_call", "name": "f", "arguments": "{}"}]
    later = [*turn, user("again")]
    assert visible(turn, model=REASONING) == turn
    assert visible(later, model=REASONING) == [turn[0], turn[2], later[3]]
    assert visible(later, model=RECALLING) == later
    assert count_item(WORDS, thought) > 200


def test_compaction_hides_what_came_before_it() -> None:
    """A compaction stands for everything before it."""
    compaction = {"type": "compaction", "encrypted_content": "g" * 2000}
    items = [user("a"), {"role": "assistant", "content": "b"}, compaction, user("c")]
    assert visible(items, model=CHAT) == items[2:]


def test_function_is_declared_as_a_type() -> None:
    """Every construct of a schema has its form in the declaration that the model reads."""
    point = {"type": "object", "title": "Point", "properties": {"x": {"type": "number"}}}
    schema = {
        "type": "object",
        "description": "All of it",
        "properties": {
            "one": {"const": 1},
            "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "many": {"type": "array", "items": {"$ref": "#/$defs/Point"}, "minItems": 2},
            "again": {"$ref": "#/$defs/Point"},
            "open": {"type": ["string", "number"], "default": "x"},
            "any": True,
        },
        "required": ["one"],
        "$defs": {"Point": point},
    }
    assert declare(weather(description="Look out", parameters=schema)) == (
        "// Look out\ntype get_weather = (_: // All of it\n{\n"
        "one: 1,\n"
        "either?: string | null,\n"
        "// minItems: 2\nmany?: // Point\n{\nx?: number,\n}[],\n"
        "again?: Point,\n"
        "open?: string | number, // default: x\n"
        "any?: any,\n"
        "}) => any;\n\n"
    )
    assert declare({"name": "ping", "parameters": None}) == "type ping = () => any;\n\n"


def test_function_costs_less_than_its_json() -> None:
    """Tools are told as type declarations, so that braces and keywords are not paid for."""
    exactly = open_tokenizer("estimate")
    alone = count_frame(exactly, tools=[weather()], model=CHAT) - count_frame(exactly, model=CHAT)
    assert 9 < alone < exactly.count(json.dumps(weather()))


def test_function_costs_more_when_it_says_more() -> None:
    """Descriptions, titles, limits and defaults of a schema are read by the model."""
    plain = weather()
    bare = count_frame(WORDS, tools=[plain])
    assert count_frame(WORDS, tools=[weather(description="one two three")]) == bare + 1 + 3
    told = json.loads(json.dumps(plain))
    told["parameters"]["properties"]["city"] |= {"title": "City", "minLength": 2, "default": "Rome"}
    assert count_frame(WORDS, tools=[told]) == bare + 2 + 3 + 3


def test_definition_is_written_out_once_when_a_schema_refers_to_it_often() -> None:
    """References cannot blow up a declaration, not even to themselves."""
    point = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Point"}}}
    schema = {
        "type": "object",
        "properties": {f"p{index}": {"$ref": "#/$defs/Point"} for index in range(50)},
        "$defs": {"Point": point},
    }
    assert count_frame(WORDS, tools=[weather(parameters=schema)]) < 200


def test_forced_call_costs_a_chat_model_more() -> None:
    """A tool choice that forces a call is told to chat models only."""
    for choice in ("required", {"type": "function", "name": "get_weather"}):
        for model, more in ((CHAT, 9), (REASONING, 0)):
            free = count_frame(WORDS, tools=[weather()], model=model)
            forced = count_frame(WORDS, tools=[weather()], tool_choice=choice, model=model)
            assert forced == free + more


def test_deferred_function_costs_nothing_until_it_is_listed() -> None:
    """A deferred tool comes into the context with the item that loads it."""
    deferred = weather(defer_loading=True)
    assert count_frame(WORDS, tools=[deferred]) == count_frame(WORDS)
    listed = {"type": "additional_tools", "role": "developer", "tools": [deferred]}
    assert count_item(WORDS, listed) > count_item(WORDS, listed | {"tools": []})


def test_hosted_tool_costs_a_fixed_sum_when_it_is_offered() -> None:
    """A hosted tool brings the server's own words, whatever its dated name."""
    plain = count_frame(WORDS)
    search = count_frame(WORDS, tools=[{"type": "web_search_preview"}])
    assert search > plain + 200
    assert count_frame(WORDS, tools=[{"type": "web_search_preview_2025_03_11"}]) == search


def test_custom_tool_counts_its_grammar() -> None:
    """A custom tool costs its name, its description and its grammar."""
    tool = {"type": "custom", "name": "run", "description": "Run it now."}
    grammar = {"type": "grammar", "syntax": "regex", "definition": "a b c d"}
    assert count_frame(WORDS, tools=[tool | {"format": grammar}]) == 4 + count_frame(
        WORDS, tools=[tool]
    )


def test_response_format_counts_what_the_prompt_says_of_it() -> None:
    """A JSON schema counts without the keywords that only the sampler needs; plain JSON is free."""
    count = open_tokenizer("estimate")

    def cost(**fields: Any) -> int:
        return count_frame(count, text_format=fields) - count_frame(count)

    def schema(**more: Any) -> int:
        named = {"required": {"type": "string", "description": "whether it is needed"}}
        fields = {"type": "object", "properties": named} | more
        return cost(type="json_schema", name="out", schema=fields)

    assert cost(type="json_object") == 0
    assert schema() > schema(properties={}) > 0
    assert schema(additionalProperties=False, required=["required"]) == schema()


def test_handles_and_ciphertext_cost_nothing() -> None:
    """Ids, states and annotations of an item are not read by the model."""
    text = {"type": "output_text", "text": "one two"}
    noted = text | {"annotations": [{"type": "url_citation", "url": "a b c"}], "logprobs": [{}]}
    plain = {"type": "message", "role": "assistant", "content": [text]}
    full = plain | {"id": "msg_1 x", "status": "completed", "phase": "final", "content": [noted]}
    assert count_item(WORDS, full) == count_item(WORDS, plain)


@pytest.mark.parametrize("item", [{"id": "msg_1"}, {"type": "item_reference", "id": "fc_1 a b"}])
def test_reference_costs_a_usual_sum(item: dict[str, Any]) -> None:
    """An item known by its id alone costs what such items usually do."""
    assert count_item(WORDS, item) == 14


def test_settings_among_the_items_cost_nothing() -> None:
    """Items that change how the answer is made are not read by the model."""
    assert count_item(WORDS, {"type": "configuration_update", "reasoning": {"effort": "low"}}) == 0
    assert count_item(WORDS, {"type": "compaction_trigger"}) == 0
