"""Where the upstream is, and which of its URLs a request is meant for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

_NAMESPACE: Final = re.compile(r"/ns/[^/]+(?=/v1(?:/|$))")
_BASE: Final = "/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """The fixed place that requests are sent to.

    ``origin`` is scheme, host and port; ``base`` is the path of a base URL without its last slash,
    empty when only an origin was given.
    """

    origin: str
    base: str = ""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read an origin (``https://api.openai.com``) or a base URL as SDKs take it (``…/v1``).

        Raises ValueError, without repeating the text, for anything else.
        """
        try:
            parts = urlsplit(url.strip())
            whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            whole = False
        if not whole or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(
                "it must be an http or https address without user, query and fragment, such as "
                "https://api.openai.com/v1"
            )
        return cls(f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/"))

    def target(self, path: str, query: str = "") -> str | None:
        """Return the URL for a request's raw path and query, None when it has none there.

        The namespace is left out. With a base URL only what stands below our own ``/v1`` has a
        place; nothing in a request can name another host.
        """
        path = _NAMESPACE.sub("", path, count=1)
        if not path.startswith("/"):
            return None
        if self.base:
            if path != _BASE and not path.startswith(_BASE + "/"):
                return None
            path = self.base + path.removeprefix(_BASE)
        return f"{self.origin}{path}" + (f"?{query}" if query else "")
