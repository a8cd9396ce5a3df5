"""One turn: a checked request with all that an answer depends on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mockserver.catalog import Model
from mockserver.flags import Flags
from mockserver.schema.base import Json
from mockserver.schema.request import CreateResponse
from mockserver.seed import Draw


@dataclass(slots=True, kw_only=True)
class Turn:
    """A request to create a response.

    ``inherited`` are the items that come before through ``previous_response_id``, ``items`` the
    request's own input as items, ``stored_prompt`` the messages of the prompt that it names, and
    ``input_tokens`` the tokens of them all. The prompt cache held ``cached`` of them and holds
    ``written`` more from now on; ``compared`` is the response that cache diagnostics compare with.
    With ``generate`` off the state is prepared and nothing is said (api-contract §13.2).
    ``worked_out`` keeps what depends on the request alone from one turn of it to the next, and
    not on what a user says in it.
    """

    request: CreateResponse
    model: Model
    flags: Flags
    draw: Draw
    inherited: list[Json]
    items: list[Json]
    input_tokens: int
    stored_prompt: list[Json] = field(default_factory=list)
    compared: Json | None = None
    cached: int = 0
    written: int = 0
    background: bool
    store: bool
    worked_out: dict[Any, Any] = field(default_factory=dict)
    generate: bool = True

    @property
    def repeatable(self) -> bool:
        """Whether the answer's frame and kinds of items are the same each time it is asked."""
        return all(tool["type"] in ("function", "custom") for tool in self.request.tools or ())
