"""Mutation replay in pytest: a test case for each change of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver.pytest_survival import PLAYED, PROPERTY

if TYPE_CHECKING:
    from mockserver.handle import Handle
    from mockserver.mutations import Mutation

MARKER: Final = (
    "mockserver_mutations(*cassettes, request=None, only=None, known=(), every_delta=False): run "
    "the test once for each single change of a green conversation, which is on the cassettes or "
    "is what the request (or a list of them) gets"
)
_NAME: Final = "mockserver_mutations"
_OPTIONS: Final = frozenset({"request", "only", "known", "every_delta"})

Case = tuple["Mutation", tuple[Path, ...]]
"""A change, and the cassettes of the conversation that it changes."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test that has the marker a case for each change."""
    marker = metafunc.definition.get_closest_marker(_NAME)
    if marker is None:
        return
    if PROPERTY not in metafunc.fixturenames:
        raise _refusal(f"a test with the {_NAME} marker needs the mockserver fixture")
    if unknown := sorted(marker.kwargs.keys() - _OPTIONS):
        raise _refusal(f"the {_NAME} marker has no {', '.join(unknown)}: {MARKER}")
    paths = tuple(_found(metafunc, name) for name in marker.args)
    options = marker.kwargs
    found = _generated(metafunc, paths, options.get("request"), options)
    known = set(_several(options.get("known", ())))
    if strange := sorted(known - {mutation.id for mutation in found}):
        raise _refusal(f"the {_NAME} marker knows {', '.join(strange)}, which is no case")
    metafunc.parametrize(
        PROPERTY,
        [
            pytest.param(
                (mutation, paths),
                id=mutation.id,
                marks=[pytest.mark.xfail(strict=True)] if mutation.id in known else [],
            )
            for mutation in found
        ],
        indirect=True,
    )


def _generated(
    metafunc: pytest.Metafunc, paths: tuple[Path, ...], request: Any, options: Mapping[str, Any]
) -> list[Mutation]:
    """Return the changes of the conversation that a marker names; fail without one."""
    from mockserver.cassette import CassetteError
    from mockserver.mutations import SORTS, mutations, recorded, synthesised
    from mockserver.schema.errors import ApiError

    if bool(paths) == (request is not None):
        raise _refusal(f"the {_NAME} marker takes either cassettes or a request")
    only = _several(options.get("only") or SORTS)
    if strange := sorted(set(only) - set(SORTS)):
        raise _refusal(
            f"the {_NAME} marker has no sort {', '.join(strange)}; there are {', '.join(SORTS)}"
        )
    try:
        if request is None:
            turns = recorded(paths)
        else:
            turns = synthesised(_requests(request), _settings(metafunc))
    except (ApiError, CassetteError, OSError, ValueError) as problem:
        raise _refusal(f"the {_NAME} marker of {metafunc.definition.nodeid}: {problem}") from None
    if not turns:
        raise _refusal(f"there is no response on {', '.join(map(str, paths))}")
    every_delta = bool(options.get("every_delta"))
    found = mutations(turns, only=only, every_delta=every_delta)
    if not found:
        others = dict.fromkeys(each.sort for each in mutations(turns, every_delta=every_delta))
        raise _refusal(
            f"the {_NAME} marker of {metafunc.definition.nodeid} makes no case: this conversation "
            f"has no {', '.join(only)}, but {', '.join(others)}"
        )
    return found


def _several(named: Any) -> tuple[Any, ...]:
    """Return what the marker names, one thing or several."""
    return (named,) if isinstance(named, str) else tuple(named)


def _requests(given: Any) -> list[Any]:
    """Return the requests that the marker names; raise ValueError for what is none."""
    requests = list(given) if isinstance(given, list | tuple) else [given]
    for request in requests:
        if not isinstance(request, dict):
            raise ValueError(f"a request is a mapping with model and input, not {request!r}")
    return requests


def _settings(metafunc: pytest.Metafunc) -> Any:
    """Return the settings that the markers of a test name."""
    from mockserver.config import OPTIONS, Settings

    named: dict[str, Any] = {}
    for marker in reversed(list(metafunc.definition.iter_markers("mockserver"))):
        named.update(marker.kwargs)
    settings = {name: value for name, value in named.items() if name in OPTIONS}
    if (seed := metafunc.config.getoption("--mockserver-seed")) is not None:
        settings["seed"] = seed
    return Settings(**{**settings, "scenario": None})


def _found(metafunc: pytest.Metafunc, name: Any) -> Path:
    """Return the cassette of a name, beside the test or at the root."""
    if not isinstance(name, str | Path):
        raise _refusal(f"the {_NAME} marker takes names of cassettes, not {name!r}: {MARKER}")
    root, beside = metafunc.config.rootpath, metafunc.definition.path.parent
    places = list(dict.fromkeys((beside / "cassettes", beside, root / "cassettes", root)))
    for place in places:
        for path in (place / name, place / f"{name}.yaml"):
            if path.is_file():
                return path
    looked = ", ".join(map(str, places))
    raise _refusal(f"cassette {str(name)!r} of the {_NAME} marker is in none of {looked}")


def _refusal(sentence: str) -> BaseException:
    """Return what fails the collection of a test, without a trace through pytest."""
    return pytest.fail.Exception(sentence, pytrace=False)


@pytest.fixture
def mockserver_mutation(request: pytest.FixtureRequest) -> Mutation | None:
    """The change that the test's server makes; None in a test without mutations."""
    case: Case | None = getattr(request, "param", None)
    if case is None:
        return None
    mutation = case[0]
    whole = request.node.nodeid.partition("[")[0]
    told = [whole, mutation.id, mutation.sort, f"turn {mutation.turn + 1}, {mutation.about}"]
    request.node.user_properties.append((PROPERTY, told))
    return mutation


def mutated(item: pytest.Item, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a test's server with those of its change, if it has one."""
    case: Case | None = getattr(item, "callspec", None) and item.callspec.params.get(PROPERTY)  # type: ignore[attr-defined]
    if case is None:
        return options
    if taken := sorted(options.keys() & {"scenario", "cassette", "assert_all_played"}):
        raise pytest.UsageError(f"a test with the {_NAME} marker takes no {', '.join(taken)}")
    mutation, paths = case
    ours: dict[str, Any] = {"scenario": mutation.flags}
    if paths:
        # A client that tries again is to meet the same recording, whole this time.
        ours |= {"cassette": paths, "repeat": "last", "strict": True, "assert_all_played": False}
    return {**options, **ours}


def note_played(item: pytest.Item, mutation: Mutation | None, server: Handle) -> None:
    """Note whether the change of a test has been met."""
    if mutation is not None:
        played = any(mutation.sort in call.faults for call in server.calls)
        item.user_properties.append((PLAYED, played))
