"""``check``: may these recordings be trusted, and may they be published."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar, Final, Literal

from mockserver.cassette import CassetteError, scan, writer
from mockserver.cassette.reader import Opened
from mockserver.exits import OK, PROBLEM
from mockserver.verbs import validity
from mockserver.verbs.output import Progress, say, say_json
from mockserver.verbs.sources import Source, load
from mockserver.verbs.verb import Verb

_CUT: Final = "cut off"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a file; ``interaction`` is counted from 1, None for the whole file.

    ``kind`` is ``unreadable``, ``damage``, ``secret``, ``invalid``, ``oddity`` or ``unused``; the
    last two are notes that break nothing.
    """

    level: Literal["error", "note"]
    kind: str
    file: str
    interaction: int | None
    text: str

    def __str__(self) -> str:
        place = (
            self.file
            if self.interaction is None
            else f"{self.file}: interaction {self.interaction}"
        )
        return f"{self.level}: {self.kind}: {place}: {self.text}"


class Check(Verb):
    """Check recordings for damage, secrets and what our models refuse or do not know."""

    name: ClassVar[str] = "check"
    help: ClassVar[str] = "check for damage, secrets, invalid and unknown fields; for CI"
    description: ClassVar[str] = (
        "Errors: a file that cannot be read or may be cut off, a secret in any form, traffic that "
        "the models refuse. Notes: what was put right while reading, fields that the models do "
        "not know. Exit code 1 on an error, with --strict on a note too."
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Take paths and what counts."""
        super().options(parser)
        parser.add_argument("--strict", action="store_true", help="let notes fail the check too")
        parser.add_argument("--quiet", action="store_true", help="print errors only")

    def run(self, options: argparse.Namespace) -> int:
        """Print what is found, errors first."""
        sources = load(options.paths)
        found = [_unreadable(problem) for problem in sources.problems]
        with Progress("checking", len(sources.files)) as progress:
            for source in sources.files:
                found += _checked(source)
                progress.step()
        errors = [each for each in found if each.level == "error"]
        notes = [each for each in found if each.level == "note"]
        shown = errors if options.quiet else errors + notes
        if options.json:
            say_json([asdict(each) for each in shown])
        else:
            for each in shown:
                say(str(each))
            total = len(sources.files) + len(sources.problems)
            say(f"{total} files checked: {len(errors)} errors, {len(notes)} notes")
        return PROBLEM if errors or (options.strict and notes) else OK


def _unreadable(problem: CassetteError) -> Finding:
    file = "" if problem.path is None else problem.path.as_posix()
    line = "" if problem.line is None else f"line {problem.line}: "
    kind = "damage" if _CUT in problem.message else "unreadable"
    return Finding("error", kind, file, problem.interaction, line + problem.message)


def _checked(source: Source) -> Iterator[Finding]:
    file = source.path.as_posix()
    for sentence in source.warnings:
        text = sentence.removeprefix(f"{file}: ")
        if _CUT in text:
            yield Finding("error", "damage", file, None, text)
        else:
            yield Finding("note", "oddity", file, None, text)
    for secret in secrets(source.opened):
        yield Finding("error", "secret", file, None, str(secret))
    unknown: dict[str, int] = {}
    for interaction in source.opened.interactions:
        for text in validity.faults(interaction):
            yield Finding("error", "invalid", file, interaction.number, text)
        for text in validity.unused(interaction):
            unknown.setdefault(text, interaction.number)
    for text, number in unknown.items():
        yield Finding("note", "unused", file, number, f"{text} is not known to the models")


def secrets(opened: Opened) -> list[scan.Finding]:
    """Return the places that hold a secret: those of the file, or of what it holds.

    The file itself is looked through when it is YAML or JSON, since a comment may hold one too.
    """
    if opened.path.suffix.lower() in (".yaml", ".yml", ".json"):
        try:
            return scan.find(Path(opened.path).read_bytes())
        except CassetteError:
            pass  # an event stream, say: what was read of it is looked through
    return scan.find(writer.dump(opened.exchanges))
