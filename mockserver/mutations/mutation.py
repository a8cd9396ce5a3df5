"""Mutations: one change to one turn, and all of them that a conversation can have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mockserver.mutations.green import Turn
from mockserver.schema.base import Json


@dataclass(frozen=True, slots=True)
class Mutation:
    """A ``fault`` of the turn with this number (from 0); ``about`` says in words where it is."""

    turn: int
    fault: str
    about: str

    @property
    def sort(self) -> str:
        """The name of the fault."""
        return self.fault.partition(":")[0]

    @property
    def id(self) -> str:
        """The name of the test case: the turn, counted from 1, and the fault."""
        return f"turn{self.turn + 1}-{self.fault.replace(':', '-')}"

    @property
    def flags(self) -> str:
        """The scenario that plays the fault on its turn, and on no other request."""
        return f"after:{self.turn},times:1,{self.fault}"


Make = Callable[[Turn, list[int]], Iterator[tuple[str, str]]]
"""Yields the faults of one sort and where each is, for a turn and the places in its stream."""


def _at_each(sort: str, *, first: int = 0, last: int = 0, words: str = "at") -> Make:
    """Return the making of a fault at each place but the ``first`` and ``last`` so many events."""

    def make(turn: Turn, places: list[int]) -> Iterator[tuple[str, str]]:
        for place in places:
            if first <= place < len(turn.events) - last:
                yield f"{sort}:{place}", f"{words} {_name(turn.events[place])}"

    return make


def _once(sort: str, about: str, *, stream: bool = True, body: bool = True) -> Make:
    def make(turn: Turn, places: list[int]) -> Iterator[tuple[str, str]]:
        if stream if turn.events else body:
            yield sort, about

    return make


def _arguments(turn: Turn, places: list[int]) -> Iterator[tuple[str, str]]:
    calls = [item for item in turn.response["output"] if item["type"] == "function_call"]
    for number, call in enumerate(calls):
        if call.get("arguments"):
            yield f"truncate_arguments:{number}", f"of the call of {call.get('name')}"


def _usage(turn: Turn, places: list[int]) -> Iterator[tuple[str, str]]:
    if turn.response.get("usage"):
        yield "null_usage", "at the end"


_MAKES: Final[tuple[Make, ...]] = (
    _at_each("cut", words="before"),
    _at_each("drop"),
    _at_each("duplicate"),
    _at_each("reorder", last=1),
    _at_each("unknown_event", words="before"),
    _at_each("fail_at", first=1, words="in place of"),
    _once("cut_inside:0", "in the middle of the body", stream=False),
    _once("unknown_item", "at the end of the output", stream=False),
    _once("fail_at:0", "in place of the body", stream=False),
    _arguments,
    _usage,
)

SORTS: Final = (
    "cut",
    "drop",
    "duplicate",
    "reorder",
    "unknown_event",
    "fail_at",
    "cut_inside",
    "unknown_item",
    "truncate_arguments",
    "null_usage",
)
"""The faults that conversations are changed by."""


def mutations(
    turns: Iterable[Turn], *, only: Iterable[str] = SORTS, every_delta: bool = False
) -> list[Mutation]:
    """Return every single change of a conversation, turn by turn.

    ``only`` are the sorts wanted. Of a run of equal deltas the first and the last are changed,
    or each of them with ``every_delta``.
    """
    wanted = frozenset(only)
    found = []
    for turn in turns:
        places = _places(turn.events, every_delta)
        made = (Mutation(turn.number, *case) for make in _MAKES for case in make(turn, places))
        found += [mutation for mutation in made if mutation.sort in wanted]
    return found


def _places(events: tuple[Json, ...], every_delta: bool) -> list[int]:
    """Return the numbers of the events that are to be changed."""
    last = len(events) - 1
    return [
        number
        for number, event in enumerate(events)
        if event
        and (
            every_delta
            or number in (0, last)
            or not (_like(event, events[number - 1]) and _like(event, events[number + 1]))
        )
    ]


def _like(event: Json, other: Json) -> bool:
    """Tell whether two events are deltas of the same run."""
    if not str(event.get("type")).endswith(".delta"):
        return False
    return all(event.get(key) == other.get(key) for key in ("type", "item_id", "content_index"))


def _name(event: Json) -> str:
    item = event.get("item") or {}
    kind = f" of {item['type']}" if "type" in item else ""
    return f"{event.get('type')}{kind}"
