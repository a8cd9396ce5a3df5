"""The command line: verbs, their flags, and the start of a server."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from mockserver import __version__
from mockserver.config import OPTIONS, Settings, parse_option
from mockserver.exits import INTERRUPTED, UNREAD, USAGE, say
from mockserver.loading import PREFIX, find


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code.

    0 a clean stop, SIGTERM included · 1 ``health`` or ``check`` found a problem, ``drift`` a
    difference, or an answer was not recorded or differs from its recording · 2 wrong usage · 3
    could not start, or no SDK to compare with · 130 interrupted before it was ready ·
    141 nobody read the output to its end.
    """
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has had enough, as head(1) has; what the interpreter flushes goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    return code


def _run(words: list[str]) -> int:
    if words[:1] == ["cassette"]:
        from mockserver.verbs import main as cassette

        return cassette(words[1:])
    options = _parsed(words)
    if (run := _VERBS[options.verb].run) is not None:
        return run(options)
    from mockserver.errands import ERRANDS  # a server that starts has no need of them

    return ERRANDS[options.verb](options)


def _parsed(words: list[str]) -> argparse.Namespace:
    """Return the options of a verb, which is ``serve`` where none is named."""
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words = ["serve", *words]
    verb = _VERBS.get(words[0])
    if verb is None:
        return _parser().parse_args(words)
    # One parser is made, not all: each looks for translations in many places.
    parser = argparse.ArgumentParser(prog=f"mockserver {words[0]}")
    parser.set_defaults(verb=words[0])
    if verb.fill is not None:
        verb.fill(parser)
    return parser.parse_args(words[1:])


def _parser() -> argparse.ArgumentParser:
    """Return the parser of what is no verb: it lists them, or says that it is none."""
    parser = argparse.ArgumentParser(
        prog="mockserver",
        description="A test double of the OpenAI Responses API.",
        epilog="Without a verb it serves. See 'mockserver serve --help' for the settings.",
    )
    parser.add_argument("--version", action="version", version=f"mockserver {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, verb in _VERBS.items():
        verbs.add_parser(name, help=verb.help)
    return parser


def _health_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", nargs="?", help="its address (that of the settings)")


def _scenarios_parser(parser: argparse.ArgumentParser) -> None:
    shapes = parser.add_mutually_exclusive_group()
    shapes.add_argument("--markdown", action="store_true", help="as a table in Markdown")
    shapes.add_argument(
        "--write", type=Path, metavar="FILE", help="put that table between the marks in a file"
    )


def _check_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")


def _drift_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _serve_parser(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Every flag is also an environment variable: --log-level is "
        f"{PREFIX}LOG_LEVEL. A flag beats the environment, which beats the file."
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="JSON file of settings")
    for name, option in OPTIONS.items():
        meta = option.metadata
        names = [f"--{name.replace('_', '-')}", *([meta["short"]] if "short" in meta else [])]
        extra: dict[str, Any] = {"action": "append"} if meta.get("many") else {}
        if isinstance(option.default, bool):
            extra = {"nargs": "?", "const": True}
        parser.add_argument(
            *names,
            dest=name,
            type=_typed(name),
            help=f"{meta['help']} (default: {_shown(option.default)})",
            metavar=name.rpartition("_")[2].upper(),
            **extra,
        )


def _shown(default: Any) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return "none" if default in (None, ()) else str(default)


def _typed(name: str) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return parse_option(name, text)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None

    return parse


def _settings(options: argparse.Namespace) -> Settings:
    flags = {name: getattr(options, name) for name in OPTIONS}
    for name, option in OPTIONS.items():
        if option.metadata.get("many") and flags[name] is not None:
            flags[name] = tuple(part for parts in flags[name] for part in parts)
    settings = find(flags, options.config)
    from mockserver.flags import check  # what only prints its version does without

    check(settings.scenario)
    if settings.match_on or settings.ignore_body or settings.normalise:
        from mockserver.cassette import Matching

        Matching.of(
            settings.match_on, ignore_body=settings.ignore_body, normalise=settings.normalise
        )
    return settings


def _serve(options: argparse.Namespace) -> int:
    try:
        settings = _settings(options)
    except ValueError as problem:
        say(f"mockserver: {problem}")
        return USAGE
    # Imports leave no garbage behind; to look for it takes an eighth of the start.
    gc.disable()
    from mockserver.certificates import late_certificates

    with late_certificates():
        from mockserver.standalone import run

    return run(settings)


def _record(options: argparse.Namespace) -> int:
    """Serve with an upstream, in the mode new_episodes unless another one is named."""
    if options.record_mode is None and f"{PREFIX}RECORD_MODE" not in os.environ:
        options.record_mode = "new_episodes"
    return _serve(options)


class _Verb(NamedTuple):
    """What a verb does, in a line, what gives it its arguments, and what runs it if no errand."""

    help: str
    fill: Callable[[argparse.ArgumentParser], None] | None = None
    run: Callable[[argparse.Namespace], int] | None = None


_VERBS: Final = {
    "serve": _Verb("start the server (the default verb)", _serve_parser, _serve),
    "record": _Verb("serve, and record what an upstream answers", _serve_parser, _record),
    "health": _Verb("ask a running server whether it is ready", _health_parser),
    "scenarios": _Verb("list the scenario flags", _scenarios_parser),
    "check": _Verb("check files of rules and scripts", _check_parser),
    "cassette": _Verb("list, show, check, convert and compare recordings"),
    "drift": _Verb("compare with the OpenAI SDK installed beside it", _drift_parser),
    "openapi": _Verb("print the server's own OpenAPI description"),
    "version": _Verb("print the version"),
}
