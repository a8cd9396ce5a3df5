"""The endpoints that manage webhook endpoints (api-contract §10.5)."""

from __future__ import annotations

from aiohttp import web

from mockserver.engine import Engine
from mockserver.namespace import Namespace
from mockserver.schema.base import Json
from mockserver.schema.webhook import (
    EVENT_TYPES,
    parse_endpoint,
    parse_endpoint_change,
    parse_rotation,
    parse_trial,
)
from mockserver.seed import Draw
from mockserver.web.answers import answer, headers
from mockserver.web.keys import CALL, SPACE
from mockserver.web.paging import page
from mockserver.web.place import asked, named, place


def routes(prefix: str) -> list[web.AbstractRouteDef]:
    """Return all routes below a base path such as ``/v1``."""
    every, one = f"{prefix}/webhook_endpoints", f"{prefix}/webhook_endpoints/{{id}}"
    return [
        web.post(every, create),
        web.get(every, list_all, allow_head=False),
        web.get(one, retrieve, allow_head=False),
        web.post(one, update),
        web.delete(one, delete),
        web.post(f"{one}/rotate_secret", rotate_secret),
        web.post(f"{one}/test", test),
        web.get(f"{prefix}/webhook_event_types", event_types, allow_head=False),
    ]


async def create(request: web.Request) -> web.StreamResponse:
    """POST /webhook_endpoints; its answer and that of a rotation alone show the secret."""
    engine, space, body = _place(request)
    parts = parse_endpoint(body, mode=engine.mode)
    draw = engine.draw(space, request[CALL].path, body)
    return answer(await engine.webhooks.create(space.name, draw, parts), headers(space))


async def list_all(request: web.Request) -> web.StreamResponse:
    """GET /webhook_endpoints, the newest first."""
    engine, space, _ = _place(request)
    every = await engine.webhooks.all(space.name)
    query = asked(request, every)
    taken = {key: query[key] for key in ("after", "limit") if key in query}
    return answer(page(every, taken), headers(space))


async def retrieve(request: web.Request) -> web.StreamResponse:
    """GET /webhook_endpoints/{id}."""
    engine, space, _ = _place(request)
    return answer(await engine.webhooks.get(space.name, named(request, "id")), headers(space))


async def update(request: web.Request) -> web.StreamResponse:
    """POST /webhook_endpoints/{id}."""
    engine, space, body = _place(request)
    parts = parse_endpoint_change(body, mode=engine.mode)
    id_, draw = named(request, "id"), await _later(request)
    return answer(await engine.webhooks.update(space.name, id_, draw, parts), headers(space))


async def delete(request: web.Request) -> web.StreamResponse:
    """DELETE /webhook_endpoints/{id}."""
    engine, space, _ = _place(request)
    id_ = named(request, "id")
    await engine.webhooks.delete(space.name, id_)
    document = {"id": id_, "object": "webhook_endpoint.deleted", "deleted": True}
    return answer(document, headers(space))


async def rotate_secret(request: web.Request) -> web.StreamResponse:
    """POST /webhook_endpoints/{id}/rotate_secret."""
    engine, space, body = _place(request)
    keep = parse_rotation(body, mode=engine.mode)
    id_, draw, now = named(request, "id"), await _later(request), space.clock.now()
    endpoint = await engine.webhooks.rotate(space.name, id_, draw, now, keep=keep)
    return answer(endpoint, headers(space))


async def test(request: web.Request) -> web.StreamResponse:
    """POST /webhook_endpoints/{id}/test; where nothing may be sent, 200 is taken for the answer."""
    engine, space, body = _place(request)
    event_type = parse_trial(body, mode=engine.mode)
    draw, now = await _later(request), space.clock.now()
    recipient = await engine.webhooks.recipient(space.name, named(request, "id"), now)
    status = await engine.deliveries.try_out(space.name, space.clock, recipient, event_type, draw)
    document = {
        "object": "webhook_endpoint.test",
        "webhook_endpoint_id": recipient.id,
        "event_type": event_type,
        "status_code": status,
        "success": True,
    }
    return answer(document, headers(space))


async def event_types(request: web.Request) -> web.StreamResponse:
    """GET /webhook_event_types."""
    return answer({"object": "list", "data": list(EVENT_TYPES)}, headers(request[SPACE]))


async def _later(request: web.Request) -> Draw:
    """Return the chance of a change, which comes after whatever happened to the endpoint before."""
    engine, space, body = _place(request)
    endpoint = await engine.webhooks.get(space.name, named(request, "id"))
    parent = {"id": endpoint["id"], "created_at": endpoint["updated_at"]}
    return engine.draw(space, request[CALL].path, body, parent)


def _place(request: web.Request) -> tuple[Engine, Namespace, Json]:
    engine, space, call = place(request)
    return engine, space, call.body or {}
