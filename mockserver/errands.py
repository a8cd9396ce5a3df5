"""What the verbs do that start no server; loaded when one is run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mockserver import __version__
from mockserver.config import origin
from mockserver.exits import NO_START, OK, PROBLEM, USAGE, say
from mockserver.loading import find


def health(options: argparse.Namespace) -> int:
    """Ask a server whether it is ready."""
    try:
        url = (options.url or _own_url()).rstrip("/").removesuffix("/v1")
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is not an http address such as http://127.0.0.1:8787")
    except ValueError as problem:
        say(f"mockserver: {problem}")
        return USAGE
    try:
        problems = _problems(url)
    except Exception as problem:  # whatever is there instead, it is not a server that is ready
        say(f"mockserver: {url} is not ready: {problem or type(problem).__name__}")
        return PROBLEM
    for line in problems:
        say(line)
    return PROBLEM if problems else OK


def _own_url() -> str:
    """Return where a server with this environment's settings is found."""
    settings = find({})
    return origin(settings.host, settings.port)


def _problems(url: str) -> list[str]:
    import json
    from urllib.request import ProxyHandler, build_opener

    # A proxy that the environment names for other traffic knows nothing of this machine's ports.
    with build_opener(ProxyHandler({})).open(f"{url}/readyz", timeout=5) as answer:
        return [str(problem) for problem in json.load(answer)["problems"]]


def check(options: argparse.Namespace) -> int:
    """Check files of rules, and tell how many there are in each."""
    from mockserver.rules import RuleError, files_of, load

    problems = 0
    for path in options.paths:
        try:
            files = list(files_of([path]))
        except RuleError as problem:
            files, problems = [], problems + 1
            say(str(problem))
        for file in files:
            try:
                sys.stdout.write(f"{file.as_posix()}: {_counted(len(load(file)), 'rule')}\n")
            except RuleError as problem:
                problems += 1
                say(str(problem))
    return PROBLEM if problems else OK


def scenarios(options: argparse.Namespace) -> int:
    """Print the scenario flags, or write them into a file."""
    from mockserver.flags import table

    if options.write is None:
        sys.stdout.write(table.markdown() if options.markdown else table.listing())
        return OK
    file: Path = options.write
    try:
        new = table.rewritten(file.read_text(encoding="utf-8"))
        file.write_text(new, encoding="utf-8")
    except (OSError, ValueError) as problem:
        say(f"mockserver: {file}: {problem}")
        return USAGE
    return OK


def drift(options: argparse.Namespace) -> int:
    """Print what the SDK knows and the server does not, or the reverse, a line each."""
    import json

    from mockserver.drift import Sdk, SdkMissing, report

    try:
        found = report(Sdk())
    except SdkMissing as problem:
        say(f"mockserver: {problem}")
        return NO_START
    told = [json.dumps(found.document(), indent=2)] if options.json else found.lines()
    sys.stdout.writelines(f"{line}\n" for line in told)
    if not options.json:
        say(f"{_counted(len(told), 'difference')} from openai {found.sdk}")
    return PROBLEM if found.findings else OK


def openapi(options: argparse.Namespace) -> int:
    """Print the server's description of itself."""
    import json

    from mockserver.web.app import create_app
    from mockserver.web.description import description

    sys.stdout.write(json.dumps(description(create_app()), indent=2) + "\n")
    return OK


def version(options: argparse.Namespace) -> int:
    """Print the version."""
    sys.stdout.write(f"mockserver {__version__}\n")
    return OK


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


ERRANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "health": health,
    "scenarios": scenarios,
    "check": check,
    "drift": drift,
    "openapi": openapi,
    "version": version,
}
