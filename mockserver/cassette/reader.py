"""Reading a cassette file into interactions."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Final

from mockserver.cassette import encoding, json_document, normalise, text_document
from mockserver.cassette.dialects import Dialect, choose
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.normalise import Warn
from mockserver.cassette.parsed import Parsed

_LOG: Final = logging.getLogger(__name__)
_JSON: Final = (".json", ".jsonl", ".har")


def read(path: Path, *, strict: bool = False, warn: Warn = _LOG.warning) -> list[Interaction]:
    """Read every interaction of a file, in order.

    ``warn`` gets one sentence for each oddity that was put right. A vcrpy file that lacks its final
    ``version`` line may be cut off: that is a warning, and an error when ``strict``. Raise
    CassetteError when the file is no cassette or is damaged; nothing is skipped.
    """
    try:
        parsed = _parse(path)
        dialect = choose(parsed)
        doubt = dialect.doubt(parsed)
        if parsed.whole:
            doubt = None
        if doubt and strict:
            raise CassetteError(doubt)
        found = _interactions(path, parsed, dialect, warn)
    except CassetteError as error:
        error.locate(path=path)
        raise
    if doubt:
        warn(f"{path.as_posix()}: {doubt}")
    return found


def _parse(path: Path) -> Parsed:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CassetteError(f"the file cannot be read: {error.strerror or error}") from None
    raw = encoding.decode(raw, [], textual=True)
    return replace(_document(path, _text(raw)), path=path, raw=raw)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CassetteError("the file is not UTF-8; save it as UTF-8", line=line) from None


def _document(path: Path, text: str) -> Parsed:
    """Read the text as what it looks like: JSON, a stream or lines, or else YAML."""
    start = text.lstrip()[:1]
    fault = None
    if start in ("{", "[") or path.suffix.lower() == ".json":
        try:
            return json_document.load(text)
        except CassetteError as error:
            fault = error
    other = text_document.load(text)
    if other is not None:
        return other
    if fault is not None and path.suffix.lower() in _JSON:
        raise fault
    from mockserver.cassette import yaml_document

    return yaml_document.load(text)  # YAML in braces is no JSON, and its reader says best why


def _interactions(path: Path, parsed: Parsed, dialect: Dialect, warn: Warn) -> list[Interaction]:
    found = []
    for number, raw in enumerate(dialect.split(parsed), 1):
        try:
            found.append(_interaction(path, number, dialect.exchange(raw, parsed), warn))
        except CassetteError as error:
            error.locate(line=parsed.line(raw), interaction=number)
            raise
    return found


def _interaction(path: Path, number: int, found: Exchange, warn: Warn) -> Interaction:
    def note(sentence: str) -> None:
        warn(f"{path.as_posix()}: interaction {number}: {sentence}")

    return normalise.interaction(found, path.as_posix(), number, note)
