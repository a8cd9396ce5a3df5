"""The pytest plugin: a running server as a fixture. Imports nothing heavy until a test asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.pytest_mutations import MARKER, mutated, note_played
from mockserver.pytest_mutations import mockserver_mutation as mockserver_mutation
from mockserver.pytest_mutations import pytest_generate_tests as pytest_generate_tests
from mockserver.pytest_remote import (
    SHARED,
    forget,
    kept,
    running_server,
    set_clock_and_limits,
    set_up,
)
from mockserver.pytest_replay import expect, running
from mockserver.pytest_replay import pytest_runtest_call as pytest_runtest_call
from mockserver.pytest_replay import pytest_runtest_makereport as pytest_runtest_makereport
from mockserver.pytest_replay import pytest_runtest_setup as pytest_runtest_setup
from mockserver.pytest_script import Scripted
from mockserver.pytest_survival import pytest_terminal_summary as pytest_terminal_summary

if TYPE_CHECKING:
    from mockserver.handle import Handle
    from mockserver.mutations import Mutation
    from mockserver.server import MockServer

_WRITING = ("once", "new_episodes", "all", "rewrite")
_MODES = ("none", *_WRITING, "verify")
_MARKER = (
    "mockserver(scenario=None, rules=None, script=None, script_done=False, cassette=None, "
    "assert_all_played=None, **settings): set up the mockserver fixture: scenario flags, rules and "
    "steps of a script, whether all steps must be used, cassettes to replay, whether all in them "
    "must be played (so it is for files, unless a scenario is set), and any setting such as seed=7 "
    "or clock='virtual'"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flags, all under our own prefix so that they meet nobody else's."""
    group = parser.getgroup("mockserver", "test double of the OpenAI Responses API")
    group.addoption(
        "--mockserver-seed",
        type=int,
        default=None,
        help="seed of all servers, whatever markers and mockserver_config say",
    )
    group.addoption(
        "--mockserver-url",
        default=os.environ.get("MOCKSERVER_URL"),
        help="use this running server, each test in a namespace of its own (MOCKSERVER_URL); its "
        "control token is taken from MOCKSERVER_CONTROL_TOKEN",
    )

    group.addoption(
        "--mockserver-record-mode",
        choices=_MODES,
        default=None,
        help="record mode of all servers, whatever markers and mockserver_config say",
    )
    group.addoption(
        "--mockserver-upstream",
        metavar="URL",
        default=None,
        help="base URL of the API that is recorded, such as https://api.openai.com/v1",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    config.addinivalue_line("markers", _MARKER)
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def mockserver_config() -> dict[str, Any]:
    """Settings of every server, by name; override it to set your own."""
    return {}


@pytest.fixture
def mockserver_cassette_dir(request: pytest.FixtureRequest) -> Path:
    """The folder that relative cassette names are looked up in: ``cassettes`` beside the test."""
    return request.path.parent / "cassettes"


@pytest.fixture
def mockserver_cassette_name(request: pytest.FixtureRequest) -> str:
    """The cassette of a test whose marker names none, below ``mockserver_cassette_dir``.

    It is recorded in a record mode, and replayed where it exists: ``<module>/<test>.yaml``.
    """
    from mockserver.cassette.naming import cassette_path

    group = "" if request.cls is None else f"{request.cls.__name__}."
    test = f"{group}{request.node.name}".replace("/", "\\")  # a parameter makes no folders
    return cassette_path(Path(), f"{request.path.stem}/{test}").as_posix()


@pytest.fixture(scope="session")
def make_mockserver(
    mockserver_config: dict[str, Any], pytestconfig: pytest.Config
) -> Iterator[Callable[..., MockServer]]:
    """Return a function that starts a server with further settings; all stop with the session."""
    with ExitStack() as servers:

        def make(**settings: Any) -> MockServer:
            server = _new(pytestconfig, {**mockserver_config, **settings})
            return servers.enter_context(running(pytestconfig, server))

        yield make


@pytest.fixture(scope="session")
def mockserver_session(
    make_mockserver: Callable[..., MockServer], pytestconfig: pytest.Config
) -> Iterator[Handle]:
    """The one server of the session (and of the worker, under xdist), on a free port.

    With ``--mockserver-url`` it is that one, in a namespace of the worker's own.
    """
    if (remote := running_server(pytestconfig, "")) is None:
        yield make_mockserver()
    else:
        yield remote
        remote.drop(remote.namespace)


@pytest.fixture
def mockserver(
    request: pytest.FixtureRequest,
    mockserver_config: dict[str, Any],
    mockserver_cassette_dir: Path,
    mockserver_cassette_name: str,
    mockserver_mutation: Mutation | None,
) -> Iterator[Handle]:
    """A running server that knows nothing yet; the ``mockserver`` marker sets it up.

    Tests whose marker names no settings but the clock and rate limits share the session's server,
    cleared for each of them.
    """
    options = mutated(request.node, _marked(request))
    scenario = options.pop("scenario", None)
    scripted = Scripted.take(options, request)
    named = options.pop("cassette", None)
    if named is None and (mockserver_cassette_dir / mockserver_cassette_name).exists():
        named = mockserver_cassette_name
    if named is not None or "record_mode" in {**mockserver_config, **options}:
        named = named or mockserver_cassette_name
        _settle_mode(request.config, mockserver_config, options)
    merged = {**mockserver_config, **options}
    new = merged.get("record_mode", "none") in _WRITING
    cassettes = _cassettes(named, mockserver_cassette_dir, request, new=new)
    all_played = options.pop("assert_all_played", None)
    if all_played is None:
        whole = bool(cassettes) and not any(map(Path.is_dir, cassettes))
        all_played = whole and not scenario and not merged.get("drop_unused")
    if cassettes:
        options["cassettes"] = cassettes
    _check(scenario, options)
    with ExitStack() as own:
        server: Handle
        started: MockServer | None = None
        if (remote := running_server(request.config, request.node.nodeid)) is not None:
            own.callback(remote.drop, remote.namespace)
            server = remote
            set_up(remote, request.config, {**kept(mockserver_config), **options})
        elif options.keys() - SHARED:
            started = _new(request.config, {**mockserver_config, **options})
            server = own.enter_context(running(request.config, started))
        else:
            server = request.getfixturevalue("mockserver_session")
            forget(server)
            if options or scenario:
                own.callback(server.clear)
            set_clock_and_limits(server, options)
        server.scenario(scenario)
        scripted.enter(request.node, server)
        if all_played and started is not None:
            expect(request.node, started.assert_all_played)
        own.callback(note_played, request.node, mockserver_mutation, server)
        yield server
    if started is not None and started.problems:
        pytest.fail("\n".join(started.problems), pytrace=False)


@pytest.fixture
def mockserver_env(mockserver: Handle, monkeypatch: pytest.MonkeyPatch) -> Handle:
    """Point the SDKs at the server: ``OPENAI_BASE_URL`` and a dummy ``OPENAI_API_KEY``."""
    monkeypatch.setenv("OPENAI_BASE_URL", mockserver.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mockserver")
    return mockserver


def _settle_mode(config: pytest.Config, broad: dict[str, Any], options: dict[str, Any]) -> None:
    """Let the flags say how a test that has cassettes is recorded, whatever else says so.

    Raises UsageError for a mode that there is not.
    """
    given = {**broad, **options}.get("record_mode", "none")
    if given not in _MODES:
        raise pytest.UsageError(
            f"the mockserver marker: record_mode: {given!r} is not one of {', '.join(_MODES)}"
        )
    upstream = config.getoption("--mockserver-upstream")
    mode = config.getoption("--mockserver-record-mode")
    if mode is None and upstream is not None and "record_mode" not in {**broad, **options}:
        theirs = config.getoption("--record-mode", default=None)  # pytest-recording's
        mode = theirs if theirs in _MODES else None
    if upstream is not None:
        options["upstream"] = upstream
    if mode is not None:
        options["record_mode"] = mode


def _new(config: pytest.Config, settings: dict[str, Any]) -> MockServer:
    from mockserver.server import MockServer

    if (seed := config.getoption("--mockserver-seed")) is not None:
        settings["seed"] = seed
    return MockServer(**settings)


def _check(scenario: Any, options: dict[str, Any]) -> None:
    """Raise UsageError for a marker that names settings or flags which do not exist."""
    from mockserver.config import OPTIONS, Settings
    from mockserver.flags import check

    if unknown := sorted(options.keys() - OPTIONS.keys()):
        known = ", ".join(OPTIONS)
        raise pytest.UsageError(
            f"the mockserver marker has no {', '.join(unknown)}; it takes scenario, rules, script, "
            f"script_done, cassette, assert_all_played and any of {known}"
        )
    try:
        check(Settings(**options, scenario=scenario).scenario)
    except ValueError as problem:
        raise pytest.UsageError(f"the mockserver marker: {problem}") from None


def _marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Merge the markers of a test, the nearest one last."""
    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("mockserver"))):
        if marker.args:
            raise pytest.UsageError(f"the mockserver marker takes keyword arguments: {_MARKER}")
        options.update(marker.kwargs)
    return options


def _cassettes(
    named: Any, folder: Path, request: pytest.FixtureRequest, *, new: bool
) -> tuple[Path, ...]:
    """Return the paths of one cassette name or several, found by the test or the root.

    A ``new`` one that is nowhere yet is to be in the folder.
    """
    names = [] if named is None else list(named) if isinstance(named, list | tuple) else [named]
    root = request.config.rootpath
    places = list(dict.fromkeys((folder, request.path.parent, root / "cassettes", root)))
    paths = []
    for name in names:
        if not isinstance(name, str | Path):
            raise pytest.UsageError(
                f"the mockserver marker: cassette is a name or a list of names, not {name!r}"
            )
        found = next((place / name for place in places if (place / name).exists()), None)
        if found is None and not new:
            looked = ", ".join(map(str, places))
            raise pytest.UsageError(
                f"cassette {str(name)!r} is in none of {looked}; record it with "
                "--mockserver-record-mode=once --mockserver-upstream=URL"
            )
        paths.append(found or folder / name)
    return tuple(paths)
