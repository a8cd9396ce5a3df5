"""Verify mode: the recording for the client, the same request for the upstream, side by side."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from aiohttp import web

from mockserver.cassette import CassetteError, Interaction, normalise
from mockserver.engine import Engine
from mockserver.journal import Call
from mockserver.sources.cassette import Recorded
from mockserver.upstream import Cut
from mockserver.upstream.headers import Fields
from mockserver.web import proxied, recorded
from mockserver.web.keys import CALL, ENGINE, SPACE

_log = logging.getLogger("mockserver")


async def answer(request: web.Request, raw: bytes) -> web.StreamResponse | None:
    """Return the recording; whether the upstream still answers alike is found out meanwhile."""
    started = request[SPACE].clock.now()
    found = recorded.find(request, raw)
    if found is None:
        return None
    begin(request, request[CALL], found, request.method, raw)
    return await recorded.serve(request, found, started)


def begin(request: web.Request, call: Call, found: Recorded, method: str, body: bytes) -> None:
    """Start to compare a recording with what the upstream answers to the request now."""
    engine = request.app[ENGINE]
    url = proxied.target(engine, request)
    if url is not None and engine.upstream is not None:
        fields = engine.upstream.fields(request.headers)
        check = Check(engine, request[SPACE].name, call, found.interaction)
        request.app[proxied.BACKGROUND].start(check.run(method, url, fields, body))


@dataclass(frozen=True, slots=True)
class Check:
    """The comparison of one recording with what the upstream answers now; nothing is written."""

    engine: Engine
    namespace: str
    call: Call
    recorded: Interaction

    async def run(self, method: str, url: str, fields: Fields, body: bytes) -> None:
        """Ask the upstream, and tell what differs."""
        assert self.engine.verifier is not None
        verification = self.engine.verifier.of(self.namespace)
        async with verification.lock:
            try:
                live = await self._ask(method, url, fields, verification.translate(body))
                found = verification.compare(self.recorded, live)
            except (*Cut, CassetteError) as problem:
                found = [f"the upstream gave no whole answer: {problem or type(problem).__name__}"]
        self.call.differences = tuple(found)
        if found:
            self._tell(found)

    async def _ask(self, method: str, url: str, fields: Fields, body: bytes) -> Interaction:
        assert self.engine.upstream is not None
        capture = proxied.begin(method, url, fields, body)
        async with await self.engine.upstream.send(method, url, fields, body) as answer:
            capture.receive(answer)
            capture.add(await answer.read(), capture.sent)
        return normalise.interaction(capture.exchange(), url, 1, _log.debug)

    def _tell(self, found: list[str]) -> None:
        assert self.engine.verifier is not None
        recorded = self.recorded
        what = f"{self.call.method} {self.call.path} differs from {recorded.file}"
        text = "\n  ".join([f"{what}, interaction {recorded.number}:", *found])
        _log.warning("%s", text)
        self.engine.verifier.found.append(text)
