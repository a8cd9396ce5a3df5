"""A namespace: what one test or one client has to itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mockserver.caching import PromptCache
from mockserver.cassette import PlayCounts
from mockserver.clock import NamespaceClock
from mockserver.flags import Gates
from mockserver.journal import Journal
from mockserver.limits import Limits
from mockserver.seed import Seed

if TYPE_CHECKING:
    from mockserver.cassette import Library
    from mockserver.rules import Ruleset

DEFAULT: Final = ""
"""The namespace of plain ``/v1`` requests."""

NAMED: Final = "1 to 128 letters, digits, '_', '-' and '.', and neither '.' nor '..'"
"""What the name of a namespace is, in words."""

_NAME: Final = re.compile(r"[\w.-]{1,128}")


def is_name(text: str) -> bool:
    """Tell whether a namespace can be called so; clients take dots alone out of their URLs."""
    return _NAME.fullmatch(text) is not None and text not in (".", "..")


@dataclass(slots=True, kw_only=True)
class Namespace:
    """Seed, clock, calls, scenario, rules, limits, play counts; its name has the responses.

    ``seed_value`` is the number that ``seed`` was made of. ``library`` and ``strict`` replace the
    server's own when they are not None. ``limits`` is None when nothing is limited. ``clock`` is
    another one after a reset, which tells what began before it. ``running`` are the ends of the
    foreground responses that take time, by id, in moments of the clock. ``open`` counts the
    requests that are being answered, ``used`` is the real moment of the latest one.
    """

    name: str
    seed: Seed
    seed_value: int
    clock: NamespaceClock
    calls: Journal
    limits: Limits | None = None
    scenario: str | None = None
    library: Library | None = None
    strict: bool | None = None
    played: PlayCounts = field(default_factory=PlayCounts)
    prompts: PromptCache = field(default_factory=PromptCache)
    gates: Gates = field(default_factory=Gates)
    rules: Ruleset | None = None
    running: dict[str, float] = field(default_factory=dict)
    open: int = 0
    used: float = 0.0

    @property
    def plain(self) -> bool:
        """Whether nothing is set that changes what a request without flags gets."""
        unset = self.scenario is None and self.limits is None and self.library is None
        return unset and self.rules is None
