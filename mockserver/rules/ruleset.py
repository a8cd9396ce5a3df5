"""The rules in force in a namespace: its own, then those of the server's files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mockserver.rules.file import RuleFiles
from mockserver.rules.progress import Chosen, Progress
from mockserver.rules.received import Received
from mockserver.rules.rule import Entry, Script
from mockserver.schema.base import Json


@dataclass(slots=True)
class Ruleset:
    """Rules in their order, and what of them has been used."""

    files: RuleFiles | None = None
    own: tuple[Entry, ...] = ()
    progress: Progress = field(default_factory=Progress)

    def add(self, entries: Iterable[Entry]) -> None:
        """Let further rules come after those that the namespace has of its own."""
        self.own = (*self.own, *entries)

    def entries(self) -> list[Entry]:
        """Return all rules in the order in which they are asked."""
        return [*self.own, *(self.files.entries() if self.files else ())]

    @property
    def tells_conversations_apart(self) -> bool:
        """Whether a script wants to know which conversation a request belongs to."""
        return any(isinstance(each, Script) and each.per_conversation for each in self.entries())

    def choose(self, received: Received) -> Chosen | None:
        """Return what the first rule that takes a request answers it with, which counts."""
        return self.progress.choose(self.entries(), received)

    def shown(self) -> list[Json]:
        """Return the rules in their order: name, how often it answered, and a script's rest.

        ``unused`` has a line for each step that has answered too seldom.
        """
        return [self._shown(entry) for entry in self.entries()]

    def _shown(self, entry: Entry) -> Json:
        shown = {"name": entry.label, "used": self.progress.used(entry)}
        if isinstance(entry, Script):
            return {**shown, "unused": list(self.progress.unused(entry))}
        return shown
