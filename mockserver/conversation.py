"""One conversation: its items, run by run, and the run in progress."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mockserver.history import check_unique, own_items
from mockserver.lifecycle import Plan, end, status
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError

_KEPT: Final = frozenset({"completed", "incomplete"})
"""How a run ends whose items stay; a failed or cancelled one leaves nothing (api-contract §12)."""

_PASSING: Final = frozenset({"compaction_trigger", "item_reference"})
"""What stands for something else: a wish for one run alone, an item that could not be found."""


@dataclass(slots=True, kw_only=True)
class Conversation:
    """A conversation as the store has it.

    ``entries`` are what was put in at a time: ``response`` names the run, None for items put in by
    hand, and ``items`` are what there is of it. ``running`` is the plan of the last run and the
    items of its input, until somebody looks after its end. ``latest`` is the unix second of the
    last thing that happened. A deleted conversation stays as long as its items may be asked for.
    """

    id: str
    created_at: int
    metadata: Json
    latest: int
    entries: list[Json] = field(default_factory=list)
    running: Json | None = None
    deleted: bool = False

    def document(self) -> Json:
        """Return the conversation as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    def view(self) -> Json:
        """Return the conversation as the API shows it (api-contract §12)."""
        return {
            "id": self.id,
            "object": "conversation",
            "created_at": self.created_at,
            "metadata": self.metadata,
        }

    def parent(self) -> Json:
        """Return what the ids of the next thing to happen follow from."""
        return {"id": self.id, "created_at": self.latest}

    def items(self) -> list[Json]:
        """Return all items, the oldest first, without those of a run that is not settled."""
        return [item for entry in self.entries for item in entry["items"]]

    def before(self, response_id: str) -> list[Json]:
        """Return the items that a run had as its context; none of a run that is not known."""
        items: list[Json] = []
        for entry in self.entries:
            if entry["response"] == response_id:
                return items
            items += entry["items"]
        return items if self._runs(response_id) else []

    def settle(self, now: float) -> None:
        """Take over what the run has come to, if it is over."""
        if self.running is None:
            return
        plan = Plan(**self.running["plan"])
        if now < end(plan):
            return
        response = plan.response
        kept = status(plan, now) in _KEPT
        items = [*self.running["items"], *response["output"]] if kept else []
        self.entries.append({"response": response["id"], "items": items})
        self.latest = _ended(response)
        self.running = None

    def require_free(self) -> None:
        """Raise the API's 400 when a run is in progress (api-contract §9.4)."""
        if self.running is not None:
            raise ApiError(
                "Another process is currently operating on this conversation. "
                "Please retry in a few seconds.",
                param="conversation",
                code="conversation_locked",
            )

    def add(self, items: list[Json], moment: int) -> None:
        """Put items in by hand, at this unix second; raise the API's 400 for those that are in."""
        self.require_free()
        check_unique(self.items(), items)
        self.entries.append({"response": None, "items": items})
        self.latest = moment

    def begin(self, plan: Plan, items: list[Json], now: float) -> None:
        """Take up a run with its own input; raise the API's 400 when there is one already."""
        self.require_free()
        own = own_items(lasting(items), plan.response)
        self.running = {"plan": plan.document(), "items": own}
        self.settle(now)

    def adopt(self, response: Json, items: list[Json]) -> None:
        """Take over a run that has happened elsewhere, once."""
        known = any(entry["response"] == response["id"] for entry in self.entries)
        if not known and response["status"] in _KEPT:
            whole = [*own_items(lasting(items), response), *response["output"]]
            self.entries.append({"response": response["id"], "items": whole})
            self.latest = _ended(response)

    def change(self, plan: Plan) -> None:
        """Replace the plan of the run in progress, if it is this one."""
        if self.running is not None and self._runs(plan.response["id"]):
            self.running["plan"] = plan.document()

    def release(self, response_id: str) -> None:
        """Give up the run in progress, if it is this one: it leaves nothing."""
        if self._runs(response_id):
            self.entries.append({"response": response_id, "items": []})
            self.running = None

    def remove(self, item_id: str) -> None:
        """Take an item out, if it is there."""
        for entry in self.entries:
            entry["items"] = [item for item in entry["items"] if item["id"] != item_id]

    def item(self, item_id: str) -> Json | None:
        """Return an item, or None when it is not there."""
        return next((item for item in self.items() if item["id"] == item_id), None)

    def _runs(self, response_id: str) -> bool:
        running = self.running
        return running is not None and running["plan"]["response"]["id"] == response_id


def lasting(items: list[Json]) -> list[Json]:
    """Return the items that can be part of a conversation."""
    return [item for item in items if item["type"] not in _PASSING]


def _ended(response: Json) -> int:
    return int(response.get("completed_at") or response["created_at"])
