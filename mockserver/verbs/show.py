"""``show``: one interaction as a conversation or as events."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from mockserver.cassette import CassetteError, redact
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.reader import read
from mockserver.exits import OK, PROBLEM
from mockserver.verbs import telling
from mockserver.verbs.output import say, say_json, warn
from mockserver.verbs.summary import request_of, response_of, summarise
from mockserver.verbs.verb import Refusal, Verb


class Show(Verb):
    """Print interactions of one recording, keys and tokens hidden."""

    name: ClassVar[str] = "show"
    help: ClassVar[str] = "show one interaction as a conversation or as events"
    description: ClassVar[str] = (
        "Without a number all interactions of the file are shown, one after the other."
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Take one file, and which of its interactions."""
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument(
            "number", nargs="?", type=int, metavar="NUMBER", help="which one, counted from 1"
        )
        parser.add_argument("--events", action="store_true", help="the events of a stream, by line")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def run(self, options: argparse.Namespace) -> int:
        """Print the interactions."""
        try:
            found = read(options.path, warn=warn)
        except CassetteError as problem:
            warn(str(problem))
            return PROBLEM
        chosen = _chosen(found, options.number)
        if options.json:
            say_json([_document(each) for each in chosen])
            return OK
        for position, each in enumerate(chosen):
            say(("\n" if position else "") + _head(each))
            for line in _events(each) if options.events else _conversation(each):
                say(line)
        return OK


def _chosen(found: list[Interaction], number: int | None) -> list[Interaction]:
    if number is None:
        return found
    if not 1 <= number <= len(found):
        raise Refusal(f"there is no interaction {number}: the file has {len(found)}")
    return [found[number - 1]]


def _head(each: Interaction) -> str:
    row = summarise(each)
    words = [str(row.status), row.state, row.model]
    if row.input_tokens is not None:
        words.append(f"{row.input_tokens} tokens in, {row.output_tokens} out")
    return f"#{each.number} {row.request} → {', '.join(word for word in words if word)}"


def _conversation(each: Interaction) -> Iterator[str]:
    yield from telling.request(request_of(each))
    answer = response_of(each)
    if answer is not None:
        yield from telling.response(answer)
    elif each.body:
        yield f"({each.media_type or 'body'}, {len(each.body)} bytes)"


def _events(each: Interaction) -> Iterator[str]:
    if not each.is_stream:
        raise Refusal(f"interaction {each.number} is no stream; show it without --events")
    return map(telling.event, each.events)


def _document(each: Interaction) -> dict[str, Any]:
    return asdict(summarise(each)) | {
        "uri": redact.text(each.uri),
        "request": redact.document(request_of(each)),
        "response": redact.document(response_of(each)),
        "events": redact.document(each.events),
        "timings": list(each.timings),
    }
