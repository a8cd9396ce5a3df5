"""What an app and a request carry, by typed keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from mockserver.dialects import Dialect
from mockserver.engine import Engine
from mockserver.flags import Flags
from mockserver.journal import Call
from mockserver.leniency import Lenient
from mockserver.namespace import Namespace

if TYPE_CHECKING:
    from mockserver.rules import Chosen

ENGINE: Final = web.AppKey("engine", Engine)
LENIENT: Final = web.AppKey("lenient", Lenient)
OWN: Final = web.AppKey("own", bool)
"""Set only where nobody but us can add middlewares or signals to the application."""
SPACE: Final = web.RequestKey("space", Namespace)
SENT: Final = web.RequestKey("sent", bytes)
CALL: Final = web.RequestKey("call", Call)
DIALECT: Final = web.RequestKey("dialect", Dialect)
"""Set only where it is not the API's own."""
FLAGS: Final = web.RequestKey("flags", Flags)
CHOSEN: Final[web.RequestKey[Chosen]] = web.RequestKey("chosen", None)
"""Set only where a rule takes the request."""
