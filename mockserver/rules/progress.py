"""Progress: what of the rules a namespace has used, and what answers its next request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from mockserver.rules.received import Received
from mockserver.rules.reply import Reply
from mockserver.rules.rule import Entry, Rule, Script


@dataclass(frozen=True, slots=True)
class Chosen:
    """What answers a request: ``label`` names the rule, or the script and its step."""

    label: str
    reply: Reply | None
    flags: str
    received: Received

    @property
    def answers(self) -> bool:
        """Whether it says what the answer is, so that no other source is asked."""
        return self.reply is not None


class Progress:
    """How often rules were met and used, and where scripts stand."""

    def __init__(self) -> None:
        self._met: WeakKeyDictionary[Rule, int] = WeakKeyDictionary()
        self._used: WeakKeyDictionary[Entry, int] = WeakKeyDictionary()
        self._passed: WeakKeyDictionary[Script, str] = WeakKeyDictionary()

    def choose(self, entries: Iterable[Entry], received: Received) -> Chosen | None:
        """Return what the first entry that takes a request answers it with, which counts."""
        for entry in entries:
            if isinstance(entry, Script):
                rule = self._step(entry, received)
            else:
                rule = entry if self._takes(entry, received) else None
            if rule is not None:
                self._used[entry] = self._used.get(entry, 0) + 1
                return Chosen(rule.label, rule.reply, rule.flags, received)
        return None

    def _takes(self, rule: Rule, received: Received) -> bool:
        """Tell whether a rule answers a request, which counts if it meets the conditions."""
        if rule.differences(received):
            return False
        number = self._met[rule] = self._met.get(rule, 0) + 1
        if rule.nth and number not in rule.nth:
            return False
        return rule.times is None or self._used.get(rule, 0) < rule.times

    def _step(self, script: Script, received: Received) -> Rule | None:
        """Return the step whose turn it is, if it takes a request."""
        used, sequence = self._used.get(script, 0), script.sequence()
        if script.loop is not None and used >= len(sequence) * script.loop:
            return None
        step = sequence[used % len(sequence)]
        if differences := script.differences(received, step):
            self._passed[script] = "; ".join(differences)
            return None
        self._passed.pop(script, None)
        return step

    def used(self, entry: Entry) -> int:
        """Return how often a rule or a script has answered."""
        return self._used.get(entry, 0)

    def unused(self, script: Script) -> Iterator[str]:
        """Yield a line for each step of a script that has answered too seldom.

        Of a script that loops for ever, one round has to be done. A step that a request has just
        been held against says why it did not take it.
        """
        sequence = script.sequence()
        used, rounds = self._used.get(script, 0), script.loop or 1
        for place in range(used, len(sequence) * rounds):
            step = sequence[place % len(sequence)]
            why = self._passed.get(script) if place == used else None
            in_round = f" of round {place // len(sequence) + 1}" if rounds > 1 else ""
            latest = f": the latest request that came did not fit: {why}" if why else ""
            yield f"{step.label}{in_round} has not been used{latest}"
