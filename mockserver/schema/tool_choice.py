"""The ``tool_choice`` parameter (api-contract §6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from mockserver.schema.base import Json
from mockserver.schema.checks import by_type
from mockserver.schema.faults import unsupported_value, wrong_type
from mockserver.schema.limits import Check, Choice, Tagged, Using
from mockserver.schema.shape import Shape
from mockserver.schema.tools import TOOLS

_WORDS: Final = ("none", "auto", "required")
_NAME: Final = "one of an object or 'none', 'auto', or 'required'"


class NamedChoice(Shape):
    """One function or custom tool."""

    type: Literal["function", "custom"]
    name: str


class McpChoice(Shape):
    """The tools of an MCP server, or one of them."""

    type: Literal["mcp"]
    server_label: str
    name: str | None = None


class AllowedTools(Shape):
    """Some of the tools offered."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"]
    tools: list[Json]


class KindChoice(Shape):
    """Whichever tool is of this kind."""

    type: str


TOOL_CHOICES: Final[Mapping[str, type[Shape]]] = {
    **dict.fromkeys(TOOLS, KindChoice),
    "computer_use": KindChoice,
    "function": NamedChoice,
    "custom": NamedChoice,
    "mcp": McpChoice,
    "allowed_tools": AllowedTools,
}
"""Every kind of choice that is an object."""


def _make(strict: bool) -> Check:
    choice = by_type(TOOL_CHOICES, strict=strict)

    def check(value: Any) -> None:
        if type(value) is str:
            if strict and value not in _WORDS:
                raise unsupported_value(value, _WORDS)
        elif type(value) is dict:
            choice(value)
        else:
            raise wrong_type(_NAME, value)

    return check


TOOL_CHOICE: Final = Using(
    _make, lambda: Annotated[str, Choice(_WORDS)] | Annotated[Json, Tagged(TOOL_CHOICES)]
)
"""Mark of a word or an object that chooses among the tools."""
