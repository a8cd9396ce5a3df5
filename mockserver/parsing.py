"""What settings take: how their values are written, and what they refuse."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, TypeAlias

_TRUE: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}

Parse: TypeAlias = Callable[[str], Any]
"""Returns the value that a text stands for; raises ValueError, saying what it takes."""


def text(value: str) -> str:
    """Return a text as it is."""
    return value


def name(value: str) -> str:
    """Return a text that says something."""
    # An empty host would mean every interface there is.
    if not value.strip():
        raise ValueError("it must not be empty")
    return value


def switch(value: str) -> bool:
    """Return what true, false, 1 and 0 stand for."""
    if value.lower() not in _TRUE:
        raise ValueError(f"{value!r} is not one of true, false, 1, 0")
    return _TRUE[value.lower()]


def whole(least: int = 0, most: int | None = None) -> Parse:
    """Return a parser of whole numbers from ``least`` to ``most``."""

    def parse(value: str) -> int:
        number = int(value) if re.fullmatch(r"-?[0-9]{1,18}", value.strip()) else None
        if number is None or number < least or (most is not None and number > most):
            limit = f" to {most}" if most is not None else " or more"
            raise ValueError(f"{value!r} is not a whole number of {least}{limit}")
        return number

    return parse


def seconds(value: str) -> float:
    """Return a number of seconds."""
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise ValueError(f"{value!r} is not a number of seconds, 0 or more")
    return number


def speed(value: str) -> str:
    """Return a speed: realtime, max, or a factor above 0."""
    if value in ("realtime", "max"):
        return value
    try:
        factor = float(value)
    except ValueError:
        factor = 0.0
    if not 0 < factor < 1e9:
        raise ValueError(f"{value!r} is not realtime, max or a number above 0")
    return value


def choice(*names: str) -> Parse:
    """Return a parser of these words."""

    def parse(value: str) -> str:
        if value not in names:
            raise ValueError(f"{value!r} is not one of {', '.join(names)}")
        return value

    return parse


def paths(value: str) -> tuple[Path, ...]:
    """Return the paths that commas separate."""
    return tuple(path(part) for part in value.split(",") if part)


def path(value: str) -> Path:
    """Return a path, its ``~`` resolved."""
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError(f"{value!r} names a home that does not exist") from None


def words(value: str) -> tuple[str, ...]:
    """Return what commas separate."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def token(value: str) -> str:
    """Return a token; one that is none is a secret all the same, and is told to nobody."""
    if not re.fullmatch(r"[!-~]{8,256}", value):
        raise ValueError("it must be 8 to 256 visible ASCII characters")
    return value


def lines(item: Callable[[str], str]) -> Parse:
    """Return a parser of one item a line, for items that may hold commas."""

    def parse(value: str) -> tuple[str, ...]:
        return tuple(item(line) for line in value.splitlines() if line)

    return parse


def pattern(value: str) -> str:
    """Return a regular expression; one that matches nothing at all would match everywhere."""
    try:
        found = re.compile(value)
    except re.error as problem:
        raise ValueError(f"{value!r} is not a regular expression: {problem}") from None
    if found.search(""):
        raise ValueError(f"{value!r} matches the empty text, and so everywhere")
    return value


def replacement(value: str) -> str:
    """Return a text and what is written for it, as ``OLD=NEW``."""
    old, equals, new = value.partition("=")
    if not old or not equals or old in new:
        raise ValueError(f"{value!r} is not OLD=NEW, where NEW does not hold OLD")
    return value


def receiver(value: str) -> str:
    """Return a URL that webhooks can be sent to."""
    if not re.fullmatch(r"https?://[^\s/?#,]+[^\s,]*", value):
        raise ValueError(f"{value!r} is not a URL such as http://localhost:8000/webhook")
    return value


def target(value: str) -> str:
    """Return a host, a host with a port, an address or a network."""
    try:
        return str(ip_network(value))
    except ValueError:
        pass
    if not re.fullmatch(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?", value):
        raise ValueError(f"{value!r} is not HOST, HOST:PORT, an address or a network")
    return value


def webhook_secret(value: str) -> str:
    """Return a secret to sign with: ``whsec_`` and Base64, or any other visible text."""
    if not re.fullmatch(r"[!-~]{8,256}", value):
        # The value itself is a secret, and is told to nobody.
        raise ValueError("it must be 8 to 256 visible ASCII characters")
    if value.startswith("whsec_"):
        try:
            b64decode(value.removeprefix("whsec_"), validate=True)
        except ValueError:
            raise ValueError("what follows whsec_ must be Base64") from None
    return value


def each(item: Callable[[str], str]) -> Parse:
    """Return a parser of items that commas separate."""
    return lambda value: tuple(item(part) for part in words(value))


def json_file(file: Path, what: str) -> dict[str, Any]:
    """Return the object that a JSON file holds; ``what`` says of what, if it holds none."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ValueError(f"{file}: cannot be read as JSON: {problem}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{file}: must hold a JSON object of {what}")
    return document
