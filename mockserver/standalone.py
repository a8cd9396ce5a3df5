"""The standalone process: its log, what it says at the start, signals, what its end means."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from mockserver.cassette import CassetteError
from mockserver.config import Settings
from mockserver.exits import NO_START, OK, PROBLEM, say
from mockserver.server import MockServer, new_event_loop, serve

_log = logging.getLogger("mockserver")


def run(settings: Settings) -> int:
    """Serve until a signal; return the exit code.

    1 says that something was not recorded, or differs from its recording. The first SIGTERM or
    SIGINT lets running answers finish, the second ends the process at once.
    """
    _set_up_log(settings)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        try:
            problems = runner.run(_until_signal(settings))
        except (OSError, ValueError, CassetteError) as problem:
            _log.error("cannot start: %s", problem)
            return NO_START
    for text in problems:
        _log.error("%s", text)
    return PROBLEM if problems else OK


async def _until_signal(settings: Settings) -> list[str]:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    def ready(server: MockServer) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            _handle(loop, name, stop)
        # What is here now stays: it need not be looked at again and again.
        gc.freeze()
        gc.enable()
        _announce(server)

    return await serve(settings, ready=ready, stop=stopping.wait)


def _handle(loop: asyncio.AbstractEventLoop, name: int, stop: Callable[[int], None]) -> None:
    """Let a loop call ``stop`` with the number of a signal."""

    def call(number: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop, number)

    try:
        loop.add_signal_handler(name, stop, name)
    except NotImplementedError:  # on Windows, where asyncio leaves them to the interpreter
        signal.signal(name, call)


def _announce(server: MockServer) -> None:
    """Print the URL alone on stdout, for scripts, and how to call it on stderr, for people.

    A log of JSON is for neither, and so has nothing else between its lines.
    """
    sys.stdout.write(server.url + "\n")
    sys.stdout.flush()
    if server.settings.log_format == "json":
        return
    say(
        f"Serving the Responses API at {server.url}. Try:\n"
        f"  curl {server.url}/responses -H 'content-type: application/json' \\\n"
        '    -d \'{"model": "gpt-5", "input": "Say hello"}\'\n'
        "or, for any OpenAI SDK:\n"
        f"  export OPENAI_BASE_URL={server.url} OPENAI_API_KEY=test"
    )
    recorder = server.engine.recorder
    if recorder is not None:
        say(f"Recording {server.settings.upstream} in {recorder.place.path}, mode {recorder.mode}")


class _JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        return json.dumps(
            {
                "time": self.formatTime(record),
                "level": record.levelname.lower(),
                "message": record.getMessage(),
            }
        )


def _set_up_log(settings: Settings) -> None:
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(levelname)s %(message)s")
    handler.setFormatter(_JsonFormatter() if settings.log_format == "json" else plain)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
