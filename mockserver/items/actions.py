"""What a model does with a computer: looks at it, then clicks, types and scrolls."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from mockserver.items.asked import last_wish
from mockserver.items.context import Context
from mockserver.schema.base import Json

Screen = tuple[int, int]
"""Width and height in pixels, at least one each."""

_QUOTED: Final = re.compile(r"[\"'“`]([^\"'”`\n]{1,80})[\"'”`]")
_ADDRESS: Final = re.compile(r"https?://[^\s\"'<>)\]]{1,200}")


def next_actions(ctx: Context, screen: Screen, turn: int) -> list[Json]:
    """Return what is done in a turn, all of it inside the screen (api-contract §5.1).

    Turn 0 looks at the screen; the later ones fill in a field, wait for what comes of it, and go
    through the page.
    """
    if turn == 0:
        return [{"type": "screenshot"}]
    return [make(ctx, screen) for make in _TURNS[(turn - 1) % len(_TURNS)]]


def next_action(ctx: Context, screen: Screen, turn: int) -> Json:
    """Return the one action of a turn, for the tool that takes no more (api-contract §6.1)."""
    if turn == 0:
        return {"type": "screenshot"}
    return _SINGLE[(turn - 1) % len(_SINGLE)](ctx, screen)


def _point(ctx: Context, screen: Screen) -> Json:
    width, height = screen
    return {"x": ctx.random.randrange(width), "y": ctx.random.randrange(height)}


def _click(ctx: Context, screen: Screen) -> Json:
    return {"type": "click", "button": "left", **_point(ctx, screen)}


def _double_click(ctx: Context, screen: Screen) -> Json:
    return {"type": "double_click", "keys": None, **_point(ctx, screen)}


def _drag(ctx: Context, screen: Screen) -> Json:
    return {"type": "drag", "path": [_point(ctx, screen), _point(ctx, screen)]}


def _enter(ctx: Context, screen: Screen) -> Json:
    return {"type": "keypress", "keys": ["ENTER"]}


def _move(ctx: Context, screen: Screen) -> Json:
    return {"type": "move", **_point(ctx, screen)}


def _scroll(ctx: Context, screen: Screen) -> Json:
    distance = ctx.random.choice((-1, 1, 1)) * 100 * ctx.random.randint(2, 8)
    return {"type": "scroll", "scroll_x": 0, "scroll_y": distance, **_point(ctx, screen)}


def _type(ctx: Context, screen: Screen) -> Json:
    """Type the address or the quoted words that the user's message has, or some others."""
    wish = last_wish(ctx.history)
    address, quoted = _ADDRESS.search(wish), _QUOTED.search(wish)
    if address:
        text = address[0].rstrip(".,;:!?")
    else:
        text = quoted[1] if quoted else ctx.words.title(ctx.dice).lower()
    return {"type": "type", "text": text}


def _wait(ctx: Context, screen: Screen) -> Json:
    return {"type": "wait"}


_TURNS: Final[tuple[tuple[Callable[[Context, Screen], Json], ...], ...]] = (
    (_click, _type, _enter),
    (_wait,),
    (_scroll, _move),
    (_double_click,),
    (_drag,),
)
_SINGLE: Final = tuple(make for turn in _TURNS for make in turn)
