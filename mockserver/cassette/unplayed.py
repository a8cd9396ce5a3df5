"""What was recorded and never asked for, told so that it can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mockserver.cassette import redact
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.request import Request

_SHOWN: Final = 10
_MEND: Final = (
    "To mend it: make the test send these requests again, delete what it no longer needs, record "
    "anew, or switch this check off (assert_all_played=False)."
)


def report(unplayed: Sequence[Interaction], count: int) -> str:
    """Return the text on some interactions of ``count`` that nobody asked for; shows no secret."""
    lines = [f"{len(unplayed)} of {count} recorded interactions were not played:"]
    lines += [f"  {_told(interaction)}" for interaction in unplayed[:_SHOWN]]
    more = len(unplayed) - _SHOWN
    lines += [f"  and {more} more"] if more > 0 else []
    return "\n".join([*lines, _MEND])


def _told(interaction: Interaction) -> str:
    found = redact.request(Request.recorded(interaction).canonical)
    query = "&".join(f"{name}={value}" for name, value in found.query)
    asked = f"{found.method} {redact.text(found.path)}{'?' if query else ''}{query}"
    return f"{interaction.file}, interaction {interaction.number}: {asked}"
