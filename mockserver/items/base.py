"""An output item: one class says all there is to say of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from mockserver.items.steps import Keep, Step, opened, shortened
from mockserver.schema.base import Json
from mockserver.schema.shape import Wire

if TYPE_CHECKING:
    from mockserver.items.context import Context

Side = Literal["hosted", "client"]
_kinds: dict[str, type[Item]] = {}


class Item(Wire):
    """An output item of a kind not known here: its fields pass through, nothing streams inside it.

    A kind is a subclass, and registers itself by being one (api-contract §5.1):

    - ``kind``: its ``type`` on the wire
    - ``prefix``: what its ids begin with
    - ``tools``: the types of tool definitions that bring it about
    - ``answer``: the input item a client answers it with; None when nothing has to be answered
    - ``early``: whether it comes before everything else, also when a client's call ends the turn
    - ``leads``: whether it comes right before a client's call, which it makes possible
    - ``steps``: how it unfolds in a stream
    - ``opening``: the fields that the ``added`` snapshot shows otherwise
    - ``opening_status``: the status of the ``added`` snapshot

    ``metered`` tells whether it has a ``meter`` of its own.
    """

    kind: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    tools: ClassVar[tuple[str, ...]] = ()
    answer: ClassVar[str | None] = None
    early: ClassVar[bool] = False
    leads: ClassVar[bool] = False
    steps: ClassVar[tuple[Step, ...]] = ()
    opening: ClassVar[Mapping[str, Any]] = {}
    opening_status: ClassVar[str] = "in_progress"
    metered: ClassVar[bool] = False

    id: str
    type: str

    def __init_subclass__(cls) -> None:
        """File the class under its kind; a second class for a kind is an error."""
        if cls.kind in _kinds:
            raise TypeError(f"item kind {cls.kind!r} is already {_kinds[cls.kind].__name__}")
        _kinds[cls.kind] = cls
        cls.metered = "meter" in vars(cls)

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """Return who runs what the item asks for, or None when this turn has no such item.

        ``hosted`` items come before the message; a ``client`` item ends the turn.
        """
        return "hosted" if cls.answer is None else "client"

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json | None:
        """Make up an item of this kind, or None when this turn has none.

        ``tool`` is the definition in the request that the item answers, empty for items that no
        tool brings about.
        """
        raise TypeError(f"items of kind {cls.kind!r} cannot be made up")

    @classmethod
    def open(cls, item: Json) -> Json:
        """Return the item as ``response.output_item.added`` shows it (api-contract §8.7)."""
        snapshot = opened(item, cls.steps)
        if "status" in snapshot:
            snapshot["status"] = cls.opening_status
        snapshot.update(cls.opening)
        return snapshot

    @classmethod
    def meter(cls, item: Json, tool_usage: Json) -> None:
        """Add to ``tool_usage`` what the item's tool used (api-contract §4)."""

    @classmethod
    def cut(cls, item: Json, keep: Keep) -> Json:
        """Return the item as it is when the output ends inside it (api-contract §8.8)."""
        short = shortened(item, cls.steps, keep)
        return short | {"status": "incomplete"} if "status" in short else short


KINDS: Final[Mapping[str, type[Item]]] = MappingProxyType(_kinds)
"""Every registered kind by its ``type``."""


def kind_of(item: Json) -> type[Item]:
    """Return the class of an item document, plain ``Item`` when its type is not known."""
    return KINDS.get(item.get("type", ""), Item)


def kinds_for(tool: str) -> list[type[Item]]:
    """Return the kinds that a tool definition of this type brings about, in order of appearance."""
    return [kind for kind in KINDS.values() if tool in kind.tools]
