"""Where webhooks may be delivered to: this machine, and what the settings name."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_Address = IPv4Address | IPv6Address


class Targets:
    """The hosts that may be connected to, so that no request makes the server call elsewhere.

    Loopback addresses and ``localhost`` always may. ``allow`` are further hosts, each ``HOST``,
    ``HOST:PORT``, an address or a network; those of the configured ``urls`` belong to them. A name
    is never looked up to find out (vcr §6.2).
    """

    def __init__(self, allow: Iterable[str] = (), urls: Iterable[str] = ()) -> None:
        self._allow = tuple(allow)
        parts = [urlsplit(url) for url in urls]
        self._hosts = {(part.hostname or "").lower() for part in parts}

    def admit(self, host: str, port: int | None) -> bool:
        """Tell whether a host may be connected to, on a port."""
        host = host.lower().rstrip(".")
        address = _address(host)
        if host in self._hosts or host == "localhost" or host.endswith(".localhost"):
            return True
        if address is not None and address.is_loopback:
            return True
        return any(_covers(entry.lower(), host, port, address) for entry in self._allow)


def _covers(entry: str, host: str, port: int | None, address: _Address | None) -> bool:
    """Tell whether an entry of the list means a host on a port."""
    with suppress(ValueError):
        network = ip_network(entry)
        return address is not None and address in network
    name, _, number = entry.rpartition(":")
    if number.isdigit() and name:
        return name.strip("[]") == host and int(number) == port
    return entry == host


def _address(host: str) -> _Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
