"""Webhook endpoints in a store: who is to be told of events, and with which secret (§10.5)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Final, NamedTuple

from mockserver.absence import Absence
from mockserver.schema.base import Json
from mockserver.seed import Draw
from mockserver.store import Store

_KIND: Final = "webhook_endpoint"
_DAY: Final = 86_400.0
_SHOWN: Final = (
    "id",
    "object",
    "created_at",
    "updated_at",
    "name",
    "url",
    "event_types",
    "signing_secret_hint",
)


class Recipient(NamedTuple):
    """Who gets an event: a URL, and the secrets to sign with; ``id`` is None without endpoint."""

    id: str | None
    url: str
    secrets: tuple[str, ...]


class Webhooks:
    """Keeps webhook endpoints; they are managed here, events are delivered elsewhere.

    ``absence`` answers for those that are not there; what it gives is shown and not kept.
    """

    def __init__(self, store: Store, absence: Absence) -> None:
        self._store = store
        self._absence = absence

    async def create(self, namespace: str, draw: Draw, parts: Json) -> Json:
        """Make an endpoint of its name, URL and event types; return it with its secret."""
        endpoint = new_endpoint(draw.early_id("whe"), draw, parts)
        await self._store.put(namespace, _KIND, endpoint["id"], endpoint)
        return _view(endpoint) | {"signing_secret": endpoint["secrets"][0]["secret"]}

    async def all(self, namespace: str) -> list[Json]:
        """Return all endpoints, the oldest first."""
        return [_view(endpoint) for endpoint in (await self._store.newest(namespace, _KIND))[::-1]]

    async def get(self, namespace: str, id: str) -> Json:
        """Return an endpoint; raise the API's 404 when there is none."""
        return _view(await self._get(namespace, id))

    async def recipient(self, namespace: str, id: str, now: float) -> Recipient:
        """Return where an endpoint is, and its secrets at a moment of the clock, newest first."""
        return _recipient(await self._get(namespace, id), now)

    async def subscribed(self, namespace: str, event_type: str, now: float) -> list[Recipient]:
        """Return who is to be told of an event of a type, the oldest endpoint first."""
        return [
            _recipient(endpoint, now)
            for endpoint in (await self._store.newest(namespace, _KIND))[::-1]
            if event_type in endpoint["event_types"]
        ]

    async def update(self, namespace: str, id: str, draw: Draw, parts: Json) -> Json:
        """Change parts of an endpoint; its ``updated_at`` stays when nothing is different."""

        def change(endpoint: Json) -> Json:
            changed = endpoint | parts
            return endpoint if changed == endpoint else changed | {"updated_at": draw.stamp}

        return _view(await self._change(namespace, id, change))

    async def rotate(self, namespace: str, id: str, draw: Draw, now: float, *, keep: bool) -> Json:
        """Give an endpoint a new secret; return it with that.

        ``keep`` leaves the secret before it good for a day from ``now``.
        """
        secret = _secret(draw)

        def change(endpoint: Json) -> Json:
            old = _good(endpoint["secrets"], now) if keep else []
            kept = [{**entry, "until": entry["until"] or now + _DAY} for entry in old]
            return endpoint | {
                "updated_at": draw.stamp,
                "signing_secret_hint": _hint(secret),
                "secrets": [{"secret": secret, "until": None}, *kept],
            }

        endpoint = await self._change(namespace, id, change)
        return _view(endpoint) | {"signing_secret": secret}

    async def delete(self, namespace: str, id: str) -> None:
        """Forget an endpoint; raise the API's 404 when there is none."""
        if not await self._store.delete(namespace, _KIND, id):
            self._absence.webhook_endpoint(namespace, id)

    async def _get(self, namespace: str, id: str) -> Json:
        endpoint = await self._store.get(namespace, _KIND, id)
        return self._absence.webhook_endpoint(namespace, id) if endpoint is None else endpoint

    async def _change(self, namespace: str, id: str, change: Callable[[Json], Json]) -> Json:
        endpoint = await self._store.update(namespace, _KIND, id, change)
        if endpoint is None:
            endpoint = change(self._absence.webhook_endpoint(namespace, id))
        return endpoint


def new_endpoint(id: str, draw: Draw, parts: Json) -> Json:
    """Return an endpoint as the store has it, with a secret of its own."""
    secret = _secret(draw)
    return {
        "id": id,
        "object": "webhook_endpoint",
        "created_at": draw.stamp,
        "updated_at": draw.stamp,
        **parts,
        "signing_secret_hint": _hint(secret),
        "secrets": [{"secret": secret, "until": None}],
    }


def _view(endpoint: Json) -> Json:
    """Return an endpoint as the API shows it, which is without its secret."""
    return {key: endpoint[key] for key in _SHOWN}


def _recipient(endpoint: Json, now: float) -> Recipient:
    secrets = tuple(entry["secret"] for entry in _good(endpoint["secrets"], now))
    return Recipient(endpoint["id"], endpoint["url"], secrets)


def _good(secrets: list[Json], now: float) -> list[Json]:
    return [entry for entry in secrets if entry["until"] is None or now < entry["until"]]


def _secret(draw: Draw) -> str:
    return "whsec_" + b64encode(draw.random.randbytes(32)).decode()


def _hint(secret: str) -> str:
    return f"whsec_...{secret[-4:]}"
