"""``list``: what is inside, one line an interaction."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from typing import ClassVar, Final

from mockserver.clock import RealClock
from mockserver.exits import OK, PROBLEM
from mockserver.verbs.output import say, say_json, table
from mockserver.verbs.sources import load
from mockserver.verbs.summary import Summary, summarise
from mockserver.verbs.verb import Verb

HEAD: Final = ("#", "REQUEST", "HTTP", "STATUS", "MODEL", "ITEMS", "TOKENS", "RECORDED", "AGE")
_DAY: Final = 86400


class List(Verb):
    """Print the interactions of recordings."""

    name: ClassVar[str] = "list"
    help: ClassVar[str] = "list what is inside: model, items, status, tokens, age"
    description: ClassVar[str] = (
        "One line for each interaction. Exit code 1 when a file cannot be read."
    )

    def run(self, options: argparse.Namespace) -> int:
        """Print all interactions by file."""
        sources = load(options.paths)
        dialects = {file.path.as_posix(): file.opened.dialect for file in sources.files}
        rows = [summarise(interaction) for interaction in sources.interactions]
        if options.json:
            say_json([asdict(row) | {"dialect": dialects[row.file]} for row in rows])
        else:
            now = RealClock().wall()
            for file, group in groupby(rows, key=lambda row: row.file):
                say(f"{file} ({dialects[file]})")
                say(table(HEAD, [_cells(row, now) for row in group], indent="  "))
        sources.complain()
        return PROBLEM if sources.problems else OK


def _cells(row: Summary, now: int) -> tuple[str, ...]:
    return (
        str(row.number),
        row.request,
        str(row.status),
        row.state or "-",
        row.model or "-",
        ", ".join(f"{kind}×{n}" if n > 1 else kind for kind, n in row.items.items()) or "-",
        _tokens(row),
        "-" if row.recorded is None else f"{datetime.fromtimestamp(row.recorded, UTC):%Y-%m-%d}",
        "-" if row.recorded is None else age(now - row.recorded),
    )


def _tokens(row: Summary) -> str:
    if row.input_tokens is None and row.output_tokens is None:
        return "-"
    return f"{row.input_tokens or 0}→{row.output_tokens or 0}"


def age(seconds: int) -> str:
    """Return a span of time in the one unit that tells most."""
    days = max(seconds, 0) // _DAY
    for length, unit in ((365, "y"), (30, "mo")):
        if days >= 2 * length:
            return f"{days // length} {unit}"
    return f"{days} d"
