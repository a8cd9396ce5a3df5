"""Tests against a server that is there already: a namespace for each, set up by the marker."""

from __future__ import annotations

import os
import socket
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.handle import Handle
    from mockserver.remote import RemoteServer

SHARED = ("clock", "rpm", "tpm")
"""Settings that the session's server takes for one test."""
_REMOTE = (*SHARED, "seed", "strict")
"""Settings that a server takes which runs already."""


def running_server(config: pytest.Config, name: str) -> RemoteServer | None:
    """Return the running server that is to be used, in a namespace that nobody else has."""
    url = config.getoption("--mockserver-url")
    if not url:
        return None
    from mockserver.remote import RemoteServer

    owner = f"{socket.gethostname()}|{os.getpid()}|{name}".encode("utf-8", "surrogateescape")
    try:
        return RemoteServer(
            url,
            token=os.environ.get("MOCKSERVER_CONTROL_TOKEN"),
            namespace=f"pytest-{blake2b(owner, digest_size=12).hexdigest()}",
        )
    except ValueError as problem:
        raise pytest.UsageError(f"--mockserver-url: {problem}") from None


def kept(settings: dict[str, Any]) -> dict[str, Any]:
    """Return those of the settings of every server that a running one takes as well."""
    return {name: value for name, value in settings.items() if name in _REMOTE}


def set_up(server: RemoteServer, config: pytest.Config, options: dict[str, Any]) -> None:
    """Set up a namespace of a running server for a test."""
    if unfit := sorted(options.keys() - {*_REMOTE, "cassettes"}):
        raise pytest.UsageError(
            f"the mockserver marker sets {', '.join(unfit)}, which the running server of "
            f"--mockserver-url cannot take for one test; it takes {', '.join(_REMOTE)}"
        )
    seed = config.getoption("--mockserver-seed")
    # A namespace's own seed depends on its name; with a given one, tests get the same answers
    # wherever they run.
    server.use_seed(options.get("seed", 0) if seed is None else seed)
    if options.keys() & {"cassettes", "strict"}:
        server.use_cassettes(*options.get("cassettes", ()), strict=options.get("strict"))
    set_clock_and_limits(server, options)


def forget(server: Handle) -> None:
    """Make the session's server know nothing, of named namespaces either."""
    server.clear()
    for name in filter(None, server.namespaces()):
        server.drop(name)


def set_clock_and_limits(server: Handle, options: dict[str, Any]) -> None:
    if "clock" in options:
        server.use_clock(options["clock"])
    if options.keys() & {"rpm", "tpm"}:
        server.use_limits(rpm=options.get("rpm"), tpm=options.get("tpm"))
