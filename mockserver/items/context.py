"""What an item may draw on while it is made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from mockserver.catalog import Model
from mockserver.flags import Flags
from mockserver.items.citations import Cite
from mockserver.schema.base import Json
from mockserver.schema.request import CreateResponse
from mockserver.seed import Chance, Dice, Draw


class Words(Protocol):
    """Made-up language; the random source is handed in, so that a turn repeats exactly."""

    def sentence(self, rng: Chance) -> str:
        """Return one sentence."""
        ...

    def text(self, rng: Chance, *, words: int) -> str:
        """Return whole sentences of about so many words."""
        ...

    def title(self, rng: Chance) -> str:
        """Return a few words without a full stop."""
        ...

    def fake(self, rng: Chance, what: str) -> str:
        """Return a value of a named sort: ``email``, ``city``, ``domain`` and so on."""
        ...


@dataclass(slots=True)
class Context:
    """One turn as its items see it.

    ``history`` holds the items that came before: inherited ones, then the request's own input;
    ``input_tokens`` is what all of it counts.
    ``generate`` makes a value for a JSON schema. Items leave things for later ones: ``citations``
    are what the message adds for the pages or files found, ``notes`` is anything else, and
    ``reasoning_tokens`` is what thinking has cost.
    """

    draw: Draw
    words: Words
    request: CreateResponse
    flags: Flags
    model: Model
    generate: Callable[[Any], Any]
    history: list[Json] = field(default_factory=list)
    input_tokens: int = 0
    include: frozenset[str] = frozenset()
    citations: list[Cite] = field(default_factory=list)
    notes: Json = field(default_factory=dict)
    reasoning_tokens: int = 0

    @property
    def random(self) -> Random:
        """The turn's random source."""
        return self.draw.random

    @property
    def dice(self) -> Dice:
        """What picks from a pool are made with, at no cost to set up."""
        return self.draw.dice

    @property
    def compacting(self) -> bool:
        """Whether the input ends in a trigger, which asks for a compaction and nothing else."""
        return bool(self.history) and self.history[-1].get("type") == "compaction_trigger"

    def id(self, prefix: str) -> str:
        """Return a new id."""
        return self.draw.id(prefix)
