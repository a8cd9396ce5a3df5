"""What aiohttp has to say of broken requests, in one line each."""

from __future__ import annotations

import logging
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

_THEIRS: Final = (HttpProcessingError, web.RequestPayloadError)


class _Briefly(logging.Filter):
    """Tells what a sender did wrong as a warning: a traceback shows nothing but the parser."""

    def filter(self, record: logging.LogRecord) -> bool:
        problem = record.exc_info[1] if record.exc_info else None
        if isinstance(problem, _THEIRS):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = "a request could not be read: %r", (str(problem),)
            record.exc_info = None
        return True


LOGGER: Final = logging.getLogger("mockserver.http")
"""The logger to hand to aiohttp."""

LOGGER.addFilter(_Briefly())
