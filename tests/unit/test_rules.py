"""Rules as they are read: what they take, and what is wrong with those that make no sense."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.cassette import yaml_document
from mockserver.items import KINDS
from mockserver.jsonpath import JsonPath
from mockserver.rules import Received, RuleError, RuleFiles, Script, load, read
from mockserver.rules.conditions import MAPPINGS, SUBJECTS

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
FIXTURES = ROOT / "fixtures" / "scenarios"

USER = {"type": "message", "role": "user", "content": "What is the weather in Oslo?"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "18 degrees"}

BODY: dict[str, Any] = {
    "model": "gpt-5",
    "instructions": "Be brief.",
    "tools": [{"type": "function", "name": "get_weather"}, {"type": "web_search"}],
    "previous_response_id": "resp_1",
    "metadata": {"user": "ada"},
    "text": {"format": {"type": "text"}},
    "stream": True,
}
RECEIVED = Received(
    body=BODY, items=[USER, CALL, OUTPUT], headers={"x-team": "blue", "accept": "text/event-stream"}
)


@pytest.mark.parametrize(
    "match",
    [
        {"model": "gpt-5"},
        {"model": ["gpt-4.1", "gpt-5"]},
        {"model": {"regex": "^gpt-5"}},
        {"model": {"not": "gpt-4.1"}},
        {"input": "weather in Oslo"},
        {"input": "18 degrees"},
        {"message": {"regex": "(?i)OSLO", "contains": "weather"}},
        {"instructions": "brief"},
        {"tool": "get_weather"},
        {"tool": "web_search"},
        {"tool": {"not": "get_news"}},
        {"tool_result": True},
        {"tool_result": "degrees"},
        {"tool_result_of": "get_weather"},
        {"turn": 2},
        {"previous_response_id": True},
        {"previous_response_id": "resp_1"},
        {"conversation": False},
        {"metadata": {"user": "ada", "team": False}},
        {"headers": {"X-Team": "blue", "x-none": {"exists": False}}},
        {"json": {"$.stream": True, "$.text.format.type": "text", "$..name": "get_weather"}},
        {"json": {"$.tools[-1].type": "web_search", "$.tools[5]": {"exists": False}}},
        {"json": {"$.metadata": {"equals": {"user": "ada"}}}},
        {},
    ],
    ids=str,
)
def test_a_rule_takes_a_request_that_meets_its_conditions(match: dict[str, Any]) -> None:
    """Nothing differs."""
    (rule,) = read([{"match": match, "reply": "x"}])
    assert rule.differences(RECEIVED) == []


@pytest.mark.parametrize(
    ("match", "difference"),
    [
        ({"model": "gpt-4.1"}, "model should be 'gpt-4.1', but is 'gpt-5'"),
        ({"input": "Rome"}, "input should contain 'Rome', but is "),
        ({"tool_result": False}, "tool_result should not be there, but is '18 degrees'"),
        ({"tool_result_of": "get_news"}, "tool_result_of should be 'get_news', but is "),
        ({"turn": [1, 3]}, "turn should be 1 or be 3, but is 2"),
        ({"conversation": True}, "conversation should be there, but is nothing"),
        ({"metadata": {"user": "bob"}}, "metadata.user should be 'bob', but is 'ada'"),
        ({"headers": {"x-team": {"regex": "^r"}}}, "headers.x-team should match '^r', but is "),
        ({"json": {"$.stream": 1}}, "$.stream should be 1, but is True"),
        ({"tool": {"not": "get_weather"}}, "tool should not be 'get_weather', but is "),
    ],
    ids=str,
)
def test_a_difference_says_what_was_wanted_and_what_is(
    match: dict[str, Any], difference: str
) -> None:
    """One condition that is not met gives one sentence."""
    (rule,) = read([{"match": match, "reply": "x"}])
    (said,) = rule.differences(RECEIVED)
    assert said.startswith(difference)


@pytest.mark.parametrize(
    ("items", "turn"),
    [
        ([USER], 1),
        ([USER, CALL, OUTPUT], 2),
        ([USER, {"type": "reasoning"}, CALL, CALL, OUTPUT, OUTPUT], 2),
        ([USER, CALL, OUTPUT, CALL, OUTPUT], 3),
        ([USER, {"type": "message", "role": "assistant", "content": "Hi"}, USER], 2),
    ],
)
def test_the_turn_is_one_more_than_the_answers_so_far(items: list[Any], turn: int) -> None:
    """What the model made without the client in between is one answer."""
    assert Received(body={}, items=items).turn == turn


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [{"a": [{"b": 1}, {"b": 2}], "c d": {"b": 3}}]),
        ("$.a[0].b", [1]),
        ("$.a[*].b", [1, 2]),
        ("$['c d'].b", [3]),
        ("$..b", [1, 2, 3]),
        ("$.**.b", [1, 2, 3]),
        ("$.a.**.b", [1, 2]),
        ("$.*.b", [3]),
        ("$.a[-1]", [{"b": 2}]),
        ("$.nothing", []),
    ],
)
def test_a_path_leads_to_values_in_their_order(path: str, found: list[Any]) -> None:
    """Members, positions, wildcards and descendants."""
    document = {"a": [{"b": 1}, {"b": 2}], "c d": {"b": 3}}
    assert JsonPath.read(path).find(document) == found


WRONG = [
    ("rules: 3", 1, "the rules is a list"),
    ("rule:\n  - reply: x", 1, "has no 'rule'"),
    ("rules:\n- reply: a\n- match: {modell: x}\n  reply: b", 3, "match has no 'modell'"),
    ("rules:\n- match:\n    input: {regex: '('}\n  reply: b", 3, "no regular expression"),
    ("rules:\n- match:\n    json:\n      a.b: 1\n  reply: b", 4, "does not begin with $"),
    ("rules:\n- match:\n    turn: one\n  reply: a", 3, "turn is a whole number from 1 on, not 'o"),
    ("rules:\n- match:\n    turn:\n    - 1\n    - '2'\n  reply: a", 5, "whole number from 1 on, n"),
    ("rules:\n- match: {turn: true}\n  reply: a", 2, "turn is a whole number from 1 on, not T"),
    ("rules:\n- match: {turn: 1}", 2, "it answers nothing"),
    ("rules:\n- reply:\n    text: a\n    refusal: b", 2, "exclude each other"),
    ("rules:\n- reply:\n    tool_calls:\n    - arguments: {}", 4, "needs the name"),
    ("rules:\n- reply: '{{ modell }}'", 2, "{{ modell }} names nothing"),
    (
        "rules:\n- reply: '{{ model'",
        2,
        "rules[0].reply: a gap opens before 'model' and is never cl",
    ),
    ("rules:\n- reply: '{{'", 2, "To say braces, write {{ '{{' }}"),
    (
        "rules:\n- steps:\n  - '{{ turn }} {{ turn'",
        3,
        "a gap opens before 'turn' and is never closed",
    ),
    ("rules:\n- reply: '{{ model {{ turn }}'", 2, "before 'model {{ turn' and is never closed"),
    (
        "rules:\n- reply:\n    tool_calls:\n    - name: f\n      arguments:\n        a: ['{{ $.a']",
        6,
        "rules[0].reply.tool_calls[0].arguments.a[0]: a gap opens before '$.a'",
    ),
    ("rules:\n- reply: '{{ $.user | upper }}'", 2, "cannot be read from '.user | upper' on"),
    ("rules:\n- reply: x\n  flags: faild", 3, "Unknown scenario flag: 'faild'"),
    ("rules:\n- reply: x\n  nth: 0", 3, "nth is a whole number from 1 on"),
    ("rules:\n- steps: []", 2, "the script has no steps"),
    ("rules:\n- steps:\n  - a\n  - reply: b\n    nth: 2", 5, "a step has no nth"),
    ("rules:\n- steps: [a]\n  loop: often", 3, "loop: true, or how many rounds"),
    (
        "rules:\n- steps: [a]\n  per: thread",
        3,
        "rules[0].per: per is namespace or conversation, not 'thread'",
    ),
    ("rules:\n- reply: a\n  per: conversation", 3, "a rule has no 'per'"),
    ("rules:\n- reply:\n    items:\n    - type: massage", 4, "no items of type 'massage'"),
    ("rules:\n- reply:\n    items:\n    - type: message\n      txt: a", 5, "has no 'txt'"),
    (
        "rules:\n- reply:\n    items:\n    - type: web_search_call\n      status: lost",
        5,
        "web_search_call does not take this",
    ),
    ("rules:\n- reply:\n    cassette: none.yaml", 3, "No such file"),
    ("rules:\n- reply: 5", 2, "a reply is a text, a list of items or a mapping, not 5"),
    ("rules:\n- steps:\n  - a\n  - 5", 4, "a step is a text or a mapping, not 5"),
    ("rules:\n- reply:\n    data: {a: .nan}", 3, "JSON has no number nan"),
    ("rules:\n- reply: a\n  reply: b", 3, "'reply' is there twice"),
    ("rules:\n- reply: a\n b: [", 3, "this is not YAML"),
    ("", None, "the file is empty"),
]


@pytest.mark.parametrize(("text", "line", "problem"), WRONG, ids=[case[2] for case in WRONG])
def test_an_error_names_file_line_and_mend(
    tmp_path: Path, text: str, line: int | None, problem: str
) -> None:
    """What is wrong is said with the place where it is."""
    file = tmp_path / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as raised:
        load(file)
    place = file.as_posix() + ("" if line is None else f":{line}")
    assert str(raised.value).startswith(f"{place}: ")
    assert problem in str(raised.value)


def test_a_json_file_has_lines_too(tmp_path: Path) -> None:
    """The line is that of the value, whatever the file is written in."""
    file = tmp_path / "rules.json"
    file.write_text('{\n\t"rules": [\n\t\t{"reply": "x",\n\t\t "times": "often"}\n\t]\n}')
    with pytest.raises(RuleError, match=r"rules\.json:4: rules\[0\]\.times: times is a whole"):
        load(file)


def test_rules_given_in_python_have_their_place_in_the_error() -> None:
    """Without a file the way to the value says where."""
    with pytest.raises(RuleError, match=r"^\[1\]\.match\.model: the list is empty"):
        read([{"reply": "x"}, {"match": {"model": []}, "reply": "x"}])


@pytest.mark.parametrize(
    ("reply", "place"),
    [
        ("a\ud800", "reply"),
        ({"text": "\udfff"}, "reply.text"),
        ({"data": [{"\udfff": 1}]}, "reply.data[0]"),
        ([{"type": "message", "text": "\ud800"}], "reply[0].text"),
        ({"tool_calls": [{"name": "x", "arguments": "\ud800"}]}, "reply.tool_calls[0].arguments"),
    ],
)
def test_a_text_that_no_answer_can_carry_is_refused(reply: Any, place: str) -> None:
    """Half of a surrogate pair, which JSON in UTF-8 has no way to write."""
    with pytest.raises(RuleError, match=r"'\\ud(800|fff)' is half a character") as raised:
        read([{"reply": reply}])
    assert str(raised.value).startswith(f"[0].{place}")


def test_the_readme_shows_every_condition_and_rules_that_can_be_loaded() -> None:
    """Its table is that of the code, and its example is one."""
    text = README.read_text(encoding="utf-8")
    helps = {name: subject.help for name, subject in SUBJECTS.items()} | MAPPINGS
    rows = [f"| `{name}` | {help} |" for name, help in helps.items()]
    assert "| condition | looks at |\n|---|---|\n" + "\n".join(rows) + "\n\n" in text
    (example,) = re.findall(r"```yaml\n(rules:\n.*?)```", text, re.DOTALL)
    script, *rules = read(yaml_document.load(example).document)
    assert isinstance(script, Script)
    assert [len(script.steps), len(rules)] == [3, 2]


def test_the_samples_are_fit_for_use() -> None:
    """Every file of scenarios that comes along can be loaded."""
    assert [file.name for file in FIXTURES.iterdir()] == ["weather.yaml"]
    assert len(RuleFiles([FIXTURES]).entries()) == 5


class TestChanges:
    """Files that change while they are in use."""

    def test_a_changed_file_is_read_anew(self, tmp_path: Path) -> None:
        """The next request meets the rules as they are now, new files of a folder included."""
        (tmp_path / "a.yaml").write_text("rules: [{name: one, reply: x}]")
        files = RuleFiles([tmp_path])
        assert [entry.label for entry in files.entries()] == ["one"]
        (tmp_path / "a.yaml").write_text("rules: [{name: two, reply: x}, {reply: y}]")
        (tmp_path / "b.json").write_text('[{"name": "three", "reply": "x"}]')
        assert [entry.label for entry in files.entries()] == ["two", "a.yaml#2", "three"]
        (tmp_path / "a.yaml").unlink()
        assert [entry.label for entry in files.entries()] == ["three"]

    def test_an_unchanged_file_keeps_its_rules(self, tmp_path: Path) -> None:
        """A change next to it does not make its scripts begin anew."""
        (tmp_path / "a.yaml").write_text("rules: [{reply: x}]")
        files = RuleFiles([tmp_path])
        before = files.entries()
        (tmp_path / "b.yaml").write_text("rules: [{reply: y}]")
        assert files.entries()[0] is before[0]

    def test_a_broken_file_keeps_the_rules_it_had(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is told in the log and as a problem, and mended by the next change."""
        file = tmp_path / "a.yaml"
        file.write_text("rules: [{name: one, reply: x}]")
        files = RuleFiles([file])
        file.write_text("rules: [{name: one")
        assert [entry.label for entry in files.entries()] == ["one"]
        assert "this is not YAML" in caplog.text
        assert len(files.problems) == 1
        file.write_text("rules: [{name: two, reply: x}]")
        assert [entry.label for entry in files.entries()] == ["two"]
        assert not files.problems

    def test_a_file_that_is_wrong_at_the_start_is_refused(self, tmp_path: Path) -> None:
        """So is a path that leads nowhere."""
        (tmp_path / "a.yaml").write_text("rules: [{}]")
        with pytest.raises(RuleError, match="it answers nothing"):
            RuleFiles([tmp_path])
        with pytest.raises(RuleError, match="there is no such file or folder"):
            RuleFiles([tmp_path / "b.yaml"])


def test_mangled_files_give_rules_or_an_error_with_the_file(tmp_path: Path) -> None:
    """Whatever is cut, doubled or swapped in a file, nothing else is raised."""
    seeds = int(os.environ.get("MOCKSERVER_FUZZ", "400"))
    original = (FIXTURES / "weather.yaml").read_text(encoding="utf-8")
    file = tmp_path / "rules.yaml"
    outcomes = {True: 0, False: 0}
    for seed in range(seeds):
        file.write_text(_mangled(original, random.Random(seed)), encoding="utf-8")
        problem = _problem(lambda: load(file))
        assert problem is None or problem.startswith(file.as_posix())
        outcomes[problem is None] += 1
    assert min(outcomes.values()) > seeds // 20


def _problem(work: Callable[[], object]) -> str | None:
    """Return the text of the RuleError that comes of it, None without one."""
    try:
        work()
    except RuleError as problem:
        return str(problem)
    return None


def _mangled(text: str, rng: random.Random) -> str:
    for _ in range(rng.randint(1, 3)):
        at, end = sorted(rng.sample(range(len(text)), 2))
        piece = text[at : min(end, at + rng.randint(1, 40))]
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:at] + text[at + len(piece) :]
        elif kind == 1:
            text = text[:at] + piece + text[at:]
        elif kind == 2:
            text = text[:at] + rng.choice("{}[]:-#&*!|>'\"%@`,\t\n 0é\0") + text[at + 1 :]
        else:
            place = rng.randrange(len(text))
            text = text[:place] + piece + text[place:]
    return text


def test_values_of_any_type_give_rules_or_an_error() -> None:
    """Whatever stands where, in Python nothing but a RuleError is raised."""
    rng = random.Random(0)
    base = json.loads(json.dumps(_documents()))
    for _ in range(1500):
        document = json.loads(json.dumps(rng.choice(base)))
        _spoil(document, rng)
        assert _problem(lambda document=document: read([document], folder=Path())) != ""


def _documents() -> list[Any]:
    return [
        {
            "name": "a",
            "match": {"model": "x", "json": {"$.a": 1}, "metadata": {"a": {"regex": "b"}}},
            "reply": {"text": "x", "tool_calls": [{"name": "f", "arguments": {"a": 1}}]},
            "flags": ["ttft:1ms"],
            "nth": [1],
            "times": 2,
        },
        {"steps": [{"reply": {"items": [{"type": kind}]}} for kind in KINDS if kind], "loop": 2},
        {"steps": ["a", {"reply": {"refusal": "no", "reasoning": "hm"}, "times": 2}]},
    ]


def _spoil(document: Any, rng: random.Random) -> None:
    """Put something else in place of a value, anywhere in a document."""
    junk = [None, True, 0, -1, 1.5, "", "x", "{{", "{{ a }}", [], {}, [[]], {"a": {}}, 10**30]
    while True:
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))
        if not keys:
            return
        key = rng.choice(keys)
        if isinstance(document[key], dict | list) and document[key] and rng.random() < 0.8:
            document = document[key]
            continue
        if isinstance(document, dict) and rng.random() < 0.2:
            document[rng.choice(["x", "match", "reply", "text", "not"])] = document.pop(key)
        else:
            document[key] = rng.choice(junk)
        return
