"""Flags of which requests are meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from mockserver.flags.flag import Flag, Read
from mockserver.flags.model import Flags, Gate
from mockserver.notation import chance, whole


def _gate(name: str, parse: Callable[[str | None], Any]) -> Read:
    def read(flags: Flags, value: str | None) -> Flags:
        return replace(flags, gate=(flags.gate or Gate())._replace(**{name: parse(value)}))

    return read


FLAGS: Final = (
    Flag(
        "after",
        ":N",
        "the first N requests with these flags pass, and are answered as if they had none",
        "after:2,http:500",
        _gate("after", whole),
    ),
    Flag(
        "times",
        ":N",
        "the flags hold for N requests; the next ones are answered as if they had none",
        "http:429,times:2",
        _gate("times", whole),
    ),
    Flag(
        "every",
        ":N",
        "the flags hold for each N-th request",
        "every:3,reset",
        _gate("every", lambda value: whole(value, least=1)),
    ),
    Flag(
        "p",
        ":CHANCE",
        "the flags hold with this probability, from the seed",
        "p:0.1,http:503",
        _gate("p", chance),
    ),
)
