"""Scenario flags: what a request asks the server to play, one model and one parser."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Literal
from urllib.parse import unquote

from mockserver.schema.errors import ApiError

HEADER: Final = "x-mock-scenario"
METADATA_KEY: Final = "mock_scenario"

Outcome = Literal["completed", "failed", "incomplete", "queued", "in_progress", "cancelled"]
INCOMPLETE_REASONS: Final = ("max_output_tokens", "content_filter", "max_messages", "steered")


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags in force for one request.

    ``outcome`` and ``detail`` say how the response ends (an error code, an incomplete reason),
    ``items`` which kinds of output items it has, ``refusal`` is the text refused with, ``http``
    and ``http_code`` an HTTP error instead of an answer, ``retry_after`` its header in seconds.
    ``ttft`` is the seconds to the first token and ``tps`` the tokens per second. ``seed`` replaces
    the namespace's seed for this request.
    """

    outcome: Outcome | None = None
    detail: str | None = None
    background: bool = False
    items: tuple[str, ...] = ()
    refusal: str | None = None
    http: int | None = None
    http_code: str | None = None
    retry_after: float | None = None
    ttft: float | None = None
    tps: float | None = None
    seed: int | None = None
    text: str = field(default="", compare=False)

    @property
    def chooses_answer(self) -> bool:
        """Whether the flags say what the answer is, so that no recording is asked."""
        return any((self.outcome, self.background, self.refusal is not None, self.items, self.http))

    @classmethod
    def of(cls, header: str | None, metadata: Any, *defaults: str | None) -> Flags:
        """Return the flags of a request: of its header, else its metadata, else a default.

        Raises ApiError 400 for an unknown flag or a value that makes no sense.
        """
        text = header
        if text is None and isinstance(metadata, dict):
            value = metadata.get(METADATA_KEY)
            text = value if isinstance(value, str) else None
        for default in defaults:
            if text is None:
                text = default or None
        return parse(text) if text else NONE


NONE: Final = Flags()


@dataclass(frozen=True, slots=True)
class Flag:
    """One row of the flag table: how it is written, what it does, how its value is read."""

    name: str
    value: str
    help: str
    read: Callable[[str | None], dict[str, Any]]

    @property
    def usage(self) -> str:
        """How the flag is written: ``name``, ``name:VALUE`` or ``name[:VALUE]``."""
        return self.name + self.value


@lru_cache(maxsize=1024)
def parse(text: str) -> Flags:
    """Read comma separated flags; a value may be percent-encoded to hold a comma.

    Raises ApiError 400, listing the flags there are, for an unknown one, and naming the flag and
    the values it takes for a bad value.
    """
    # A header's bytes that are no UTF-8 arrive as lone surrogates, which no JSON can carry.
    text = text.encode("utf-8", "replace").decode()
    flags = Flags(text=text)
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, colon, value = word.partition(":")
        flag = TABLE.get(name.strip())
        if flag is None:
            raise _unknown(name)
        try:
            flags = replace(flags, **flag.read(unquote(value.strip()) if colon else None))
        except ValueError as problem:
            raise _invalid(flag, problem) from None
    return flags


def check(setting: str | None) -> None:
    """Raise ValueError for flags of the setting ``scenario`` that do not exist."""
    try:
        parse(setting or "")
    except ApiError as problem:
        raise ValueError(f"scenario: {problem}") from None


def _unknown(name: str) -> ApiError:
    known = ", ".join(flag.usage for flag in TABLE.values())
    return ApiError(
        f"Unknown scenario flag: '{name}'. The flags are: {known}.",
        param=METADATA_KEY,
        code="unknown_scenario_flag",
    )


def _invalid(flag: Flag, problem: ValueError) -> ApiError:
    return ApiError(
        f"Invalid scenario flag '{flag.name}': {problem} It is written {flag.usage}: {flag.help}.",
        param=METADATA_KEY,
        code="invalid_scenario_flag",
    )


_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m)?")
_RATE: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}
_LONGEST: Final = 86_400.0
_SLOWEST: Final = 0.001


def seconds(text: str | None) -> float:
    """Read a duration such as ``200ms``, ``1.5s``, ``2m`` or plain seconds, of a day at most."""
    match = _DURATION.fullmatch(text or "")
    duration = float(match[1]) * _UNITS[match[2]] if match else _LONGEST + 1
    if duration > _LONGEST:
        raise ValueError(
            f"'{text or ''}' is not a duration such as 200ms or 1.5s, of a day at most."
        )
    return duration


def _plain(**changes: Any) -> Callable[[str | None], dict[str, Any]]:
    def read(value: str | None) -> dict[str, Any]:
        if value is not None:
            raise ValueError("it takes no value.")
        return changes

    return read


def _failed(value: str | None) -> dict[str, Any]:
    code = value or "server_error"
    if not re.fullmatch(r"[a-z0-9_]{1,64}", code):
        raise ValueError(f"'{code}' is not an error code such as server_error.")
    return {"outcome": "failed", "detail": code}


def _incomplete(value: str | None) -> dict[str, Any]:
    reason = value or INCOMPLETE_REASONS[0]
    if reason not in INCOMPLETE_REASONS:
        raise ValueError(f"'{reason}' is not one of {', '.join(INCOMPLETE_REASONS)}.")
    return {"outcome": "incomplete", "detail": reason}


def _refusal(value: str | None) -> dict[str, Any]:
    return {"refusal": value or "I'm sorry, but I can't assist with that request."}


def _items(value: str | None) -> dict[str, Any]:
    names = tuple(filter(None, (value or "").split("+")))
    if not names or not all(re.fullmatch(r"[a-z_]{1,64}", name) for name in names):
        raise ValueError(f"'{value or ''}' does not name kinds of items joined by +.")
    return {"items": names}


def _http(value: str | None) -> dict[str, Any]:
    status, _, code = (value or "").partition(":")
    if not re.fullmatch(r"[45][0-9]{2}", status):
        raise ValueError(f"'{status}' is not an HTTP error status (400 to 599).")
    return {"http": int(status), "http_code": code or None}


def _rate(value: str | None) -> dict[str, Any]:
    rate = float(value or 0) if _RATE.fullmatch(value or "") else 0.0
    if rate < _SLOWEST:
        raise ValueError(
            f"'{value or ''}' is not a number of tokens per second, {_SLOWEST} or more."
        )
    return {"tps": rate}


def _seed(value: str | None) -> dict[str, Any]:
    if not re.fullmatch(r"[0-9]{1,18}", value or ""):
        raise ValueError(f"'{value or ''}' is not a whole number.")
    return {"seed": int(value or 0)}


TABLE: Final[Mapping[str, Flag]] = {
    flag.name: flag
    for flag in (
        Flag("completed", "", "a normal answer", _plain(outcome="completed")),
        Flag("failed", "[:CODE]", "status failed with this error code (server_error)", _failed),
        Flag(
            "incomplete",
            "[:REASON]",
            "status incomplete for this reason (max_output_tokens)",
            _incomplete,
        ),
        Flag(
            "queued",
            "",
            "a background response that stays queued",
            _plain(outcome="queued", background=True),
        ),
        Flag(
            "in_progress",
            "",
            "a background response that stays in progress",
            _plain(outcome="in_progress", background=True),
        ),
        Flag(
            "cancelled",
            "",
            "a background response that somebody cancels while it is in progress",
            _plain(outcome="cancelled", background=True),
        ),
        Flag(
            "background",
            "",
            "as if the request had asked for background:true",
            _plain(background=True),
        ),
        Flag(
            "items",
            ":KIND+KIND",
            "these kinds of output items, such as reasoning+message",
            _items,
        ),
        Flag("refusal", "[:TEXT]", "the model refuses, with this text", _refusal),
        Flag("http", ":STATUS[:CODE]", "an HTTP error instead of an answer", _http),
        Flag(
            "retry_after",
            ":SECONDS",
            "the retry-after header of that error",
            lambda value: {"retry_after": seconds(value)},
        ),
        Flag(
            "ttft",
            ":DURATION",
            "time to the first token, such as 200ms",
            lambda value: {"ttft": seconds(value)},
        ),
        Flag("tps", ":NUMBER", "output tokens per second", _rate),
        Flag("seed", ":NUMBER", "another seed for this request", _seed),
    )
}
"""Every flag by name; the README's table is made from it."""
