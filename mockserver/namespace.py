"""A namespace: what one test or one client has to itself."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from mockserver.caching import PromptCache
from mockserver.cassette import PlayCounts
from mockserver.flags import Gates
from mockserver.journal import Call
from mockserver.seed import Seed

DEFAULT: Final = ""
"""The namespace of plain ``/v1`` requests."""

_NAME: Final = re.compile(r"[\w.-]{1,128}")


def is_name(text: str) -> bool:
    """Tell whether a namespace can be called so: 1 to 128 letters, digits, ``_``, ``-``, ``.``."""
    return _NAME.fullmatch(text) is not None


@dataclass(slots=True)
class Namespace:
    """Seed, calls, scenario and play counts; stored responses are kept under its name."""

    name: str
    seed: Seed
    calls: deque[Call]
    scenario: str | None = None
    played: PlayCounts = field(default_factory=PlayCounts)
    prompts: PromptCache = field(default_factory=PromptCache)
    gates: Gates = field(default_factory=Gates)

    def clear(self) -> None:
        """Forget calls, scenario, play counts and what the seed has seen."""
        self.calls.clear()
        self.seed.reset()
        self.scenario = None
        self.played = PlayCounts()
        self.prompts = PromptCache()
        self.gates = Gates()
