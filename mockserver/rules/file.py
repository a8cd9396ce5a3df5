"""Files of rules: read with the line of whatever is wrong, and read anew when they change."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from mockserver.rules.errors import RuleError
from mockserver.rules.node import Node, shown
from mockserver.rules.rule import Entry, read

SUFFIXES: Final = (".yaml", ".yml", ".json")
_log = logging.getLogger("mockserver")

Stamp: TypeAlias = tuple[int, int, int] | None
"""What changes when a file or folder does; None when it is not there."""


def load(path: Path) -> list[Entry]:
    """Read the rules of a file; raise RuleError with the file, and the line where there is one."""
    from mockserver.cassette import CassetteError

    text = ""
    try:
        text = _text(path)
        return read(_document(path, text), path.name, path.parent)
    except CassetteError as problem:
        raise RuleError(problem.message, path=path, line=problem.line) from None
    except RuleError as problem:
        problem.path, problem.line = path, problem.line or _line(text, problem)
        raise
    except RecursionError:
        raise RuleError("it is nested too deep", path=path) from None


def documents(rule: Any, place: int = 0) -> list[Any]:
    """Return what stands for a rule in JSON: itself, or for a path the entries of its files.

    ``place`` is where it stands among others. Raises RuleError for files that make no sense, and
    for what JSON has not.
    """
    if not isinstance(rule, str | Path):
        _check_plain(Node(rule, (place,)))
        return [rule]
    found: list[Any] = []
    for path in files_of([Path(rule)]):
        load(path)
        document = _document(path, _text(path))
        found += document["rules"] if isinstance(document, dict) else document
    return found


def _check_plain(node: Node) -> None:
    value = node.value
    if isinstance(value, dict):
        for _, member in node.members():
            _check_plain(member)
    elif isinstance(value, list | tuple):
        for entry in node.entries("the value"):
            _check_plain(entry)
    elif not isinstance(value, str | int | float | None):
        raise node.error(
            f"{shown(value)} cannot be sent to a server elsewhere, which takes what JSON has; "
            "functions and patterns are for a MockServer in this process"
        )


def _text(path: Path) -> str:
    """Return what is in a file; raise CassetteError for a pipe and the like."""
    from mockserver.cassette import special

    special.refuse(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RuleError("the file is not UTF-8; save it as UTF-8") from None
    except OSError as problem:
        raise RuleError(f"the file cannot be read: {problem.strerror or problem}") from None


def _document(path: Path, text: str) -> Any:
    """Return what a text says, guarded as cassettes are; raise CassetteError with the line."""
    from mockserver.cassette import json_document, yaml_document

    if not text.strip():
        raise RuleError("the file is empty; begin with 'rules:' and list them")
    parsed = json_document if path.suffix.lower() == ".json" else yaml_document
    return parsed.load(text).document


def _line(text: str, problem: RuleError) -> int | None:
    from mockserver.cassette.places import line_of

    return line_of(text, problem.steps) if text else None


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that paths name, of a folder those with all below it, sorted.

    Hidden ones, and files of other kinds than YAML and JSON, are left out of a folder. Raises
    RuleError for a path that leads nowhere.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(entry for entry in _visible(path) if entry.is_file())
        elif path.exists():
            yield path
        else:
            raise RuleError("there is no such file or folder", path=path)


def _visible(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and (path.is_dir() or path.suffix.lower() in SUFFIXES):
            yield path


@dataclass(slots=True)
class _Loaded:
    """A file as it was read last."""

    stamp: Stamp
    entries: list[Entry] = field(default_factory=list)
    problem: RuleError | None = None


class RuleFiles:
    """The rules of files and folders, as they are on disk when they are asked for.

    Raises RuleError for a file that cannot be used at the start. One that is broken later keeps
    the rules that it had: an editor may be in the midst of writing it.
    """

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._paths = tuple(paths)
        self._loaded: dict[Path, _Loaded] = {}
        self._watched: dict[Path, Stamp] = {}
        self._entries: list[Entry] = []
        self._refresh()
        for problem in self.problems:
            raise problem

    @property
    def problems(self) -> list[RuleError]:
        """What is wrong with files that could not be read anew."""
        return [each.problem for each in self._loaded.values() if each.problem is not None]

    def entries(self) -> list[Entry]:
        """Return all rules in order: that of the paths, then of the names, then of the files."""
        if any(_stamp(path) != stamp for path, stamp in self._watched.items()):
            self._refresh()
        return self._entries

    def _refresh(self) -> None:
        """Read what has changed, and note what is to be looked at for changes."""
        folders = [path for path in self._paths if path.is_dir()]
        below = [each for path in folders for each in _visible(path) if each.is_dir()]
        watched = {path: _stamp(path) for path in (*self._paths, *folders, *below)}
        try:
            files = list(dict.fromkeys(files_of(self._paths)))
        except RuleError as problem:
            if not self._loaded:
                raise
            _log.warning("%s", problem)
            files = list(self._loaded)
        self._loaded = {path: self._read(path) for path in files}
        self._watched = watched | {path: each.stamp for path, each in self._loaded.items()}
        self._entries = [entry for each in self._loaded.values() for entry in each.entries]

    def _read(self, path: Path) -> _Loaded:
        stamp, known = _stamp(path), self._loaded.get(path)
        if known is not None and known.stamp == stamp:
            return known
        try:
            return _Loaded(stamp, load(path))
        except RuleError as problem:
            if known is None:
                return _Loaded(stamp, [], problem)
            _log.warning("%s; the rules that it had before stay in force", problem)
            return _Loaded(stamp, known.entries, problem)


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
