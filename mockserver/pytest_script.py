"""Rules and scripts of a test, as its marker names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from mockserver.pytest_replay import expect

if TYPE_CHECKING:
    from mockserver.handle import Handle


@dataclass(frozen=True, slots=True)
class Scripted:
    """What answers the requests of a test: rules, files of them, and the steps of one script."""

    rules: tuple[Any, ...]
    steps: tuple[Any, ...]
    done: bool

    @classmethod
    def take(cls, options: dict[str, Any], request: pytest.FixtureRequest) -> Self:
        """Take what the marker says of it out of its options; raise UsageError for nonsense."""
        rules = tuple(_found(rule, request) for rule in _several(options.pop("rules", None)))
        steps = _several(options.pop("script", None))
        done = options.pop("script_done", False)
        if not isinstance(done, bool):
            raise pytest.UsageError(
                f"the mockserver marker: script_done is True or False, not {done!r}"
            )
        return cls(rules, steps, done)

    def enter(self, item: pytest.Item, server: Handle) -> None:
        """Let it answer; raise UsageError, naming the place, for rules that make no sense."""
        try:
            with _placed("rules"):
                server.rules(*self.rules)
            if self.steps:
                with _placed("script"):
                    server.script(*self.steps)
        except ValueError as problem:
            raise pytest.UsageError(f"the mockserver marker: {problem}") from None
        if self.done:
            expect(item, server.assert_script_done)


@contextmanager
def _placed(option: str) -> Iterator[None]:
    """Let the place of what is wrong begin with the marker's word for it."""
    from mockserver.rules import RuleError

    try:
        yield
    except RuleError as problem:
        if problem.path is None:
            # A script is one rule whose steps the marker has.
            within = problem.steps if option == "rules" else problem.steps[2:]
            problem.steps = (option, *within)
        raise


def _several(named: Any) -> tuple[Any, ...]:
    """Return what the marker names, one thing or a list of them."""
    if named is None:
        return ()
    return (named,) if isinstance(named, str | Path | Mapping) else tuple(named)


def _found(rule: Any, request: pytest.FixtureRequest) -> Any:
    """Return a rule as it is, and for a name the file or folder, found by the test or the root."""
    if not isinstance(rule, str | Path):
        return rule
    root, here = request.config.rootpath, request.path.parent
    places = list(dict.fromkeys((here / "fixtures", here, root / "fixtures", root)))
    found = next((place / rule for place in places if (place / rule).exists()), None)
    if found is None:
        looked = ", ".join(map(str, places))
        raise pytest.UsageError(f"rules {str(rule)!r} are in none of {looked}")
    return found
