"""The HTTP client of webhooks: one POST at a time, to an address that is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from mockserver import __version__
from mockserver.webhooks.targets import Targets

if TYPE_CHECKING:
    import aiohttp

_HEADERS: Final = {
    "content-type": "application/json",
    "user-agent": f"mockserver/{__version__}",
}


class NotAllowed(Exception):
    """An address that the settings do not allow; nothing was sent."""


class NotDelivered(Exception):
    """No answer came: the connection failed or took too long."""


class Post:
    """Sends bytes to URLs; an answer's status is all that is read of it, redirects included.

    ``patience`` is how many real seconds an answer may take.
    """

    def __init__(self, targets: Targets, *, patience: float) -> None:
        self._targets = targets
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Return the status that a URL answers with; raise NotAllowed or NotDelivered."""
        import aiohttp
        from yarl import URL

        try:
            target = URL(url)
            host, port = target.host or "", target.port
        except ValueError as problem:
            raise NotDelivered(f"{url!r} is no URL: {problem}") from None
        if not self._targets.admit(host, port):
            raise NotAllowed(
                f"{host} is not this machine: start the server with --webhook-allow {host} to "
                "have webhooks sent there"
            )
        session = self._session = self._session or aiohttp.ClientSession()
        try:
            async with asyncio.timeout(self._patience):
                async with session.post(
                    target, data=body, headers={**_HEADERS, **headers}, allow_redirects=False
                ) as answer:
                    return answer.status
        except TimeoutError:
            raise NotDelivered(f"no answer within {self._patience:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            raise NotDelivered(str(problem) or type(problem).__name__) from None

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
