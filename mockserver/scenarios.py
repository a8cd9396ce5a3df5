"""Scenarios: the rules of the server's files and of namespaces, asked before all else."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.history import as_items
from mockserver.namespace import Namespace
from mockserver.records import Records
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.schema.validation import servable_input

if TYPE_CHECKING:
    from mockserver.rules import Chosen, Received, Reply, RuleFiles, Ruleset
    from mockserver.rules.reply import Answer


class Scenarios:
    """The rules that are in force, by namespace.

    ``paths`` are files and folders of rules that all namespaces share. Raises RuleError for one
    that cannot be used.
    """

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._files = _files(tuple(paths))

    @property
    def problems(self) -> list[str]:
        """What is wrong with files that have changed since they were read."""
        if self._files is None:
            return []
        self._files.entries()
        return list(map(str, self._files.problems))

    def of(self, space: Namespace) -> Ruleset | None:
        """Return the rules in force in a namespace, None when there are none."""
        if space.rules is None and self._files is not None:
            self._make(space)
        return space.rules

    def add(self, space: Namespace, rules: Any, folder: Path | None = None) -> None:
        """Let rules come after those that the namespace has of its own.

        They are a path, or a list as in a file; relative cassettes are below ``folder``,
        without which none can be named. Raises
        RuleError for those that make no sense.
        """
        from mockserver.rules import files_of, load, read

        if isinstance(rules, str | Path):
            entries = [entry for path in files_of([Path(rules)]) for entry in load(path)]
        else:
            known = len(space.rules.own) if space.rules else 0
            entries = read(rules, "rules", folder, before=known)
        (self.of(space) or self._make(space)).add(entries)

    async def choose(
        self,
        space: Namespace,
        body: Json,
        headers: Mapping[str, str],
        records: Records,
        now: float,
    ) -> Chosen | None:
        """Return what a rule answers a request with, None when none takes it.

        Raises ApiError for a function of the user's that gives no reply.
        """
        rules = self.of(space)
        if rules is None:
            return None
        received = await _received(space, body, headers, records, now)
        parent = body.get("previous_response_id")
        if isinstance(parent, str) and rules.tells_conversations_apart:
            known = await records.ancestors(space.name, parent)
            received = replace(received, ancestors=(parent, *known))
        chosen = rules.choose(received)
        function = chosen.reply.function if chosen and chosen.reply else None
        if chosen is None or function is None:
            return chosen
        return replace(chosen, reply=await _asked(chosen, function))

    def _make(self, space: Namespace) -> Ruleset:
        from mockserver.rules import Ruleset

        space.rules = made = Ruleset(self._files)
        return made


def _files(paths: tuple[Path, ...]) -> RuleFiles | None:
    if not paths:
        return None
    from mockserver.rules import RuleFiles

    return RuleFiles(paths)


async def _received(
    space: Namespace, body: Json, headers: Mapping[str, str], records: Records, now: float
) -> Received:
    """Return a request, checked or not, with what it goes on from as far as that is there."""
    from mockserver.rules import Received

    inherited: list[Json] = []
    parent, conversation = body.get("previous_response_id"), body.get("conversation")
    if isinstance(conversation, dict):
        conversation = conversation.get("id")
    with suppress(ApiError):
        if isinstance(conversation, str):
            found = await records.conversations.get(space.name, conversation, now)
            inherited = list(found.items())
        elif isinstance(parent, str):
            inherited = await records.context(space.name, parent)
    return Received(
        body=body,
        items=as_items(servable_input(body.get("input"))),
        inherited=inherited,
        headers={name.lower(): value for name, value in headers.items()},
    )


async def _asked(chosen: Chosen, function: Answer) -> Reply | None:
    """Return the reply that a function of the user's gives; None where it has nothing to say."""
    from mockserver.rules.node import Node
    from mockserver.rules.reply import read
    from mockserver.sources.scripted import unusable

    try:
        value = function(chosen.received)
        if inspect.isawaitable(value):
            value = await value
        if value is None:
            return None
        if callable(value):
            raise TypeError("a function gives a reply, not another function")
        return read(Node(value, ("reply",)), Path())
    except ApiError as error:
        error.rule = chosen.label
        raise
    except Exception as problem:  # whatever the user's function does, the client is told
        raise unusable(chosen.label, f"{type(problem).__name__}: {problem}") from problem
