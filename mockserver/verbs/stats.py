"""``stats``: how much of what there is."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from mockserver.exits import OK, PROBLEM
from mockserver.verbs.output import say, say_json, table
from mockserver.verbs.sources import Sources, load
from mockserver.verbs.summary import Summary, summarise
from mockserver.verbs.verb import Verb

_ID: Final = re.compile(r"(?=.*\d)(?:[a-z]+_\w+|.{20,})")
_SHOWN: Final = 12


class Stats(Verb):
    """Print totals over recordings."""

    name: ClassVar[str] = "stats"
    help: ClassVar[str] = "count files, interactions, models, items, tokens"
    description: ClassVar[str] = "Totals over all files. Exit code 1 when a file cannot be read."

    def run(self, options: argparse.Namespace) -> int:
        """Print the totals."""
        sources = load(options.paths)
        found = _totals(sources, [summarise(each) for each in sources.interactions])
        if options.json:
            say_json(found)
        else:
            _print(found)
        sources.complain()
        return PROBLEM if sources.problems else OK


def _totals(sources: Sources, rows: list[Summary]) -> dict[str, Any]:
    moments = [row.recorded for row in rows if row.recorded is not None]
    return {
        "files": len(sources.files),
        "unreadable": len(sources.problems),
        "interactions": len(rows),
        "streams": sum(row.stream for row in rows),
        "timed": sum(bool(each.timings) for each in sources.interactions),
        "bytes": sum(len(each.body) for each in sources.interactions),
        "input_tokens": sum(row.input_tokens or 0 for row in rows),
        "output_tokens": sum(row.output_tokens or 0 for row in rows),
        "first_recorded": _day(min(moments, default=None)),
        "last_recorded": _day(max(moments, default=None)),
        "dialects": _counted(file.opened.dialect for file in sources.files),
        "requests": _counted(f"{row.method} {_endpoint(row.path)}" for row in rows),
        "http_statuses": _counted(str(row.status) for row in rows),
        "statuses": _counted(row.state for row in rows),
        "models": _counted(row.model for row in rows),
        "items": dict(sum((Counter(row.items) for row in rows), Counter()).most_common()),
    }


def _counted(words: Iterable[str | None]) -> dict[str, int]:
    return dict(Counter(word for word in words if word).most_common())


def _endpoint(path: str) -> str:
    """Return a path with what looks like an id left out, so that requests count together."""
    return "/".join("{id}" if _ID.fullmatch(part) else part for part in path.split("/"))


def _day(second: int | None) -> str | None:
    return None if second is None else f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d}"


def _print(found: dict[str, Any]) -> None:
    plain = [(name, value) for name, value in found.items() if not isinstance(value, dict)]
    rows = [(name.replace("_", " "), "-" if value is None else str(value)) for name, value in plain]
    say(table(("TOTAL", ""), rows))
    for name, counts in found.items():
        if isinstance(counts, dict) and counts:
            shown = [(str(count), word) for word, count in counts.items()][:_SHOWN]
            more = len(counts) - len(shown)
            say("\n" + table((name.replace("_", " ").upper(), ""), shown))
            if more:
                say(f"and {more} more (--json has all)")
