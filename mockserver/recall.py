"""Answers told before, as bytes with gaps, so that a request that comes again is told at once."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mockserver.schema.base import Json
from mockserver.seed import Draw, Issued, Place

Form: TypeAlias = Literal["json", "stream", "unpadded"]
"""How an answer is told: as JSON, as a stream, as a stream without padding."""
Headers: TypeAlias = dict[str, str]
Key: TypeAlias = tuple[Place, Form]
"""What an answer depends on apart from ids and times, and its form."""

_MOST: Final = 16 * 2**20
_LONGEST: Final = 256 * 1024
_TIME: Final = rb'"(?:created|completed)_at": ?([0-9]{10})(?=[,\n])'


def form_of(body: Json) -> Form:
    """Return the form in which a request wants its answer."""
    if body.get("stream") is not True:
        return "json"
    return "unpadded" if padding_of(body) is False else "stream"


def padding_of(body: Json) -> bool | None:
    """Return whether a request wants its stream padded, None when it does not say (§8.5)."""
    options = body.get("stream_options")
    asked = options.get("include_obfuscation") if isinstance(options, dict) else None
    return None if asked is None else bool(asked)


def lines_of(headers: Headers) -> bytes:
    """Return headers as they stand in an answer."""
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()]).encode()


@dataclass(frozen=True, slots=True)
class Example:
    """An answer as it was told once: its bytes, those of its record, and what was drawn for it.

    ``record`` is None when it is not kept, and the answer itself when that is what is kept;
    ``headers`` are the answer's, without those that differ each time. ``asks`` are the places, in
    the order of drawing, of the calls that the client is to answer.
    """

    answer: bytes
    record: bytes | None
    headers: Headers
    issued: tuple[Issued, ...]
    stamp: int
    asks: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        draw: Draw,
        headers: Headers,
        answer: bytes,
        record: bytes | None,
        asked: Sequence[str] = (),
    ) -> Example:
        """Return what was told with a turn's chance; ``asked`` are the calls that it asks for."""
        places = tuple(place for place, (_, id_) in enumerate(draw.issued) if id_ in asked)
        return cls(answer, record, headers, tuple(draw.issued), draw.stamp, places)

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        return len(self.answer) + len(self.record or b"")


class Template:
    """Bytes with gaps for ids and times.

    A gap is the place of an id in the order of drawing, or below zero a time: -1 for the turn's
    stamp, -2 for a second later and so on.
    """

    __slots__ = ("_gaps", "_pieces", "size")

    def __init__(self, raw: bytes, issued: Iterable[Issued], stamp: int) -> None:
        self.size = len(raw)  # filled or not, since equal prefixes make ids of equal length
        places = {id_.encode(): place for place, (_, id_) in enumerate(issued)}
        pieces: list[bytes] = []
        gaps: list[int] = []
        end = 0
        for found in re.finditer(b"|".join([_TIME, *map(re.escape, places)]), raw):
            if found[1] and int(found[1]) < stamp:
                continue  # not the turn's
            start, stop = found.span(1 if found[1] else 0)
            pieces.append(raw[end:start])
            gaps.append(stamp - int(found[1]) - 1 if found[1] else places[found[0]])
            end = stop
            pieces.append(b"")
        self._pieces = [*pieces, raw[end:]]
        self._gaps = tuple(gaps)

    def fill(self, ids: Sequence[bytes], stamp: int) -> bytes:
        """Return the bytes with these ids and times put in."""
        pieces = self._pieces.copy()
        pieces[1::2] = [ids[gap] if gap >= 0 else b"%d" % (stamp - gap - 1) for gap in self._gaps]
        return b"".join(pieces)


class Filled:
    """A template with what goes into its gaps; it is written when somebody asks for the bytes."""

    __slots__ = ("_ids", "_stamp", "_template")

    def __init__(self, template: Template, ids: Sequence[bytes], stamp: int) -> None:
        self._template = template
        self._ids = ids
        self._stamp = stamp

    def __len__(self) -> int:
        return self._template.size

    def __bytes__(self) -> bytes:
        return self._template.fill(self._ids, self._stamp)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer that can be told again; ``prefixes`` are those of its ids, None for a call id.

    ``lines`` are the headers as they stand in an answer; ``events`` is how many events end in it.
    """

    prefixes: tuple[str | None, ...]
    answer: Template
    record: Template | None
    headers: Headers
    lines: bytes
    events: int
    size: int
    asks: tuple[int, ...] = ()

    @classmethod
    def of(cls, example: Example) -> Told:
        """Make the templates of an example."""
        issued, stamp = example.issued, example.stamp
        answer = Template(example.answer, issued, stamp)
        record: Template | None = answer
        if example.record is None:
            record = None
        elif example.record is not example.answer:
            record = Template(example.record, issued, stamp)
        return cls(
            prefixes=tuple(prefix for prefix, _ in issued),
            answer=answer,
            record=record,
            headers=example.headers,
            lines=lines_of(example.headers),
            events=example.answer.count(b"\n\n"),
            size=example.size,
            asks=example.asks,
        )

    def fits(self, other: Example) -> bool:
        """Tell whether another example is the same but for ids and times."""
        ids, record = [id_.encode() for _, id_ in other.issued], self.record
        return (
            self.prefixes == tuple(prefix for prefix, _ in other.issued)
            and self.headers == other.headers
            and self.answer.fill(ids, other.stamp) == other.answer
            and (record and record.fill(ids, other.stamp)) == other.record
        )

    def again(self, draw: Draw) -> tuple[str, bytes, Filled | None, tuple[str, ...]]:
        """Return the response id, the answer, the record and the asked calls of a new turn."""
        ids = [draw.call_id() if each is None else draw.id(each) for each in self.prefixes]
        written, stamp, record = [id_.encode() for id_ in ids], draw.stamp, self.record
        return (
            ids[0],
            self.answer.fill(written, stamp),
            None if record is None else Filled(record, written, stamp),
            tuple([ids[place] for place in self.asks]) if self.asks else (),
        )


class Recall:
    """What was told, by key; bounded by bytes, what was learnt first out first.

    An answer is told again once two were told in full, and the templates made of the first gave
    the second: so nothing is taken for constant that is not.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Key, Example | Told] = OrderedDict()
        self._bytes = 0

    def find(self, key: Key) -> Told | None:
        """Return what can be told again."""
        known = self._known.get(key)
        return known if isinstance(known, Told) else None

    def learn(self, key: Key, example: Example) -> None:
        """Take note of an answer that was told in full."""
        if example.size > _LONGEST:
            return
        known = self._known.get(key)
        if isinstance(known, Example) and known.stamp != example.stamp:
            told = Told.of(known)
            self._keep(key, told if told.fits(example) else example)
        elif known is None:
            self._keep(key, example)

    def _keep(self, key: Key, known: Example | Told) -> None:
        old = self._known.get(key)
        self._bytes += known.size - (old.size if old else 0)
        self._known[key] = known
        while self._bytes > _MOST:
            self._bytes -= self._known.popitem(last=False)[1].size
