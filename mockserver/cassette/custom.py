"""Functions of the user that say what is equal: found, called, and named when they fail."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import orjson

from mockserver.cassette import redact
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.request import Request
from mockserver.jsonpath import GRAMMAR, JsonPath

Matcher: TypeAlias = Callable[[Request, Request], object]
"""Tells whether a recorded request (first) is equal to the one asked, as vcrpy's matchers do.

A false value and AssertionError say no; None, which functions that only assert return, says yes.
"""
Normaliser: TypeAlias = Callable[[Request], Request]
"""Returns the request that is to be compared in place of one that was recorded or asked."""


@dataclass(frozen=True, slots=True)
class Ignoring:
    """A normaliser that takes values out of JSON bodies."""

    paths: tuple[JsonPath, ...]

    def __call__(self, request: Request) -> Request:
        try:
            document = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            return request
        for path in self.paths:
            path.remove(document)
        return replace(request, body=orjson.dumps(document))

    def __str__(self) -> str:
        return f"leaving out {', '.join(path.text for path in self.paths)}"


def ignoring(texts: Iterable[str]) -> Ignoring:
    """Return the normaliser for paths; raise ValueError for one that leads to no value."""
    paths = []
    for text in texts:
        try:
            path = JsonPath.read(text)
        except ValueError as problem:
            raise ValueError(f"ignore_body: {problem}") from None
        if not path.steps:
            raise ValueError(f"ignore_body: the path '{text}' names no value: {GRAMMAR}")
        paths.append(path)
    return Ignoring(tuple(paths))


def function(found: Any) -> Any:
    """Return a function that is given, or named as ``module:function``."""
    if not isinstance(found, str):
        if callable(found):
            return found
        raise ValueError(f"{found!r} is neither a name nor a function")
    module, _, name = found.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as problem:
        raise ValueError(f"{found!r} cannot be imported as module:function: {problem}") from None
    if not callable(function):
        raise ValueError(f"{found!r} is not a function")
    return function


def normalised(normaliser: Normaliser, request: Request) -> Request:
    """Return what a normaliser makes of a request; raise CassetteError when it fails."""
    changed = _call(normaliser, "normaliser", request)
    if not isinstance(changed, Request):
        raise CassetteError(
            f"the normaliser {name(normaliser)} must return a Request, not {changed!r:.60}"
        )
    return changed


def says_yes(matcher: Matcher, recorded: Request, asked: Request) -> bool:
    """Tell whether a matcher takes two requests for equal; raise CassetteError when it fails."""
    try:
        answer = _call(matcher, "matcher", recorded, asked)
    except AssertionError:
        return False
    # A matcher of vcrpy's kind asserts, and returns nothing when it agrees.
    return answer is None or bool(answer)


def _call(function: Callable[..., object], kind: str, *requests: Request) -> object:
    try:
        return function(*requests)
    except AssertionError:
        if kind == "matcher":
            raise
        problem = "an assertion does not hold"
    except Exception as error:  # it is the user's own code: say whose and on what
        problem = f"{type(error).__name__}: {error}"
    asked = requests[-1]
    raise CassetteError(
        f"the {kind} {name(function)} fails on {asked.method} {redact.text(asked.path)}: "
        f"{redact.text(problem)}"
    )


def name(function: object) -> str:
    """Return what a function is called in messages."""
    return str(getattr(function, "__name__", None) or function)
