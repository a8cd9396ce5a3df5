"""The control API on the wire: ``/_mock/``, for this machine or for who has the token."""

from __future__ import annotations

import hmac
import ipaddress
import logging
from typing import Final

from aiohttp import web

from mockserver.config import Settings
from mockserver.namespace import DEFAULT
from mockserver.schema.base import Json, parse_object
from mockserver.schema.errors import ApiError
from mockserver.web.answers import failure
from mockserver.web.keys import ENGINE

PREFIX: Final = "/_mock"
TOKEN: Final = "x-mock-token"
_log = logging.getLogger("mockserver")


def owns(request: web.Request) -> bool:
    """Tell whether a request is for the control API."""
    path = request.rel_url.raw_path
    return path == PREFIX or path.startswith(PREFIX + "/")


async def answer(request: web.Request) -> web.StreamResponse:
    """Perform the command of a request; errors come in the API's envelope."""
    try:
        return web.json_response(await _perform(request))
    except ApiError as error:
        return failure(error, {})
    except web.HTTPRequestEntityTooLarge:
        return failure(ApiError("The request body is too large.", status=413), {})
    except web.RequestPayloadError:
        return failure(ApiError("The request body could not be read."), {})
    except Exception as problem:
        path = request.rel_url.raw_path
        _log.exception("%s %s failed", request.method, path, exc_info=problem)
        return failure(ApiError.fault(), {})


async def _perform(request: web.Request) -> Json:
    _admit(request, request.app[ENGINE].settings)
    query = dict(request.query)
    namespace = query.pop("namespace", DEFAULT)
    body = {**query, **_body(await request.read())}
    resource = request.rel_url.raw_path.removeprefix(PREFIX).strip("/")
    from mockserver.control import perform  # most servers are never asked

    return await perform(request.app[ENGINE], request.method, resource, body, namespace)


def _body(raw: bytes) -> Json:
    """Return what a command is given; raise ApiError 400 for what is no JSON object."""
    try:
        return parse_object(raw)
    except ApiError as problem:
        raise ApiError(
            f"Invalid body: a command takes a JSON object; GET {PREFIX} shows which.",
            code=problem.code,
        ) from None


def _admit(request: web.Request, settings: Settings) -> None:
    """Raise ApiError 401, 403 or 421 for a request that may not control the server (vcr §6.2).

    Pages of other sites are kept out in any case; without a token everybody else who is not on
    this machine as well.
    """
    site = request.headers.get("sec-fetch-site", "none")
    if "origin" in request.headers or site not in ("none", "same-origin"):
        raise ApiError("The control API takes no calls from web pages.", status=403)
    if settings.control_token is not None:
        if not _has_token(request, settings.control_token):
            raise ApiError(
                f"The control API needs the token that the server was started with, in {TOKEN} "
                "or as a bearer token.",
                status=401,
                code="invalid_control_token",
            )
    elif not _is_loopback(settings.host):
        raise ApiError(
            f"The control API is off, since the server is bound to {settings.host}: start it with "
            "--control-token.",
            status=403,
            code="control_off",
        )
    elif not _is_own_host(request.headers.get("host", ""), settings.host):
        # Else a page whose name was made to point here could call as if it were ours.
        raise ApiError("The host of this request is none of the server's.", status=421)


def _has_token(request: web.Request, token: str) -> bool:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    given = request.headers.get(TOKEN) or (key.strip() if scheme.lower() == "bearer" else "")
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())


def _is_own_host(header: str, bound: str) -> bool:
    name = header[1:].partition("]")[0] if header[:1] == "[" else header.partition(":")[0]
    return name.lower() in ("localhost", bound.lower()) or _is_address(name)


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
