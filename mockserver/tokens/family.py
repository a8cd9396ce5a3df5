"""Families of models: what the frame around texts costs in each."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from mockserver.catalog import lookup


class Family(NamedTuple):
    """What one kind of prompt rendering adds to the texts in it, all in tokens.

    ``opening`` comes once per prompt, ``assistant`` on top of an assistant message's frame.
    ``call`` surrounds a tool call in the input, ``result`` its output. ``tools`` is the frame of
    all tool declarations, ``forced`` what a tool choice that forces a call adds to it. ``spoken``,
    ``called`` and ``several`` are the frames in the output: of a message, of a single call, and of
    each of several calls. ``recalls`` tells whether reasoning of earlier turns stays in context.
    """

    opening: int
    assistant: int
    call: int
    result: int
    tools: int
    forced: int
    spoken: int
    called: int
    several: int
    recalls: bool = False


_CHAT: Final = Family(
    opening=3,
    assistant=0,
    call=6,
    result=8,
    tools=9,
    forced=9,
    spoken=1,
    called=8,
    several=15,
)
"""Models that answer at once: gpt-4o, gpt-4.1, chat snapshots."""

_REASONING: Final = Family(
    opening=2,
    assistant=2,
    call=9,
    result=12,
    tools=15,
    forced=0,
    spoken=5,
    called=12,
    several=17,
)
"""Models with channels, each of which has to be named."""
_RECALLING: Final = _REASONING._replace(recalls=True)
"""The newest, which see the reasoning of all turns (api-contract §2.1)."""


@lru_cache(maxsize=1024)
def family_of(model: str) -> Family:
    """Return the family that a model name belongs to."""
    facts = lookup(model)
    if not facts.reasons:
        return _CHAT
    return _RECALLING if facts.context == "all_turns" else _REASONING
