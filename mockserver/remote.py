"""A server that runs elsewhere, such as in a container, under control by its own API."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from mockserver.handle import Handle
from mockserver.namespace import DEFAULT, NAMED, is_name
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError

_TIMEOUT: Final = 30.0


class RemoteServer(Handle):
    """A running server by its URL; ``namespace`` is what its methods mean when none is named.

    ``token`` is the server's control token. Methods raise ApiError for what the server refuses and
    ConnectionError when it cannot be reached.
    """

    def __init__(self, url: str, *, token: str | None = None, namespace: str = DEFAULT) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"{url!r} is not an http address such as http://127.0.0.1:8787")
        self._origin = url.rstrip("/").removesuffix("/v1")
        self._token = token
        self.namespace = namespace
        # A proxy that the environment names is for other traffic.
        self._opener = build_opener(ProxyHandler({}))

    @property
    def url(self) -> str:
        """The base URL of the handle's namespace, with ``/v1``."""
        return self.url_for(self.namespace)

    def url_for(self, namespace: str = DEFAULT) -> str:
        """Return the base URL of a namespace; raise ValueError for a name it cannot have."""
        return self._origin + path_of(namespace)

    def within(self, namespace: str) -> RemoteServer:
        """Return a handle of the same server for another namespace."""
        return RemoteServer(self._origin, token=self._token, namespace=namespace)

    def command(
        self, method: str, resource: str, body: Json | None = None, namespace: str | None = None
    ) -> Json:
        """Perform a command of the control API; return its answer."""
        name = self.namespace if namespace is None else namespace
        url = f"{self._origin}/_mock/{resource}?{urlencode({'namespace': name})}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(url, data=data, method=method, headers=self._headers())
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                document: Json = json.load(answer)
        except HTTPError as problem:
            with problem:
                raise _error(problem.code, problem.read()) from None
        except (URLError, TimeoutError) as problem:
            raise ConnectionError(f"{self._origin} does not answer: {problem}") from None
        return document

    def _headers(self) -> dict[str, str]:
        headers = {"content-type": "application/json"}
        return headers if self._token is None else {**headers, "x-mock-token": self._token}


def path_of(namespace: str) -> str:
    """Return the base path of a namespace; raise ValueError for a name it cannot have."""
    if namespace and not is_name(namespace):
        raise ValueError(f"{namespace!r} is not {NAMED}")
    return (f"/ns/{quote(namespace)}" if namespace else "") + "/v1"


def _error(status: int, raw: bytes) -> ApiError:
    """Return the error of an answer, whatever it is that answered."""
    try:
        error: dict[str, Any] = json.loads(raw)["error"]
        return ApiError(
            error["message"],
            status=status,
            type=error["type"],
            param=error["param"],
            code=error["code"],
        )
    except (ValueError, KeyError, TypeError):
        return ApiError(f"HTTP status {status} instead of an answer.", status=status)
