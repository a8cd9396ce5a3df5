"""A miss: nothing recorded fits a request, and nothing else may answer."""

from __future__ import annotations

from mockserver.schema.errors import MockError


class CassetteMiss(MockError):
    """The answer to a request that nothing recorded fits: 424, not to be retried (vcr §4.4)."""
