"""Plain answers: headers, JSON bodies and the error envelope."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from mockserver.dialects import Dialect, parsed
from mockserver.limits import duration
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


def headers(space: Namespace) -> dict[str, str]:
    """Return the headers that every API answer has (api-contract §1.3)."""
    return {
        "x-request-id": space.seed.request_id(),
        "openai-processing-ms": str(_PROCESSING),
        **_FIXED,
    }


def created(usage: Json | None) -> dict[str, str]:
    """Return the headers of a foreground create that used so much, without its request id.

    What ``openai-processing-ms`` says comes from the answer and not from a clock, so that equal
    requests get equal answers.
    """
    spoken, tokens = (usage["output_tokens"], usage["total_tokens"]) if usage else (0, 0)
    return {
        "openai-processing-ms": str(_PROCESSING + 12 * int(spoken)),
        **_FIXED,
        **_LIMITS,
        "x-ratelimit-remaining-tokens": str(max(_TOKENS - int(tokens), 0)),
        "x-ratelimit-reset-tokens": duration(int(tokens) * 60_000 // _TOKENS / 1000),
    }


def limited(space: Namespace, model: str) -> dict[str, str]:
    """Return the rate limit headers of a namespace that is limited; nothing for others."""
    return {} if space.limits is None else space.limits.headers(model)


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer tells a client to wait, None when it gives no number."""
    try:
        wait = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return wait if math.isfinite(wait) else None


def answer(document: Json, headers: dict[str, str], *, status: int = 200) -> web.Response:
    """Return a JSON body as the API writes it: indented by two, no charset (api-contract §1.3)."""
    return send(pretty(document), headers, status=status)


def send(written: bytes, headers: dict[str, str], *, status: int = 200) -> web.Response:
    """Return a JSON body that is written already."""
    headers["content-type"] = "application/json"
    return web.Response(body=written, status=status, headers=headers)


def translate(response: web.StreamResponse, dialect: Dialect) -> None:
    """Let a JSON body be in a dialect; streams are translated as they are written."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return
    document = parsed(response.body) if response.status == 200 else None
    if document is not None and (told := dialect.tell(document)) is not document:
        response.body = pretty(told)


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
