"""Rules and scripts: which requests get which replies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from mockserver.flags import parse
from mockserver.rules import conditions, reply
from mockserver.rules.conditions import Condition
from mockserver.rules.node import Node, shown
from mockserver.rules.received import Received
from mockserver.rules.reply import Reply
from mockserver.schema.errors import ApiError, MockError

_RULE: Final = ("name", "match", "reply", "flags", "nth", "times")
_SCRIPT: Final = ("name", "match", "steps", "loop", "per")
_PER: Final = ("namespace", "conversation")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True, kw_only=True)
class Rule:
    """What answers the requests that meet all conditions.

    ``reply`` is what is said, None for what would be said anyway, and ``flags`` what holds for it
    beside. Of the requests that meet the conditions it answers only those whose numbers are in
    ``nth``, if that is given, and ``times`` of them at most. ``label`` names it to people.
    """

    label: str
    conditions: tuple[Condition, ...] = ()
    reply: Reply | None = None
    flags: str = ""
    nth: frozenset[int] = frozenset()
    times: int | None = None

    @property
    def refuses(self) -> bool:
        """Whether it answers with an error in place of a response, after which clients retry."""
        recording = self.reply.recording if self.reply else None
        failed = recording is not None and recording.response is None
        return failed or parse(self.flags).http is not None

    def differences(self, received: Received) -> list[str]:
        """Return why a request does not meet the conditions; nothing when it does.

        Raises ApiError for a condition that is a function of the user's and fails.
        """
        return _differences(self.label, self.conditions, received)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True, kw_only=True)
class Script:
    """Steps that answer one request after another, each its ``times`` (once).

    A request that does not meet the conditions, or those of the step whose turn it is, is left to
    the rules that follow. After the last step it begins anew for ``loop`` rounds in all, or for
    ever (None). With ``per_conversation`` each conversation has its own way through the steps.
    """

    label: str
    conditions: tuple[Condition, ...] = ()
    steps: tuple[Rule, ...] = ()
    loop: int | None = 1
    per_conversation: bool = False

    def differences(self, received: Received, step: Rule) -> list[str]:
        """Return why a request is not for a step of this script; nothing when it is."""
        return _differences(self.label, self.conditions, received) + step.differences(received)

    def sequence(self) -> list[Rule]:
        """Return the steps of one round, each as often as it answers."""
        return [step for step in self.steps for _ in range(step.times or 1)]


Entry: TypeAlias = Rule | Script


def read(
    value: Any, source: str = "", folder: Path | None = None, *, before: int = 0
) -> list[Entry]:
    """Read rules: a list of them, or a mapping with the list under ``rules``.

    An entry with ``steps`` is a script. ``source`` says where they are from, ``folder`` where
    relative names of cassettes are looked up (None: they may name none), and ``before`` how many
    there are already of that source. Raises RuleError, naming the place, for what makes no sense.
    """
    node = Node(value)
    if isinstance(value, dict):
        node.mapping(("rules",), "a file of rules")
        found = node.get("rules")
        if found is None:
            raise node.error("there are no rules; begin with 'rules:' and list them")
        node = found
    return [
        _entry(entry, f"{source}#{number}", folder)
        for number, entry in enumerate(node.entries("the rules"), before + 1)
    ]


def _entry(node: Node, place: str, folder: Path | None) -> Entry:
    if not isinstance(node.value, dict):
        raise node.error(f"a rule is a mapping with match and reply, not {shown(node.value)}")
    return _script(node, place, folder) if "steps" in node.value else _rule(node, place, folder)


def _rule(node: Node, place: str, folder: Path | None, *, within: bool = False) -> Rule:
    if within and isinstance(node.value, str):
        return Rule(label=place, reply=reply.read(node, folder))
    if within and not isinstance(node.value, Mapping):
        raise node.error(f"a step is a text or a mapping, not {shown(node.value)}")
    node.mapping(_RULE, "a step" if within else "a rule")
    match, said = node.get("match"), node.get("reply")
    flags = _flags(node)
    if said is None and not flags:
        raise node.error("it answers nothing: give it a reply, or flags such as http:429")
    times = node.get("times")
    nth = node.get("nth")
    if nth is not None and within:
        raise nth.error("a step has no nth: its place in the script says when it answers")
    return Rule(
        label=_label(node, place, within=within),
        conditions=conditions.read(match) if match else (),
        reply=reply.read(said, folder) if said else None,
        flags=flags,
        nth=frozenset(_numbers(nth)) if nth else frozenset(),
        times=times.whole("times") if times else None,
    )


def _script(node: Node, place: str, folder: Path | None) -> Script:
    node.mapping(_SCRIPT, "a script")
    match = node.get("match")
    label = _label(node, place)
    listed = Node(node.value["steps"], (*node.steps, "steps"))
    steps = tuple(
        _rule(step, f"{label}, step {number}", folder, within=True)
        for number, step in enumerate(listed.entries("steps"), 1)
    )
    if not steps:
        raise listed.error("the script has no steps")
    return Script(
        label=label,
        conditions=conditions.read(match) if match else (),
        steps=steps,
        loop=_loop(node.get("loop")),
        per_conversation=_per(node.get("per")) == "conversation",
    )


def _differences(label: str, conditions: Iterable[Condition], received: Received) -> list[str]:
    found: list[str] = []
    for condition in conditions:
        try:
            difference = condition.difference(received)
        except ApiError as error:
            error.rule = label
            raise
        except Exception as problem:  # whatever the user's function does, the client is told
            raise _untold(label, condition.name, problem) from problem
        if difference is not None:
            found.append(difference)
    return found


def _untold(label: str, name: str, problem: Exception) -> MockError:
    """Return the error for a condition that does not tell whether a request meets it."""
    return MockError(
        f"The condition of rule '{label}' on {name} failed: {type(problem).__name__}: {problem}",
        "rule_condition_failed",
        rule=label,
    )


def _flags(node: Node) -> str:
    """Return the flags of a rule, given as one text or as a list of them."""
    given = node.get("flags")
    if given is None:
        return ""
    several = isinstance(given.value, list | tuple)
    flags = given.entries("flags") if several else iter([given])
    text = ",".join(flag.text("a flag") for flag in flags)
    try:
        parse(text)
    except ApiError as problem:
        raise given.error(str(problem)) from None
    return text


def _loop(node: Node | None) -> int | None:
    if node is None or node.value is False:
        return 1
    return None if node.value is True else node.whole("loop: true, or how many rounds,")


def _per(node: Node | None) -> str:
    if node is None:
        return _PER[0]
    if node.value not in _PER:
        raise node.error(f"per is {' or '.join(_PER)}, not {shown(node.value)}")
    return str(node.value)


def _numbers(node: Node) -> Iterator[int]:
    several = isinstance(node.value, list | tuple)
    entries: Iterable[Node] = node.entries("nth") if several else [node]
    for entry in entries:
        yield entry.whole("nth")


def _label(node: Node, place: str, *, within: bool = False) -> str:
    """Return what people call a rule: its name, or its place; of a step both."""
    name = node.get("name")
    if name is None:
        return place
    said = name.text("name")
    return f"{place} ({said})" if within else said
