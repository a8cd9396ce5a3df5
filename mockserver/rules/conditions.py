"""Conditions: what a request has to be like for a rule to answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from mockserver.jsonpath import JsonPath
from mockserver.rules import pattern
from mockserver.rules.node import Node
from mockserver.rules.pattern import Manner, Pattern, Values
from mockserver.rules.received import Received

Look: TypeAlias = Callable[[Received], Values]
"""Finds the values that a condition is about."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a rule asks of a request."""

    name: str
    look: Look
    pattern: Pattern

    def difference(self, received: Received) -> str | None:
        """Return why a request does not meet it, None when it does."""
        difference = self.pattern.difference(self.look(received))
        return difference and f"{self.name} {difference}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition may be about: how to find it, and how a plain value is compared.

    One that is ``whole`` is a number, which no text equals.
    """

    help: str
    look: Look
    manner: Manner = "equals"
    presence: bool = False
    whole: bool = False


def _filled(text: str) -> Values:
    return [text] if text else []


def _member(name: str) -> Look:
    def look(received: Received) -> Values:
        value = received.body.get(name)
        return [] if value is None else [value]

    return look


def _conversation(received: Received) -> Values:
    return [] if received.conversation is None else [received.conversation]


SUBJECTS: Final[Mapping[str, Subject]] = {
    "model": Subject("the model's name", lambda received: _filled(received.model)),
    "input": Subject(
        "the text of the request's own input: messages and outputs of tools",
        lambda received: _filled(received.input),
        "contains",
    ),
    "message": Subject(
        "the text of the user's last message",
        lambda received: _filled(received.message),
        "contains",
    ),
    "instructions": Subject(
        "the instructions, and system and developer messages",
        lambda received: received.instructions,
        "contains",
        presence=True,
    ),
    "tool": Subject(
        "the name of a tool on offer, or the type of a hosted one",
        lambda received: received.tools,
        presence=True,
    ),
    "tool_result": Subject(
        "the output of a tool that the input ends with; true or false: whether it does",
        lambda received: received.tool_results,
        "contains",
        presence=True,
    ),
    "tool_result_of": Subject(
        "the name of the tool whose output the input ends with",
        lambda received: received.answered,
    ),
    "turn": Subject(
        "which turn of the model's in the conversation it is, from 1 on",
        lambda received: [received.turn],
        whole=True,
    ),
    "previous_response_id": Subject(
        "the id, or true or false: whether there is one",
        _member("previous_response_id"),
        presence=True,
    ),
    "conversation": Subject(
        "the conversation's id, or true or false: whether there is one",
        _conversation,
        presence=True,
    ),
}
"""The subjects that take one pattern."""

MAPPINGS: Final = {
    "metadata": "the values of the metadata's keys",
    "headers": "the values of HTTP headers",
    "json": "what JSONPaths lead to in the request's body",
}
"""The subjects that take a pattern for each of their keys."""


def read(node: Node) -> tuple[Condition, ...]:
    """Read the conditions of a rule; raise RuleError for those that make no sense.

    In Python a condition may also be a function that takes the ``Received`` request.
    """
    if callable(node.value):
        return (Condition("the request", lambda received: [received], pattern.read(node)),)
    node.mapping((*SUBJECTS, *MAPPINGS), "match")
    found: list[Condition] = []
    for name, member in node.members():
        if member.value is None:
            raise member.error("there is nothing to compare with; write false or a pattern")
        if name in MAPPINGS:
            found += [_of_key(name, key, entry) for key, entry in member.named(name).members()]
        else:
            subject = SUBJECTS[name]
            if subject.whole:
                _check_whole(member, name)
            test = pattern.read(member, subject.manner, presence=subject.presence)
            found.append(Condition(name, subject.look, test))
    return tuple(found)


def _check_whole(node: Node, name: str) -> None:
    several = isinstance(node.value, list | tuple)
    for entry in node.entries(name) if several else (node,):
        if isinstance(entry.value, str | bool):
            entry.whole(name)


def _of_key(name: str, key: str, node: Node) -> Condition:
    test = pattern.read(node, presence=name != "json")
    if name == "json":
        try:
            path = JsonPath.read(key, strict=True)
        except ValueError as problem:
            raise node.error(str(problem)) from None
        return Condition(key, lambda received: path.find(received.body), test)
    look = _header(key) if name == "headers" else _metadata(key)
    return Condition(f"{name}.{key}", look, test)


def _header(name: str) -> Look:
    folded = name.lower()

    def look(received: Received) -> Values:
        value = received.headers.get(folded)
        return [] if value is None else [value]

    return look


def _metadata(key: str) -> Look:
    def look(received: Received) -> Values:
        metadata: Any = received.body.get("metadata")
        given = isinstance(metadata, dict) and key in metadata
        return [metadata[key]] if given else []

    return look
