"""``redact``: hide keys, tokens and personal data in cassettes that are there."""

from __future__ import annotations

import argparse
from typing import ClassVar

from mockserver.cassette import CassetteError
from mockserver.cassette.redact import Rules, clean
from mockserver.verbs import hiding, targets
from mockserver.verbs.output import say, say_json, warn
from mockserver.verbs.sources import Source, load
from mockserver.verbs.verb import OK, PROBLEM, Verb


class Redact(Verb):
    """Rewrite cassettes in place without what must not be published."""

    name: ClassVar[str] = "redact"
    help: ClassVar[str] = "hide keys, tokens and chosen fields in cassettes, in place"
    description: ClassVar[str] = (
        "Keys and tokens always become [redacted]; what --redact-field and --redact-pattern "
        "name becomes a pseudonym, equal for equal values. A cassette is replaced whole, or not at "
        "all when something is still found in it. Exit code 1 when a file could not be made clean."
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Take paths and what is hidden."""
        super().options(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="only say which files would change"
        )
        hiding.options(parser)

    def run(self, options: argparse.Namespace) -> int:
        """Rewrite what changes; say what was done to each file."""
        rules, sources = hiding.rules(options), load(options.paths)
        problems = [str(problem) for problem in sources.problems]
        outcome: dict[str, str] = {}
        for source in sources.files:
            try:
                outcome[source.path.as_posix()] = _redact(source, rules, dry=options.dry_run)
            except CassetteError as problem:
                problems.append(str(problem))
        if options.json:
            say_json({"files": outcome, "problems": problems})
        else:
            for file, word in outcome.items():
                say(f"{word}: {file}")
        for line in problems:
            warn(line)
        return PROBLEM if problems else OK


def _redact(source: Source, rules: Rules, *, dry: bool) -> str:
    """Rewrite one cassette; return what became of it."""
    opened = source.opened
    before = targets.served(opened)
    after = [clean(each, rules) for each in before]
    if after == before:
        return "unchanged"
    targets.only_plain(opened)
    if not dry:
        targets.put(source.path, after)
    return "would be redacted" if dry else "redacted"
