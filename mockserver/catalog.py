"""What is known about models: snapshots, reasoning, and the values the API fills in."""

from __future__ import annotations

import calendar
import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

_ALL: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_LOW_TO_HIGH: Final = ("low", "medium", "high")
_LOW_TO_XHIGH: Final = (*_LOW_TO_HIGH, "xhigh")
_MEDIUM_TO_XHIGH: Final = ("medium", "high", "xhigh")


class Model(NamedTuple):
    """One model as the API treats it (api-contract §2.1, §2.3).

    ``name`` is what the request asked for, ``snapshot`` what the response echoes. ``effort`` is
    the reasoning effort when none is asked for, ``efforts`` the ones it takes; both are empty for
    a model that does not reason. ``phase`` tells whether its messages carry a phase, ``served``
    whether the Responses API offers it, ``research`` whether it is a deep research model.
    ``window`` is the most input tokens it takes, None where that is not known; ``speaks`` tells
    whether it says its text aloud as well, ``open_weight`` whether it shows its reasoning itself.
    """

    name: str
    snapshot: str
    known: bool = False
    reasons: bool = False
    effort: str | None = None
    efforts: tuple[str, ...] = ()
    context: str | None = None
    top_p: float = 1.0
    prompt_cache_retention: str = "in_memory"
    only_24h: bool = False
    phase: bool = False
    served: bool = True
    research: bool = False
    window: int | None = None
    speaks: bool = False
    open_weight: bool = False

    @property
    def reasoning(self) -> dict[str, Any]:
        """The echo of ``reasoning`` when the request says nothing (api-contract §2.1)."""
        if not self.reasons:
            return {"context": None, "effort": None, "summary": None}
        return {
            "context": self.context,
            "effort": self.effort,
            "mode": "standard",
            "summary": None,
        }

    @property
    def created(self) -> int:
        """Unix time of the snapshot's date, or of a fixed day for a name without one."""
        date = re.search(r"(\d{4})-(\d\d)-(\d\d)", self.snapshot)
        year, month, day = map(int, date.groups()) if date else (2026, 1, 1)
        return calendar.timegm((year, month, day, 0, 0, 0))

    def samples(self, effort: str | None) -> bool:
        """Tell whether temperature, top_p and log probabilities may be asked for at this effort."""
        return not self.reasons or (effort or self.effort) == "none"


def _thinker(effort: str, *efforts: str, **facts: Any) -> Model:
    usual: dict[str, Any] = {"context": "current_turn", "window": 272_000}
    return Model("", "", reasons=True, effort=effort, efforts=efforts, **usual | facts)


_CHAT: Final = Model("", "")
_VOICE: Final = Model("", "", window=128_000, speaks=True)
_O: Final = _thinker("medium", *_LOW_TO_HIGH, window=200_000)
_GPT_5: Final = _thinker("medium", "minimal", *_LOW_TO_HIGH)
_NEW: Final = {"top_p": 0.98, "prompt_cache_retention": "24h"}
_GPT_5_2: Final = _thinker("none", "none", *_LOW_TO_XHIGH, **_NEW)
_GPT_5_4: Final = _GPT_5_2._replace(phase=True)
_GPT_5_5: Final = _GPT_5_4._replace(effort="medium", only_24h=True)
_GPT_5_6: Final = _GPT_5_5._replace(efforts=("none", *_LOW_TO_XHIGH, "max"), context="all_turns")
_INSTANT: Final = _GPT_5_2._replace(effort="medium", efforts=("medium",))
_RESEARCH: Final = _O._replace(efforts=("medium",), research=True)
_RETIRED: Final = _O._replace(served=False)

_FAMILIES: Final[tuple[tuple[str, Model], ...]] = (
    ("gpt-6-astra", _GPT_5_6._replace(efforts=(*_LOW_TO_XHIGH, "max"))),
    ("gpt-6", _GPT_5_6),
    ("gpt-5.6", _GPT_5_6),
    ("gpt-5.5-pro", _GPT_5_5._replace(efforts=_MEDIUM_TO_XHIGH)),
    ("gpt-5.5", _GPT_5_5),
    ("gpt-5.4-pro", _GPT_5_4._replace(effort="medium", efforts=_MEDIUM_TO_XHIGH)),
    ("gpt-5.4", _GPT_5_4),
    ("gpt-5.3-chat", _INSTANT),
    ("gpt-5.3-codex", _GPT_5_2._replace(effort="medium", efforts=_LOW_TO_XHIGH)),
    ("gpt-5.2-pro", _GPT_5_2._replace(effort="medium", efforts=_MEDIUM_TO_XHIGH)),
    ("gpt-5.2-chat", _INSTANT),
    ("gpt-5.2-codex", _GPT_5_2._replace(effort="medium", efforts=_LOW_TO_XHIGH)),
    ("gpt-5.2", _GPT_5_2),
    ("gpt-5.1-codex-max", _O._replace(efforts=_LOW_TO_XHIGH)),
    ("gpt-5.1-codex", _O),
    ("gpt-5.1-chat", _O._replace(efforts=("medium",))),
    ("gpt-5.1", _thinker("none", "none", *_LOW_TO_HIGH)),
    ("gpt-5.", _GPT_5_6._replace(efforts=_ALL)),
    ("gpt-oss", _thinker("medium", *_LOW_TO_HIGH, window=131_072, open_weight=True)),
    ("gpt-audio", _VOICE),
    ("gpt-4o-audio", _VOICE),
    ("gpt-4o-mini-audio", _VOICE),
    ("gpt-4o", _CHAT._replace(window=128_000)),
    ("gpt-4.1", _CHAT._replace(window=1_047_576)),
    ("gpt-5-chat", _CHAT),
    ("gpt-5-codex", _O),
    ("gpt-5-pro", _thinker("high", "high")),
    ("gpt-5", _GPT_5),
    ("o3-deep-research", _RESEARCH),
    ("o4-mini-deep-research", _RESEARCH),
    ("o1-mini", _RETIRED),
    ("o1-preview", _RETIRED),
    ("o1", _O),
    ("o3", _O),
    ("o4", _O),
    ("codex-mini", _O),
    ("computer-use-preview", _O),
)
"""Start of the name -> what its models have in common; the first that fits counts."""

_DATES: Final = {
    "gpt-3.5-turbo": "0125",
    "gpt-4": "0613",
    "gpt-4-turbo": "2024-04-09",
    "gpt-4o": "2024-08-06",
    "gpt-4o-mini": "2024-07-18",
    "gpt-4o-audio-preview": "2025-06-03",
    "gpt-4o-mini-audio-preview": "2024-12-17",
    "gpt-4o-search-preview": "2025-03-11",
    "gpt-4o-mini-search-preview": "2025-03-11",
    "gpt-4.1": "2025-04-14",
    "gpt-4.1-mini": "2025-04-14",
    "gpt-4.1-nano": "2025-04-14",
    "gpt-5": "2025-08-07",
    "gpt-5-mini": "2025-08-07",
    "gpt-5-nano": "2025-08-07",
    "gpt-5-pro": "2025-10-06",
    "gpt-5.1": "2025-11-13",
    "gpt-5.2": "2025-12-11",
    "gpt-5.2-pro": "2025-12-11",
    "gpt-5.4": "2026-03-05",
    "gpt-5.4-mini": "2026-03-17",
    "gpt-5.4-nano": "2026-03-17",
    "gpt-5.4-pro": "2026-03-05",
    "gpt-5.5": "2026-04-23",
    "gpt-5.5-pro": "2026-04-23",
    "gpt-audio-mini": "2025-12-15",
    "o1": "2024-12-17",
    "o1-pro": "2025-03-19",
    "o3": "2025-04-16",
    "o3-mini": "2025-01-31",
    "o3-pro": "2025-06-10",
    "o4-mini": "2025-04-16",
    "o3-deep-research": "2025-06-26",
    "o4-mini-deep-research": "2025-06-26",
    "computer-use-preview": "2025-03-11",
}
"""Alias -> date of the snapshot it stands for (api-contract §2.3)."""

_SNAPSHOTS: Final = {alias: f"{alias}-{date}" for alias, date in _DATES.items()} | {
    "gpt-5.6": "gpt-5.6-sol"
}

_VERBATIM: Final = (
    "chatgpt-4o-latest",
    "codex-mini-latest",
    "gpt-4o-2024-05-13",
    "gpt-4o-2024-11-20",
    "gpt-5-chat-latest",
    "gpt-5-codex",
    "gpt-5.1-chat-latest",
    "gpt-5.1-codex",
    "gpt-5.1-codex-max",
    "gpt-5.1-codex-mini",
    "gpt-5.2-chat-latest",
    "gpt-5.2-codex",
    "gpt-5.3-chat-latest",
    "gpt-5.3-codex",
    "gpt-5.6-luna",
    "gpt-5.6-terra",
    "gpt-6-astra",
    "gpt-6-luna",
    "gpt-6-sol",
    "gpt-6.1-sol",
    "gpt-6.1-terra",
    "gpt-6.2-astra",
    "gpt-6.2-sol",
)

KNOWN: Final = tuple(sorted({*_SNAPSHOTS, *_SNAPSHOTS.values(), *_VERBATIM}))
"""Names that ``GET /models`` lists."""


@lru_cache(maxsize=1024)
def lookup(name: str) -> Model:
    """Return what is known of a model; an unknown name is echoed as it is.

    A name that looks like one of the reasoning families counts as reasoning, any other as not.
    """
    family = next((facts for start, facts in _FAMILIES if name.startswith(start)), _CHAT)
    return family._replace(name=name, snapshot=_SNAPSHOTS.get(name, name), known=name in KNOWN)


def models() -> tuple[Model, ...]:
    """Return the known models in the order of their names."""
    return tuple(lookup(name) for name in KNOWN)
