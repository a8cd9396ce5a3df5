"""What verbs that rewrite cassettes in place share: a file at a time, and the report on all."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from mockserver.cassette import CassetteError
from mockserver.exits import OK, PROBLEM
from mockserver.verbs.output import say, say_json, warn
from mockserver.verbs.sources import Source, load

Outcome = TypeVar("Outcome")


def each(
    options: argparse.Namespace,
    rewrite: Callable[[Source], Outcome],
    *,
    key: str,
    line: Callable[[str, Outcome], str],
) -> int:
    """Rewrite every file that can be read, and say what became of it; return the exit code.

    The outcomes are told as ``line`` writes them, in JSON under ``key``. CassetteError of a file
    is a problem that stops no other.
    """
    sources = load(options.paths)
    problems = [str(problem) for problem in sources.problems]
    outcomes: dict[str, Outcome] = {}
    for source in sources.files:
        try:
            outcomes[source.path.as_posix()] = rewrite(source)
        except CassetteError as problem:
            problems.append(str(problem))
    if options.json:
        say_json({key: outcomes, "problems": problems})
    else:
        for file, outcome in outcomes.items():
            say(line(file, outcome))
    for sentence in problems:
        warn(sentence)
    return PROBLEM if problems else OK
