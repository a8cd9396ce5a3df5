"""What a record mode is: the sources that a request is shown to, in order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from aiohttp import web

from mockserver.engine import Engine
from mockserver.web.keys import CHOSEN, ENGINE, FLAGS, SPACE

Source: TypeAlias = Callable[[web.Request, bytes], Awaitable[web.StreamResponse | None]]
"""Answers a request with its raw body, or returns None for the next source to try."""

SOURCES: Final[web.AppKey[tuple[Source, ...]]] = web.AppKey("sources", tuple)


def prepare(app: web.Application, engine: Engine) -> None:
    """Let an application ask the sources of its engine's mode."""
    mode = engine.settings.record_mode
    if mode == "none":
        app[SOURCES] = () if engine.cassettes is None else _replaying(engine.settings.strict)
        return
    from mockserver.web import proxied

    proxied.prepare(app)
    app[SOURCES] = _modes(engine.settings.strict)[mode]


# What a mode needs is imported when there is one: a server that makes its answers up starts fast.


def _replaying(strict: bool) -> tuple[Source, ...]:
    from mockserver.web import recorded

    return (recorded.answer, recorded.refuse) if strict else (recorded.answer,)


def _modes(strict: bool) -> Mapping[str, tuple[Source, ...]]:
    """Return the sources that come before the server's own answers (vcr §4.3)."""
    from mockserver.web import proxied, recorded, verified

    last = (recorded.refuse,) if strict else ()
    return {
        "once": (proxied.answer, recorded.answer, recorded.refuse),
        "new_episodes": (recorded.answer, proxied.answer, *last),
        "all": (proxied.answer,),
        "rewrite": (proxied.answer,),
        "verify": (verified.answer, recorded.refuse),
    }


def refuses(request: web.Request) -> bool:
    """Tell whether nothing but a recording may answer where recordings are asked at all."""
    from mockserver.web import recorded

    return recorded.refuse in _sources(request)


def replays_first(app: web.Application) -> bool:
    """Tell whether recordings are asked before the upstream."""
    from mockserver.web import recorded

    return app[SOURCES][:1] == (recorded.answer,)


def _sources(request: web.Request) -> tuple[Source, ...]:
    """Return the mode's sources, or those of a namespace that has recordings of its own."""
    space = request[SPACE]
    if space.library is None and space.strict is None:
        return request.app[SOURCES]
    engine = request.app[ENGINE]
    if engine.settings.record_mode != "none" or engine.sources(space) is None:
        return request.app[SOURCES]
    return _replaying(engine.strict(space))


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
