"""The description as a whole: paths made from routes, components from what they refer to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from mockserver.openapi.answers import ErrorBody
from mockserver.openapi.operations import OPERATIONS, Operation
from mockserver.openapi.schemas import Components, said
from mockserver.schema.base import Json
from mockserver.schema.request import CreateResponse
from mockserver.schema.shape import Shape, keys

_BASE: Final = "/v1"
_SPACES: Final = "/ns/"
_NAME: Final = re.compile(r"\{([^}]+)\}")
_SERVERS: Final = (
    {"url": "/v1", "description": "The default namespace"},
    {
        "url": "/ns/{namespace}/v1",
        "description": "Any other namespace",
        "variables": {"namespace": {"default": "test"}},
    },
)
_SCENARIO: Final[Json] = {
    "name": "X-Mock-Scenario",
    "in": "header",
    "description": "Scenario flags, such as refusal or http:429",
    "schema": {"type": "string"},
}


class Route(NamedTuple):
    """A route: its method, its path with ``{names}``, and what it is for in a sentence."""

    method: str
    path: str
    summary: str


def describe(routes: Iterable[Route], *, version: str) -> Json:
    """Return the OpenAPI 3.1 description of a server with these routes.

    The namespaced twins of routes are told as a second server; routes outside of the API's base
    path have only their summaries.
    """
    components = Components()
    paths: dict[str, Json] = {}
    for route in routes:
        if route.method == "HEAD" or route.path.startswith(_SPACES):
            continue
        path = route.path.removeprefix(_BASE) if route.path.startswith(f"{_BASE}/") else route.path
        entry = paths.setdefault(path, {} if path != route.path else {"servers": [{"url": "/"}]})
        entry[route.method.lower()] = _operation(components, route, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mockserver",
            "description": "A test double of the OpenAI Responses API.",
            "version": version,
        },
        "servers": list(_SERVERS),
        "paths": paths,
        "components": {"schemas": dict(sorted(components.schemas.items()))},
    }


def _operation(components: Components, route: Route, path: str) -> Json:
    known = OPERATIONS.get(f"{route.method} {path}") if path != route.path else None
    parameters: list[Json] = [_path_parameter(name) for name in _NAME.findall(path)]
    described: Json = {"summary": route.summary, "parameters": parameters}
    if known is None:
        return described | {"responses": {"200": {"description": "Done"}}}
    if known.query is not None:
        parameters += _query(components, known.query)
    if known.body is CreateResponse:
        parameters.append(_SCENARIO)
    if known.body is not None:
        described["requestBody"] = {"content": _json(components.refer(known.body, known.only))}
    error = components.refer(ErrorBody)
    return described | {
        "responses": {
            "200": {"description": said(known.answer), "content": _answer(components, known)},
            "default": {"description": said(ErrorBody), "content": _json(error)},
        }
    }


def _answer(components: Components, known: Operation) -> Json:
    content = _json(components.refer(known.answer))
    if known.streams:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    return content


def _query(components: Components, query: type[Shape]) -> list[Json]:
    """Return the parameters of a query; lists are spelt as the SDKs do (api-contract §1.2)."""
    parameters: list[Json] = []
    for name, key in keys(query).items():
        schema = _without_null(components.schema(key.annotation))
        listed = schema.get("type") == "array"
        parameters.append(
            {"name": f"{name}[]" if listed else name, "in": "query", "schema": schema}
        )
    return parameters


def _without_null(schema: Json) -> Json:
    """Return the schema of a value that a query can spell."""
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return choices[0] if len(choices) == 1 else schema


def _path_parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _json(schema: Json) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
