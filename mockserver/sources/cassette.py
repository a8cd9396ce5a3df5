"""Replay: recorded interactions as answers, in the form the client asks for."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.cassette import resumption
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.used import Used
from mockserver.lifecycle import ENDED, billed
from mockserver.schema.base import Json
from mockserver.sources.miss import CassetteMiss
from mockserver.streaming.streamer import collapse, stream

if TYPE_CHECKING:
    from mockserver.cassette import Interaction, Library, Miss, PlayCounts, Request

_CREATE: Final = "/responses"
_MISSES: Final = 1_000
_NUMBER: Final = re.compile(r"-1|[0-9]{1,15}")
_log = logging.getLogger("mockserver")


class Recorded(NamedTuple):
    """A recording as it answers one request.

    ``response`` is the finished response that it tells of, however it was recorded, or None when
    it tells of something else. ``events`` are set when the client streams and the recording does
    not hold frames; ``document`` when the client does not stream and the recording does.
    """

    interaction: Interaction
    response: Json | None = None
    events: list[Json] | None = None
    document: Json | None = None

    @property
    def phased(self) -> bool:
        """Whether a client that did not stream has to poll for what was recorded as a stream."""
        in_background = self.response is not None and self.response.get("background")
        return self.document is not None and bool(in_background)


class Cassettes:
    """The loaded cassettes as a source; ``misses`` are the latest, over all namespaces.

    ``hide`` returns a request as it would have been recorded, secrets hidden. ``used`` gets what
    was given to any namespace, and outlives all of them.
    """

    def __init__(self, library: Library, hide: Callable[[Request], Request], used: Used) -> None:
        self.library = library
        self.used = used
        self.misses: deque[Miss] = deque(maxlen=_MISSES)
        self.missed = 0
        self._hide = hide

    def answer(self, request: Request, played: PlayCounts, *, streamed: bool) -> Recorded | None:
        """Return the recording for a request, told as a stream or not; None on a miss.

        Raise CassetteMiss when a matcher or normaliser of the user's fails.
        """
        try:
            interaction = self._find(request, played)
        except CassetteError as problem:
            raise _failed(problem) from None
        if interaction is None:
            return _resumed(request, played)
        self.used.add(interaction)
        created = request.method == "POST" and request.canonical.path == _CREATE
        if not created or interaction.status != 200:
            return Recorded(interaction)
        response = self._finished(interaction)
        if response is None or streamed == interaction.is_stream:
            if response is not None and streamed and response.get("background"):
                played.tell(response["id"], interaction)
            return Recorded(interaction, response)
        if streamed:
            return Recorded(interaction, response, events=list(stream(response)))
        return Recorded(interaction, response, document=billed(response))

    def _find(self, request: Request, played: PlayCounts) -> Interaction | None:
        interaction = self.library.find(request, played)
        # What was hidden in the recording is hidden in the request too (vcr §5).
        if interaction is None and (hidden := self._hide(request)) is not request:
            return self.library.find(hidden, played)
        return interaction

    @property
    def unused(self) -> list[Interaction]:
        """The recordings that were of no use to anybody so far."""
        return [each for each in self.library.interactions if each not in self.used]

    def miss(self, request: Request, played: PlayCounts) -> CassetteMiss:
        """Return the error that says why no recording fits, and which come nearest; it is logged.

        Nothing in it is secret.
        """
        try:
            found = self._missed(request, played)
        except CassetteError as problem:
            return _failed(problem)
        self.misses.append(found)
        self.missed += 1
        _log.warning("%s", found.text())
        return CassetteMiss(found.text(), found.code)

    def _missed(self, request: Request, played: PlayCounts) -> Miss:
        """Return why no recording fits a request, nor the one that it would have been recorded as.

        What is hidden in both is no difference.
        """
        found = self.library.miss(request, played)
        hidden = self._hide(request)
        if hidden is request or found.reason == "already_played":
            return found
        return self.library.miss(hidden, played)

    def issued(self, request: Request, played: PlayCounts, response_id: str) -> None:
        """Note the id of a response that came from elsewhere, so that its chain still matches."""
        try:
            played.issue(response_id, self.library.lineage(request, played))
        except CassetteError as problem:
            _log.warning("%s", problem)

    def _finished(self, interaction: Interaction) -> Json | None:
        """Return the finished response that a recorded create tells of, perhaps by its polls."""
        document = _told(interaction)
        if document is None or document["status"] in ENDED:
            return document
        for read in self.library.reads(f"{_CREATE}/{document['id']}"):
            later = _told(read) if read.status == 200 else None
            if later is not None and later["status"] in ENDED:
                self.used.add(read)
                return later
        return None


def finished(interaction: Interaction) -> Json | None:
    """Return the finished response that a recorded create holds by itself, if it does."""
    if interaction.status != 200 or not interaction.path.rstrip("/").endswith("/responses"):
        return None
    response = _told(interaction)
    return response if response is not None and response["status"] in ENDED else None


def _told(interaction: Interaction) -> Json | None:
    """Return the response that a recording holds, as it is last told of, if it holds one."""
    document = interaction.document
    if interaction.is_stream:
        events = interaction.events
        document = collapse(events) if any("response" in event for event in events) else None
    return document if document is not None and _is_response(document) else None


def _is_response(document: Json) -> bool:
    """Tell whether a recorded object is a response that can be told, kept and continued."""
    from mockserver.schema.models import misfits  # large, and of no use without recordings
    from mockserver.schema.response import Response

    return not misfits(Response, document)


def _resumed(request: Request, played: PlayCounts) -> Recorded | None:
    """Return the rest of a recorded background stream that a client goes on with, if it does."""
    asked = request.canonical
    if asked.method != "GET" or not asked.streamed or not asked.path.startswith(f"{_CREATE}/"):
        return None
    stream = played.told(asked.path.removeprefix(f"{_CREATE}/"))
    after = dict(asked.query).get("starting_after", "-1")
    if stream is None or not _NUMBER.fullmatch(after):
        return None  # what the server remembers says what is wrong with the request
    return Recorded(resumption.after(stream, int(after)))


def _failed(problem: CassetteError) -> CassetteMiss:
    _log.error("%s", problem)
    return CassetteMiss(f"{problem}. Mend the function; nothing was matched.", "matcher_failed")
