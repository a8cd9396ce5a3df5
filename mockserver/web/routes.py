"""The Responses endpoints: decode, ask the engine, encode."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from mockserver import catalog
from mockserver.engine import Engine
from mockserver.history import asks
from mockserver.inclusion import shown
from mockserver.lifecycle import Plan, timeline
from mockserver.namespace import Namespace
from mockserver.recall import Form, form_of, lines_of, padding_of
from mockserver.schema.base import Json
from mockserver.streaming.streamer import TERMINAL
from mockserver.web import ready, sse, websocket
from mockserver.web.answers import answer, created, headers, limited, send
from mockserver.web.keys import CALL, CHOSEN, DIALECT, FLAGS, OWN, SENT
from mockserver.web.paging import included, page, switch, whole
from mockserver.web.place import asked, named, place


def routes(prefix: str) -> list[web.AbstractRouteDef]:
    """Return all routes below a base path such as ``/v1``."""
    one = f"{prefix}/responses/{{id}}"
    return [
        web.post(f"{prefix}/responses", create),
        web.get(f"{prefix}/responses", websocket.connect, allow_head=False),
        web.post(f"{prefix}/responses/input_tokens", count_tokens),
        web.post(f"{prefix}/responses/compact", compact),
        web.get(one, retrieve, allow_head=False),
        web.delete(one, delete),
        web.post(f"{one}/cancel", cancel),
        web.get(f"{one}/input_items", input_items, allow_head=False),
        web.get(f"{prefix}/models", models, allow_head=False),
        web.get(f"{prefix}/models/{{id:.+}}", model, allow_head=False),
    ]


async def create(request: web.Request) -> web.StreamResponse:
    """POST /responses (api-contract §2)."""
    engine, space, call = place(request)
    body = engine.admit(call.body or {})
    flags, chosen = request[FLAGS], request.get(CHOSEN)
    ruled = chosen is not None and chosen.answers
    call.answered_by = "scenario" if flags.http else None
    plan = await engine.create(space, body, flags, sent=request[SENT], chosen=chosen)
    call.answered_by = "rule" if ruled else "synthesiser"
    call.response_id = plan.response["id"]
    call.asks = asks(plan.response["output"])
    form = form_of(body)
    if form != "json":
        return await _stream(request, plan, body, form)
    if plan.background:
        return answer(engine.view(space, plan), headers(space))
    written = await engine.finish(space, plan)
    return await _whole(request, plan, body, form, written)


async def _whole(
    request: web.Request, plan: Plan, body: Json, form: Form, written: bytes
) -> web.StreamResponse:
    """Send an answer that is there as a whole; it is on record before."""
    engine, space, _ = place(request)
    fields = created(plan.response["usage"])
    await engine.keep(space, plan, body, form, written, fields)
    fields |= limited(space, plan.response["model"])
    return await tell(request, form, written, {"x-request-id": space.seed.request_id(), **fields})


async def tell(
    request: web.Request, form: Form, written: bytes, headers: dict[str, str]
) -> web.StreamResponse:
    """Send an answer that is written already, in its form."""
    faulty = FLAGS in request and request[FLAGS].faults
    if OWN in request.app and DIALECT not in request and not faulty and ready.suits(request):
        return await ready.send(request, request[CALL], form, lines_of(headers), written)
    if form == "json":
        return send(written, headers)
    return await sse.send_all(request, headers, [written])


async def _stream(request: web.Request, plan: Plan, body: Json, form: Form) -> web.StreamResponse:
    engine, space, _ = place(request)
    padded = padding_of(body)
    # Streams of background responses were recorded without padding, though nobody had asked.
    obfuscation = not plan.background if padded is None else padded
    if plan.instant and not request[FLAGS].faults:
        frames = (sse.frame(event) for _, event in timeline(plan, obfuscation=obfuscation))
        return await _whole(request, plan, body, form, b"".join(frames))
    events = engine.follow(space, plan, obfuscation=obfuscation)
    parts = _frames(engine, space, plan, body, events)
    fields = headers(space)
    if not plan.background:
        fields |= created(plan.response["usage"]) | limited(space, plan.response["model"])
    try:
        return await sse.send(request, fields, parts)
    finally:
        if not plan.background and request[CALL].faults:
            # What cuts the telling short leaves the run as it is.
            await engine.settle(space, plan, body.get("input"))
        elif not plan.background:
            await engine.abandon(space, plan)


async def _frames(
    engine: Engine, space: Namespace, plan: Plan, body: Json, events: AsyncIterator[Json]
) -> AsyncIterator[bytes]:
    """Yield frames; a foreground response is on record before its last event is sent."""
    async for event in events:
        if event["type"] in TERMINAL and not plan.background:
            await engine.settle(space, plan, body.get("input"))
        yield sse.frame(event)


async def retrieve(request: web.Request) -> web.StreamResponse:
    """GET /responses/{id}, as JSON or resumed as a stream (api-contract §8.9)."""
    engine, space, _ = place(request)
    id_, query = named(request, "id"), asked(request)
    streamed = switch("stream", query.get("stream"), default=False)
    # What was not asked for when the response was made is not kept, and so cannot be shown later.
    included(request.query, engine.mode)
    if not streamed:
        return answer(await engine.retrieve(space, id_), headers(space))
    plan = await engine.resumable(space, id_)
    after = whole("starting_after", query.get("starting_after", "-1"))
    obfuscation = switch("include_obfuscation", query.get("include_obfuscation"), default=False)
    events = engine.follow(space, plan, obfuscation=obfuscation, after=after)
    return await sse.send(request, headers(space), (sse.frame(event) async for event in events))


async def delete(request: web.Request) -> web.StreamResponse:
    """DELETE /responses/{id}."""
    engine, space, _ = place(request)
    id_ = named(request, "id")
    await engine.delete(space, id_)
    return answer({"id": id_, "object": "response", "deleted": True}, headers(space))


async def cancel(request: web.Request) -> web.StreamResponse:
    """POST /responses/{id}/cancel (api-contract §10.3)."""
    engine, space, _ = place(request)
    return answer(await engine.cancel(space, named(request, "id")), headers(space))


async def input_items(request: web.Request) -> web.StreamResponse:
    """GET /responses/{id}/input_items (api-contract §1.4)."""
    engine, space, _ = place(request)
    id_ = named(request, "id")
    include = included(request.query, engine.mode)
    items = await engine.records.input_items(space.name, id_)
    listing = page(items, asked(request, items))
    listing["data"] = [shown(item, include) for item in listing["data"]]
    return answer(listing, headers(space))


async def count_tokens(request: web.Request) -> web.StreamResponse:
    """POST /responses/input_tokens (api-contract §1.5)."""
    engine, space, call = place(request)
    tokens = await engine.input_tokens(space, call.body or {})
    document = {"object": "response.input_tokens", "input_tokens": tokens}
    return answer(document, headers(space))


async def compact(request: web.Request) -> web.StreamResponse:
    """POST /responses/compact (api-contract §1.6)."""
    engine, space, call = place(request)
    return answer(await engine.compact(space, call.body or {}), headers(space))


async def models(request: web.Request) -> web.StreamResponse:
    """GET /models."""
    engine, space, _ = place(request)
    data = [_model(engine.model(name)) for name in catalog.KNOWN]
    return answer({"object": "list", "data": data}, headers(space))


async def model(request: web.Request) -> web.StreamResponse:
    """GET /models/{id}."""
    engine, space, _ = place(request)
    return answer(_model(engine.model(named(request, "id"))), headers(space))


def _model(model: catalog.Model) -> Json:
    return {
        "id": model.name,
        "object": "model",
        "created": model.created,
        "owned_by": "openai",
    }
