"""Reading a cassette file into interactions."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

from mockserver.cassette import json_document, normalise
from mockserver.cassette.dialects import Dialect, choose
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.normalise import Warn
from mockserver.cassette.parsed import Parsed

_LOG: Final = logging.getLogger(__name__)


def read(path: Path, *, strict: bool = False, warn: Warn = _LOG.warning) -> list[Interaction]:
    """Read every interaction of a file, in order.

    ``warn`` gets one sentence for each oddity that was put right. A vcrpy file that lacks its final
    ``version`` line may be cut off: that is a warning, and an error when ``strict``. Raise
    CassetteError when the file is no cassette or is damaged; nothing is skipped.
    """
    try:
        parsed = _parse(path, _text(path))
        dialect = choose(parsed.document)
        doubt = dialect.doubt(parsed.document)
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


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CassetteError(f"the file cannot be read: {error.strerror or error}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CassetteError("the file is not UTF-8; save it as UTF-8", line=line) from None


def _parse(path: Path, text: str) -> Parsed:
    if path.suffix.lower() == ".json":
        return json_document.load(text)
    if text.lstrip().startswith("{"):
        try:
            return json_document.load(text)
        except CassetteError:
            pass  # YAML in braces is no JSON, and its own reader says best what is wrong
    from mockserver.cassette import yaml_document

    return yaml_document.load(text)


def _interactions(path: Path, parsed: Parsed, dialect: Dialect, warn: Warn) -> list[Interaction]:
    found = []
    for number, raw in enumerate(dialect.split(parsed.document), 1):
        try:
            found.append(_interaction(path, number, raw, dialect, warn))
        except CassetteError as error:
            error.locate(line=parsed.line(raw), interaction=number)
            raise
    return found


def _interaction(path: Path, number: int, raw: Any, dialect: Dialect, warn: Warn) -> Interaction:
    def note(sentence: str) -> None:
        warn(f"{path.as_posix()}: interaction {number}: {sentence}")

    return normalise.interaction(dialect.exchange(raw), path.as_posix(), number, note)
