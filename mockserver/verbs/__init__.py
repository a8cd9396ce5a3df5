"""What ``mockserver cassette`` does: one module for each verb."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mockserver.exits import USAGE
from mockserver.verbs import check, diff, importing, listing, redacting, show, stats, upgrade
from mockserver.verbs.verb import VERBS, Refusal

__all__ = [
    "check",
    "diff",
    "importing",
    "listing",
    "main",
    "redacting",
    "show",
    "stats",
    "upgrade",
]


def main(words: Sequence[str]) -> int:
    """Run ``mockserver cassette`` with these words; return the exit code.

    0 all is well · 1 a problem was found · 2 wrong usage.
    """
    parser = argparse.ArgumentParser(
        prog="mockserver cassette", description="Look at recordings, check them and convert them."
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, verb in VERBS.items():
        each = verbs.add_parser(name, help=verb.help, description=verb.description)
        verb.options(each)
        each.set_defaults(verb=verb)
    options = parser.parse_args(list(words))
    try:
        return int(options.verb.run(options))
    except Refusal as problem:
        parser.exit(USAGE, f"mockserver cassette: {problem}\n")
