"""A cassette file as the texts of its interactions, so that what is kept stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from mockserver.cassette import reader, writer
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.interaction import Interaction

_LINE: Final = re.compile(rb"[^\n]*\n|[^\n]+")
_OPENING: Final = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\n)*interactions:[ \t]*(?:\[\][ \t]*)?\n")
_VERSION: Final = re.compile(rb"^version: *['\"]?1(?:\.0)?['\"]? *(?:#.*)?$", re.MULTILINE)
_ITEM: Final = (b"- request:\n", b"- response:\n")


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines before the interactions, each interaction, and the lines behind them.

    ``verbatim`` tells whether they are the file's own: otherwise they say the same in vcrpy's way.
    """

    head: bytes = b""
    chunks: tuple[bytes, ...] = ()
    tail: bytes = writer.TAIL
    verbatim: bool = True

    @classmethod
    def read(cls, path: Path) -> Self:
        """Take a file apart; one that is not there, or is empty, holds nothing.

        A file that is not laid out as vcrpy does it is read, and its interactions are written
        anew. Raise CassetteError for a damaged file and for one that is no cassette.
        """
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return cls()
        if not raw.strip():
            return cls()
        found = cls._of_lines(raw)
        if found is not None:
            return found
        recorded = reader.read(path, strict=True, warn=_ignore)
        chunks = tuple(writer.chunk(exchange(each)) for each in recorded)
        return cls(chunks=chunks, verbatim=False)

    def text(self, chunks: Iterable[bytes]) -> bytes:
        """Return the file with these interactions instead of its own."""
        return writer.join(chunks, self.head, self.tail)

    @classmethod
    def _of_lines(cls, raw: bytes) -> Self | None:
        """Cut at the dashes in the first column; None when something else stands there."""
        opening = _OPENING.match(raw)
        if opening is None:
            return None
        chunks: list[list[bytes]] = []
        at = opening.end()
        for match in _LINE.finditer(raw, at):
            line = match.group()
            if line.startswith(b"- "):
                chunks.append([line])
            elif chunks and line[:1] in (b" ", b"\n"):
                chunks[-1].append(line)
            else:
                break
            at = match.end()
        tail = raw[at:]
        if not _VERSION.search(tail) or any(chunk[0] not in _ITEM for chunk in chunks):
            return None
        head = raw[: raw.index(b"interactions:")]
        return cls(head, tuple(b"".join(chunk) for chunk in chunks), tail)


def exchange(recorded: Interaction) -> Exchange:
    """Return an interaction in the form in which it is written."""
    timed = recorded.timings
    return Exchange(
        method=recorded.method,
        uri=recorded.uri,
        request_headers=recorded.request_headers,
        request_body=recorded.request_body,
        status=recorded.status,
        reason=recorded.reason,
        headers=recorded.headers,
        body=recorded.body,
        replay=writer.timings(timed) if timed else None,
    )


def _ignore(_sentence: str) -> None:
    """Reading for replay has warned of the file's oddities already."""
