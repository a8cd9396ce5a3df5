"""Milliseconds from the spawn of the server to its URL and to its first answer, and imports."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

from create_rate import REQUESTS
from load import ask, post
from servers import mockserver

RUNS = 10

IMPORTS = ("mockserver", "mockserver.pytest_plugin", "mockserver.server")


def main() -> None:
    """Print the best and the median of each."""
    starts = [_start() for _ in range(RUNS)]
    print(f"serve --port 0: {RUNS} runs, ms from the spawn, best / median")
    _print("URL on stdout", [ready for ready, _ in starts])
    _print("first create answered", [answered for _, answered in starts])
    print("whole processes, ms")
    _print("python -c pass", _times(lambda: _python("-c", "pass")))
    _print("--version", _times(lambda: _python("-m", "mockserver", "--version")))
    print("imports alone, ms in the process (pytest is there before its plugin)")
    for name in IMPORTS:
        _print(f"import {name}", [_import(name) for _ in range(RUNS)])


def _start() -> tuple[float, float]:
    start = time.perf_counter()
    with mockserver() as server:
        ready = time.perf_counter() - start
        ask(server, post(REQUESTS["plain"]))
        return ready, time.perf_counter() - start


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
