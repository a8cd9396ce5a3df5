"""Criteria of calls: a call matches when there are no differences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from mockserver.history import as_items
from mockserver.journal import Call

Criteria: TypeAlias = Mapping[str, Any]
"""Wanted values by criterion; a callable is asked, a compiled pattern is searched for."""

_SHOWN: Final = 3
_LONGEST: Final = 120


def text_of(call: Call) -> str:
    """Return the text of a request's input, its items on lines of their own."""
    return "\n".join(_texts((call.body or {}).get("input")))


def tools_of(call: Call) -> list[str]:
    """Return the names of the tools that a request offers; a hosted one goes by its type."""
    tools = (call.body or {}).get("tools")
    found = [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    return [str(tool.get("name") or tool.get("type")) for tool in found]


def _in_body(name: str) -> Callable[[Call], Any]:
    return lambda call: (call.body or {}).get(name)


def _own(name: str) -> Callable[[Call], Any]:
    return lambda call: getattr(call, name)


_OF_CALL: Final = (
    *("method", "path", "query", "body", "headers", "status", "stream", "answered_by", "recording"),
    *("response_id", "error", "retry", "scenario", "rule", "disconnected"),
)
_OF_BODY: Final = ("model", "instructions", "previous_response_id", "metadata", "background")

_READ: Final[Mapping[str, Callable[[Call], Any]]] = {
    **{name: _own(name) for name in _OF_CALL},
    **{name: _in_body(name) for name in _OF_BODY},
    "text": text_of,
    "tool": tools_of,
}
"""How each criterion is read off a call."""


def check(wanted: Criteria) -> None:
    """Raise TypeError for criteria that do not exist, and for what are none."""
    if not isinstance(wanted, Mapping):
        raise TypeError(f"criteria are a mapping such as {{'text': 'hi'}}, not {_brief(wanted)}")
    if unknown := sorted(set(wanted) - set(_READ)):
        raise TypeError(
            f"there is no criterion {', '.join(unknown)}; there are {', '.join(sorted(_READ))}"
        )


def differences(call: Call, wanted: Criteria) -> list[str]:
    """Return what keeps a call from being the wanted one, a sentence for each criterion missed."""
    found: list[str] = []
    for name, value in wanted.items():
        found.extend(_differences(name, _READ[name](call), value))
    return found


def _differences(name: str, value: Any, wanted: Any) -> Iterator[str]:
    if isinstance(wanted, re.Pattern):
        if not wanted.search(value if isinstance(value, str) else _brief(value)):
            yield f"{name} {_brief(value)} does not match {wanted.pattern!r}"
    elif callable(wanted):
        if not wanted(value):
            yield f"{name} {_brief(value)} is refused by {getattr(wanted, '__name__', wanted)}"
    elif name == "text":
        if str(wanted) not in value:
            yield f"text {_brief(value)} does not contain {wanted!r}"
    elif name == "tool":
        if wanted not in value:
            yield f"tool {wanted!r} is not offered: {_brief(value)}"
    else:
        yield from _beyond(name, value, wanted)


def _beyond(place: str, value: Any, wanted: Any) -> Iterator[str]:
    """Yield where a value lacks what is wanted; an object may have keys beyond those wanted."""
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        for key, inner in wanted.items():
            if key not in value:
                yield f"{place}.{key} is not there, wanted {_brief(inner)}"
            else:
                yield from _differences(f"{place}.{key}", value[key], inner)
    elif _is_list(wanted) and _is_list(value) and len(wanted) == len(value):
        for number, (got, inner) in enumerate(zip(value, wanted, strict=True)):
            yield from _differences(f"{place}[{number}]", got, inner)
    elif value != wanted:
        yield f"{place} is {_brief(value)}, wanted {_brief(wanted)}"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def wanted_text(wanted: Criteria) -> str:
    """Return criteria as a sentence's object."""
    parts = [f"{name}={_brief(_plain(value))}" for name, value in wanted.items()]
    return "a call" + (" with " + ", ".join(parts) if parts else "")


def _plain(value: Any) -> Any:
    return value.pattern if isinstance(value, re.Pattern) else value


def nearest(calls: Sequence[Call], wanted: Criteria) -> str:
    """Return lines on the calls that have the fewest differences, with these."""
    if not calls:
        return "There were no calls."
    ranked = sorted(calls, key=lambda call: (len(differences(call, wanted)), -call.number))
    lines = [f"The nearest of {len(calls)} calls:"]
    for call in ranked[:_SHOWN]:
        lines.append(f"  {describe(call)}")
        lines += [f"    - {difference}" for difference in differences(call, wanted)]
    return "\n".join(lines)


def describe(call: Call) -> str:
    """Return a call in one line."""
    query = f"?{call.query}" if call.query else ""
    status = f"{call.status} by {call.answered_by}"
    if call.status is None:
        status = "an answer cut short" if call.bytes else "no answer"
    text = text_of(call)
    return f"call {call.number}: {call.method} {call.path}{query} -> {status}" + (
        f", input {_brief(text)}" if text else ""
    )


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _texts(input: Any) -> Iterator[str]:
    if not isinstance(input, str | list):
        return
    items = [item for item in input if isinstance(item, dict)] if _is_list(input) else input
    for item in as_items(items):
        for part in (item.get("content"), item.get("output"), item.get("arguments")):
            if isinstance(part, str):
                yield part
            elif isinstance(part, list):
                yield from (str(one["text"]) for one in part if _has_text(one))


def _has_text(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str)
