"""``redact``: hide keys, tokens and personal data in cassettes that are there."""

from __future__ import annotations

import argparse
from typing import ClassVar

from mockserver.cassette.redact import Rules, clean
from mockserver.verbs import hiding, rewriting, targets
from mockserver.verbs.sources import Source
from mockserver.verbs.verb import Verb


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
        rules = hiding.rules(options)
        return rewriting.each(
            options,
            lambda source: _redact(source, rules, dry=options.dry_run),
            key="files",
            line=lambda file, word: f"{word}: {file}",
        )


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
