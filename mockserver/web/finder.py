"""Looking up what is asked over a WebSocket."""

from __future__ import annotations

from collections import defaultdict, deque

from aiohttp import web

from mockserver.cassette import Request
from mockserver.flags import Flags
from mockserver.schema.base import Json, compact
from mockserver.sources.cassette import Recorded
from mockserver.web import modes, recorded
from mockserver.web.keys import CALL, ENGINE, SPACE


class Finder:
    """Looks a create up as the streaming POST that asks the same (api-contract §13.2)."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._ahead: defaultdict[bytes, deque[Recorded]] = defaultdict(deque)

    def __call__(self, body: Json, flags: Flags) -> Recorded | None:
        """Return the recording of a create's body, None when another source may answer.

        Raises CassetteMiss where nothing else may.
        """
        engine = self._request.app[ENGINE]
        cassettes = engine.sources(self._request[SPACE])
        if cassettes is None or flags.chooses_answer:
            return None
        raw = compact(body)
        if waiting := self._ahead.get(raw):
            return waiting.popleft()
        asked, space = self._asked(raw), self._request[SPACE]
        found = cassettes.answer(asked, space.played, streamed=True)
        if found is None and modes.refuses(self._request):
            raise recorded.missed(engine, space, asked)
        if found is not None and engine.verifier is not None:
            from mockserver.web import verified  # asks the upstream, in its mode alone

            verified.begin(self._request, self._request[CALL], found, "POST", raw)
        return found

    def issued(self, body: Json, response_id: str) -> None:
        """Let the cassettes know of a response that did not come from them."""
        space = self._request[SPACE]
        cassettes = self._request.app[ENGINE].sources(space)
        if cassettes is not None:
            cassettes.issued(self._asked(compact(body)), space.played, response_id)

    def _asked(self, raw: bytes) -> Request:
        url = self._request.rel_url
        return Request("POST", url.raw_path, url.raw_query_string, raw, self._request.headers)

    def look_ahead(self, body: Json, flags: Flags) -> bool:
        """Tell whether a create has a recording, which is kept for when its turn comes."""
        found = self(body, flags)
        if found is not None:
            self._ahead[compact(body)].append(found)
        return found is not None
