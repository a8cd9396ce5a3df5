"""Recordings at rest: reading cassettes, finding the answer to a request, explaining a miss."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.cassette.errors import CassetteError as CassetteError
    from mockserver.cassette.exchange import Exchange as Exchange
    from mockserver.cassette.fingerprint import Fingerprint as Fingerprint
    from mockserver.cassette.index import Library as Library
    from mockserver.cassette.interaction import Interaction as Interaction
    from mockserver.cassette.miss import Miss as Miss
    from mockserver.cassette.plays import REPEATS as REPEATS
    from mockserver.cassette.plays import PlayCounts as PlayCounts
    from mockserver.cassette.plays import Repeat as Repeat
    from mockserver.cassette.reader import read as read
    from mockserver.cassette.recording import Recording as Recording
    from mockserver.cassette.request import Request as Request

_HOMES = {
    "CassetteError": "errors",
    "Exchange": "exchange",
    "Fingerprint": "fingerprint",
    "Interaction": "interaction",
    "Library": "index",
    "Miss": "miss",
    "PlayCounts": "plays",
    "REPEATS": "plays",
    "Recording": "recording",
    "Repeat": "plays",
    "Request": "request",
    "read": "reader",
}


def __getattr__(name: str) -> Any:
    """Resolve a name on first use: a server without cassettes needs few of these modules."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mockserver.cassette' has no attribute {name!r}")
    return getattr(import_module(f"mockserver.cassette.{_HOMES[name]}"), name)
