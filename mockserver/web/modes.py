"""What a record mode is: the sources that a request is shown to, in order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from aiohttp import web

from mockserver.engine import Engine
from mockserver.web import recorded
from mockserver.web.keys import CHOSEN, ENGINE, FLAGS, SPACE

Source: TypeAlias = Callable[[web.Request, bytes], Awaitable[web.StreamResponse | None]]
"""Answers a request with its raw body, or returns None for the next source to try."""

SOURCES: Final[web.AppKey[tuple[Source, ...]]] = web.AppKey("sources", tuple)


def prepare(app: web.Application, engine: Engine) -> None:
    """Let an application ask the sources of its engine's mode."""
    mode = engine.settings.record_mode
    if mode == "none":
        sources: tuple[Source, ...] = () if engine.cassettes is None else (recorded.answer,)
    else:
        from mockserver.web import proxied

        sources = _modes()[mode]
        proxied.prepare(app)
    app[SOURCES] = sources
    if recorded.answer in sources and engine.settings.strict and recorded.refuse not in sources:
        app[SOURCES] = (*sources, recorded.refuse)


def _modes() -> Mapping[str, tuple[Source, ...]]:
    """Return the sources that come before the server's own answers (vcr §4.3)."""
    # Only what has an upstream needs an HTTP client.
    from mockserver.web import proxied, verified

    return {
        "once": (proxied.answer, recorded.answer, recorded.refuse),
        "new_episodes": (recorded.answer, proxied.answer),
        "all": (proxied.answer,),
        "rewrite": (proxied.answer,),
        "verify": (verified.answer, recorded.refuse),
    }


def refuses(request: web.Request) -> bool:
    """Tell whether nothing but a recording may answer where recordings are asked at all."""
    return recorded.refuse in _sources(request)


def replays_first(app: web.Application) -> bool:
    """Tell whether recordings are asked before the upstream."""
    return app[SOURCES][:1] == (recorded.answer,)


def _sources(request: web.Request) -> tuple[Source, ...]:
    """Return the mode's sources, or those of a namespace that has recordings of its own."""
    space = request[SPACE]
    if space.library is None and space.strict is None:
        return request.app[SOURCES]
    engine = request.app[ENGINE]
    if engine.settings.record_mode != "none" or engine.sources(space) is None:
        return request.app[SOURCES]
    return (recorded.answer, recorded.refuse) if engine.strict(space) else (recorded.answer,)


async def answer(request: web.Request, raw: bytes) -> web.StreamResponse | None:
    """Return the first answer of a source, None when the server makes its own.

    Raises ApiError where a source refuses. A scenario that chooses the answer comes before all.
    """
    sources = _sources(request)
    chosen = request.get(CHOSEN)
    if not sources or request[FLAGS].chooses_answer or (chosen is not None and chosen.answers):
        return None
    for source in sources:
        if (found := await source(request, raw)) is not None:
            return found
    return None
