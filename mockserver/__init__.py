"""A test double of the OpenAI Responses API: replay, synthesis, simulation."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.config import Settings as Settings
    from mockserver.remote import RemoteServer as RemoteServer
    from mockserver.server import MockServer as MockServer
    from mockserver.web.app import create_app as create_app

__version__ = "0.1.0"
__all__ = ["MockServer", "RemoteServer", "Settings", "__version__", "create_app"]

_HOMES = {
    "MockServer": "mockserver.server",
    "RemoteServer": "mockserver.remote",
    "Settings": "mockserver.config",
    "create_app": "mockserver.web.app",
}


def __getattr__(name: str) -> Any:
    """Resolve the public names on first use, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
