"""A request as the server received it, ready to be looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import orjson
from multidict import CIMultiDict

from mockserver.cassette.canonical import Canonical, canonical
from mockserver.cassette.fingerprint import Fingerprint, exact, loose
from mockserver.cassette.interaction import Interaction


@dataclass(frozen=True)
class Request:
    """What a client asked: ``query`` without its question mark, ``body`` decompressed.

    ``headers`` are found in whatever case. The derived values are computed once, on first use.
    """

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def recorded(cls, interaction: Interaction) -> Self:
        """Return the request of an interaction, to be compared with one that is asked."""
        return cls(
            interaction.method,
            interaction.path,
            interaction.query,
            interaction.request_body,
            CIMultiDict(interaction.request_headers),
        )

    @cached_property
    def document(self) -> Any:
        """The body as JSON, or None when it is something else. It is shared: do not change it."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

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
