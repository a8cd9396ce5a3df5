"""V4A diffs: lines added, taken away and kept, found again by what they say, not by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

Lines = Sequence[str]
Edits = Mapping[int, Lines]
"""The lines that stand in place of one, by its number from 0."""

_CONTEXT: Final = 3


def lines_of(text: str) -> list[str]:
    """Return the lines of a text; one that is empty has none."""
    return text.removesuffix("\n").split("\n") if text else []


def creation(lines: Lines) -> str:
    """Return the diff that creates a file of these lines."""
    return "".join(f"+{line}\n" for line in lines)


def update(lines: Lines, edits: Edits) -> str:
    """Return the diff that makes the edits in a file; one without lines gets those of edit 0."""
    if not lines:
        return "@@\n" + creation(edits[0])
    wanted = [text for index, line in enumerate(lines) for text in edits.get(index, (line,))]
    diff = _hunks(lines, edits, _CONTEXT)
    # Lines that say the same may lead astray; with the whole file around them they cannot.
    return diff if apply(lines, diff) == wanted else _hunks(lines, edits, len(lines))


def apply(lines: Lines, diff: str) -> list[str] | None:
    """Return a file's lines after a diff, or None when the diff does not fit the file."""
    result: list[str] = []
    taken = 0
    for anchor, hunk in _parsed(diff):
        start = _find(lines, [anchor], taken) if anchor else taken
        before = [line[1:] for line in hunk if line[:1] != "+"]
        found = _find(lines, before, start) if start >= 0 else -1
        if found < 0:
            return None
        result += lines[taken:found]
        result += [line[1:] for line in hunk if line[:1] != "-"]
        taken = found + len(before)
    return [*result, *lines[taken:]]


def _parsed(diff: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the hunks: the line that each names for a start, if any, and its own lines."""
    anchor, hunk = "", list[str]()
    for line in lines_of(diff):
        if line.startswith("@@"):
            if hunk:
                yield anchor, hunk
            anchor, hunk = line[3:], []
        elif not line.startswith("***"):
            hunk.append(line)
    if hunk:
        yield anchor, hunk


def _find(lines: Lines, wanted: Lines, start: int) -> int:
    """Return where the wanted lines stand together at or after a line, -1 for nowhere."""
    size = len(wanted)
    last = len(lines) - size
    hits = (at for at in range(start, last + 1) if list(lines[at : at + size]) == list(wanted))
    return next(hits, -1)


def _hunks(lines: Lines, edits: Edits, context: int) -> str:
    return "".join(
        "@@\n" + "".join(_marked(index, lines, edits) for index in range(start, end))
        for start, end in _stretches(edits, context, len(lines))
    )


def _stretches(edits: Edits, context: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield first and past-last line of each stretch of edits whose contexts meet."""
    stretch: tuple[int, int] | None = None
    for index in sorted(edits):
        start, end = max(0, index - context), min(size, index + context + 1)
        if stretch and start <= stretch[1]:
            stretch = (stretch[0], end)
        else:
            if stretch:
                yield stretch
            stretch = (start, end)
    if stretch:
        yield stretch


def _marked(index: int, lines: Lines, edits: Edits) -> str:
    """Return a line as the diff shows it; an edit that begins with it only adds."""
    line = lines[index]
    new = edits.get(index, (line,))
    if new and new[0] == line:
        return f" {line}\n" + creation(new[1:])
    return f"-{line}\n" + creation(new)
