"""Reading a cassette file into interactions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mockserver.cassette import encoding, json_document, normalise, special, text_document
from mockserver.cassette.dialects import Dialect, choose
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.normalise import Warn
from mockserver.cassette.parsed import Parsed

_LOG: Final = logging.getLogger(__name__)
_JSON: Final = (".json", ".jsonl", ".har")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file holds: each exchange as it was recorded, and as it is served.

    ``dialect`` is the name of the one it is written in; both lists have the order of the file.
    """

    path: Path
    dialect: str
    exchanges: list[Exchange]
    interactions: list[Interaction]


def read(path: Path, *, strict: bool = False, warn: Warn = _LOG.warning) -> list[Interaction]:
    """Read every interaction of a file, in order.

    ``warn`` gets one sentence for each oddity that was put right. A vcrpy file that lacks its final
    ``version`` line may be cut off: that is a warning, and an error when ``strict``. Raise
    CassetteError when the file is no cassette or is damaged; nothing is skipped.
    """
    return open_file(path, strict=strict, warn=warn).interactions


def open_file(path: Path, *, strict: bool = False, warn: Warn = _LOG.warning) -> Opened:
    """Read a file as ``read`` does, and keep what was recorded beside what is served."""
    try:
        parsed = _parse(path)
        dialect = choose(parsed)
        doubt = dialect.doubt(parsed)
        if parsed.whole:
            doubt = None
        if doubt and strict:
            raise CassetteError(doubt)
        opened = Opened(path, dialect.name, [], [])
        for exchange, interaction in _both(path, parsed, dialect, warn):
            opened.exchanges.append(exchange)
            opened.interactions.append(interaction)
    except CassetteError as error:
        error.locate(path=path)
        raise
    if doubt:
        warn(f"{path.as_posix()}: {doubt}")
    return opened


def _parse(path: Path) -> Parsed:
    special.refuse(path)
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


def _both(
    path: Path, parsed: Parsed, dialect: Dialect, warn: Warn
) -> Iterator[tuple[Exchange, Interaction]]:
    for number, raw in enumerate(dialect.split(parsed), 1):
        try:
            exchange = dialect.exchange(raw, parsed)
            yield exchange, _interaction(path, number, exchange, warn)
        except CassetteError as error:
            error.locate(line=parsed.line(raw), interaction=number)
            raise


def _interaction(path: Path, number: int, found: Exchange, warn: Warn) -> Interaction:
    def note(sentence: str) -> None:
        warn(f"{path.as_posix()}: interaction {number}: {sentence}")

    return normalise.interaction(found, path.as_posix(), number, note)
