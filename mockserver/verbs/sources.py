"""The recordings that a verb is pointed at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.cassette import CassetteError, folder
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.reader import Opened, open_file
from mockserver.verbs.output import Progress, warn


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: what it holds and what was put right; ``root`` is the path named."""

    root: Path
    opened: Opened
    warnings: list[str]

    @property
    def path(self) -> Path:
        """The file."""
        return self.opened.path

    @property
    def relative(self) -> Path:
        """The file below the path that was named, or its name when it was named itself."""
        return Path(self.path.name) if self.path == self.root else self.path.relative_to(self.root)


@dataclass(slots=True)
class Sources:
    """All files that were read, in order, and why others were not."""

    files: list[Source] = field(default_factory=list)
    problems: list[CassetteError] = field(default_factory=list)

    @property
    def interactions(self) -> list[Interaction]:
        """Every interaction of every file."""
        return [each for file in self.files for each in file.opened.interactions]

    def complain(self) -> None:
        """Name the files that could not be read."""
        for problem in self.problems:
            warn(str(problem))


def load(paths: Iterable[Path]) -> Sources:
    """Read files and folders; whatever cannot be read is a problem and stops nothing."""
    found, named = Sources(), []
    for root in paths:
        try:
            here = list(folder.cassettes(root))
            if not here:
                raise CassetteError("the folder holds no cassettes", path=root)
            named += [(root, path) for path in here]
        except CassetteError as problem:
            found.problems.append(problem)
    with Progress("reading", len(named)) as progress:
        for root, path in named:
            warnings: list[str] = []
            try:
                opened = open_file(path, warn=warnings.append)
            except CassetteError as problem:
                found.problems.append(problem)
            else:
                found.files.append(Source(root, opened, warnings))
            progress.step()
    return found
