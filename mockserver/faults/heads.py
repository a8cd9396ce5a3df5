"""Faults of the head: another content type, another server's error page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from mockserver.faults.fault import Fault
from mockserver.faults.part import HTTP, Form, Head, Part, Way
from mockserver.notation import whole

_TYPE: Final = "text/plain; charset=utf-8"
_HTML: Final = "text/html; charset=utf-8"
_PAGE: Final = (
    "<!DOCTYPE html>\n<html><head><title>{status}</title></head>\n"
    "<body><h1>Error {status}</h1><p>The gateway could not reach the server.</p></body></html>\n"
)


@dataclass(frozen=True)
class WrongContentType(Fault):
    """A content type that does not say what comes."""

    type: str = _TYPE

    name: ClassVar = "wrong_content_type"
    value: ClassVar = "[:TYPE]"
    help: ClassVar = "the content type is this one (text/plain)"
    example: ClassVar = "wrong_content_type:text/html"
    forms: ClassVar[frozenset[Form]] = HTTP

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read the type."""
        if value is None:
            return cls()
        main, slash, sub = value.partition("/")
        if not (slash and main and sub and value.isascii() and value.isprintable()):
            raise ValueError(f"'{value}' is not a content type such as text/plain.")
        return cls(value)

    async def begin(self, way: Way, head: Head | None) -> None:
        """Replace the header."""
        if head is not None:
            way.note(self.name)
            head.headers["content-type"] = self.type


@dataclass(frozen=True)
class Html(Fault):
    """The error page of something between client and API."""

    status: int = 502

    name: ClassVar = "html"
    value: ClassVar = "[:STATUS]"
    help: ClassVar = "an HTML page with this status (502) in place of the answer"
    example: ClassVar = "html:502"
    forms: ClassVar[frozenset[Form]] = HTTP

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read the status."""
        status = 502 if value is None else whole(value, least=200, most=599)
        if 200 < status < 400:
            raise ValueError(f"'{status}' is not 200 or an HTTP error status (400 to 599).")
        return cls(status)

    async def begin(self, way: Way, head: Head | None) -> None:
        """Replace status and headers."""
        if head is not None:
            way.note(self.name)
            head.status = self.status
            head.headers.clear()
            head.headers["content-type"] = _HTML

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Send the page; what there was to say is told to nobody."""
        async for _ in parts:
            pass
        yield Part(_PAGE.format(status=self.status).encode())
