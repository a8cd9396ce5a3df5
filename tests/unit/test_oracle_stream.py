"""The oracle's rules for streams: their bytes, and their events against one another."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from oracle import check_stream, parse_sse
from oracle.examples import example_stream

Events = list[dict[str, Any]]


def test_a_stream_passes_when_it_keeps_all_rules() -> None:
    """The example, plain, without padding and in the background, has no problem."""
    assert check_stream(example_stream()) == []
    bare = [{k: v for k, v in event.items() if k != "obfuscation"} for event in example_stream()]
    assert check_stream(bare, obfuscation=False) == []
    assert check_stream(_in_background(example_stream())) == []


def _in_background(events: Events) -> Events:
    for event in events:
        if "response" in event:
            event["response"]["background"] = True
    events[0]["response"]["status"] = "queued"
    events.insert(1, events[0] | {"type": "response.queued"})
    return _renumbered(events)


def _renumbered(events: Events) -> Events:
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _find(events: Events, name: str, nth: int = 0) -> int:
    """Return the place of the nth event whose type ends so."""
    return [i for i, event in enumerate(events) if event["type"].endswith(name)][nth]


def _drop(name: str, nth: int = 0) -> Callable[[Events], Events]:
    def mutate(events: Events) -> Events:
        del events[_find(events, name, nth)]
        return _renumbered(events)

    return mutate


def _double(name: str, nth: int = 0) -> Callable[[Events], Events]:
    def mutate(events: Events) -> Events:
        index = _find(events, name, nth)
        return _renumbered([*events[: index + 1], *events[index:]])

    return mutate


def _swap(name: str, nth: int = 0) -> Callable[[Events], Events]:
    """Exchange an event with the one after it."""

    def mutate(events: Events) -> Events:
        index = _find(events, name, nth)
        events[index], events[index + 1] = events[index + 1], events[index]
        return _renumbered(events)

    return mutate


def _put(name: str, value: Any, *path: str | int, nth: int = 0) -> Callable[[Events], Events]:
    def mutate(events: Events) -> Events:
        target: Any = events[_find(events, name, nth)]
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value
        return events

    return mutate


def _insert(event: dict[str, Any], before: str) -> Callable[[Events], Events]:
    def mutate(events: Events) -> Events:
        index = _find(events, before)
        return _renumbered([*events[:index], event, *events[index:]])

    return mutate


MUTATIONS: list[tuple[str, Callable[[Events], Events]]] = [
    ("a number is skipped", _put(".in_progress", 9, "sequence_number")),
    ("created is missing", _drop("response.created")),
    ("in_progress is missing", _drop("response.in_progress")),
    ("created comes twice", _double("response.created")),
    ("created comes again later", _insert({"type": "response.created"}, "output_item.done")),
    ("the first snapshot has output", _put("response.created", [{}], "response", "output")),
    ("the snapshots differ", _put("response.in_progress", "x", "response", "model")),
    ("the final response has another id", _put("response.completed", "x", "response", "id")),
    (
        "the final status is not the event's",
        _put("response.completed", "failed", "response", "status"),
    ),
    ("the final response has billing", _put("response.completed", {}, "response", "billing")),
    ("the end is missing", _drop("response.completed")),
    ("the end comes twice", _double("response.completed")),
    ("a keepalive comes first", _insert({"type": "keepalive"}, "response.created")),
    ("a keepalive comes last", lambda e: _renumbered([*e, {"type": "keepalive"}])),
    ("an error is told midway", _insert({"type": "error", "error": {}}, "output_item.done")),
    ("an item is not added", _drop("output_item.added", 1)),
    ("an item is not done", _drop("output_item.done", 1)),
    ("an item is added twice", _double("output_item.added", 1)),
    ("an item is done twice", _double("output_item.done", 1)),
    ("an index is skipped", _put("output_item.added", 3, "output_index", nth=2)),
    ("an event names another item", _put("output_text.delta", "x", "item_id")),
    ("an event is of another index", _put("output_text.delta", 1, "output_index")),
    ("the done item has another id", _put("output_item.done", "x", "item", "id", nth=1)),
    ("the name comes late", _put("output_item.added", "x", "item", "name", nth=3)),
    ("the done item is not the final one", _put("output_item.done", "x", "item", "name", nth=3)),
    ("the final output is short", _put("response.completed", [], "response", "output")),
    ("a part is not added", _drop("content_part.added")),
    ("a part is not done", _drop("content_part.done")),
    ("a part opens filled", _put("content_part.added", "x", "part", "text")),
    ("a part closes otherwise", _put("content_part.done", "x", "part", "text")),
    ("a part has a wrong index", _put("content_part.added", 1, "content_index")),
    ("a summary part is not added", _drop("summary_part.added")),
    ("a summary part is not done", _drop("summary_part.done")),
    ("a summary has a wrong index", _put("summary_text.delta", 1, "summary_index")),
    ("a text is not done", _drop("output_text.done")),
    ("a text is done early", _swap("output_text.delta", 1)),
    ("a delta is lost", _drop("output_text.delta")),
    ("a delta is empty", _insert({"type": "response.output_text.delta"}, "output_text.done")),
    ("a text is done otherwise", _put("output_text.done", "x", "text")),
    ("arguments are done otherwise", _put("arguments.done", "{}", "arguments")),
    ("arguments are not done", _drop("arguments.done")),
    ("phases change places", _swap("web_search_call.in_progress")),
    ("a phase is lost", _drop("web_search_call.searching")),
    ("the last phase is lost", _drop("web_search_call.completed")),
    ("an annotation is lost", _drop("annotation.added")),
    ("an annotation comes twice", _double("annotation.added")),
    ("an annotation has a wrong index", _put("annotation.added", 1, "annotation_index")),
    ("an annotation is another", _put("annotation.added", "x", "annotation", "title")),
    ("an annotation comes early", _swap("output_text.delta")),
    ("the padding is missing", _put("output_text.delta", None, "obfuscation")),
    ("the padding is short", _put("output_text.delta", "abc", "obfuscation")),
    ("the padding is a block too long", _put("arguments.delta", "x" * 17, "obfuscation")),
    ("the padding has odd characters", _put("output_text.delta", "-" * 11, "obfuscation")),
    ("a whole is padded", _put("output_text.done", "", "obfuscation")),
]


@pytest.mark.parametrize("mutate", [m for _, m in MUTATIONS], ids=[name for name, _ in MUTATIONS])
def test_a_stream_is_reported_when_one_thing_is_wrong(mutate: Callable[[Events], Events]) -> None:
    """Each single departure from the rules is found."""
    assert check_stream(mutate(example_stream())) != []


def test_padding_is_reported_when_the_client_asked_for_none() -> None:
    """With `include_obfuscation: false` no event may be padded."""
    assert len(check_stream(example_stream(), obfuscation=False)) == 5


def test_an_empty_stream_is_reported_when_there_is_no_event() -> None:
    """A stream without events is none."""
    assert check_stream([]) == ["events: missing"]


def _frames(events: Events) -> bytes:
    lines = (
        f"event: {event['type']}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n"
        for event in events
    )
    return "".join(lines).encode()


def test_bytes_are_parsed_when_the_framing_is_right() -> None:
    """The frames give back the events they were made of."""
    assert parse_sse(_frames(example_stream())) == example_stream()
    assert parse_sse(b"") == []


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b'event: a\r\ndata: {"type":"a"}\r\n\r\n', "CR"),
        (b"event: a\ndata: \xff\n\n", "UTF-8"),
        (b'event: a\ndata: {"type":"a"}\n', "blank line"),
        (b'event: a\ndata: {"type":"a"}\n\n\n', "one blank line"),
        (b'data: {"type":"a"}\n\n', "1 lines"),
        (b': hello\n\nevent: a\ndata: {"type":"a"}\n\n', "1 lines"),
        (b'id: 1\nevent: a\ndata: {"type":"a"}\n\n', "3 lines"),
        (b'id: 1\ndata: {"type":"a"}\n\n', "first line"),
        (b'event: a\n: {"type":"a"}\n\n', "second line"),
        (b'event:a\ndata: {"type":"a"}\n\n', "first line"),
        (b"event: a\ndata: [DONE]\n\n", "not JSON"),
        (b"event: a\ndata: [1]\n\n", "not a JSON object"),
        (b'event: b\ndata: {"type":"a"}\n\n', "event line 'b'"),
        (b'event: a\ndata: {"n":1,"type":"a"}\n\n', "first key"),
        (b'event: a\ndata: {"type": "a"}\n\n', "compact"),
        (b'event: a\ndata: {"type":"a","type":"a"}\n\n', "doubled key"),
    ],
)
def test_bytes_are_refused_when_the_framing_is_wrong(raw: bytes, complaint: str) -> None:
    """Each departure from the framing is named."""
    with pytest.raises(AssertionError, match=complaint):
        parse_sse(raw)


def test_blanks_are_accepted_when_they_stand_within_strings() -> None:
    """Only blanks between JSON's tokens make a frame less than compact."""
    raw = b'event: a\ndata: {"type":"a","text":"one, \\"two\\": three\\\\"}\n\n'
    assert parse_sse(raw) == [{"type": "a", "text": 'one, "two": three\\'}]
