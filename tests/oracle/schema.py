"""Strict checks of JSON values, compiled from the annotations of the SDK's models."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args, get_origin

from oracle import sdk
from oracle.problem import (
    MISSING,
    UNKNOWN_KEY,
    UNKNOWN_KIND,
    WRONG_TYPE,
    WRONG_VALUE,
    Place,
    Problem,
)

ROOT: Final = Place()
Check: TypeAlias = Callable[[Any, Place, list[Problem]], None]
"""Check a value at a place and add what is wrong to the list."""


@dataclass(frozen=True)
class Rule:
    """What one annotation demands: the JSON type it takes, in words, and the check within it."""

    takes: str
    check: Check


def check_model(model: sdk.Model, value: Any, place: Place = ROOT) -> list[Problem]:
    """Check a value against one model, at every level; return what is wrong."""
    found: list[Problem] = []
    if isinstance(value, dict):
        _check_object(model, value, place, found)
    else:
        found.append(_mismatch(value, place, "object"))
    return found


def check_tagged(union: Any, value: Any, place: Place = ROOT) -> list[Problem]:
    """Check an object against the member of a union that its ``type`` names."""
    found: list[Problem] = []
    compiled(union)(value, place, found)
    return found


@functools.cache
def compiled(annotation: Any) -> Check:
    """Return the check that an annotation stands for; unions are entered by ``type``."""
    rules = [_rule(member) for member in sdk.members(annotation) if not sdk.is_model(member)]
    models = tuple(member for member in sdk.members(annotation) if sdk.is_model(member))
    if models:
        rules.append(Rule("object", functools.partial(_check_tagged, models)))
    if len(rules) == 1 and rules[0].takes == "anything":
        return rules[0].check
    return functools.partial(_check_any, tuple(rules))


def _rule(annotation: Any) -> Rule:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in (Any, object):
        return Rule("anything", _accept)
    if annotation in SCALARS:
        return Rule(SCALARS[annotation], _accept)
    if origin is Literal:
        return Rule(_json_type(arguments[0]), functools.partial(_check_literal, arguments))
    if origin is list:
        return Rule("array", functools.partial(_check_list, compiled(arguments[0])))
    if origin is dict:
        return Rule("object", functools.partial(_check_map, compiled(arguments[1])))
    raise TypeError(f"no rule for the annotation {annotation!r}")


SCALARS: Final[dict[Any, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


def _json_type(value: Any) -> str:
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return SCALARS[type(value)]


def _mismatch(value: Any, place: Place, *takes: str) -> Problem:
    return Problem(place, WRONG_TYPE, f"{_json_type(value)} instead of {' or '.join(takes)}")


def _check_any(rules: tuple[Rule, ...], value: Any, place: Place, found: list[Problem]) -> None:
    """Let the rules for this JSON type judge the value; the mildest verdict counts."""
    given = _json_type(value)
    fitting = ("number", given, "anything") if given == "integer" else (given, "anything")
    verdicts: list[list[Problem]] = []
    for rule in rules:
        if rule.takes in fitting:
            verdict: list[Problem] = []
            rule.check(value, place, verdict)
            if not verdict:
                return
            verdicts.append(verdict)
    if verdicts:
        found += _mildest(verdicts)
    else:
        found.append(_mismatch(value, place, *dict.fromkeys(rule.takes for rule in rules)))


def _check_tagged(
    models: tuple[sdk.Model, ...], value: dict[str, Any], place: Place, found: list[Problem]
) -> None:
    """Check an object against the models whose ``type`` it carries; the mildest verdict counts."""
    fitting = _candidates(models, value.get("type") if "type" in value else ...)
    if not fitting:
        here = place.key("type")
        told = Problem(here, MISSING)
        found.append(Problem(here, UNKNOWN_KIND, repr(value["type"])) if "type" in value else told)
        return
    verdicts: list[list[Problem]] = []
    for model in fitting:
        verdicts.append([])
        _check_object(model, value, place, verdicts[-1])
    found += _mildest(verdicts)


def _mildest(verdicts: list[list[Problem]]) -> list[Problem]:
    return min(verdicts, key=len)


def _candidates(models: tuple[sdk.Model, ...], tag: Any) -> tuple[sdk.Model, ...]:
    """Return the models that an object of this ``type`` may be; ``...`` stands for no type."""
    return _tagged_models(models, tag) if isinstance(tag, str | type(...)) else ()


@functools.cache
def _tagged_models(models: tuple[sdk.Model, ...], tag: Any) -> tuple[sdk.Model, ...]:
    return tuple(model for model in models if _may_be(model, tag))


def _may_be(model: sdk.Model, tag: Any) -> bool:
    info = sdk.fields(model).get("type")
    if info is None:
        return True
    allowed = sdk.literals(sdk.annotation(info))
    return not info.is_required() if tag is ... else not allowed or tag in allowed


def _check_object(
    model: sdk.Model, value: dict[str, Any], place: Place, found: list[Problem]
) -> None:
    place = place.tagged(value)
    checks, required = _compiled_fields(model)
    for key, member in value.items():
        check = checks.get(key)
        if check is None:
            found.append(Problem(place.key(key), UNKNOWN_KEY))
        else:
            check(member, place.key(key), found)
    found += [Problem(place.key(key), MISSING) for key in required if key not in value]


@functools.cache
def _compiled_fields(model: sdk.Model) -> tuple[dict[str, Check], tuple[str, ...]]:
    checks = {key: compiled(sdk.annotation(info)) for key, info in sdk.fields(model).items()}
    return checks, tuple(sorted(sdk.required(model)))


def _check_literal(
    allowed: tuple[Any, ...], value: Any, place: Place, found: list[Problem]
) -> None:
    if value not in allowed:
        found.append(
            Problem(place, WRONG_VALUE, f"{value!r}, known are {', '.join(map(str, allowed))}")
        )


def _check_list(check: Check, value: list[Any], place: Place, found: list[Problem]) -> None:
    for index, member in enumerate(value):
        check(member, place.item(index), found)


def _check_map(check: Check, value: dict[str, Any], place: Place, found: list[Problem]) -> None:
    for key, member in value.items():
        check(member, place.key(key), found)


def _accept(_value: Any, _place: Place, _found: list[Problem]) -> None:
    """Accept what its JSON type already says."""
