"""The grammar of flags: words between commas, with values that may be quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from mockserver.flags.model import METADATA_KEY, NONE, Flags
from mockserver.schema.errors import ApiError

if TYPE_CHECKING:
    from mockserver.flags.flag import Flag

HEADER: Final = "x-mock-scenario"

_QUOTE: Final = re.compile(r':\s*"')
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


@lru_cache(maxsize=1024)
def parse(text: str) -> Flags:
    """Read comma separated flags; a value with a comma is quoted or percent-encoded.

    Raises ApiError 400, listing the flags there are, for an unknown one, and naming the flag and
    the values it takes for a bad value.
    """
    if not text:
        return NONE
    from mockserver.flags.registry import TABLE  # large, and of no use without flags

    # A header's bytes that are no UTF-8 arrive as lone surrogates, which no JSON can carry.
    text = text.encode("utf-8", "replace").decode()
    flags = Flags(text=text)
    before: Flag | None = None
    for name, value in _words(text):
        root, dot, member = name.partition(".")
        flag = TABLE.get(root)
        if flag is None or flag.members != bool(dot):
            raise _unknown(name, before, TABLE)
        if flag.members:
            value = f"{member}:{value or ''}"
        try:
            flags = flag.read(flags, value)
        except ValueError as problem:
            raise _invalid(flag, str(problem)) from None
        before = flag
    return flags


def flags_of(header: str | None, metadata: Any, *defaults: str | None) -> Flags:
    """Return the flags of a request: of its header, else its metadata, else a default.

    Raises ApiError 400 for an unknown flag or a value that makes no sense.
    """
    text = header
    if text is None and isinstance(metadata, dict):
        value = metadata.get(METADATA_KEY)
        text = value if isinstance(value, str) else None
    for default in defaults:
        if text is None:
            text = default or None
    return parse(text) if text else NONE


def check(setting: str | None) -> None:
    """Raise ValueError for flags of the setting ``scenario`` that do not exist."""
    if not setting:
        return
    try:
        parse(setting)
    except ApiError as problem:
        raise ValueError(f"scenario: {problem}") from None


def _words(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield each flag's name and decoded value; only what follows a colon may be quoted."""
    at = 0
    while at < len(text):
        comma = text.find(",", at)
        end = len(text) if comma < 0 else comma
        quote = _QUOTE.search(text, at, end)
        if quote is None:
            name, colon, value = text[at:end].partition(":")
            if (name := name.strip()) or colon:
                yield name, unquote(value.strip()) if colon else None
        else:
            quoted = _QUOTED.match(text, quote.end() - 1)
            name, _, before = text[at : quote.start() + 1].partition(":")
            end = quoted.end() if quoted else end
            if quoted is None or text[end : end + 1] not in ("", ","):
                raise _unclosed(text[at:])
            yield name.strip(), unquote(before.strip()) + _ESCAPE.sub(r"\1", quoted[1])
        at = end + 1


def _unclosed(rest: str) -> ApiError:
    return ApiError(
        f"Invalid scenario flags at '{rest[:80]}': a quoted value has to end with a quote and be "
        'followed by a comma or by nothing, as in text:"Hello, world",seed:1.',
        param=METADATA_KEY,
        code="invalid_scenario_flag",
    )


def _unknown(name: str, before: Flag | None, table: Mapping[str, Flag]) -> ApiError:
    """Return the error for a word that is no flag, after one whose text it may belong to."""
    from difflib import get_close_matches  # of use to those alone who misspell

    known = ", ".join(flag.usage for flag in table.values())
    near = get_close_matches(re.split(r"\W", name.lower())[0], table, 1)
    hint = f" Did you mean '{table[near[0]].usage}'?" if near else ""
    if before is not None and "TEXT" in before.value:
        hint += f" If it belongs to the text of {before.name}, put that between quotes."
    return ApiError(
        f"Unknown scenario flag: '{name}'.{hint} The flags are: {known}.",
        param=METADATA_KEY,
        code="unknown_scenario_flag",
    )


def _invalid(flag: Flag, problem: str) -> ApiError:
    return ApiError(
        f"Invalid scenario flag '{flag.name}': {problem} It is written {flag.usage}: {flag.help}.",
        param=METADATA_KEY,
        code="invalid_scenario_flag",
    )
