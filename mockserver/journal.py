"""The journal: one entry for each call, with what answered it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Answered = Literal["synthesiser", "cassette", "upstream", "state", "scenario", "error"]


@dataclass(slots=True)
class Call:
    """One call as it came in, and how it was answered.

    ``path`` is without its base prefix (``/responses``), ``body`` the JSON object of the request,
    ``status`` the HTTP status of the answer (None while it lasts, and when the client left first),
    ``answered_by`` what gave it, ``error`` the code or type of an error, ``retry`` the client's own
    retry count, ``scenario`` the flags in force, ``differences`` how the upstream's answer
    differs in shape from the recording (verify mode), ``miss`` why no recording fits, where one
    had to, ``faults`` those of the flags that went wrong with the answer on its way, in order.
    Request headers are not kept: they hold keys.
    """

    method: str
    path: str
    query: str
    body: dict[str, Any] | None = None
    stream: bool = False
    status: int | None = None
    answered_by: Answered | None = None
    response_id: str | None = None
    error: str | None = None
    retry: int = 0
    scenario: str | None = None
    miss: str | None = None
    differences: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    def note_fault(self, name: str) -> None:
        """Note a fault, once however often it plays."""
        if name not in self.faults:
            self.faults += (name,)
