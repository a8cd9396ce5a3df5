"""What was recorded and never asked for, told so that it can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mockserver.cassette import redact
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.request import Request

_SHOWN: Final = 10
_MEND: Final = (
    "To mend it: send these requests again, delete what is no longer needed, record anew, or "
    "switch this check off"
)


def report(unplayed: Sequence[Interaction], count: int, switch: str) -> str:
    """Return the text on some interactions of ``count`` that nobody asked for; shows no secret.

    ``switch`` is what this check is switched off by.
    """
    lines = [f"{len(unplayed)} of {count} recorded interactions were not played:"]
    lines += [f"  {_told(interaction)}" for interaction in unplayed[:_SHOWN]]
    more = len(unplayed) - _SHOWN
    lines += [f"  and {more} more"] if more > 0 else []
    return "\n".join([*lines, f"{_MEND} ({switch})."])


def _told(interaction: Interaction) -> str:
    found = redact.request(Request.recorded(interaction).canonical)
    query = "&".join(f"{name}={value}" for name, value in found.query)
    asked = f"{found.method} {redact.text(found.path)}{'?' if query else ''}{query}"
    return f"{interaction.file}, interaction {interaction.number}: {asked}"
