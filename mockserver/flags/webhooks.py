"""Flags of the webhook that tells of a background response: twice, late, out of order, lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from mockserver.flags.flag import Flag, Read
from mockserver.flags.model import Flags, Mailing
from mockserver.notation import nothing, seconds, whole

_MOST: Final = 100


def _mailing(**changes: Callable[[str | None], Any]) -> Read:
    """Return the reader of a flag whose value goes into fields of the mailing."""

    def read(flags: Flags, value: str | None) -> Flags:
        parsed = {name: parse(value) for name, parse in changes.items()}
        return replace(flags, webhook=(flags.webhook or Mailing())._replace(**parsed))

    return read


def _copies(value: str | None) -> int:
    return 2 if value is None else whole(value, least=1, most=_MOST)


def _true(value: str | None) -> bool:
    nothing(value)
    return True


FLAGS: Final = (
    Flag(
        "webhook_duplicate",
        "[:N]",
        "the webhook of a background response is delivered N times (2), with the same webhook-id",
        "background,webhook_duplicate:3",
        _mailing(copies=_copies),
    ),
    Flag(
        "webhook_reorder",
        "",
        "the webhook is delivered after the next one to the same URL, or after a minute",
        "background,webhook_reorder",
        _mailing(held=_true),
    ),
    Flag(
        "webhook_delay",
        ":DURATION",
        "the webhook is delivered so much later",
        "background,webhook_delay:30s",
        _mailing(delay=seconds),
    ),
    Flag(
        "webhook_drop",
        "",
        "the webhook is never delivered",
        "background,webhook_drop",
        _mailing(dropped=_true),
    ),
    Flag(
        "webhook_forged",
        "",
        "the webhook is signed with another secret",
        "background,webhook_forged",
        _mailing(forged=_true),
    ),
)
