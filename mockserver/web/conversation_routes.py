"""The Conversations endpoints: decode, ask the engine, encode (api-contract §12)."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from mockserver.engine import Engine
from mockserver.history import as_items
from mockserver.inclusion import shown_in_conversation
from mockserver.namespace import Namespace
from mockserver.schema.base import Json
from mockserver.schema.conversation import (
    parse_change,
    parse_conversation,
    parse_items,
)
from mockserver.web.answers import answer, headers
from mockserver.web.keys import CALL
from mockserver.web.paging import included, page
from mockserver.web.place import asked, named, place


def routes(prefix: str) -> list[web.AbstractRouteDef]:
    """Return all routes below a base path such as ``/v1``."""
    one = f"{prefix}/conversations/{{id}}"
    return [
        web.post(f"{prefix}/conversations", create),
        web.get(one, retrieve, allow_head=False),
        web.post(one, update),
        web.delete(one, delete),
        web.post(f"{one}/items", add_items),
        web.get(f"{one}/items", list_items, allow_head=False),
        web.get(f"{one}/items/{{item_id}}", retrieve_item, allow_head=False),
        web.delete(f"{one}/items/{{item_id}}", delete_item),
    ]


async def create(request: web.Request) -> web.StreamResponse:
    """POST /conversations."""
    engine, space, body = _place(request)
    items, metadata = parse_conversation(body, mode=engine.mode)
    items = await _resolved(engine, space, items)
    draw = engine.draw(space, request[CALL].path, body)
    made = await engine.conversations.create(space.name, draw, items, metadata)
    return answer(made.view(), headers(space))


async def retrieve(request: web.Request) -> web.StreamResponse:
    """GET /conversations/{id}."""
    engine, space, _ = _place(request)
    now = space.clock.now()
    found = await engine.conversations.get(space.name, named(request, "id"), now)
    return answer(found.view(), headers(space))


async def update(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}."""
    engine, space, body = _place(request)
    metadata = parse_change(body, mode=engine.mode)
    id_ = named(request, "id")
    changed = await engine.conversations.describe(space.name, id_, metadata)
    return answer(changed.view(), headers(space))


async def delete(request: web.Request) -> web.StreamResponse:
    """DELETE /conversations/{id}."""
    engine, space, _ = _place(request)
    id_ = named(request, "id")
    await engine.conversations.delete(space.name, id_)
    document = {"id": id_, "object": "conversation.deleted", "deleted": True}
    return answer(document, headers(space))


async def add_items(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/items; the answer lists the new items in their order."""
    engine, space, body = _place(request)
    include = included(request.query, engine.mode)
    items = parse_items(body, mode=engine.mode)
    id_, now = named(request, "id"), space.clock.now()
    conversation = await engine.conversations.get(space.name, id_, now)
    conversation.require_free()
    items = await _resolved(engine, space, items)
    draw = engine.draw(space, request[CALL].path, body, conversation.parent())
    new = await engine.conversations.add(space.name, id_, items, draw, now)
    return answer(_listing(new, {"order": "asc", "limit": "100"}, include), headers(space))


async def list_items(request: web.Request) -> web.StreamResponse:
    """GET /conversations/{id}/items."""
    engine, space, _ = _place(request)
    include = included(request.query, engine.mode)
    now = space.clock.now()
    conversation = await engine.conversations.get(space.name, named(request, "id"), now)
    items = conversation.items()
    return answer(_listing(items, asked(request, items), include), headers(space))


async def retrieve_item(request: web.Request) -> web.StreamResponse:
    """GET /conversations/{id}/items/{item_id}."""
    engine, space, _ = _place(request)
    include = included(request.query, engine.mode)
    id_, item_id = named(request, "id"), named(request, "item_id")
    item = await engine.conversations.item_of(space.name, id_, item_id, space.clock.now())
    return answer(shown_in_conversation(item, include), headers(space))


async def delete_item(request: web.Request) -> web.StreamResponse:
    """DELETE /conversations/{id}/items/{item_id}; the answer is the conversation."""
    engine, space, _ = _place(request)
    id_, item_id = named(request, "id"), named(request, "item_id")
    left = await engine.conversations.remove(space.name, id_, item_id, space.clock.now())
    return answer(left.view(), headers(space))


async def _resolved(engine: Engine, space: Namespace, items: list[Json]) -> list[Json]:
    return [await engine.records.resolve(space.name, item) for item in as_items(items)]


def _listing(items: list[Json], query: Mapping[str, str], include: frozenset[str]) -> Json:
    whole = page(items, query)
    whole["data"] = [shown_in_conversation(item, include) for item in whole["data"]]
    return whole


def _place(request: web.Request) -> tuple[Engine, Namespace, Json]:
    engine, space, call = place(request)
    return engine, space, call.body or {}
