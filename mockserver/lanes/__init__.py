"""WebSocket mode without the socket: lanes, what a connection remembers, and steering."""

from mockserver.lanes.session import Session

__all__ = ["Session"]
