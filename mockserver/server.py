"""MockServer: the application in a thread of its own, or in the loop that is running."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from aiohttp import web

from mockserver.clock import Clock, Mode
from mockserver.config import Settings, origin
from mockserver.engine import Engine
from mockserver.flags import check
from mockserver.handle import Handle
from mockserver.journal import Call
from mockserver.namespace import DEFAULT
from mockserver.remote import RemoteServer, path_of
from mockserver.schema.base import Json
from mockserver.web.again import ahead
from mockserver.web.app import create_app
from mockserver.web.keys import OWN
from mockserver.web.log import LOGGER

if TYPE_CHECKING:
    from mockserver.cassette import Miss

_NOT_RUNNING: Final = "the server is not running: use it in a with statement or start it"

_log = logging.getLogger("mockserver")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a uvloop loop where the platform has it, else asyncio's own."""
    if sys.platform != "win32":
        try:
            import uvloop
        except ImportError:
            pass
        else:
            loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
            return loop
    return asyncio.new_event_loop()


class MockServer(Handle):
    """A running server for tests.

    ``with MockServer(seed=7) as server`` runs it in a thread, for clients of any kind;
    ``async with MockServer() as server`` runs it in the running loop. Keyword arguments are those
    of ``Settings``, or changes to the settings that are given; the port is a free one and nothing
    is waited for at stop, unless they say otherwise. ``url`` is what a client takes as its base
    URL. ``clock`` is a mode, or a clock that all namespaces go by. Raises ValueError for values
    that a setting does not take.
    """

    def __init__(
        self, settings: Settings | None = None, *, clock: Clock | Mode | None = None, **options: Any
    ) -> None:
        if isinstance(clock, str):
            options["clock"], clock = clock, None
        self.settings = replace(settings or Settings(port=0, drain_seconds=0.0), **options)
        check(self.settings.scenario)
        self._clock = clock
        self._engine: Engine | None = None
        self._runner: web.AppRunner | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._origin = ""
        self._clearing: asyncio.Future[None] | None = None

    @staticmethod
    def connect(url: str, *, token: str | None = None, namespace: str = DEFAULT) -> RemoteServer:
        """Return a handle of a server that runs already, with the same methods as this one."""
        return RemoteServer(url, token=token, namespace=namespace)

    @property
    def url(self) -> str:
        """The base URL, with ``/v1``."""
        return self.url_for()

    def url_for(self, namespace: str = DEFAULT) -> str:
        """Return the base URL of a namespace, which has state, calls and seed of its own.

        Raises ValueError for a name that cannot stand there.
        """
        path = path_of(namespace)
        if not self._origin:
            raise RuntimeError(_NOT_RUNNING)
        return self._origin + path

    @property
    def engine(self) -> Engine:
        """What answers behind the wire; only for use in the server's own loop."""
        if self._engine is None:
            raise RuntimeError(_NOT_RUNNING)
        return self._engine

    def command(
        self, method: str, resource: str, body: Json | None = None, namespace: str | None = None
    ) -> Json:
        """Perform a command of the control API; return its answer.

        Raises RuntimeError in the server's own loop for one that has to wait: await
        ``mockserver.control.perform`` there.
        """
        from mockserver.control import perform  # most servers are never asked

        work = perform(self.engine, method, resource, body or {}, namespace or DEFAULT)
        if self._thread is not None and self._loop is not None:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        return _at_once(work)

    @property
    def misses(self) -> list[Miss]:
        """Why requests were not answered from the cassettes, the latest thousand, oldest first."""
        return [miss for cassettes in self.engine.replayed for miss in cassettes.misses]

    @property
    def missed(self) -> int:
        """How many requests were refused because nothing recorded fits."""
        return sum(cassettes.missed for cassettes in self.engine.replayed)

    def assert_all_played(self) -> None:
        """Raise AssertionError naming the recordings that no namespace has asked for."""
        cassettes = self.engine.cassettes
        if cassettes is not None and (unplayed := self.engine.unplayed()):
            from mockserver.cassette.unplayed import report

            raise AssertionError(
                report(unplayed, len(cassettes.library), "assert_all_played=False")
            )

    def unused(self) -> str | None:
        """Return the text on recordings that were of no use to anybody so far, None without any."""
        cassettes = self.engine.cassettes
        if cassettes is None or not (unused := cassettes.unused):
            return None
        from mockserver.cassette.unplayed import report

        return report(unused, len(cassettes.library), "fail_unused")

    def keep_unused(self) -> None:
        """Let ``drop_unused`` drop nothing at the stop, because something has failed."""
        if self.engine.recorder is not None:
            self.engine.recorder.keep_unused()

    @property
    def problems(self) -> list[str]:
        """What was not recorded, and which answers differ from their recordings, so far."""
        return self.engine.problems

    def calls_of(self, namespace: str | None = None) -> list[Call]:
        """Return the calls of a namespace so far, oldest first; secrets are redacted."""
        space = self.engine.spaces.find(namespace or DEFAULT)
        return [] if space is None else space.calls.shown()

    def scenario(self, flags: str | None, namespace: str | None = None) -> None:
        """Set the scenario flags for requests of a namespace that bring none; None unsets them.

        Raises ApiError for flags that do not exist.
        """
        self.engine.script(flags, namespace or DEFAULT)

    def rules(self, *rules: Any, namespace: str | None = None) -> None:
        """Let rules answer requests, as for any server; here they may hold functions.

        A reply, a condition and the whole of ``match`` may be functions that take a
        ``mockserver.rules.Received``; the one of a reply may be async. Raises RuleError, naming
        the place, for what makes no sense.
        """
        from mockserver.rules import RuleError

        space = self.engine.spaces.get(namespace or DEFAULT)
        for number, rule in enumerate(rules):
            given = rule if isinstance(rule, str | Path) else [rule]
            try:
                self.engine.scenarios.add(space, given, Path())
            except RuleError as problem:
                if problem.path is None:
                    problem.steps = (number, *problem.steps[1:])
                raise

    def clear(self, namespace: str | None = None) -> None:
        """Forget responses, calls, scenario and what was played, so that a test starts afresh."""
        if self._runner is None:
            raise RuntimeError(_NOT_RUNNING)
        work = self.engine.spaces.reset(namespace or DEFAULT)
        if self._thread is not None and self._loop is not None:
            asyncio.run_coroutine_threadsafe(work, self._loop).result()
        else:
            # Run before anything that a request sent from now on can reach.
            self._clearing = asyncio.get_running_loop().create_task(work)

    def start(self) -> Self:
        """Run in a thread until ``stop``; return once requests are answered.

        A server that runs already is left as it is.
        Raises what kept it from starting: OSError for a port that is taken, ValueError for
        settings and cassettes that cannot be used.
        """
        if self._thread is not None:
            return self
        started = threading.Event()
        problems: list[BaseException] = []
        self._loop = new_event_loop()
        self._thread = threading.Thread(
            target=self._run, args=(started, problems), name="mockserver", daemon=True
        )
        self._thread.start()
        started.wait()
        if problems:
            self._thread.join()
            self._thread = None
            raise problems[0]
        return self

    def stop(self) -> None:
        """Stop the thread; what is running has ``drain_seconds`` to end."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._thread = None

    async def open(self) -> None:
        """Start in the running loop."""
        self._engine = Engine(self.settings, clock=self._clock)
        app = create_app(engine=self._engine)
        app[OWN] = True
        # A client that leaves ends its handler; what runs in the background is a plan, not a task.
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=LOGGER,
            handler_cancellation=True,
            # To aiohttp, zero seconds mean without limit.
            shutdown_timeout=max(self.settings.drain_seconds, 0.001),
        )
        await self._runner.setup()
        assert self._runner.server is not None
        self._runner.server.request_handler = ahead(app, self._runner.server.request_handler)
        try:
            await web.TCPSite(self._runner, self.settings.host, self.settings.port).start()
        except BaseException:
            await self.close()
            raise
        self._origin = origin(*self._runner.addresses[0][:2])

    async def close(self) -> None:
        """Stop what ``open`` started."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
            self._origin = ""

    def _run(self, started: threading.Event, problems: list[BaseException]) -> None:
        loop = self._loop
        assert loop is not None
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self.open())
        except BaseException as problem:  # handed to the thread that waits for the start
            problems.append(problem)
        else:
            loop.call_soon(started.set)
            loop.run_forever()
            loop.run_until_complete(self.close())
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
            started.set()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if problem is not None:
            self.keep_unused()
        self.stop()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if problem is not None:
            self.keep_unused()
        await self.close()


def _at_once(work: Coroutine[Any, Any, Json]) -> Json:
    """Run what needs no waiting to its end, in a loop that is busy with the caller."""
    try:
        work.send(None)
    except StopIteration as end:
        result: Json = end.value
        return result
    work.close()
    raise RuntimeError(
        "this has to wait, and the loop that it would wait in is busy: await "
        "mockserver.control.perform(server.engine, …)"
    )


async def serve(
    settings: Settings, *, ready: Callable[[MockServer], None], stop: Callable[[], Awaitable[Any]]
) -> list[str]:
    """Serve in this loop until ``stop`` returns; call ``ready`` once requests are answered.

    Return the server's ``problems``, and what was not played where that is one too.
    """
    async with MockServer(settings) as server:
        ready(server)
        await stop()
        _log.info("stopping; running answers have %g s", settings.drain_seconds)
    unused = server.unused() if settings.fail_unused else None
    return [*server.problems, *([unused] if unused else [])]
