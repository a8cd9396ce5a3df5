"""Scripted outcomes: the flags that choose an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.flags import Flags
from mockserver.schema.base import Json
from mockserver.schema.errors import INVALID_REQUEST, ApiError

_Body = tuple[str, str | None, str]
"""Type, code and message of an error."""

_BY_STATUS: Final[Mapping[int, _Body]] = {
    401: (
        INVALID_REQUEST,
        "invalid_api_key",
        "Incorrect API key provided: sk-mock****0000. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
    ),
    403: (
        "request_forbidden",
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
    ),
    404: (INVALID_REQUEST, None, "The requested resource was not found."),
    408: ("timeout", None, "Request timed out."),
    409: (INVALID_REQUEST, None, "The request conflicts with another one that is running."),
    413: (INVALID_REQUEST, None, "The request body is too large."),
    429: (
        "requests",
        "rate_limit_exceeded",
        "Rate limit reached for requests per min (RPM): Limit 3, Used 3, Requested 1. Please try "
        "again in {wait}. Visit https://platform.openai.com/account/rate-limits to learn more.",
    ),
    500: (
        "server_error",
        None,
        "The server had an error processing your request. Sorry about that! You can retry your "
        "request, or contact us through our help center if you keep seeing this error.",
    ),
    503: (
        "service_unavailable_error",
        "server_is_overloaded",
        "The server is currently overloaded. Please try again later.",
    ),
}

_BY_CODE: Final[Mapping[str, _Body]] = {
    "insufficient_quota": (
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details. For more "
        "information on this error, read the docs: "
        "https://platform.openai.com/docs/guides/error-codes/api-errors.",
    ),
    "slow_down": (
        "rate_limit_error",
        "slow_down",
        "The service is receiving more requests than it can handle. Please slow down.",
    ),
    "context_length_exceeded": (
        INVALID_REQUEST,
        "context_length_exceeded",
        "Your input exceeds the context window of this model. Please adjust your input and try "
        "again.",
    ),
    "invalid_prompt": (
        INVALID_REQUEST,
        "invalid_prompt",
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
    ),
    "rate_limit_exceeded": _BY_STATUS[429],
    "server_is_overloaded": _BY_STATUS[503],
    "server_error": ("server_error", "server_error", _BY_STATUS[500][2]),
}


def http_error(flags: Flags) -> ApiError | None:
    """Return the HTTP error that the flags ask for, with the body of api-contract §9.2."""
    if flags.http is None:
        return None
    type_, code, message = _body(flags.http, flags.http_code)
    wait = flags.retry_after
    headers = {} if wait is None else {"retry-after": f"{wait:g}"}
    message = message.format(wait=f"{1 if wait is None else wait:g}s")
    return ApiError(message, status=flags.http, type=type_, code=code, headers=headers)


def _body(status: int, code: str | None) -> _Body:
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    generic = "server_error" if status >= 500 else INVALID_REQUEST
    type_, usual, message = _BY_STATUS.get(
        status, (generic, None, f"The scenario asked for HTTP status {status}.")
    )
    return type_, code or usual, message


def fail(response: Json, code: str) -> Json:
    """Return the response as one that failed with this code (api-contract §3.4)."""
    message = _BY_CODE.get(code, _BY_CODE["server_error"])[2].format(wait="1s")
    return {
        **response,
        "status": "failed",
        "completed_at": None,
        "error": {"code": code, "message": message},
        "output": [],
        "usage": None,
    }
