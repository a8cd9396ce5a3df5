"""``import``: anyone's recordings as plain vcrpy cassettes."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from mockserver.cassette import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.redact import Rules, clean
from mockserver.exits import OK, PROBLEM
from mockserver.verbs import hiding, targets
from mockserver.verbs.output import Progress, say, say_json, table, warn
from mockserver.verbs.sources import Source, Sources, load
from mockserver.verbs.targets import Bodies
from mockserver.verbs.verb import Refusal, Verb

HEAD: Final = ("DIALECT", "FILES", "INTERACTIONS", "BODIES IN", "BODIES OUT")
_FILES: Final = (".yaml", ".yml")


@dataclass(slots=True)
class _Count:
    """What came in of one dialect and what went out."""

    files: int = 0
    interactions: int = 0
    bodies_in: int = 0
    bodies_out: int = 0


@dataclass(slots=True)
class _Report:
    """The counts by dialect, the cassettes written and what went wrong."""

    counts: dict[str, _Count] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        counts = {
            name: {key: getattr(count, key) for key in _Count.__slots__}
            for name, count in sorted(self.counts.items())
        }
        return {"dialects": counts, "written": self.written, "problems": self.problems}


class Import(Verb):
    """Turn recordings of any dialect into plain vcrpy cassettes, keys and tokens hidden."""

    name: ClassVar[str] = "import"
    help: ClassVar[str] = "turn recordings of any tool into plain vcrpy cassettes"
    description: ClassVar[str] = (
        "DEST is a cassette (.yaml) that takes everything, or a folder that gets one cassette for "
        "each file. Bodies are counted on both sides: a loss is an error. Keys and tokens are "
        "hidden, and a file that still holds one is not written."
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Take sources, the destination and what is hidden."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="SRC", help="files or folders")
        parser.add_argument("dest", type=Path, metavar="DEST", help="a .yaml file or a folder")
        parser.add_argument("--force", action="store_true", help="replace cassettes that are there")
        parser.add_argument("--keep-secrets", action="store_true", help="hide nothing")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")
        hiding.options(parser)

    def run(self, options: argparse.Namespace) -> int:
        """Read everything, write what there is, report the counts."""
        rules = None if options.keep_secrets else hiding.rules(options)
        sources = load(options.paths)
        report = _Report(problems=[str(problem) for problem in sources.problems])
        plan = _plan(sources, options.dest)
        taken = [path for path in plan if path.exists()]
        if taken and not options.force:
            raise Refusal(f"{taken[0].as_posix()} is there already; replace it with --force")
        with Progress("writing", len(plan)) as progress:
            for path, files in plan.items():
                _write(path, files, rules, report)
                progress.step()
        if options.json:
            say_json(report.document())
        else:
            _print(report)
        return PROBLEM if report.problems else OK


def _plan(sources: Sources, dest: Path) -> dict[Path, list[Source]]:
    """Return which files go into which cassette; a file without an exchange goes nowhere.

    Raise Refusal when two files would get the same cassette.
    """
    files = [file for file in sources.files if file.opened.exchanges]
    if dest.suffix.lower() in _FILES:
        return {dest: files} if files else {}
    names = [_name(file.relative) for file in files]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise Refusal(f"two sources would become {twice[0].as_posix()}; import them one by one")
    return {dest / name: [file] for name, file in zip(names, files, strict=True)}


def _name(relative: Path) -> Path:
    """Return the name of a source's cassette; only ``a.yaml`` and ``a.yml`` lose their ending."""
    name = relative.name.removesuffix(".gz")
    stem = Path(name).stem if Path(name).suffix.lower() in _FILES else name
    return relative.with_name(f"{stem}.yaml")


def _write(path: Path, files: list[Source], rules: Rules | None, report: _Report) -> None:
    """Write one cassette and count; a cassette that cannot be written is a problem."""
    made = []
    try:
        for file in files:
            exchanges = _made(file, rules)
            _count(file, exchanges, report)
            made += exchanges
        targets.put(path, made, keep_secrets=rules is None)
    except CassetteError as problem:
        report.problems.append(str(problem))
    else:
        report.written.append(path.as_posix())


def _made(file: Source, rules: Rules | None) -> list[Exchange]:
    plain = targets.served(file.opened)
    return plain if rules is None else [clean(each, rules) for each in plain]


def _count(file: Source, made: list[Exchange], report: _Report) -> None:
    """Add a file to the counts; raise CassetteError when a body is lost."""
    count = report.counts.setdefault(file.opened.dialect, _Count())
    before, after = Bodies.of(file.opened.exchanges), Bodies.of(made)
    count.files += 1
    count.interactions += len(made)
    count.bodies_in += before.count
    count.bodies_out += after.count
    if after.count != before.count:
        raise CassetteError(
            f"{before.count} bodies went in and {after.count} came out", path=file.path
        )


def _print(report: _Report) -> None:
    rows = [
        (name, *(str(getattr(count, key)) for key in _Count.__slots__))
        for name, count in sorted(report.counts.items())
    ]
    say(table(HEAD, rows))
    say(f"{len(report.written)} cassettes written")
    for problem in report.problems:
        warn(problem)
