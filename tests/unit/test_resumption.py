"""What is left of a recorded stream after one of its events."""

from __future__ import annotations

from mockserver.cassette import Interaction
from mockserver.cassette.resumption import after


def stream(*frames: str) -> Interaction:
    """Return a recorded stream with a time for each frame."""
    return Interaction(
        file="a.yaml",
        number=1,
        method="POST",
        uri="https://api.openai.com/v1/responses",
        request_headers=(),
        request_body=b"",
        status=200,
        reason="OK",
        headers=(("content-type", "text/event-stream"),),
        body="".join(f"{frame}\n\n" for frame in frames).encode(),
        timings=tuple(float(position) for position in range(len(frames))),
    )


NUMBERED = stream(
    'data: {"sequence_number": 0}',
    'data: {"sequence_number": 1}',
    ": a comment",
    'data: {"sequence_number": 5}',
    "data: [DONE]",
)


def test_the_rest_keeps_its_bytes_and_its_times() -> None:
    """Frames after the number come as they were, each with its own time."""
    rest = after(NUMBERED, 1)
    assert rest.body == b'data: {"sequence_number": 5}\n\ndata: [DONE]\n\n'
    assert rest.timings == (3.0, 4.0)


def test_what_has_no_number_belongs_to_the_event_before() -> None:
    """A comment goes with what it followed."""
    assert b"comment" in after(NUMBERED, 0).body
    assert b"comment" not in after(NUMBERED, 1).body


def test_before_the_first_all_is_left_and_after_the_last_nothing() -> None:
    """Both ends of the range."""
    assert after(NUMBERED, -1) == NUMBERED
    assert after(NUMBERED, 5).body == b""
    assert after(NUMBERED, 900).timings == ()


def test_streams_of_old_are_counted() -> None:
    """Events without numbers are numbered from 0 in their order."""
    old = stream('data: {"type": "a"}', 'data: {"type": "b"}', 'data: {"type": "c"}')
    assert after(old, 0).body == b'data: {"type": "b"}\n\ndata: {"type": "c"}\n\n'
