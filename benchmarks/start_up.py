"""Milliseconds from the spawn of the server to its URL and to its first answer, and imports.

The floor is a process that serves one bare aiohttp handler; its runs and ours take turns.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from create_rate import REQUESTS
from load import ask, post
from servers import floor, mockserver

RUNS = 20

IMPORTS = ("mockserver", "mockserver.pytest_plugin", "mockserver.server")


def main() -> None:
    """Print the best and the median of each."""
    _start()  # writes bytecode
    pairs = [(_start(), _floor()) for _ in range(RUNS)]
    starts, floors = [start for start, _ in pairs], [bare for _, bare in pairs]
    print(f"serve --port 0: {RUNS} runs, ms from the spawn, best / median")
    _print("URL on stdout", [start.ready for start in starts])
    _print("first create answered", [start.answered for start in starts])
    _print("processor time until the URL", [start.busy for start in starts])
    _print("floor: URL of a bare handler", [bare.ready for bare in floors])
    _print("floor: processor time", [bare.busy for bare in floors])
    ready = median(start.ready for start in starts) / median(bare.ready for bare in floors)
    busy = median(start.busy for start in starts) / median(bare.busy for bare in floors)
    print(f"  times the floor: {ready:.2f} by the clock, {busy:.2f} by processor time")
    print("whole processes, ms")
    _print("python -c pass", _times(lambda: _python("-c", "pass")))
    _print("--version", _times(lambda: _python("-m", "mockserver", "--version")))
    print("imports alone, ms in the process (pytest is there before its plugin)")
    for name in IMPORTS:
        _print(f"import {name}", [_import(name) for _ in range(RUNS)])


class _Start(NamedTuple):
    """Seconds until the URL, until the first answer, and of the processor until the URL."""

    ready: float
    answered: float
    busy: float


def _start() -> _Start:
    start = time.perf_counter()
    with mockserver() as server:
        ready, busy = time.perf_counter() - start, server.cpu()
        ask(server, post(REQUESTS["plain"]))
        return _Start(ready, time.perf_counter() - start, busy)


def _floor() -> _Start:
    start = time.perf_counter()
    with floor(b"HTTP/1.1 200 OK\r\n\r\n{}", stream=False) as server:
        ready, busy = time.perf_counter() - start, server.cpu()
        return _Start(ready, ready, busy)


def _times(act: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return taken


def _import(name: str) -> float:
    before = "import pytest; " if name.endswith("plugin") else ""
    return float(
        _python(
            "-c",
            f"import time; {before}start = time.perf_counter(); import {name}; "
            "print(time.perf_counter() - start)",
        )
    )


def _python(*arguments: str) -> str:
    run = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return run.stdout


def _print(what: str, seconds: list[float]) -> None:
    print(f"  {what:<34} {min(seconds) * 1e3:7.1f} / {median(seconds) * 1e3:.1f}", flush=True)


if __name__ == "__main__":
    main()
