"""Replay: recorded interactions as answers, in the form the client asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from mockserver.lifecycle import ENDED, billed
from mockserver.schema.base import Json
from mockserver.schema.response import Response
from mockserver.streaming.streamer import collapse, stream

if TYPE_CHECKING:
    from mockserver.cassette import Interaction, Library, Miss, PlayCounts, Request


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording as it answers one request.

    ``response`` is the finished response that it holds, however it was recorded, or None when it
    holds something else. ``events`` are set when the client streams and the recording does not
    hold frames; ``document`` when the client does not stream and the recording does.
    """

    interaction: Interaction
    response: Json | None = None
    events: list[Json] | None = None
    document: Json | None = None


class Cassettes:
    """The loaded cassettes as a source.

    ``hide`` returns a request as it would have been recorded, secrets hidden.
    """

    def __init__(self, library: Library, hide: Callable[[Request], Request]) -> None:
        self.library = library
        self._hide = hide

    def answer(self, request: Request, played: PlayCounts, *, streamed: bool) -> Recorded | None:
        """Return the recording for a request, told as a stream or not; None on a miss."""
        interaction = self.library.find(request, played)
        if interaction is None:
            # What was hidden in the recording is hidden in the request too (vcr §5).
            hidden = self._hide(request)
            if hidden is not request:
                interaction = self.library.find(hidden, played)
        if interaction is None:
            return None
        response = finished(interaction)
        if response is None or streamed == interaction.is_stream:
            return Recorded(interaction, response)
        if streamed:
            return Recorded(interaction, response, events=list(stream(response)))
        return Recorded(interaction, response, document=billed(response))

    def miss(self, request: Request, played: PlayCounts) -> Miss:
        """Return why no recording fits, and which come nearest."""
        return self.library.miss(request, played)


def finished(interaction: Interaction) -> Json | None:
    """Return the finished response that a recorded create holds, if it holds one."""
    if interaction.status != 200 or not interaction.path.rstrip("/").endswith("/responses"):
        return None
    document = interaction.document
    if interaction.is_stream:
        events = interaction.events
        document = collapse(events) if any("response" in event for event in events) else None
    if document is None or not _is_response(document):
        return None
    return document if document["status"] in ENDED else None


def _is_response(document: Json) -> bool:
    """Tell whether a recorded object is a response that can be told, kept and continued."""
    try:
        Response.model_validate(document)
    except ValidationError:
        return False
    return True
