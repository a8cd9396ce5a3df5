"""Going on with a recorded stream after any of its events."""

from __future__ import annotations

from dataclasses import replace

from mockserver.cassette import sse
from mockserver.cassette.interaction import Interaction


def after(stream: Interaction, number: int) -> Interaction:
    """Return a recorded stream with only what follows the event of a ``sequence_number``.

    Frames stay as they were, with their recorded timings; those without a number, such as
    comments, belong to the event before them. Streams recorded before events had numbers are
    counted from 0.
    """
    frames, kept, latest = stream.frames(), [], -1
    for position, frame in enumerate(frames):
        latest = _number(frame, latest)
        if latest > number:
            kept.append(position)
    timings = tuple(stream.timings[position] for position in kept) if stream.timings else ()
    return replace(stream, body=b"".join(frames[position] for position in kept), timings=timings)


def _number(frame: bytes, latest: int) -> int:
    """Return the number of the event that a frame carries, or else that of the one before."""
    events = sse.events(frame)
    if not events:
        return latest
    number = events[0].get("sequence_number")
    return number if isinstance(number, int) else latest + 1
