"""Which headers pass between a client and the upstream (vcr §3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from multidict import CIMultiDict, CIMultiDictProxy

Sent: TypeAlias = CIMultiDict[str]
Fields: TypeAlias = Sent | CIMultiDictProxy[str]

_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"}
    | {"te", "trailer", "transfer-encoding", "upgrade"}
)
_OWN: Final = "x-mock-"
"""How the names of headers begin that are for this server alone."""
_RENEWED: Final = frozenset({"host", "content-length", "expect", "accept-encoding"})
_UNDONE: Final = frozenset({"gzip", "deflate", "br", "zstd"})
"""Encodings of a request body that the server undoes while it reads."""
_SHORTEST_KEY: Final = 20
_KEYS: Final = ("authorization", "api-key", "x-api-key")


def to_upstream(headers: Fields, *, key: str | None = None) -> CIMultiDict[str]:
    """Return what the upstream is sent for a client's headers.

    It is asked for a plain body, so that the cassette can be read. ``key`` takes the place of a
    dummy key.
    """
    dropped = _HOP_BY_HOP | _RENEWED | _listed(headers)
    sent: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        low = name.lower()
        if low in dropped or low.startswith(_OWN):
            continue
        if low == "content-encoding" and value.strip().lower() in _UNDONE:
            continue
        sent.add(name, value)
    sent["Accept-Encoding"] = "identity"
    if key is not None and is_dummy(sent):
        for name in _KEYS:
            sent.popall(name, None)
        sent["Authorization"] = f"Bearer {key}"
    return sent


def to_client(headers: Fields) -> CIMultiDict[str]:
    """Return what a client is sent for the upstream's headers; repeated ones stay apart."""
    dropped = _HOP_BY_HOP | _listed(headers)
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in dropped
    )


def is_dummy(headers: Mapping[str, str]) -> bool:
    """Tell whether a client brought no key, or one too short to be real."""
    for name in _KEYS:
        value = headers.get(name, "").strip()
        if value.lower().startswith("bearer"):
            value = value[6:].strip()
        if len(value) >= _SHORTEST_KEY:
            return False
    return True


def _listed(headers: Fields) -> set[str]:
    """Return the names that the sender declares to be for this connection alone."""
    words = ",".join(headers.getall("connection", ())).split(",")
    return {word.strip().lower() for word in words} - {""}
