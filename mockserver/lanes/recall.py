"""What one connection remembers: the latest response of each lane, stored or not."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.history import as_items
from mockserver.lanes.queues import Lane
from mockserver.records import Records
from mockserver.schema.base import Json
from mockserver.schema.validation import servable_input


@dataclass(frozen=True, slots=True)
class _Latest:
    """A response with all items up to its end, so that its ancestors may be forgotten."""

    response: Json
    context: list[Json]


class Recall(Records):
    """The records as one connection sees them: its own latest responses come before the store.

    That lets ``previous_response_id`` name a response made with ``store: false`` (api-contract
    §13.4).
    """

    def __init__(self, records: Records) -> None:
        super().__init__(records.store, records.absence)
        self._latest: dict[Lane, _Latest] = {}

    async def before(self, namespace: str, body: Json, response: Json) -> list[Json]:
        """Return the context that a response's own output comes after."""
        return [
            *await self.context(namespace, body.get("previous_response_id")),
            *await self.conversations.before(namespace, response),
            *as_items(servable_input(body.get("input"))),
        ]

    def put(self, lane: Lane, response: Json, before: list[Json]) -> None:
        """Remember a response in place of the lane's earlier one."""
        self._latest[lane] = _Latest(response, [*before, *response["output"]])

    def evict(self, lane: Lane, response_id: str | None) -> None:
        """Forget a response that could not be continued, if it is this lane's own."""
        latest = self._latest.get(lane)
        if latest is not None and latest.response["id"] == response_id:
            del self._latest[lane]

    async def parent(self, namespace: str, response_id: str | None) -> Json | None:
        """Return the response that a request continues, if any; raise the API's 400 if lost."""
        found = self._find(response_id)
        return found.response if found else await super().parent(namespace, response_id)

    async def context(self, namespace: str, response_id: str | None) -> list[Json]:
        """Return a response's input and output items after those of its ancestors."""
        found = self._find(response_id)
        return list(found.context) if found else await super().context(namespace, response_id)

    async def resolve(self, namespace: str, item: Json) -> Json:
        """Return the item that a reference stands for; others as they are."""
        if item["type"] == "item_reference":
            for latest in self._latest.values():
                for known in latest.context:
                    if known.get("id") == item["id"]:
                        return dict(known)
        return await super().resolve(namespace, item)

    def _find(self, response_id: str | None) -> _Latest | None:
        return next(
            (known for known in self._latest.values() if known.response["id"] == response_id), None
        )
