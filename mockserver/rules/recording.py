"""A cassette interaction as the reply of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockserver.rules.node import Node
from mockserver.schema.base import Json
from mockserver.schema.response import Response
from mockserver.streaming.streamer import collapse

if TYPE_CHECKING:
    from mockserver.cassette import Interaction

_ENDED: Final = ("completed", "failed", "incomplete")


@dataclass(frozen=True, slots=True)
class Recording:
    """What a recording answers with: a finished response, or an error with its status."""

    interaction: Interaction
    response: Json | None
    status: int = 200
    error: Json | None = None


def read(node: Node, number: int, folder: Path) -> Recording:
    """Read the interaction of a number, from 1 on, of the cassette that a node names.

    A relative path is one from ``folder``. Raises RuleError for a cassette that cannot be read,
    and for an interaction that holds neither a response nor an error.
    """
    from mockserver import cassette

    path = folder / node.text("cassette")
    warnings: list[str] = []
    try:
        found = cassette.read(path, warn=warnings.append)
    except (cassette.CassetteError, OSError) as problem:
        raise node.error(str(problem)) from None
    if number > len(found):
        raise node.error(f"{path.as_posix()} has {len(found)} interactions, no number {number}")
    interaction = found[number - 1]
    document = interaction.document
    if interaction.is_stream:
        events = interaction.events
        document = collapse(events) if any("response" in event for event in events) else None
    if document is not None and _is_finished(document):
        return Recording(interaction, document)
    if interaction.status >= 400:
        error = (document or {}).get("error")
        error = error if isinstance(error, dict) else {}
        return Recording(interaction, None, interaction.status, error)
    raise node.error(
        f"interaction {number} of {path.as_posix()} holds neither a response nor an error"
    )


def _is_finished(document: Json) -> bool:
    """Tell whether a recorded object is a response that has come to an end by itself."""
    from mockserver.schema.models import misfits  # large, and of no use without recordings

    return not misfits(Response, document) and document["status"] in _ENDED
