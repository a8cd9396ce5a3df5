"""The upstream: the only user of the HTTP client."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path
from typing import Final

import aiohttp
from yarl import URL

from mockserver.upstream.address import Address
from mockserver.upstream.headers import Fields, Sent, to_upstream

Cut: Final = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""What is raised when the upstream cannot be reached or ends before its time."""

_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=600)
"""Reasoning models pause for minutes; connecting takes none (vcr §3.1)."""
_KEEPALIVE: Final = 4.0
"""Seconds a connection waits for its next request: less than servers keep theirs open, so that no
request meets one that is being closed. None is ever sent twice."""
_LINE: Final = 256 * 1024
_HEADERS: Final = 10_000
"""How much of an answer's head is read: more than gateways put there. Whether a client can take
it is that client's affair."""
_AUTO: Final = ("User-Agent", "Content-Type", "Accept", "Accept-Encoding")
_KEY: Final = "OPENAI_API_KEY"


class Upstream:
    """The API at a fixed address; ``key`` is used for clients that bring a dummy one.

    Connections are made on first use. Redirects are not followed, cookies not kept, requests never
    repeated, certificates always checked (against ``ca`` too, a file of certificates).
    """

    def __init__(self, address: Address, *, ca: Path | None = None, key: str | None = None) -> None:
        self.address = address
        self._key = key
        self._tls = _tls(ca)
        self._session: aiohttp.ClientSession | None = None

    def fields(self, headers: Fields) -> Sent:
        """Return the headers that are sent for a client's."""
        return to_upstream(headers, key=self._key)

    async def send(
        self, method: str, url: str, headers: Fields, body: bytes
    ) -> aiohttp.ClientResponse:
        """Send a request; return once the head of the answer is there, the body still to be read.

        ``headers`` go out as they are. Raises one of ``Cut`` when no answer comes.
        """
        return await self._opened().request(
            method,
            URL(url, encoded=True),
            headers=headers,
            data=body or None,
            allow_redirects=False,
        )

    async def connect(self, url: str, headers: Fields) -> aiohttp.ClientWebSocketResponse:
        """Open a WebSocket; raises one of ``Cut`` when the upstream does not take it."""
        return await self._opened().ws_connect(
            URL(url, encoded=True),
            headers={name: value for name, value in headers.items() if not _of_handshake(name)},
            max_msg_size=0,
            autoping=True,
        )

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self._tls, limit=0, keepalive_timeout=_KEEPALIVE
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_AUTO,
                timeout=_TIMEOUT,
                trust_env=False,
                max_line_size=_LINE,
                max_field_size=_LINE,
                max_headers=_HEADERS,
            )
        return self._session


def open_upstream(url: str, *, ca: Path | None = None, environment_key: bool = False) -> Upstream:
    """Return the upstream of the settings.

    With ``environment_key`` the key is that of ``OPENAI_API_KEY``. Raises ValueError, naming the
    setting, for what cannot be used.
    """
    key = os.environ.get(_KEY) if environment_key else None
    if environment_key and not key:
        raise ValueError(f"environment_key: {_KEY} is not set")
    try:
        address = Address.parse(url)
    except ValueError as problem:
        raise ValueError(f"upstream: {problem}") from None
    return Upstream(address, ca=ca, key=key)


def _tls(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(cafile=ca)
        except (OSError, ssl.SSLError) as problem:
            raise ValueError(f"upstream_ca: {ca} cannot be used: {problem}") from None
    return context


def _of_handshake(name: str) -> bool:
    """Tell whether a header belongs to the opening of one connection alone."""
    return name.lower().startswith("sec-websocket-")
