"""``diff``: what two recordings have differently."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from mockserver.cassette import redact
from mockserver.cassette.canonical import Canonical
from mockserver.cassette.differences import differences
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.request import Request
from mockserver.exits import OK, PROBLEM
from mockserver.verbs.output import say, say_json
from mockserver.verbs.sources import load
from mockserver.verbs.summary import response_of, summarise
from mockserver.verbs.verb import Verb

_DRAWN: Final = frozenset(
    {"id", "created_at", "completed_at", "created", "encrypted_content", "obfuscation"}
    | {"system_fingerprint", "sequence_number", "expires_at"}
)
_SHOWN: Final = 20

Key = Callable[[Request], Any]
_KEYS: Final[tuple[Key, ...]] = (
    lambda asked: (asked.exact, asked.canonical.streamed),
    lambda asked: asked.exact,
    lambda asked: asked.loose,
    lambda asked: (asked.method, asked.canonical.path),
)
"""How alike two requests have to be to be compared, strictest first."""


class Diff(Verb):
    """Print what differs between two recordings or two folders of them."""

    name: ClassVar[str] = "diff"
    help: ClassVar[str] = "compare two recordings by their requests and answers"
    description: ClassVar[str] = (
        "Interactions are paired by what was asked, whatever the format and order of the files. "
        "Ids and times, drawn anew at each recording, are left out. Exit code 1 when they differ."
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Take two paths."""
        parser.add_argument("a", type=Path, metavar="A")
        parser.add_argument("b", type=Path, metavar="B")
        parser.add_argument("--all", action="store_true", help="compare ids and times too")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def run(self, options: argparse.Namespace) -> int:
        """Pair, compare, print."""
        one, other = load([options.a]), load([options.b])
        pairs = _paired(one.interactions, other.interactions)
        found = [_compared(pair, everything=options.all) for pair in pairs]
        changed = [result for result in found if result.is_difference]
        if options.json:
            say_json([result.document() for result in changed])
        else:
            _print(changed, len(found))
        for sources in (one, other):
            sources.complain()
        return PROBLEM if changed or one.problems or other.problems else OK


@dataclass(slots=True)
class _Result:
    """One pair, or one interaction that the other side lacks."""

    a: Interaction | None
    b: Interaction | None
    changes: list[str] = field(default_factory=list)

    @property
    def is_difference(self) -> bool:
        return self.a is None or self.b is None or bool(self.changes)

    def document(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return {"a": _place(self.a), "b": _place(self.b), "changes": self.changes}


def _place(interaction: Interaction | None) -> str | None:
    return None if interaction is None else f"{interaction.file}#{interaction.number}"


def _paired(one: list[Interaction], other: list[Interaction]) -> Iterator[_Result]:
    """Pair the interactions, the most alike requests first; what is left over stands alone."""
    left = [(each, _asked(each)) for each in one]
    right = [(each, _asked(each)) for each in other]
    partner: dict[int, Interaction] = {}
    taken: set[int] = set()
    for key in _KEYS:
        waiting = defaultdict(list)
        for each, asked in right:
            if id(each) not in taken:
                waiting[key(asked)].append(each)
        for each, asked in left:
            if id(each) not in partner and waiting[key(asked)]:
                partner[id(each)] = waiting[key(asked)].pop(0)
                taken.add(id(partner[id(each)]))
    yield from (_Result(each, partner.get(id(each))) for each in one)
    yield from (_Result(None, each) for each in other if id(each) not in taken)


def _asked(each: Interaction) -> Request:
    return Request(each.method, each.path, each.query, each.request_body)


def _compared(result: _Result, *, everything: bool) -> _Result:
    a, b = result.a, result.b
    if a is None or b is None:
        return result
    if a.status != b.status:
        result.changes.append(f"status: {a.status} → {b.status}")
    if a.is_stream != b.is_stream:
        result.changes.append(f"stream: {a.is_stream} → {b.is_stream}".lower())
    asked = [_asked(each).canonical for each in (a, b)]
    result.changes += _changes("request", asked[0].body, asked[1].body, everything)
    answers = [response_of(each) for each in (a, b)]
    if answers == [None, None]:
        same = a.body == b.body
        result.changes += [] if same else [f"body: {len(a.body)} → {len(b.body)} bytes"]
    result.changes += _changes("response", answers[0], answers[1], everything)
    return result


def _changes(side: str, one: Any, other: Any, everything: bool) -> Iterator[str]:
    bodies = [redact.document(each if everything else _steady(each)) for each in (one, other)]
    shown = [Canonical("", "", (), body, streamed=False) for body in bodies]
    for difference in differences(*shown):
        yield f"{side}.{difference.where}: {difference.recorded} → {difference.sent}"


def _steady(value: Any) -> Any:
    """Return a value without what is drawn anew at each recording."""
    if isinstance(value, list):
        return [_steady(each) for each in value]
    if isinstance(value, dict):
        kept = (key for key in value if key not in _DRAWN and not key.endswith("_id"))
        return {key: _steady(value[key]) for key in kept}
    return value


def _print(changed: list[_Result], compared: int) -> None:
    for result in changed:
        known = result.a or result.b
        assert known is not None
        head = summarise(known).request
        if result.b is None:
            say(f"only in A: {_place(result.a)} {head}")
        elif result.a is None:
            say(f"only in B: {_place(result.b)} {head}")
        else:
            say(f"{_place(result.a)} and {_place(result.b)} {head}")
            for line in result.changes[:_SHOWN]:
                say(f"  {line}")
            if len(result.changes) > _SHOWN:
                say(f"  and {len(result.changes) - _SHOWN} more (--json has all)")
    say(f"{compared} interactions compared, {len(changed)} differ")
