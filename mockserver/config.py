"""Settings: each declared once, with its help, and parsed strictly into a frozen object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal

from mockserver.parsing import (
    Parse,
    each,
    lines,
    pattern,
    receiver,
    replacement,
    target,
    webhook_secret,
    words,
)
from mockserver.parsing import choice as _choice
from mockserver.parsing import name as _name
from mockserver.parsing import path as _path
from mockserver.parsing import paths as _paths
from mockserver.parsing import seconds as _seconds
from mockserver.parsing import speed as _speed
from mockserver.parsing import switch as _switch
from mockserver.parsing import text as _text
from mockserver.parsing import token as _token
from mockserver.parsing import whole as _whole


def _option(default: Any, help: str, parse: Parse, **extra: Any) -> Any:
    shown = not extra.get("secret", False)
    return field(default=default, repr=shown, metadata={"help": help, "parse": parse, **extra})


def _many(help: str, parse: Parse, item: Callable[[str], Any]) -> Any:
    """Declare a setting of any number of values; ``item`` parses one that is given alone."""
    return _option((), help, parse, many=True, item=item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a server; every one is also a flag and a ``MOCKSERVER_*`` variable.

    Raises ValueError, naming the setting, for a value that it does not take; text is parsed.
    """

    host: str = _option("127.0.0.1", "address to bind", _name, short="-H")
    port: int = _option(8787, "port to bind; 0 picks a free one", _whole(0, 65535), short="-p")
    cassettes: tuple[Path, ...] = _many(
        "cassette file or folder to replay; may be given more than once",
        _paths,
        _path,
    )
    strict: bool = _option(
        False, "answer 424 when no recording fits, instead of making an answer up", _switch
    )
    repeat: Literal["off", "last", "cycle"] | None = _option(
        None,
        "what a recording does once played: off, last or cycle (off for POST, last for GET)",
        _choice("off", "last", "cycle"),
    )
    record_mode: Literal["none", "once", "new_episodes", "all", "rewrite", "verify"] = _option(
        "none",
        "what goes to the upstream and onto the cassettes: none, once, new_episodes, all, rewrite, "
        "or verify (replay, and report how the upstream's answers differ)",
        _choice("none", "once", "new_episodes", "all", "rewrite", "verify"),
    )
    upstream: str | None = _option(
        None, "base URL of the API to record from, such as https://api.openai.com/v1", _name
    )
    upstream_ca: Path | None = _option(
        None, "file of certificates to trust for the upstream, beside the system's", _path
    )
    environment_key: bool = _option(
        False, "send OPENAI_API_KEY upstream for clients that bring no key or a dummy", _switch
    )
    record_status: Literal["all", "2xx"] = _option(
        "all",
        "which answers are recorded: all, or those with a status of 2xx; the others are passed on",
        _choice("all", "2xx"),
    )
    drop_unused: bool = _option(
        False, "at a clean stop, leave out of the cassettes what this run had no use for", _switch
    )
    fail_unused: bool = _option(
        False, "end with exit code 1 when something recorded was not played", _switch
    )
    split: Literal["namespace", "none"] = _option(
        "namespace",
        "how recordings are spread over a folder: a cassette for each namespace, or none: one",
        _choice("namespace", "none"),
    )
    speed: str = _option(
        "max", "pace of recordings: realtime, a factor such as 10, or max: at once", _speed
    )
    redact_field: tuple[str, ...] = _many(
        "name of a header, parameter or JSON key, or path of keys such as metadata.email, whose "
        "values are recorded as pseudonyms; may be given more than once",
        words,
        _text,
    )
    redact_pattern: tuple[str, ...] = _many(
        "regular expression of texts that are recorded as pseudonyms; may be given more than once "
        "(in the environment, one a line)",
        lines(pattern),
        pattern,
    )
    redact_replacement: tuple[str, ...] = _many(
        "text and what is recorded for it, as OLD=NEW; may be given more than once (in the "
        "environment, one a line)",
        lines(replacement),
        replacement,
    )
    keep_field: tuple[str, ...] = _many(
        "JSON key or path of keys that is recorded although its name sounds secret, such as "
        "arguments.api_key; may be given more than once",
        words,
        _text,
    )
    keep_header: tuple[str, ...] = _many(
        "header that is recorded although it makes noise, such as x-request-id; may be given more "
        "than once",
        words,
        _text,
    )
    match_on: tuple[Any, ...] = _many(
        "what a recording must have in common with a request: method, path, query, body, and "
        "vcrpy's other matchers, header:NAME, or a matcher of yours as module:function",
        words,
        _text,
    )
    ignore_body: tuple[str, ...] = _many(
        "path of a value in JSON bodies that does not count, such as metadata.run_id or "
        "input[*].id; may be given more than once",
        words,
        _text,
    )
    normalise: tuple[Any, ...] = _many(
        "function as module:function that returns the request to compare in place of another",
        words,
        _text,
    )
    scenario: str | None = _option(
        None, "scenario flags for requests that bring none, such as failed,ttft:200ms", _text
    )
    scenarios: tuple[Path, ...] = _many(
        "file or folder of rules and scripts, in YAML or JSON; may be given more than once",
        _paths,
        _path,
    )
    prompts: Path | None = _option(None, "JSON file of stored prompts by id", _path)
    validation: Literal["strict", "lenient", "off"] = _option(
        "strict",
        "how requests are checked: strict, lenient or off",
        _choice("strict", "lenient", "off"),
    )
    lenient: bool = _option(
        False,
        "make sense of every request: placeholder ids lead somewhere, wrong values are left out",
        _switch,
    )
    dialect: Literal["openai", "rust", "langchain-js"] = _option(
        "openai",
        "form of responses: openai as the real API, or rust or langchain-js for strict decoders",
        _choice("openai", "rust", "langchain-js"),
    )
    seed: int = _option(0, "same seed, same answers", _whole())
    locale: str = _option("en_US", "language of made-up text, as Faker names it", _name)
    optional_arguments: bool = _option(
        False, "make up optional tool arguments and properties too", _switch
    )
    tokenizer: Literal["auto", "estimate", "tiktoken"] = _option(
        "estimate",
        "how tokens are counted: estimate, tiktoken (exact), or auto: exact where it can be",
        _choice("auto", "estimate", "tiktoken"),
    )
    timestamps: Literal["seeded", "real"] = _option(
        "seeded",
        "created_at comes from the seed, or from the real time (then bytes differ between runs)",
        _choice("seeded", "real"),
    )
    queued_seconds: float = _option(0.25, "how long a background response is queued", _seconds)
    in_progress_seconds: float = _option(
        0.5, "how long a background response is in progress", _seconds
    )
    keepalive_seconds: float = _option(
        15.0, "longest silence of a stream before a keepalive event; 0 for none", _seconds
    )
    error_event: Literal["nested", "flat"] = _option(
        "nested",
        "form of the error event in a stream: nested as on the wire, flat as in the SDK's type",
        _choice("nested", "flat"),
    )
    cancelled_stream: Literal["failed", "end"] = _option(
        "failed",
        "how a cancelled background stream ends: a response.failed event, or just the end",
        _choice("failed", "end"),
    )
    websocket_lifetime: float = _option(
        3600.0, "how long a WebSocket connection lasts, in seconds", _seconds
    )
    webhook_url: tuple[str, ...] = _many(
        "URL that is told of the end of every background response; may be given more than once",
        each(receiver),
        receiver,
    )
    webhook_secret: str | None = _option(
        None,
        "secret that those webhooks are signed with, such as whsec_ and Base64",
        webhook_secret,
        secret=True,
    )
    webhook_allow: tuple[str, ...] = _many(
        "host, host:port, address or network that webhooks may be sent to, beside this machine; "
        "may be given more than once",
        each(target),
        target,
    )
    webhook_retry_seconds: float = _option(
        1.0,
        "wait before a webhook that nobody took is sent again; each further wait is twice as long",
        _seconds,
    )
    webhook_timeout: float = _option(
        10.0, "how long a webhook's receiver may take to answer", _seconds
    )
    require_key: bool = _option(False, "answer 401 to requests without a bearer token", _switch)
    max_body: int = _option(512 * 2**20, "largest request body in bytes", _whole(1))
    max_responses: int = _option(10_000, "how many responses are remembered", _whole(1))
    max_memory: int = _option(256 * 2**20, "how many bytes of them are remembered", _whole(1))
    max_calls: int = _option(1_000, "how many calls the journal remembers", _whole(0))
    max_journal: int = _option(
        64 * 2**20, "how many bytes of requests the journal remembers", _whole(1)
    )
    max_namespaces: int = _option(10_000, "how many namespaces are kept apart", _whole(1))
    namespace_idle: float = _option(
        3600.0,
        "seconds after which a named namespace nobody uses is dropped; 0 for never",
        _seconds,
    )
    clock: Literal["real", "virtual"] = _option(
        "real",
        "time of lifecycles and pacing: real, or virtual and moved by the control API",
        _choice("real", "virtual"),
    )
    rpm: int | None = _option(None, "requests per minute that a model answers", _whole(1))
    tpm: int | None = _option(None, "tokens per minute that a model answers", _whole(1))
    control_token: str | None = _option(
        None,
        "token of the control API; without one it is on only when bound to loopback",
        _token,
        secret=True,
    )
    drain_seconds: float = _option(10.0, "how long running answers may finish at stop", _seconds)
    log_level: str = _option(
        "info", "debug, info, warning or error", _choice("debug", "info", "warning", "error")
    )
    log_format: str = _option("text", "text or json", _choice("text", "json"))

    def __post_init__(self) -> None:
        """Hold values that were given in code to the same rules as text."""
        for name in OPTIONS:
            try:
                object.__setattr__(self, name, checked(name, getattr(self, name)))
            except ValueError as problem:
                raise ValueError(f"{name}: {problem}") from None


OPTIONS: Final[Mapping[str, Field[Any]]] = {option.name: option for option in fields(Settings)}


def parse_option(name: str, text: str) -> Any:
    """Parse one setting from text; raise ValueError saying what it takes."""
    return OPTIONS[name].metadata["parse"](text)


def origin(host: str, port: int) -> str:
    """Return where a client on this machine finds a server that is bound to an address."""
    # The address for every interface is none that a client can connect to on every system.
    place = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{place}]:{port}" if ":" in place else f"http://{place}:{port}"


def checked(name: str, value: Any) -> Any:
    """Return what a setting takes, from a value of Python's or of JSON's."""
    option = OPTIONS[name]
    if value is None and option.default is None:
        return None
    if option.metadata.get("many") and isinstance(value, list | tuple):
        item = option.metadata["item"]
        # Matchers may be functions, which no text stands for.
        return tuple(part if callable(part) else item(_written(part)) for part in value)
    return parse_option(name, _written(value))


def _written(value: Any) -> str:
    """Return a value as text, the way it would stand in the environment."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(_written, value))
    if isinstance(value, str | int | float | Path):
        return str(value)
    raise ValueError(f"{value!r} is neither text nor a number nor true or false")
