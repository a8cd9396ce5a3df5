"""Token counts: the tokenizers, and what prompts and answers weigh."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.tokens import (
    Estimator,
    Tokenizer,
    TokenizerUnavailable,
    count_frame,
    count_input,
    count_item,
    count_output,
    open_tokenizer,
    tokenizer,
    visible,
)

CHAT, REASONING, RECALLING = "gpt-4o", "gpt-5", "gpt-5.6"

TEXT = st.text(st.characters(exclude_categories=()))
"""Any text, lone surrogates included."""
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
    """Counts the words of a text, and how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def count(self, text: str) -> int:
        """Give the number of words."""
        self.asked += 1
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


def picture(width: int, height: int) -> str:
    """A data URI with the head of a PNG."""
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return "data:image/png;base64," + base64.b64encode(head).decode()


def image(**fields: Any) -> dict[str, Any]:
    """A user's message that is one image."""
    return {"role": "user", "content": [{"type": "input_image", **fields}]}


# The estimate


@given(TEXT)
def test_estimate_is_zero_only_for_an_empty_text(text: str) -> None:
    """A text has at least one token unless it is empty."""
    assert (Estimator().count(text) == 0) == (not text)


@given(TEXT, TEXT)
def test_estimate_never_falls_when_text_is_added(text: str, more: str) -> None:
    """Adding to a text never lowers its count, so a text can be cut by bisection."""
    assert Estimator().count(text + more) >= Estimator().count(text)


@given(TEXT, TEXT)
def test_estimate_adds_up_when_texts_are_joined(left: str, right: str) -> None:
    """Two texts with a blank between them count their sum, give or take one."""
    count = Estimator().count
    assert abs(count(f"{left} {right}") - count(left) - count(right)) <= 1


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The quick brown fox jumps over the lazy dog, then walks home through the forest.", 17),
        ('{"city":"Paris","temperature":21.5,"conditions":["sunny"],"updated":"2026-03-05"}', 27),
        ("def add(a: int, b: int) -> int:\n    return a + b\n", 19),
        ("Call me at 555-0123 before 2026-11-22, or write to jane.doe@example.com.", 26),
        ("Здравствуйте! Чем я могу помочь вам сегодня? Погода сегодня хорошая.", 16),
        ("今天天气很好，我们去公园散步吧。人工智能正在改变世界。", 18),
        ("東京は日本の首都です。今日はとても暑いですね。", 15),
        ("서울은 대한민국의 수도입니다. 오늘 날씨가 좋습니다. 무엇을 도와드릴까요?", 22),
        ("नमस्ते, मैं आपकी कैसे मदद कर सकता हूँ?", 13),
        ("Überraschung für die Straße: schöne Grüße aus München, bis nächste Woche!", 16),
    ],
)
def test_estimate_is_near_the_real_count_for(text: str, tokens: int) -> None:
    """The estimate is within a fifth of what o200k_base gives, in many scripts and formats."""
    assert Estimator().count(text) == pytest.approx(tokens, rel=0.2)


# Which tokenizer


def test_text_is_counted_once_when_it_comes_again() -> None:
    """A tokenizer remembers the count of a text it has seen, but not of a very long one."""
    words = Words()
    remembering = tokenizer.Remembering(words)
    assert [remembering.count("two words") for _ in range(3)] == [2, 2, 2]
    assert words.asked == 1
    long = "word " * 10_000
    assert [remembering.count(long) for _ in range(2)] == [10_000, 10_000]
    assert words.asked == 3


def test_auto_estimates_when_the_vocabulary_is_not_at_hand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without tiktoken's files the estimate serves, and nothing is downloaded."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    text = "Some text whose exact count is not known here."
    assert open_tokenizer("auto").count(text) == Estimator().count(text)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"broken"])
def test_tiktoken_is_refused_when_its_vocabulary_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    """Asked for by name, a missing or broken vocabulary is an error that says what to do."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    _package(monkeypatch, tmp_path)
    path = tmp_path / hashlib.sha1(tokenizer._SOURCE.encode()).hexdigest()
    if content:
        path.write_bytes(content)
    with pytest.raises(TokenizerUnavailable, match=r"vocabulary.*TIKTOKEN_CACHE_DIR"):
        open_tokenizer("tiktoken")
    assert path.exists() == bool(content)


def test_tiktoken_is_refused_when_its_cache_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty TIKTOKEN_CACHE_DIR means that tiktoken would download each time."""
    _package(monkeypatch, tmp_path)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    with pytest.raises(TokenizerUnavailable, match="switched off"):
        open_tokenizer("tiktoken")


def test_tiktoken_is_refused_when_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, asking for it by name is an error."""
    monkeypatch.setattr(tokenizer, "find_spec", lambda name: None)
    with pytest.raises(TokenizerUnavailable, match="not installed"):
        open_tokenizer("tiktoken")


@pytest.mark.parametrize("variable", ["TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR", None])
@pytest.mark.parametrize("kind", ["auto", "tiktoken"])
def test_tiktoken_counts_when_its_vocabulary_is_at_hand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str | None, kind: Any
) -> None:
    """Package and vocabulary together make the count exact, wherever the cache is."""
    folder = tmp_path / "data-gym-cache"
    folder.mkdir()
    for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _package(monkeypatch, tmp_path)
    (folder / hashlib.sha1(tokenizer._SOURCE.encode()).hexdigest()).write_bytes(b"ranks")
    monkeypatch.setattr(tokenizer, "_DIGEST", hashlib.sha256(b"ranks").hexdigest())
    assert open_tokenizer(kind).count("abc def") == 7


def _package(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Put a tiktoken in place whose tokens are characters."""
    module = folder / "tiktoken.py"
    module.write_text(
        "class Encoding:\n"
        "    def __init__(self, name): assert name == 'o200k_base'\n"
        "    def encode_ordinary(self, text): return list(text)\n"
        "get_encoding = Encoding\n",
        encoding="utf-8",
    )
    for name in [name for name in sys.modules if name.partition(".")[0] == "tiktoken"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setitem(sys.modules, "tiktoken", _load(module))


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("tiktoken", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Prompts


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


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        ("gpt-4o-mini-2024-07-18", (640, 480), 2833 + 2 * 5667),
        ("gpt-4.1-2025-04-14", (1, 1), 85 + 170),
        ("gpt-4o", (2048, 4096), 85 + 6 * 170),
        ("gpt-5", (100, 100), 70 + 140),
        ("o4-mini-2025-04-16", (640, 480), 516 + 2),
        ("gpt-4.1-nano", (540, 360), 502 + 2),
        ("gpt-5.5", (9000, 9000), 3000 + 2),
    ],
)
def test_image_costs_by_its_size(model: str, size: tuple[int, int], tokens: int) -> None:
    """Images count by tiles or patches; the first, second, fifth and sixth sums are recorded."""
    item = image(image_url=picture(*size))
    assert count_item(WORDS, item, model=model) == 4 + tokens


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("gif", b"GIF89a" + struct.pack("<HH", 640, 480)),
        ("jpeg", b"\xff\xd8\xff\xe0\x00\x04JF\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640)),
    ],
)
def test_image_size_is_read_from(kind: str, raw: bytes) -> None:
    """GIF and JPEG tell their size too."""
    url = f"data:image/{kind};base64,{base64.b64encode(raw).decode()}"
    sizes = {count_item(WORDS, image(image_url=each), model=CHAT) for each in (url, picture(9, 9))}
    assert sizes == {4 + 85 + 2 * 170, 4 + 85 + 170}


def test_image_costs_a_usual_sum_when_its_size_is_unknown() -> None:
    """An image behind a URL or a file id, or one that cannot be read, still costs something."""
    unknown = [
        image(image_url="https://example.com/cat.png"),
        image(file_id="file-abc"),
        image(image_url="data:image/png;base64,!"),
        image(image_url="data:image/webp;base64,AAAA"),
        image(),
    ]
    assert {count_item(WORDS, item, model=CHAT) for item in unknown} == {4 + 255}
    assert count_item(WORDS, image(detail="low"), model=CHAT) == 4 + 85


def test_file_costs_its_text_when_it_is_plain() -> None:
    """A text file counts by its text, any other a usual sum that does not grow with its bytes."""

    def cost(data: str) -> int:
        part = {"type": "input_file", "filename": "notes", "file_data": data}
        return count_item(WORDS, {"role": "user", "content": [part]})

    text = base64.b64encode(b"word " * 100).decode()
    assert cost(f"data:text/plain;base64,{text}") - cost("data:text/plain;base64,") == 100
    assert cost(f"data:application/pdf;base64,{text}") == cost("data:application/pdf;base64,AAAA")
    assert cost("data:text/plain;base64,A") == cost("data:application/pdf;base64,AAAA")


def test_handles_and_ciphertext_cost_nothing() -> None:
    """Ids, states and annotations of an item are not read by the model."""
    text = {"type": "output_text", "text": "one two"}
    noted = text | {"annotations": [{"type": "url_citation", "url": "a b c"}], "logprobs": [{}]}
    plain = {"type": "message", "role": "assistant", "content": [text]}
    full = plain | {"id": "msg_1 x", "status": "completed", "phase": "final", "content": [noted]}
    assert count_item(WORDS, full) == count_item(WORDS, plain)


# Answers


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


# Anything at all


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
