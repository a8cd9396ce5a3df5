"""The streamer against recorded streams: the final response alone gives the recorded events."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import pytest
from oracle import RECORDED, check_event, check_stream
from oracle.recordings import Recording, corpus, openai_streams

Event = dict[str, Any]
Stream = Callable[..., Iterator[Event]]

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(corpus() is None, reason="MOCKSERVER_CORPUS names no corpus"),
]

OPAQUE: Final = frozenset({"encrypted_content", "fingerprint", "logprobs"})
"""Fields drawn anew or rounded each time they are told, so that no event repeats them."""


@pytest.fixture(scope="module")
def stream() -> Stream:
    """The streamer."""
    found: Stream = pytest.importorskip("mockserver.streaming.streamer").stream
    return found


@pytest.fixture(scope="module")
def recorded() -> list[Recording]:
    """The complete streams whose items are all of kinds that the project knows."""
    kinds = pytest.importorskip("mockserver.items").KINDS
    folder = corpus()
    assert folder is not None
    return [
        recording
        for recording in openai_streams(Path(folder))
        if all(item["type"] in kinds for item in _final(recording)["output"])
    ]


def _final(recording: Recording) -> Event:
    assert recording.response is not None
    return recording.response


def shape(events: list[Event]) -> list[str]:
    """Return the types of a stream's events, runs of one delta told once, heartbeats left out."""
    names: list[str] = []
    for event in events:
        name = event["type"]
        if name != "keepalive" and not (name.endswith(".delta") and names[-1:] == [name]):
            names.append(name)
    return names


def first_difference(recorded: list[str], streamed: list[str]) -> str:
    """Say where two shapes part."""
    for index, (ours, theirs) in enumerate(zip_longest(streamed, recorded)):
        if ours != theirs:
            return f"{index}: {theirs} recorded, {ours} streamed"
    return "none"


def told(value: Any) -> Any:
    """Return an event without what is opaque or a matter of numbering."""
    if isinstance(value, dict):
        kept = {key: member for key, member in value.items() if key not in OPAQUE}
        return {key: told(member) for key, member in kept.items() if key != "sequence_number"}
    return [told(member) for member in value] if isinstance(value, list) else value


def differing(recorded: Event, streamed: Event) -> list[str]:
    """Name the fields in which two events differ, those of the item or response within them."""
    names: list[str] = []
    for key in sorted(recorded.keys() | streamed):
        theirs, ours = recorded.get(key), streamed.get(key)
        if theirs == ours:
            continue
        if isinstance(theirs, dict) and isinstance(ours, dict):
            keys = sorted(
                name for name in theirs.keys() | ours if theirs.get(name) != ours.get(name)
            )
            names += [f"{key}.{name}" for name in keys]
        else:
            names.append(key)
    return names


def report(title: str, lines: list[str]) -> None:
    """Write a table to the test's output."""
    sys.stdout.write("\n".join([title, *(f"  {line}" for line in lines), ""]))


def test_streams_have_the_recorded_shape_when_told_again(
    recorded: list[Recording], stream: Stream
) -> None:
    """Nearly every recorded sequence of event types follows from the final response alone."""
    others = [
        f"{recording.file}: {first_difference(shape(recording.events), streamed)}"
        for recording in recorded
        if (streamed := shape(list(stream(_final(recording))))) != shape(recording.events)
    ]
    report(f"{len(recorded)} streams, {len(others)} of another shape", others)
    assert len(recorded) > 100
    assert 1 - len(others) / len(recorded) >= 0.97, "\n".join(others)


def test_events_are_equal_field_for_field_when_told_again(
    recorded: list[Recording], stream: Stream
) -> None:
    """Nearly every event that is no delta says exactly what the recorded one does."""
    total, causes = 0, Counter[str]()
    for recording in recorded:
        streamed = list(stream(_final(recording)))
        if shape(streamed) != shape(recording.events):
            continue
        for theirs, ours in zip(_wholes(recording.events), _wholes(streamed), strict=True):
            total += 1
            fields = differing(told(theirs), told(ours))
            if fields:
                causes[f"{theirs['type']} {' '.join(fields)}"] += 1
    share = 1 - causes.total() / total
    lines = [f"{count:5} {cause}" for cause, count in causes.most_common()]
    report(f"{total} events that are no deltas, {share:.2%} equal field for field; others:", lines)
    assert share >= 0.97, "\n".join(lines)


def _wholes(events: list[Event]) -> Iterator[Event]:
    for event in events:
        if event["type"] != "keepalive" and not event["type"].endswith(".delta"):
            yield event


@pytest.mark.parametrize("obfuscation", [True, False], ids=["padded", "plain"])
def test_streams_keep_all_rules_when_real_responses_are_told_again(
    recorded: list[Recording], stream: Stream, obfuscation: bool
) -> None:
    """What the streamer makes of a recorded response has nothing wrong with it."""
    for recording in recorded:
        events = list(stream(_final(recording), obfuscation=obfuscation))
        assert check_stream(events, obfuscation=obfuscation) == [], recording.file


def test_streamed_events_are_as_valid_as_the_response_when_told_again(
    recorded: list[Recording], stream: Stream
) -> None:
    """The streamer adds no fault of its own to a recorded response."""
    for recording in recorded:
        if recording.recorded >= "2026-05":
            for event in stream(_final(recording)):
                problems = check_event(event)
                stray = [p for p in problems if not any(row.covers(p) for row in RECORDED)]
                assert stray == [], f"{recording.file} {event['type']}"
