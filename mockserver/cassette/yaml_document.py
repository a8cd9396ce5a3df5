"""YAML text to plain data, in one guarded pass over the parser's events.

No node tree and no recursion: deep nesting, alias bombs, merge-key bombs and foreign tags are
refused while they are read, and the result costs half of what a loader takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import yaml

from mockserver.cassette import yaml_tags
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.parsed import MAX_DEPTH, Parsed

MAX_ALIASES: Final = 100
MAX_EXPANDED: Final = 10_000_000
"""Characters that aliases may add to a document when it is written out in full."""
UNIQUE_DEPTH: Final = 4
"""Keys may not repeat down to this depth: top level, interaction, request and response."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING: Final = object()


def load(text: str) -> Parsed:
    """Read one YAML document; raise CassetteError, with the line, on anything else."""
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.feed(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise CassetteError(f"this is not YAML: {error.problem}", line=line) from None
    except yaml.YAMLError as error:
        raise CassetteError(f"this is not YAML: {error}".splitlines()[0]) from None
    return builder.result()


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still being filled."""

    value: dict[Any, Any] | list[Any]
    tag: str | None
    anchor: str | None
    line: int
    weight: int
    key: Any = _NOTHING


class _Builder:
    """Turns parser events into dicts, lists and scalars."""

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open_anchors: set[str] = set()
        self._aliases = 0
        self._expanded = 0
        self._root: Any = _NOTHING
        self._earlier: list[Any] = []
        self._handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.DocumentStartEvent: self._document,
        }

    def feed(self, event: Any) -> None:
        """Take the next event."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def result(self) -> Parsed:
        """Return the document; raise CassetteError when the text held none."""
        if self._root is _NOTHING:
            raise CassetteError(
                "the file is empty; delete it, or write 'interactions: []' and 'version: 1'"
            )
        root = [*self._earlier, self._root] if self._earlier else self._root
        return Parsed(root, self._lines)

    def _document(self, event: Any) -> None:
        """Begin a document; only httpmock writes more than one, a mapping with ``when`` each."""
        if self._root is _NOTHING:
            return
        if not isinstance(self._root, dict) or "when" not in self._root:
            raise CassetteError(
                "a second document begins here; a cassette is one document, without '---' between "
                "its interactions",
                line=_line(event),
            )
        self._earlier.append(self._root)
        self._anchors.clear()

    def _scalar(self, event: Any) -> None:
        plain = event.implicit[0]
        if plain and event.value == "<<" and self._wants_key():
            raise CassetteError(
                "merge keys ('<<') are not read; write the keys out", line=_line(event)
            )
        value = yaml_tags.scalar(event.tag, event.value, plain, _line(event))
        self._add(value, event.anchor, len(event.value) + 1, _line(event))

    def _alias(self, event: Any) -> None:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise CassetteError(
                f"more than {MAX_ALIASES} aliases ('*{event.anchor}'); write the values out",
                line=_line(event),
            )
        if event.anchor not in self._anchors:
            inside = event.anchor in self._open_anchors
            fault = "refers to what it stands in" if inside else "has no anchor"
            raise CassetteError(f"the alias '*{event.anchor}' {fault}", line=_line(event))
        value, weight = self._anchors[event.anchor]
        self._expanded += weight
        if self._expanded > MAX_EXPANDED:
            raise CassetteError(
                "the aliases expand to more than any recording holds", line=_line(event)
            )
        self._add(value, None, weight, _line(event))

    def _open(self, event: Any) -> None:
        if len(self._frames) >= MAX_DEPTH:
            raise CassetteError(f"nested deeper than {MAX_DEPTH} levels", line=_line(event))
        value: dict[Any, Any] | list[Any] = {} if type(event) is yaml.MappingStartEvent else []
        if event.anchor:
            self._open_anchors.add(event.anchor)
        self._frames.append(_Frame(value, event.tag, event.anchor, _line(event), 1))

    def _close(self, _event: Any) -> None:
        frame = self._frames.pop()
        value = yaml_tags.container(frame.tag, frame.value, frame.line)
        if len(self._frames) < UNIQUE_DEPTH:
            self._lines[id(value)] = frame.line
        self._open_anchors.discard(frame.anchor or "")
        self._add(value, frame.anchor, frame.weight, frame.line)

    def _wants_key(self) -> bool:
        return bool(self._frames) and (
            self._frames[-1].key is _NOTHING and type(self._frames[-1].value) is dict
        )

    def _add(self, value: Any, anchor: str | None, weight: int, line: int) -> None:
        if anchor:
            self._anchors[anchor] = (value, weight)
        if not self._frames:
            self._root = value
            return
        frame = self._frames[-1]
        frame.weight += weight
        if type(frame.value) is list:
            frame.value.append(value)
        elif frame.key is _NOTHING:
            frame.key = self._key(value, frame, line)
        else:
            frame.value[frame.key] = value
            frame.key = _NOTHING

    def _key(self, key: Any, frame: _Frame, line: int) -> Any:
        if isinstance(key, dict | list):
            raise CassetteError("a mapping or list stands where a key belongs", line=line)
        if key in frame.value and len(self._frames) <= UNIQUE_DEPTH:
            raise CassetteError(f"the key {key!r} is there twice; keep one of the two", line=line)
        return key


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
