"""A request as the server received it, ready to be looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mockserver.cassette.canonical import Canonical, canonical
from mockserver.cassette.fingerprint import Fingerprint, exact, loose


@dataclass(frozen=True)
class Request:
    """What a client asked: ``query`` without its question mark, ``body`` decompressed.

    The derived values are computed once, on first use.
    """

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def canonical(self) -> Canonical:
        """The request without spelling, transport and defaults."""
        return canonical(self.method, self.path, self.query, self.body)

    @cached_property
    def exact(self) -> Fingerprint:
        """The fingerprint that is tried first."""
        return exact(self.canonical)

    @cached_property
    def loose(self) -> Fingerprint:
        """The fingerprint that is tried when the exact one is not recorded."""
        return loose(self.canonical)
