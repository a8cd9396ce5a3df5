"""Recordings and the outcome of a test: misses go into its report, unplayed ones fail it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from mockserver.server import MockServer

SECTION: Final = "mockserver: no recorded interaction matched"
"""Title of the section of a failure that holds the misses of its test."""

_RUNNING: Final = pytest.StashKey[list["MockServer"]]()
_BEFORE: Final = pytest.StashKey[dict[int, int]]()
_EXPECTED: Final = pytest.StashKey[list[Callable[[], None]]]()


@contextmanager
def running(config: pytest.Config, server: MockServer) -> Iterator[MockServer]:
    """Run a server, and let the tests of its time tell what they asked it in vain."""
    servers = config.stash.setdefault(_RUNNING, [])
    with server:
        servers.append(server)
        try:
            yield server
        finally:
            servers.remove(server)


def expect(item: pytest.Item, check: Callable[[], None]) -> None:
    """Let a test that passes fail when a check of its server raises AssertionError."""
    item.stash.setdefault(_EXPECTED, []).append(check)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note how many misses there were before the test."""
    servers = item.config.stash.get(_RUNNING, [])
    item.stash[_BEFORE] = {id(server): server.missed for server in servers}
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test that got through without what was recorded or scripted for it."""
    outcome = yield
    for check in item.stash.get(_EXPECTED, []):
        try:
            check()
        except AssertionError as problem:
            raise pytest.fail.Exception(str(problem), pytrace=False) from None
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the misses of a test that failed, which may be why it did.

    What it did not come to ask for is no reason to drop the recording of it.
    """
    report = yield
    if report.failed:
        for server in item.config.stash.get(_RUNNING, []):
            server.keep_unused()
    if report.failed and (told := _misses(item)):
        report.sections.append((SECTION, "\n\n".join(told)))
    return report


def _misses(item: pytest.Item) -> list[str]:
    before = item.stash.get(_BEFORE, {})
    told: list[str] = []
    for server in item.config.stash.get(_RUNNING, []):
        new = server.missed - before.get(id(server), 0)
        told += [miss.text() for miss in server.misses[-new:]] if new else []
    return told
