"""What aiohttp has to say of broken requests, in one line each."""

from __future__ import annotations

import logging
import re
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

_THEIRS: Final = (HttpProcessingError, web.RequestPayloadError)
_QUOTED: Final = re.compile(r"""\s*b?(['"]).*\1[\s^]*""", re.DOTALL)
"""Bytes of the request that the parser shows: a key may be among them."""


class _Briefly(logging.Filter):
    """Tells what a sender did wrong as a warning: a traceback shows nothing but the parser."""

    def filter(self, record: logging.LogRecord) -> bool:
        problem = record.exc_info[1] if record.exc_info else None
        if isinstance(problem, _THEIRS):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = "a request could not be read: %r", (_told(problem),)
            record.exc_info = None
        return True


def _told(problem: BaseException) -> str:
    return _QUOTED.sub(" … ", str(problem)).strip()


LOGGER: Final = logging.getLogger("mockserver.http")
"""The logger to hand to aiohttp."""

LOGGER.addFilter(_Briefly())
