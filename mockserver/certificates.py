"""TLS contexts that read the machine's certificates at their first handshake, not when made."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Late(ssl.SSLContext):
    """A client's context that has not read the certificates yet."""

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """Read the certificates and begin a handshake, on a loop."""
        return self._read().wrap_bio(*arguments, **options)

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """Read the certificates and begin a handshake, on a socket."""
        return self._read().wrap_socket(*arguments, **options)

    def _read(self) -> ssl.SSLContext:
        self.__class__ = ssl.SSLContext  # type: ignore[assignment]
        self.load_default_certs()
        return self


@contextmanager
def late_certificates() -> Iterator[None]:
    """Make the contexts of meanwhile late ones, which do the same, but the reading when needed.

    aiohttp makes two as it is imported; reading the certificates for them takes half of that
    time, and most servers never call anybody. Only for a process of our own: what other code does
    with contexts in other threads is none of our business.
    """

    def later(context: ssl.SSLContext, *purpose: Any) -> None:
        context.__class__ = _Late

    names = ("load_default_certs", "set_default_verify_paths")
    own = {name: vars(ssl.SSLContext).get(name) for name in names}
    for name in names:
        setattr(ssl.SSLContext, name, later)
    try:
        yield
    finally:
        for name, method in own.items():
            if method is None:  # the inherited one is there again
                delattr(ssl.SSLContext, name)
            else:
                setattr(ssl.SSLContext, name, method)
