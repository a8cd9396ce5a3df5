"""Progress: what of the rules a namespace has used, and what answers its next request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final
from weakref import WeakKeyDictionary

from mockserver.rules.received import Received
from mockserver.rules.reply import Reply
from mockserver.rules.rule import Entry, Rule, Script
from mockserver.rules.threads import REMEMBERED, Thread, Threads


def _nobody(response_id: str) -> None:
    """Note nothing: no conversation is told apart."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What answers a request: ``label`` names the rule, or the script and its step.

    ``made`` takes the id of the response that is made of it.
    """

    label: str
    reply: Reply | None
    flags: str
    received: Received
    made: Callable[[str], None] = _nobody

    @property
    def answers(self) -> bool:
        """Whether it says what the answer is, so that no other source is asked."""
        return self.reply is not None


@dataclass(slots=True)
class _Place:
    """How many steps have answered, and why the latest request was not for the next one."""

    used: int = 0
    passed: str = ""


_ALL: Final = Thread()
"""Whose place counts where conversations are not told apart, or none has begun."""


class Progress:
    """How often rules were met and used, and where scripts stand."""

    def __init__(self) -> None:
        self._met: WeakKeyDictionary[Rule, int] = WeakKeyDictionary()
        self._used: WeakKeyDictionary[Entry, int] = WeakKeyDictionary()
        self._places: WeakKeyDictionary[Script, dict[Thread, _Place]] = WeakKeyDictionary()
        self._threads = Threads()

    def choose(self, entries: Iterable[Entry], received: Received) -> Chosen | None:
        """Return what the first entry that takes a request answers it with, which counts."""
        for entry in entries:
            if isinstance(entry, Script):
                chosen = self._step(entry, received)
            else:
                chosen = _chosen(entry, received) if self._takes(entry, received) else None
            if chosen is not None:
                self._used[entry] = self._used.get(entry, 0) + 1
                return chosen
        return None

    def _takes(self, rule: Rule, received: Received) -> bool:
        """Tell whether a rule answers a request, which counts if it meets the conditions."""
        if rule.differences(received):
            return False
        number = self._met[rule] = self._met.get(rule, 0) + 1
        if rule.nth and number not in rule.nth:
            return False
        return rule.times is None or self._used.get(rule, 0) < rule.times

    def _step(self, script: Script, received: Received) -> Chosen | None:
        """Return what the step says whose turn it is, if it takes a request."""
        thread = self._threads.of(received) if script.per_conversation else _ALL
        places = self._places.setdefault(script, {_ALL: _Place()})
        place, sequence = places.get(thread) or _Place(), script.sequence()
        if script.loop is not None and place.used >= len(sequence) * script.loop:
            return None
        step = sequence[place.used % len(sequence)]
        if differences := script.differences(received, step):
            places.get(thread, places[_ALL]).passed = "; ".join(differences)
            return None
        place.used, place.passed = place.used + 1, ""
        if thread is _ALL:
            return _chosen(step, received)
        places[thread] = place
        if len(places) > REMEMBERED:
            del places[next(each for each in places if each is not _ALL)]
        self._threads.taken(thread, received, refuses=step.refuses)
        return _chosen(step, received, partial(self._threads.made, thread))

    def used(self, entry: Entry) -> int:
        """Return how often a rule or a script has answered."""
        return self._used.get(entry, 0)

    def unused(self, script: Script) -> Iterator[str]:
        """Yield a line for each step of a script that has answered too seldom.

        Of a script that loops for ever, one round has to be done; of one with conversations, each
        that has begun, and one at least. A step that a request has just been held against says
        why it did not take it.
        """
        places = self._places.get(script, {_ALL: _Place()})
        begun = [place for thread, place in places.items() if thread is not _ALL]
        for number, place in enumerate(begun or [places[_ALL]], 1):
            yield from _unused(script, place, f" in conversation {number}" if begun else "")


def _chosen(rule: Rule, received: Received, made: Callable[[str], None] = _nobody) -> Chosen:
    return Chosen(rule.label, rule.reply, rule.flags, received, made)


def _unused(script: Script, at: _Place, where: str) -> Iterator[str]:
    sequence, rounds = script.sequence(), script.loop or 1
    for place in range(at.used, len(sequence) * rounds):
        step = sequence[place % len(sequence)]
        in_round = f" of round {place // len(sequence) + 1}" if rounds > 1 else ""
        why = at.passed if place == at.used else ""
        latest = f": the latest request that came did not fit: {why}" if why else ""
        yield f"{step.label}{in_round} has not been used{where}{latest}"
