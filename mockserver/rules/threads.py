"""Threads: which conversation a request belongs to, as far as scripts tell them apart."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final, TypeVar

from mockserver.rules.received import Received

REMEMBERED: Final = 65_536
"""How many conversations, and how many ids of them, are told apart."""
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(slots=True, eq=False)
class Thread:
    """One conversation, known by being itself."""


class Threads:
    """The conversations that scripts have answered.

    A request belongs to that of the conversation object which it names, else of the response which
    it continues. One that names neither begins a conversation, unless it repeats the beginning of
    one that got an error, or brings the history of one along.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, Thread] = OrderedDict()
        self._latest: OrderedDict[bytes, Thread] = OrderedDict()
        self._refused: OrderedDict[bytes, deque[Thread]] = OrderedDict()

    def of(self, received: Received) -> Thread:
        """Return the conversation of a request; a new one is known once it is ``taken``."""
        if received.conversation is not None:
            return self._known.get(received.conversation) or Thread()
        for response_id in received.ancestors:
            if (thread := self._known.get(response_id)) is not None:
                return thread
        if received.turn > 1:
            return self._latest.get(received.opening) or Thread()
        if waiting := self._refused.get(received.opening):
            return waiting[0]
        again = self._latest.get(received.opening) if received.is_retry else None
        return again or Thread()

    def taken(self, thread: Thread, received: Received, *, refuses: bool) -> None:
        """Note that a step answers a request of a conversation, or ``refuses`` it by an error."""
        if received.conversation is not None:
            self.made(thread, received.conversation)
        if received.ancestors:
            self.made(thread, received.ancestors[-1])
        if received.conversation is not None:
            return
        opening = received.opening
        _put(self._latest, opening, thread)
        waiting = self._refused.pop(opening, deque())
        if thread in waiting:
            waiting.remove(thread)
        if refuses and received.turn == 1:
            waiting.append(thread)
        if waiting:
            _put(self._refused, opening, waiting)

    def made(self, thread: Thread, known_as: str) -> None:
        """Note the id of a response in a conversation, or of its conversation object."""
        _put(self._known, known_as, thread)


def _put(found: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    found[key] = value
    found.move_to_end(key)
    if len(found) > REMEMBERED:
        found.popitem(last=False)
