"""How a thing unfolds in a stream: the few moves all events are made of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, Protocol

from mockserver.schema.base import Json

_PIECES = re.compile(r" ?\w{1,12}| ?[^\w\s]{1,4}|\s")


class Teller(Protocol):
    """What a step needs of the stream it speaks in; ``speaks`` is whether the model has a voice."""

    speaks: bool

    def pad(self, delta: str) -> str | None:
        """Return the ``obfuscation`` of a delta, or None when the stream has none."""
        ...

    def tool(self, type: str) -> Json:
        """Return the response's first tool of a type, empty when it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands in the stream: its index keys, and the stream's teller."""

    keys: Json
    teller: Teller

    def within(self, **keys: Any) -> Place:
        """Return the place of something inside this one."""
        return Place({**self.keys, **keys}, self.teller)

    def event(self, type: str, **fields: Any) -> Json:
        """Make an event: ``type`` first, then the keys by alphabet (api-contract §8.3)."""
        fields |= self.keys
        fields["sequence_number"] = 0  # its place in the order; the streamer counts
        return {"type": type, **dict(sorted(fields.items()))}


Keep = Callable[[str], str]
"""Returns how much of a text is still told; it is asked in the order of telling."""


class Step(Protocol):
    """One move: what it leaves out of the ``added`` snapshot, and the events that tell it."""

    def open(self, thing: Json) -> Json:
        """Return the fields as the snapshot shows them before the step has happened."""
        ...

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield the events between ``added`` and ``done``, without sequence numbers."""
        ...

    def cut(self, thing: Json, keep: Keep) -> Json:
        """Return the fields as they are when the output ends early."""
        ...


def opened(thing: Json, steps: Sequence[Step]) -> Json:
    """Return the ``added`` snapshot: the thing with all that its steps are still to tell empty."""
    snapshot = dict(thing)
    for step in steps:
        snapshot.update(step.open(thing))
    return snapshot


def pieces(text: str) -> list[str]:
    """Cut text into token-like deltas; joined they are the text again."""
    return _PIECES.findall(text)


class Phase(NamedTuple):
    """A bare progress mark, such as ``response.web_search_call.searching``.

    A thing that has a status reaches it only with one of ``statuses``, where any are named.
    """

    event: str
    statuses: tuple[str, ...] = ()

    def open(self, thing: Json) -> Json:
        """Leave the snapshot as it is."""
        return {}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield the mark if it is reached."""
        status = thing.get("status")
        if not self.statuses or status is None or status in self.statuses:
            yield place.event(self.event)

    def cut(self, thing: Json, keep: Keep) -> Json:
        """A mark has nothing to cut."""
        return {}


def phases(call: str, *names: str) -> tuple[Phase, ...]:
    """Return the marks ``response.<call>.<name>`` in order; only completed calls complete."""
    return tuple(
        Phase(f"response.{call}.{name}", ("completed",) if name == "completed" else ())
        for name in names
    )


class Text(NamedTuple):
    """A growing string: deltas, then the whole under its own key (api-contract §8.7).

    ``padded`` says whether deltas carry ``obfuscation`` (§8.5). ``logprobs`` marks the one text
    whose events hold log probabilities; ``notes`` is the field whose members (annotations) are
    told once the text has passed their end.
    """

    event: str
    key: str
    padded: bool = True
    logprobs: bool = False
    notes: str | None = None

    def open(self, thing: Json) -> Json:
        """Empty the string, and what hangs on it."""
        emptied: Json = {self.key: ""}
        if self.logprobs:
            emptied["logprobs"] = []
        if self.notes:
            emptied[self.notes] = []
        return emptied if self.key in thing else {}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield the deltas, notes in between, and the whole."""
        text: str = thing.get(self.key) or ""
        notes = _Notes((thing.get(self.notes) or []) if self.notes else [])
        told, first = 0, None
        for delta, logprobs in self._deltas(text, thing, notes.ends):
            fields = self._told(delta, logprobs, place)
            # The keys of a text's deltas are the same ones, and so need to be sorted only once.
            first = first or place.event(f"{self.event}.delta", **fields)
            yield first | fields
            told += len(delta)
            if notes.ends:
                yield from notes.until(told, place)
        yield from notes.until(None, place)
        whole: Json = {self.key: text}
        if self.logprobs:
            whole["logprobs"] = thing.get("logprobs") or []
        yield place.event(f"{self.event}.done", **whole)

    def cut(self, thing: Json, keep: Keep) -> Json:
        """Shorten the string, and drop what hung on the part that is gone."""
        text = keep(thing.get(self.key) or "")
        changes: Json = {self.key: text}
        if self.notes and thing.get(self.notes):
            changes[self.notes] = [note for note in thing[self.notes] if _end(note) <= len(text)]
        if self.logprobs and thing.get("logprobs"):
            changes["logprobs"] = _within(thing["logprobs"], text)
        return changes

    def _deltas(self, text: str, thing: Json, ends: list[int]) -> list[tuple[str, list[Json]]]:
        """Cut the text at its tokens when their log probabilities are known, else by words.

        A citation's end is always a cut, since the wire tells the note right there.
        """
        known: list[Json] = (thing.get("logprobs") or []) if self.logprobs else []
        if known and "".join(entry["token"] for entry in known) == text:
            return [(entry["token"], [entry]) for entry in known]
        cuts = [0, *ends, len(text)]
        stretches = [text[start:end] for start, end in pairwise(cuts)]
        return [(piece, []) for stretch in stretches for piece in pieces(stretch)]

    def _told(self, delta: str, logprobs: list[Json], place: Place) -> Json:
        fields: Json = {"delta": delta}
        if self.logprobs:
            fields["logprobs"] = logprobs
        padding = place.teller.pad(delta) if self.padded else None
        if padding is not None:
            fields["obfuscation"] = padding
        return fields


def _within(logprobs: list[Json], text: str) -> list[Json]:
    """Return the leading entries, of which the last has the part of its token that is said."""
    ends = list(accumulate(len(entry["token"]) for entry in logprobs))
    whole = bisect_right(ends, len(text))
    told, rest = logprobs[:whole], text[ends[whole - 1] if whole else 0 :]
    if not rest or whole == len(logprobs):
        return told
    part = {"bytes": list(rest.encode()), "token": rest}
    alternatives = logprobs[whole].get("top_logprobs") or []
    own = [{**alternative, **part} for alternative in alternatives[:1]]
    return [*told, {**logprobs[whole], **part, "top_logprobs": [*own, *alternatives[1:]]}]


class _Notes:
    """The annotations of a text, told in order as the text passes them."""

    def __init__(self, notes: Sequence[Json]) -> None:
        self._waiting = list(enumerate(notes))
        self.ends = sorted({_end(note) for note in notes})

    def until(self, told: int | None, place: Place) -> Iterator[Json]:
        """Yield those whose end lies within the first ``told`` characters (None: all)."""
        while self._waiting:
            index, note = self._waiting[0]
            if told is not None and told < _end(note):
                return
            del self._waiting[0]
            yield place.event(
                "response.output_text.annotation.added", annotation=note, annotation_index=index
            )


def _end(note: Json) -> int:
    end: int = note.get("end_index") or note.get("index") or 0
    return end


@dataclass(frozen=True, slots=True)
class Parts:
    """A list whose members unfold in turn, framed by ``<frame>.added`` and ``<frame>.done``."""

    key: str
    index: str
    frame: str
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)

    def open(self, thing: Json) -> Json:
        """Empty the list."""
        return {self.key: []} if thing.get(self.key) is not None else {}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield each part: added as it opens, its own events, done as it is."""
        for position, part in enumerate(thing.get(self.key) or []):
            steps = self.steps.get(part.get("type", ""), ())
            inside = place.within(**{self.index: position})
            yield inside.event(f"{self.frame}.added", part=opened(part, steps))
            for step in steps:
                yield from step.unfold(part, inside)
            yield inside.event(f"{self.frame}.done", part=_closed(part))

    def cut(self, thing: Json, keep: Keep) -> Json:
        """Cut the members in order."""
        parts = thing.get(self.key)
        if parts is None:
            return {}
        return {
            self.key: [
                shortened(part, self.steps.get(part.get("type"), ()), keep) for part in parts
            ]
        }


def shortened(thing: Json, steps: Sequence[Step], keep: Keep) -> Json:
    """Return the thing as it is when its telling ends early."""
    changes: Json = {}
    for step in steps:
        changes.update(step.cut(thing, keep))
    return {**thing, **changes}


def _closed(part: Json) -> Json:
    """Return the part of a ``done`` event: without log probabilities (wire-vs-spec §4)."""
    return {**part, "logprobs": []} if part.get("logprobs") else part
