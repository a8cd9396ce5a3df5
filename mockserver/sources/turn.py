"""One turn: a checked request with all that an answer depends on."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.catalog import Model
from mockserver.flags import Flags
from mockserver.schema.base import Json
from mockserver.schema.request import CreateResponse
from mockserver.seed import Draw


@dataclass(slots=True, kw_only=True)
class Turn:
    """A request to create a response.

    ``cached`` and ``written`` are the tokens of it that the prompt cache held, or holds from now
    on. ``inherited`` are the items that come before through ``previous_response_id``, ``items`` the
    request's own input as items, ``input_tokens`` the tokens of both.
    """

    request: CreateResponse
    model: Model
    flags: Flags
    draw: Draw
    inherited: list[Json]
    items: list[Json]
    input_tokens: int
    cached: int = 0
    written: int = 0
    background: bool
    store: bool
