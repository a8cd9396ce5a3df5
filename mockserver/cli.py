"""The command line: verbs, flags, exit codes."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockserver import __version__
from mockserver.config import OPTIONS, Settings, origin, parse_option
from mockserver.loading import PREFIX, load

if TYPE_CHECKING:
    from mockserver.server import MockServer

OK: Final = 0
PROBLEM: Final = 1
USAGE: Final = 2
NO_START: Final = 3
INTERRUPTED: Final = 130
UNREAD: Final = 141


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
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _parsed(words: list[str]) -> argparse.Namespace:
    """Return the options of a verb, which is ``serve`` where none is named."""
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words = ["serve", *words]
    verb = _VERBS.get(words[0])
    if verb is None or verb.fill is None:
        return _parser().parse_args(words)
    # One parser is made, not all: each looks for translations in many places.
    parser = argparse.ArgumentParser(prog=f"mockserver {words[0]}")
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


def _record_parser(parser: argparse.ArgumentParser) -> None:
    _serve_parser(parser)
    parser.set_defaults(run=_record)


def _health_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", nargs="?", help="its address (that of the settings)")
    parser.set_defaults(run=_health)


def _scenarios_parser(parser: argparse.ArgumentParser) -> None:
    shapes = parser.add_mutually_exclusive_group()
    shapes.add_argument("--markdown", action="store_true", help="as a table in Markdown")
    shapes.add_argument(
        "--write", type=Path, metavar="FILE", help="put that table between the marks in a file"
    )
    parser.set_defaults(run=_scenarios)


def _openapi_parser(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_openapi)


def _version_parser(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_version)


def _check_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    parser.set_defaults(run=_check)


def _drift_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_drift)


def _serve_parser(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_serve)
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
    settings = _load(flags, options.config)
    from mockserver.flags import check  # what only prints its version does without

    check(settings.scenario)
    if settings.match_on or settings.ignore_body or settings.normalise:
        from mockserver.cassette import Matching

        Matching.of(
            settings.match_on, ignore_body=settings.ignore_body, normalise=settings.normalise
        )
    return settings


def _load(flags: Mapping[str, Any], file: Path | None = None) -> Settings:
    named = file or os.environ.get(f"{PREFIX}CONFIG")
    return load(flags, os.environ, Path(named) if named else None)


def _serve(options: argparse.Namespace) -> int:
    try:
        settings = _settings(options)
    except ValueError as problem:
        _say(f"mockserver: {problem}")
        return USAGE
    # Imports leave no garbage behind; to look for it takes an eighth of the start.
    gc.disable()
    from mockserver.certificates import late_certificates

    with late_certificates():
        from mockserver.standalone import run

    return run(settings, announce=_announce)


def _record(options: argparse.Namespace) -> int:
    """Serve with an upstream, in the mode new_episodes unless another one is named."""
    if options.record_mode is None and f"{PREFIX}RECORD_MODE" not in os.environ:
        options.record_mode = "new_episodes"
    return _serve(options)


def _announce(server: MockServer) -> None:
    """Print the URL alone on stdout, for scripts, and how to call it on stderr, for people.

    A log of JSON is for neither, and so has nothing else between its lines.
    """
    sys.stdout.write(server.url + "\n")
    sys.stdout.flush()
    if server.settings.log_format == "json":
        return
    _say(
        f"Serving the Responses API at {server.url}. Try:\n"
        f"  curl {server.url}/responses -H 'content-type: application/json' \\\n"
        '    -d \'{"model": "gpt-5", "input": "Say hello"}\'\n'
        "or, for any OpenAI SDK:\n"
        f"  export OPENAI_BASE_URL={server.url} OPENAI_API_KEY=test"
    )
    recorder = server.engine.recorder
    if recorder is not None:
        _say(f"Recording {server.settings.upstream} in {recorder.place.path}, mode {recorder.mode}")


def _health(options: argparse.Namespace) -> int:
    try:
        url = (options.url or _own_url()).rstrip("/").removesuffix("/v1")
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is not an http address such as http://127.0.0.1:8787")
    except ValueError as problem:
        _say(f"mockserver: {problem}")
        return USAGE
    try:
        problems = _problems(url)
    except Exception as problem:  # whatever is there instead, it is not a server that is ready
        _say(f"mockserver: {url} is not ready: {problem or type(problem).__name__}")
        return PROBLEM
    for line in problems:
        _say(line)
    return PROBLEM if problems else OK


def _own_url() -> str:
    """Return where a server with this environment's settings is found."""
    settings = _load({})
    return origin(settings.host, settings.port)


def _problems(url: str) -> list[str]:
    import json
    from urllib.request import ProxyHandler, build_opener

    # A proxy that the environment names for other traffic knows nothing of this machine's ports.
    with build_opener(ProxyHandler({})).open(f"{url}/readyz", timeout=5) as answer:
        return [str(problem) for problem in json.load(answer)["problems"]]


def _check(options: argparse.Namespace) -> int:
    from mockserver.rules import RuleError, files_of, load

    problems = 0
    for path in options.paths:
        try:
            files = list(files_of([path]))
        except RuleError as problem:
            files, problems = [], problems + 1
            _say(str(problem))
        for file in files:
            try:
                sys.stdout.write(f"{file.as_posix()}: {_counted(len(load(file)), 'rule')}\n")
            except RuleError as problem:
                problems += 1
                _say(str(problem))
    return PROBLEM if problems else OK


def _scenarios(options: argparse.Namespace) -> int:
    from mockserver.flags import table

    if options.write is None:
        sys.stdout.write(table.markdown() if options.markdown else table.listing())
        return OK
    file: Path = options.write
    try:
        new = table.rewritten(file.read_text(encoding="utf-8"))
        file.write_text(new, encoding="utf-8")
    except (OSError, ValueError) as problem:
        _say(f"mockserver: {file}: {problem}")
        return USAGE
    return OK


def _drift(options: argparse.Namespace) -> int:
    """Print what the SDK knows and the server does not, or the reverse, a line each."""
    import json

    from mockserver.drift import Sdk, SdkMissing, report

    try:
        found = report(Sdk())
    except SdkMissing as problem:
        _say(f"mockserver: {problem}")
        return NO_START
    told = [json.dumps(found.document(), indent=2)] if options.json else found.lines()
    sys.stdout.writelines(f"{line}\n" for line in told)
    if not options.json:
        _say(f"{_counted(len(told), 'difference')} from openai {found.sdk}")
    return PROBLEM if found.findings else OK


def _openapi(options: argparse.Namespace) -> int:
    import json

    from mockserver.web.app import create_app
    from mockserver.web.description import description

    sys.stdout.write(json.dumps(description(create_app()), indent=2) + "\n")
    return OK


def _version(options: argparse.Namespace) -> int:
    sys.stdout.write(f"mockserver {__version__}\n")
    return OK


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


class _Verb(NamedTuple):
    """What a verb does, in a line, and what gives it its arguments and what runs it."""

    help: str
    fill: Callable[[argparse.ArgumentParser], None] | None = None


_VERBS: Final = {
    "serve": _Verb("start the server (the default verb)", _serve_parser),
    "record": _Verb("serve, and record what an upstream answers", _record_parser),
    "health": _Verb("ask a running server whether it is ready", _health_parser),
    "scenarios": _Verb("list the scenario flags", _scenarios_parser),
    "check": _Verb("check files of rules and scripts", _check_parser),
    "cassette": _Verb("list, show, check, convert and compare recordings"),
    "drift": _Verb("compare with the OpenAI SDK installed beside it", _drift_parser),
    "openapi": _Verb("print the server's own OpenAPI description", _openapi_parser),
    "version": _Verb("print the version", _version_parser),
}
