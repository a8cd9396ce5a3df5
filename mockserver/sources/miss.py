"""A miss: nothing recorded fits a request, and nothing else may answer."""

from __future__ import annotations

from mockserver.schema.errors import ApiError


class CassetteMiss(ApiError):
    """The answer to a request that nothing recorded fits: 424, not to be retried (vcr §4.4)."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(
            message,
            status=424,
            type="mock_server_error",
            code=code,
            headers={"x-should-retry": "false"},
        )
