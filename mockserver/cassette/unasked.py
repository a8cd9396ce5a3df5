"""Answers whose requests were not recorded: they fit any request to their endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mockserver.cassette.interaction import Interaction
from mockserver.cassette.request import Request

_NEED_A_BODY: Final = frozenset(
    {"/responses", "/responses/compact", "/responses/input_tokens"}
    | {"/chat/completions", "/completions", "/embeddings"}
)
"""Endpoints that refuse an empty request, so that a recording without one has lost it."""
_FAILED: Final = 400


def blank(request: Request) -> Request | None:
    """Return the empty request that such an answer is filed under; None on other endpoints."""
    asked = request.canonical
    if asked.method != "POST" or asked.path not in _NEED_A_BODY:
        return None
    return Request("POST", request.path)


def answers(interactions: Sequence[Interaction]) -> bool:
    """Tell whether recordings without a request answer others.

    An empty request that was refused is a recording like any other.
    """
    return bool(interactions) and interactions[0].status < _FAILED
