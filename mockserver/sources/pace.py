"""The pace of a replay: the recorded one, faster or slower, or none."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from mockserver.clock import Clock
from mockserver.flags import Flags
from mockserver.seed import lags

if TYPE_CHECKING:
    from mockserver.sources.cassette import Recorded

_FACTORS: Final = {"realtime": 1.0, "max": math.inf}
_T = TypeVar("_T")


def delays(found: Recorded, count: int, speed: str, *, events: bool = False) -> list[float]:
    """Return the seconds before each of the ``count`` parts in which a recording is told.

    ``speed`` is ``realtime``, ``max`` or a factor; ``events`` says that the parts are its JSON
    events, without comments and the like between them. A recording told in another form than it
    was recorded in takes as long, spread evenly. Empty when nothing is to be waited for.
    """
    factor = _FACTORS.get(speed) or float(speed)
    recording = found.interaction
    timings: Sequence[float] = recording.event_timings if events else recording.timings
    if math.isinf(factor) or not timings or not count:
        return []
    if len(timings) != count:
        timings = [sum(timings) / count] * count
    return [delay / factor for delay in timings]


def flagged(deltas: Iterable[bool], flags: Flags, seed: str) -> Iterator[float]:
    """Yield the seconds before each part that the flags ask for.

    ``deltas`` tells of each part whether it is a delta; ``seed`` decides on the jitter.
    """
    late = lags(flags.jitter, seed)
    wait = (flags.ttft or 0.0) + next(late)
    for is_delta in deltas:
        yield wait
        wait = (1 / flags.tps if flags.tps else 0.0) + next(late) if is_delta else 0.0


async def timed(
    parts: Iterable[_T], waits: Iterable[float], clock: Clock, start: float | None = None
) -> AsyncIterator[_T]:
    """Yield each part after its wait; lateness is made up for, not added up.

    ``start`` is the moment of the request, from which the first wait counts; None is now.
    """
    moment = clock.now() if start is None else start
    for part, wait in zip(parts, waits, strict=True):
        moment += wait
        await clock.sleep_until(moment)
        yield part
