"""Hiding inside addresses: the user before the host, and parameters of the query."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from mockserver.cassette.redact import pseudonym, shapes
from mockserver.cassette.redact.rules import Rules
from mockserver.cassette.redact.shapes import PLACEHOLDER

_ADDRESS: Final = re.compile(r"(?i:\b(?:https?|wss?|ftp)://)[^\s\"'<>\\)}]*")
_USER: Final = re.compile(r"^([A-Za-z][\w+.-]*://)[^/?#@\s]*@")
_KEPT: Final = "[]"
"""Characters that a query needs not escape in practice; the placeholder has them."""


def uri(value: str, known: Rules) -> str:
    """Hide what the address of a request holds; parts that hide nothing stay as they are."""
    value = _USER.sub(r"\1", value)
    start, mark, rest = value.partition("?")
    return path(start, known) + mark + (query(rest, known) if mark else "")


def within(value: str, known: Rules) -> str:
    """Hide what the addresses in a text hold."""
    if "://" not in value:
        return value
    return _ADDRESS.sub(lambda match: _address(match.group(), known), value)


def _address(value: str, known: Rules) -> str:
    return uri(value, known) if "?" in value or "@" in value else value


def query(value: str, known: Rules) -> str:
    """Hide what a query holds, without its question mark; a fragment may follow it."""
    text, mark, fragment = value.partition("#")
    return pairs(text, known, plus=False) + mark + known.text(fragment)


def pairs(value: str, known: Rules, *, plus: bool) -> str:
    """Hide what names and values hold that are joined by ``&``; ``plus`` is a form's blank."""
    return "&".join(_pair(pair, known, plus) for pair in value.split("&"))


def _pair(pair: str, known: Rules, plus: bool) -> str:
    name, equals, value = pair.partition("=")
    plain_name, plain = unquote_plus(name), unquote_plus(value)
    new = _new(plain_name, plain, known) if equals else plain
    shown = known.text(plain_name)
    if new == plain and shown == plain_name:
        # Written by one who escapes in a way of his own, it may still hold what decoding hid.
        return known.text(pair)
    escape = quote_plus if plus else quote
    return escape(shown, safe=_KEPT) + equals + escape(new, safe=_KEPT)


def _new(name: str, value: str, known: Rules) -> str:
    if known.covers((name.partition("[")[0],)):
        return pseudonym.of_text(value)
    if value and shapes.is_secret_parameter(name):
        return PLACEHOLDER
    return within(known.text(value), known)


def path(value: str, known: Rules) -> str:
    """Hide what a path holds; the rest of an address before its query may stand before it."""
    plain = unquote(value)
    new = known.text(plain)
    return known.text(value) if new == plain else quote(new, safe=":/" + _KEPT)
