"""Green conversations: turns that went well, on cassettes or made up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.config import Settings
from mockserver.flags import NONE
from mockserver.namespace import DEFAULT
from mockserver.schema.base import Json
from mockserver.streaming.streamer import collapse, stream

if TYPE_CHECKING:
    from mockserver.cassette import Interaction


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer of a conversation: its finished response, and its events when it streamed.

    ``number`` counts the requests to create a response from 0, those that failed included. An
    event that is no JSON object, such as a comment, is an empty one.
    """

    number: int
    response: Json
    events: tuple[Json, ...] = ()


def recorded(paths: Iterable[Path]) -> list[Turn]:
    """Return the turns on cassettes, in their order.

    Raises CassetteError for a cassette that cannot be read.
    """
    from mockserver.cassette import Library

    library = Library.load(paths)
    creates = [each for each in library.interactions if _creates(each)]
    turns = (_turn(number, create) for number, create in enumerate(creates))
    return [turn for turn in turns if turn is not None]


def _creates(interaction: Interaction) -> bool:
    return interaction.method == "POST" and interaction.path.rstrip("/").endswith("/responses")


def _turn(number: int, create: Interaction) -> Turn | None:
    if create.status != 200:
        return None
    if not create.is_stream:
        return Turn(number, create.document) if create.document else None
    from mockserver.cassette import sse

    events = tuple((sse.events(frame) or [{}])[0] for frame in create.frames())
    told = [event for event in events if event]
    if not any("response" in event for event in told):
        return None
    return Turn(number, collapse(told), events)


def synthesised(requests: Sequence[Mapping[str, Any]], settings: Settings) -> list[Turn]:
    """Return the turns that requests get from a fresh server with these settings.

    Raises ApiError for a request that is refused.
    """
    return asyncio.run(_synthesised(requests, settings))


async def _synthesised(requests: Sequence[Mapping[str, Any]], settings: Settings) -> list[Turn]:
    from mockserver.engine import Engine

    engine = Engine(replace(settings, cassettes=(), strict=False, webhook_url=()))
    space = engine.spaces.get(DEFAULT)
    turns = []
    try:
        for number, request in enumerate(requests):
            body = dict(request)
            response = (await engine.create(space, body, NONE)).response
            told = tuple(stream(response)) if body.get("stream") else ()
            turns.append(Turn(number, response, told))
    finally:
        await engine.stop()
    return turns
