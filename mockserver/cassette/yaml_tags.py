"""The YAML tags that recordings hold, and what each becomes; every other tag is refused."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from typing import Any, Final

from yaml import ScalarNode
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from mockserver.cassette.errors import CassetteError

_CORE: Final = "tag:yaml.org,2002:"
_ISTR: Final = re.compile(re.escape(_CORE) + r"python/object/(?:new|apply):multidict\.[\w.]*istr")
_BYTES_IO: Final = f"{_CORE}python/object/new:_io.BytesIO"
_ITERATOR: Final = f"{_CORE}python/object/apply:builtins.iter"
_MAX_RESOLVED: Final = 64
"""Longer plain words are text: no number is that long, and the number patterns cost time."""

_CONSTRUCTOR: Final = SafeConstructor()
_RESOLVERS: Final = Resolver.yaml_implicit_resolvers


def scalar(tag: str | None, text: str, plain: bool, line: int) -> Any:
    """Return the value of a scalar; ``plain`` says that it is neither quoted nor tagged."""
    if tag is None or tag == "!":
        return _plain(text) if plain else text
    construct = _SCALARS.get(tag)
    if construct is None:
        raise _refused(tag, line)
    try:
        return construct(text)
    except (ValueError, KeyError, binascii.Error):
        raise CassetteError(f"this is no value of type {_short(tag)}", line=line) from None


def container(tag: str | None, value: Any, line: int) -> Any:
    """Return what a tagged or untagged mapping or list stands for."""
    if tag is None or tag == "!" or tag in (f"{_CORE}map", f"{_CORE}seq", f"{_CORE}python/tuple"):
        return value
    if tag == _BYTES_IO and isinstance(value, dict):
        return _joined([_first(value.get("state"), b"")], tag, line)
    if tag == _ITERATOR:
        args = value.get("args") if isinstance(value, dict) else value
        return _joined(_first(args, []), tag, line)
    if _ISTR.fullmatch(tag) and isinstance(value, list):
        return _joined(value, tag, line).decode()
    raise _refused(tag, line)


def _first(values: Any, otherwise: Any) -> Any:
    return values[0] if isinstance(values, list) and values else otherwise


def _joined(pieces: Any, tag: str, line: int) -> bytes:
    """Join the chunks of a recorded file, iterator or string."""
    if not isinstance(pieces, list) or not all(isinstance(piece, str | bytes) for piece in pieces):
        raise CassetteError(f"a {_short(tag)} without its text", line=line)
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)


def _plain(text: str) -> Any:
    """Resolve an unquoted word: null, a boolean, a number, or else text; dates stay text."""
    if len(text) > _MAX_RESOLVED:
        return text
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if tag in _PLAIN and pattern.match(text):
            try:
                return _PLAIN[tag](text)
            except ValueError:
                return text
    return text


def _refused(tag: str, line: int) -> CassetteError:
    return CassetteError(
        f"the tag {_short(tag)} is not read: it stands for a program's own object; replace it by "
        "plain text",
        line=line,
    )


def _short(tag: str) -> str:
    return f"!!{tag.removeprefix(_CORE)}" if tag.startswith(_CORE) else tag


def _binary(text: str) -> bytes:
    return binascii.a2b_base64(text)


def _integer(text: str) -> int:
    return int(_CONSTRUCTOR.construct_yaml_int(ScalarNode(f"{_CORE}int", text)))


def _number(text: str) -> float:
    return float(_CONSTRUCTOR.construct_yaml_float(ScalarNode(f"{_CORE}float", text)))


def _boolean(text: str) -> bool:
    return bool(SafeConstructor.bool_values[text.lower()])


def _null(_text: str) -> None:
    return None


_PLAIN: Final[dict[str, Callable[[str], Any]]] = {
    f"{_CORE}null": _null,
    f"{_CORE}bool": _boolean,
    f"{_CORE}int": _integer,
    f"{_CORE}float": _number,
}
_SCALARS: Final[dict[str, Callable[[str], Any]]] = {
    **_PLAIN,
    f"{_CORE}str": str,
    f"{_CORE}timestamp": str,
    f"{_CORE}python/str": str,
    f"{_CORE}python/unicode": str,
    f"{_CORE}binary": _binary,
    "!binary": _binary,  # Ruby's spelling
}
