"""Fields of an interaction, read tolerantly but never guessed."""

from __future__ import annotations

import binascii
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Headers

SITE: Final = "https://api.openai.com"
"""Where a recording was made that does not say where."""
API: Final = f"{SITE}/v1/"

_PLAIN: Final = orjson.OPT_NON_STR_KEYS


def mapping(raw: Any, key: str) -> dict[str, Any]:
    """Return the mapping under a key that must be there."""
    value = raw.get(key) if isinstance(raw, dict) else None
    if not isinstance(value, dict):
        raise CassetteError(f"{key!r} must be a mapping, {_found(raw, key)}")
    return value


def items(raw: Any, key: str) -> list[Any]:
    """Return the list under a key that must be there."""
    value = raw.get(key) if isinstance(raw, dict) else None
    if not isinstance(value, list):
        kind = "empty" if value is None else f"a {type(value).__name__}"
        raise CassetteError(f"{key!r} must be a list, but is {kind}")
    return value


def string(raw: dict[str, Any], key: str) -> str:
    """Return the text under a key that must be there and not be empty."""
    value = raw.get(key)
    if not isinstance(value, str) or not value:
        raise CassetteError(f"{key!r} must be text, {_found(raw, key)}")
    return value


def uri(raw: dict[str, Any], key: str) -> str:
    """Return the address under a key, which must have parts that can be told apart."""
    value = string(raw, key)
    try:
        urlsplit(value).path.encode()
    except ValueError as error:
        raise CassetteError(f"{key!r} is no address: {error}") from None
    return value


def status(value: Any) -> int:
    """Return an HTTP status that a server can send as a final answer."""
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if type(number) is not int or not 200 <= number <= 599:
        raise CassetteError(f"the status must be a number from 200 to 599, found {value!r}")
    return number


def headers(value: Any) -> Headers:
    """Flatten a mapping of names to a value or a list of values; nothing counts as empty."""
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise CassetteError("'headers' must be a mapping of names to lists of values")
    return tuple(
        (text(name), text(item))
        for name, items in value.items()
        for item in (items if isinstance(items, list) else [items])
    )


def named(value: Any) -> Headers:
    """Flatten a list of ``{"name": …, "value": …}``; nothing counts as empty."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise CassetteError("'headers' must be a list of names with their values")
    return tuple((text(item.get("name")), text(item.get("value"))) for item in value)


def content_type(found: Headers) -> str:
    """Return the media type that headers declare, in lower case, or an empty string."""
    values = (value for name, value in found if name.lower() == "content-type")
    return next(values, "").partition(";")[0].strip().lower()


def text(value: Any) -> str:
    """Return a header name or value as text; unquoted YAML words come back as they were written."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise CassetteError(f"a header must be text, found {value!r:.60}")


def raw_bytes(value: Any) -> bytes:
    """Return a body as bytes: text in UTF-8, nothing as nothing, any other value as JSON."""
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError:
            raise CassetteError("a body holds half a surrogate pair; record it as bytes") from None
    return json_bytes(value)


def base64_bytes(value: Any, key: str) -> bytes:
    """Decode a base64 text; ``key`` names its place in the fault."""
    try:
        return binascii.a2b_base64(value)
    except (TypeError, ValueError):
        raise CassetteError(f"{key!r} is not base64") from None


def json_bytes(value: Any, *, pretty: bool = False) -> bytes:
    """Write a body that was recorded as data; ``pretty`` indents it, as the API's answers are."""
    try:
        return orjson.dumps(value, option=_PLAIN | (orjson.OPT_INDENT_2 if pretty else 0))
    except TypeError as error:
        raise CassetteError(f"a body cannot be written as JSON: {error}") from None


def _found(raw: Any, key: str) -> str:
    if not isinstance(raw, dict):
        return "but the interaction is no mapping"
    if key not in raw:
        return "but it is missing; the file may be cut off"
    return f"found {raw[key]!r:.60}"
