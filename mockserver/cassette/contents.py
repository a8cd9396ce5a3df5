"""What a growing cassette holds: what was there, what others wrote meanwhile, and what is new."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from mockserver.cassette import reader, saving
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.fingerprint import Fingerprint
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.layout import Layout
from mockserver.cassette.lock import locked
from mockserver.cassette.request import Request

Mode: TypeAlias = Literal["none", "once", "new_episodes", "all", "rewrite", "verify"]
"""What goes onto a cassette (vcr §4.3)."""

Key: TypeAlias = tuple[Fingerprint, bool]
"""Equal for requests of which the later recording replaces the earlier one."""

OLD: Final = -1
"""The slot of an interaction that was there at the start."""
FOREIGN: Final = -2
"""The slot of an interaction that another process has added."""
GONE: Final = -3
"""The slot of what stood where an interaction may be recorded anew; it is not in the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """The text of an interaction; ``slot`` counts the requests of this process in their order."""

    chunk: bytes
    slot: int
    key: Key | None = None


def key(exchange: Exchange) -> Key:
    """Return what a recorded request is known by."""
    path, _, query = exchange.uri.partition("?")
    path = "/" + path.partition("://")[2].partition("/")[2]
    request = Request(exchange.method, path, query, exchange.request_body)
    return request.exact, request.canonical.streamed


class Contents:
    """The interactions of one file, merged anew with the file at each save.

    To be used by one thread at a time. Raise CassetteError for a file that cannot be read, which
    only the mode ``rewrite`` takes, as it is going to replace it.
    """

    def __init__(self, path: Path, mode: Mode) -> None:
        self._path = path
        self._mode = mode
        self._layout = Layout()
        self._entries: list[Entry] = []
        self._unsaved: list[Entry] = []
        # What others write meanwhile would make two readings of the file differ.
        with locked(path) if path.exists() else nullcontext():
            self._stamp = saving.Stamp.of(path)
            try:
                self._begin()
            except CassetteError:
                if mode != "rewrite":
                    raise

    def save(self, entries: Iterable[Entry] = ()) -> None:
        """Put entries on disk with all that belongs there; they are when this returns.

        Entries that could not be saved are saved with the next ones. Raise CassetteError or
        OSError, the file as it was.
        """
        self._unsaved += entries
        with locked(self._path):
            self._refresh()
            merged = list(self._entries)
            for entry in self._unsaved:
                if self._mode != "all" or not _replace(merged, entry):
                    _place(merged, entry)
            if self._mode == "rewrite":
                merged = [entry for entry in merged if entry.slot != OLD]
            saving.replace(self._path, self._layout.text(entry.chunk for entry in _kept(merged)))
            self._stamp = saving.Stamp.of(self._path)
        self._entries, self._unsaved = merged, []

    def drop(self, used: Container[Interaction], spared: Container[Key | None]) -> int:
        """Leave out what was there at the start and was of no use; return how many went.

        What is in ``used`` stays, what answers a request in ``spared``, and what others have
        added. A file nothing of which was used, and onto which nothing was recorded, stays whole.
        Raise CassetteError or OSError, the file as it was.
        """
        with locked(self._path):
            self._refresh()
            layout = Layout.read(self._path)
            recorded = reader.read(self._path, strict=True, warn=lambda _: None)
            known = list(zip(_kept(self._entries), recorded, strict=True))
            if not any(entry.slot > 0 or found in used for entry, found in known):
                return 0
            left = [
                entry
                for entry, found in known
                if entry.slot != OLD or found in used or entry.key in spared
            ]
            gone = len(known) - len(left)
            if gone and not layout.verbatim:
                raise CassetteError(
                    "it is not laid out as vcrpy does it, so nothing is dropped from it; make a "
                    "cassette of it by 'mockserver cassette import'"
                )
            if gone:
                saving.replace(self._path, layout.text(entry.chunk for entry in left))
                self._stamp = saving.Stamp.of(self._path)
            self._entries = left
        return gone

    @property
    def pending(self) -> int:
        """How many interactions wait for a save that succeeds."""
        return len(self._unsaved)

    def _begin(self) -> None:
        self._layout = Layout.read(self._path)
        chunks = self._layout.chunks
        keys: list[Key | None] = [None] * len(chunks)
        if chunks:
            # Also proves that the whole file is sound before anything is put behind it.
            recorded = reader.read(self._path, strict=True, warn=lambda _: None)
            requests = [Request(i.method, i.path, i.query, i.request_body) for i in recorded]
            keys = [(request.exact, request.canonical.streamed) for request in requests]
        self._entries = [Entry(chunk, OLD, key) for chunk, key in zip(chunks, keys, strict=True)]

    def _refresh(self) -> None:
        """Take over the file's interactions and their order if another process has written it."""
        stamp = saving.Stamp.of(self._path)
        if stamp == self._stamp:
            return
        layout = Layout.read(self._path)
        known: dict[bytes, deque[Entry]] = defaultdict(deque)
        for entry in self._entries:
            known[entry.chunk].append(entry)
        self._entries = [
            known[chunk].popleft() if known[chunk] else Entry(chunk, FOREIGN)
            for chunk in layout.chunks
        ]
        self._layout, self._stamp = layout, stamp


def _kept(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that are in the file."""
    return [entry for entry in entries if entry.slot != GONE]


def _replace(entries: list[Entry], entry: Entry) -> bool:
    """Put an entry where the next of its kind stood; tell whether there was one.

    The first that is recorded anew makes all old ones of its kind go; their places stay for those
    that follow. Those of this process stand in the order in which they were asked for.
    """
    alike = [n for n, each in enumerate(entries) if each.key == entry.key]
    free = [n for n in alike if entries[n].slot in (OLD, GONE)]
    if not free:
        return False
    own = [n for n in alike if entries[n].slot >= 0]
    made = sorted([entry, *(entries[n] for n in own)], key=lambda each: each.slot)
    for place, each in zip(sorted([free[0], *own]), made, strict=True):
        entries[place] = each
    for place in free[1:]:
        entries[place] = Entry(b"", GONE, entry.key)
    return True


def _place(entries: list[Entry], entry: Entry) -> None:
    """Put an entry before the first of this process that was asked for later, else at the end."""
    later = (n for n, each in enumerate(entries) if each.slot > entry.slot)
    entries.insert(next(later, len(entries)), entry)
