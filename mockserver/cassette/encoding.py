"""Undoing content encodings by looking at the bytes, because recorded headers often lie."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from typing import Any, Final

from mockserver.cassette.errors import CassetteError

NAMES: Final = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})
"""The encodings that can be undone."""
MAX_BODY: Final = 64 * 1024 * 1024
"""Most bytes a decompressed body may have."""

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_CHUNK: Final = 4096


def decode(body: bytes, encodings: list[str], *, textual: bool) -> bytes:
    """Return the plain body.

    ``encodings`` are the names of the ``content-encoding`` header in order of application, and may
    claim what was undone before the recording. ``textual`` says that the media type, or its
    absence, promises text: then bytes that are no text must be encoded, whether a header says so
    or not. Raise CassetteError when such bytes cannot be decoded.
    """
    for name in reversed(encodings):
        body = _undo(name, body, textual)
    if not encodings and textual:
        body = _by_magic(body) or body
    return body


def _undo(name: str, body: bytes, textual: bool) -> bytes:
    known = _by_magic(body)
    if known is not None or not body:
        return known or b""
    if name in ("gzip", "x-gzip", "zstd"):
        return body
    try:
        return _UNMARKED[name](body)
    except _NotEncoded:
        fault = CassetteError(f"the body claims content-encoding {name!r} but is not")
    except ImportError:
        fault = _library("brotli", "brotli")
    except KeyError:
        fault = CassetteError(f"the content-encoding {name!r} is not known")
    if _is_text(body) or not textual:
        return body
    raise fault


class _NotEncoded(Exception):
    """The bytes are not in the encoding that was tried."""


def _by_magic(body: bytes) -> bytes | None:
    """Undo an encoding that begins with a mark of its own; None when there is no mark."""
    if body.startswith(_GZIP):
        return _gunzip(body)
    if body.startswith(_ZSTD):
        return _unzstd(body)
    return None


def _gunzip(body: bytes) -> bytes:
    plain = b""
    while body.startswith(_GZIP):
        inflator = zlib.decompressobj(wbits=31)
        try:
            plain += inflator.decompress(body, MAX_BODY + 1 - len(plain))
        except zlib.error as error:
            raise CassetteError(f"the gzip body is damaged: {error}") from None
        _check_size(plain)
        if not inflator.eof:
            raise CassetteError("the gzip body is cut off")
        body = inflator.unused_data
    return plain


def _unzstd(body: bytes) -> bytes:
    inflator = _zstd_inflator()
    try:
        plain = b"".join(
            bytes(inflator.decompress(body[start : start + _CHUNK]))
            for start in range(0, len(body), _CHUNK)
        )
    except Exception as error:  # the three libraries raise errors of their own
        raise CassetteError(f"the zstd body is damaged: {error}") from None
    if not inflator.eof:
        raise CassetteError("the zstd body is cut off")
    _check_size(plain)
    return plain


def _zstd_inflator() -> Any:
    for module in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(module).ZstdDecompressor()
        except ImportError:
            continue
    try:
        return importlib.import_module("zstandard").ZstdDecompressor().decompressobj()
    except ImportError:
        raise _library("zstd", "zstandard") from None


def _inflate(body: bytes) -> bytes:
    """Undo ``deflate``, which servers send with and without the zlib wrapper."""
    for wbits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        inflator = zlib.decompressobj(wbits)
        try:
            plain = inflator.decompress(body, MAX_BODY + 1)
        except zlib.error:
            continue
        _check_size(plain)
        if inflator.eof:
            return plain
    raise _NotEncoded


def _unbrotli(body: bytes) -> bytes:
    library = importlib.import_module("brotli")
    inflator, plain = library.Decompressor(), b""
    try:
        for start in range(0, len(body), _CHUNK):
            plain += inflator.process(body[start : start + _CHUNK])
            _check_size(plain)
    except library.error:
        raise _NotEncoded from None
    if not inflator.is_finished():
        raise _NotEncoded
    return plain


def _check_size(plain: bytes) -> None:
    if len(plain) > MAX_BODY:
        raise CassetteError(f"the body is larger than {MAX_BODY >> 20} MB when decompressed")


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in body


def _library(encoding: str, package: str) -> CassetteError:
    return CassetteError(
        f"the body is compressed with {encoding}; install the package {package!r} to read it"
    )


_UNMARKED: Final[dict[str, Callable[[bytes], bytes]]] = {"deflate": _inflate, "br": _unbrotli}
