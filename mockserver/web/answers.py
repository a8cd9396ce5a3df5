"""Plain answers: headers, JSON bodies and the error envelope."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from mockserver.namespace import Namespace
from mockserver.schema.base import Json, pretty
from mockserver.schema.errors import ApiError

_FIXED: Final = {
    "openai-version": "2020-10-01",
    "openai-organization": "mockserver",
    "openai-project": "proj_mockserver",
}
_LIMITS: Final = {
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "30000000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-reset-requests": "6ms",
}
_TOKENS: Final = 30_000_000
_PROCESSING: Final = 120


def headers(space: Namespace, *, processing: int = _PROCESSING) -> dict[str, str]:
    """Return the headers that every API answer has (api-contract §1.3).

    ``processing`` is what ``openai-processing-ms`` says; it comes from the answer and not from a
    clock, so that equal requests get equal answers.
    """
    return {
        "x-request-id": space.seed.request_id(),
        "openai-processing-ms": str(processing),
        **_FIXED,
    }


def limits(tokens: int) -> dict[str, str]:
    """Return the rate limit headers of a create that used so many tokens (api-contract §1.3)."""
    return {
        **_LIMITS,
        "x-ratelimit-remaining-tokens": str(max(_TOKENS - tokens, 0)),
        "x-ratelimit-reset-tokens": f"{tokens * 60 // 30_000}ms",
    }


def created(space: Namespace, response: Json) -> dict[str, str]:
    """Return the headers of a create: with rate limits, unless it runs in the background."""
    usage = response.get("usage") or {}
    fields = headers(space, processing=_PROCESSING + 12 * int(usage.get("output_tokens", 0)))
    if not response.get("background"):
        fields.update(limits(int(usage.get("total_tokens", 0))))
    return fields


def answer(document: Json, headers: dict[str, str], *, status: int = 200) -> web.Response:
    """Return a JSON body as the API writes it: indented by two, no charset (api-contract §1.3)."""
    headers["content-type"] = "application/json"
    return web.Response(body=pretty(document), status=status, headers=headers)


def failure(error: ApiError, headers: dict[str, str]) -> web.Response:
    """Return an error in its envelope (api-contract §9.1)."""
    headers.update(error.headers)
    if error.status == 401:
        headers["www-authenticate"] = 'Bearer realm="OpenAI API"'
    envelope = {key: value and _readable(value) for key, value in error.body()["error"].items()}
    return answer({"error": envelope}, headers, status=error.status)


def _readable(text: str) -> str:
    """Return text that can be sent: aiohttp's parser in Python makes surrogates of odd bytes."""
    return text.encode("utf-8", "replace").decode()
