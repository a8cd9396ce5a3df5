"""What tests over the wire share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sockets import Socket, open_socket

from mockserver import MockServer


@pytest.fixture
async def socket(mockserver: MockServer) -> AsyncIterator[Socket]:
    """A raw connection to the test's server."""
    async with open_socket(mockserver.url) as connected:
        yield connected
