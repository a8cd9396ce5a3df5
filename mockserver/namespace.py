"""A namespace: what one test or one client has to itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from mockserver.cassette import PlayCounts
from mockserver.journal import Call
from mockserver.seed import Seed

DEFAULT = ""
"""The namespace of plain ``/v1`` requests."""


@dataclass(slots=True)
class Namespace:
    """Seed, calls, scenario and play counts; stored responses are kept under its name."""

    name: str
    seed: Seed
    calls: deque[Call]
    scenario: str | None = None
    played: PlayCounts = field(default_factory=PlayCounts)

    def clear(self) -> None:
        """Forget calls, scenario, play counts and what the seed has seen."""
        self.calls.clear()
        self.seed.reset()
        self.scenario = None
        self.played = PlayCounts()
