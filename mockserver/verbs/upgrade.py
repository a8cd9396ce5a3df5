"""``upgrade``: old cassettes with the fields that clients of today require."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any, ClassVar, Final

from mockserver.cassette.exchange import Exchange
from mockserver.cassette.interaction import Interaction
from mockserver.verbs import rewriting, targets
from mockserver.verbs.newer import upgraded
from mockserver.verbs.sources import Source
from mockserver.verbs.verb import Verb

MARK: Final = "upgraded"
"""The key of ``response.x_replay`` that lists what was added and never was on the wire."""


class Upgrade(Verb):
    """Add to recorded answers what newer clients require, marked as not recorded."""

    name: ClassVar[str] = "upgrade"
    help: ClassVar[str] = "add fields that newer clients require, marked, in place"
    description: ClassVar[str] = (
        "Fields with their defaults are added to responses and events, and listed under "
        "'response.x_replay.upgraded' of each interaction, so that nobody takes them for recorded. "
        "What is there stays as it is."
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Take paths."""
        super().options(parser)
        parser.add_argument("--dry-run", action="store_true", help="only say what would be added")

    def run(self, options: argparse.Namespace) -> int:
        """Rewrite what changes; say what was added to each file."""
        return rewriting.each(
            options,
            lambda source: _upgrade(source, dry=options.dry_run),
            key="added",
            line=lambda file, names: f"{file}: {', '.join(names) or 'nothing to add'}",
        )


def _upgrade(source: Source, *, dry: bool) -> list[str]:
    """Rewrite one cassette when it lacks something; return what was added."""
    opened, added = source.opened, {}
    made = []
    for exchange, interaction in zip(targets.served(opened), opened.interactions, strict=True):
        newer, names = _newer(exchange, interaction)
        made.append(newer)
        added.update(dict.fromkeys(names))
    if added and not dry:
        targets.only_plain(opened)
        targets.put(source.path, made, keep_secrets=True)  # it holds what it held before
    return list(added)


def _newer(exchange: Exchange, interaction: Interaction) -> tuple[Exchange, list[str]]:
    body, names = upgraded(interaction)
    if not names:
        return exchange, names
    known: dict[str, Any] = exchange.replay if isinstance(exchange.replay, dict) else {}
    before = [name for name in known.get(MARK, ()) if isinstance(name, str)]
    marked = {**known, MARK: sorted({*before, *names})}
    return replace(exchange, body=body, replay=marked), names
