"""What the API says when it cannot answer: type, code and message of its usual errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.schema.errors import INVALID_REQUEST

Body = tuple[str, str | None, str]
"""Type, code and message of an error.

Of a message, ``{model}`` stands for the model that was asked for, ``{wait}`` for when to try again.
"""

ORGANISATION: Final = "org-mockserver"
RATE_LIMITS: Final = "Visit https://platform.openai.com/account/rate-limits to learn more."
REQUESTS: Final = "requests per min (RPM)"
_AGAIN: Final = "1s"


def rate_limited(model: str, what: str, *, limit: int, used: int, asked: int, wait: str) -> str:
    """Return what the API says of a rate limit that is reached (api-contract §9.2)."""
    return (
        f"Rate limit reached for {model} in organization {ORGANISATION} on {what}: Limit {limit}, "
        f"Used {used}, Requested {asked}. Please try again in {wait}. {RATE_LIMITS}"
    )


_BY_STATUS: Final[Mapping[int, Body]] = {
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
        rate_limited("{model}", REQUESTS, limit=3, used=3, asked=1, wait="{wait}"),
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

_BY_CODE: Final[Mapping[str, Body]] = {
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


def outage(status: int, code: str | None, *, model: object = None, wait: str = _AGAIN) -> Body:
    """Return the body of an HTTP error with a status, and a code if one is named (§9.2)."""
    generic = "server_error" if status >= 500 else INVALID_REQUEST
    usual: Body = (generic, None, f"The scenario asked for HTTP status {status}.")
    found = _BY_CODE.get(code or "")
    type_, named, message = found or _BY_STATUS.get(status, usual)
    return type_, named if found else code or named, _filled(message, model, wait)


def message_of(code: str, *, model: object = None) -> str:
    """Return what the API says with an error code, its general apology for one not known."""
    return _filled(_BY_CODE.get(code, _BY_CODE["server_error"])[2], model, _AGAIN)


def _filled(message: str, model: object, wait: str) -> str:
    """Put in which model was asked for, if any was, and when to try again."""
    whose = f" for {model}" if model else ""
    return message.replace(" for {model}", whose).replace("{wait}", wait)


def error_event(code: Any, message: Any, *, nested: bool) -> dict[str, Any]:
    """Return the ``error`` event of a stream, without its number (api-contract §8.8).

    The wire's form is the nested one, that of the SDK's type the flat one.
    """
    if not nested:
        return {"type": "error", "code": code, "message": message, "param": None}
    detail = {"type": code, "code": code, "message": message, "param": None}
    return {"type": "error", "error": detail}
