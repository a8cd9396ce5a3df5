"""Responses on record: plans with their input, and the context that chains of them make."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from typing import Any, Final

from mockserver.absence import Absence
from mockserver.conversation import lasting
from mockserver.conversations import Conversations
from mockserver.history import as_items, own_items
from mockserver.lifecycle import Plan
from mockserver.schema.base import Json, compact
from mockserver.schema.errors import ApiError
from mockserver.schema.request import CreateResponse
from mockserver.schema.validation import servable_input
from mockserver.store import Store, Written

_KIND: Final = "response"

_SEED: Final = 16
"""How many letters of their ids a response and its items have in common (api-contract §5.3)."""


class Entry:
    """A finished foreground response and its request's input, as they are kept on record.

    ``written`` and ``given`` are their JSON. They are put together when somebody asks for them:
    most responses that a load test makes are never read.
    """

    __slots__ = ("_given", "_started", "_written")

    def __init__(self, written: Written, started: float, given: bytes) -> None:
        self._written = written
        self._started = b"%r" % started
        self._given = given

    def __len__(self) -> int:
        return len(self._written) + len(self._started) + len(self._given) + _AROUND

    def __bytes__(self) -> bytes:
        return _ENTRY % (bytes(self._written), self._started, self._given)


_ENTRY: Final = b'{"plan":{"response":%b,"started":%b},"input":%b}'
_AROUND: Final = len(_ENTRY % (b"", b"", b""))


def given(input: Any) -> bytes:
    """Return a request's own input as it is kept on record."""
    # A recorded request was never checked, nor was any when validation is off.
    return compact(servable_input(input))


class Records:
    """The responses in a store, by namespace and id, and the conversations they belong to.

    ``absence`` answers for those that are not there; what it gives is shown and not kept.
    """

    def __init__(self, store: Store, absence: Absence) -> None:
        self.store = store
        self.absence = absence
        self.conversations = Conversations(store, absence)

    async def keep(self, namespace: str, plan: Plan, input: Any) -> None:
        """Remember a plan with its request's own input, unless it asked not to be stored.

        A background response is kept in any case, so that it can be polled (api-contract §10.4).
        """
        if plan.background or plan.response.get("store", True):
            # A recorded request was never checked, nor was any when validation is off.
            entry = {"plan": plan.document(), "input": servable_input(input)}
            await self.store.put(namespace, _KIND, plan.response["id"], entry)

    async def write(
        self, namespace: str, response_id: str, written: Written, started: float, given: bytes
    ) -> None:
        """Remember a finished foreground response that is written already, or as good as that."""
        entry = Entry(written, started, given)
        # What a writer gave is held by a far larger buffer, and so is better copied at once.
        fitted = bytes(entry) if isinstance(written, bytes) else entry
        await self.store.write(namespace, _KIND, response_id, fitted)

    async def plan(self, namespace: str, response_id: str) -> Plan:
        """Return the plan of a response; raise the API's 404 when there is none."""
        return Plan(**(await self._entry(namespace, response_id))["plan"])

    async def plans(self, namespace: str) -> list[Plan]:
        """Return the plans of all responses on record, the oldest first."""
        entries = await self.store.newest(namespace, _KIND)
        return [Plan(**entry["plan"]) for entry in reversed(entries)]

    async def change(self, namespace: str, plan: Plan) -> None:
        """Replace the plan of a response that is on record."""
        await self.store.update(
            namespace,
            _KIND,
            plan.response["id"],
            lambda entry: {**entry, "plan": plan.document()},
        )

    async def delete(self, namespace: str, response_id: str) -> None:
        """Forget a response; raise the API's 404 when there is none."""
        if not await self.store.delete(namespace, _KIND, response_id):
            self.absence.record(namespace, response_id)

    async def response(self, namespace: str, response_id: str) -> Json | None:
        """Return a finished response, or None when it is not on record."""
        entry = await self.store.get(namespace, _KIND, response_id)
        return entry["plan"]["response"] if entry else None

    async def parent(self, namespace: str, response_id: str | None) -> Json | None:
        """Return the response that a request continues, if any; raise the API's 400 for a lost one.

        One made with ``store: false`` cannot be continued (api-contract §2.4).
        """
        if response_id is None:
            return None
        entry = await self.store.get(namespace, _KIND, response_id)
        if entry is None or not entry["plan"]["response"].get("store", True):
            entry = self.absence.parent(namespace, response_id)
        response: Json = entry["plan"]["response"]
        return response

    async def inherited(
        self, namespace: str, request: CreateResponse, now: float, *, alone: bool = False
    ) -> tuple[Json | None, list[Json]]:
        """Return what a request goes on from, and its items; raise the API's error for a lost one.

        ``now`` is the clock's moment; ``alone`` refuses a conversation in which a response runs.
        """
        if request.conversation is None:
            parent = await self.parent(namespace, request.previous_response_id)
            return parent, await self.context(namespace, request.previous_response_id)
        named = request.conversation
        id_ = named if isinstance(named, str) else named["id"]
        conversation = await self.conversations.get(namespace, id_, now)
        if alone:
            conversation.require_free()
        return conversation.parent(), conversation.items()

    async def context(self, namespace: str, response_id: str | None) -> list[Json]:
        """Return a response's input and output items after those of its ancestors."""
        entries = await self._chain(namespace, response_id)
        items = await self._before(namespace, entries)
        for entry in entries:
            items += [*as_items(entry["input"]), *entry["plan"]["response"]["output"]]
        return items

    async def ancestors(self, namespace: str, response_id: str) -> list[str]:
        """Return the ids of what a response continues, the latest first, as far as it is known."""
        chain = await self._chain(namespace, response_id)
        return [entry["plan"]["response"]["id"] for entry in chain[-2::-1]]

    async def input_items(self, namespace: str, response_id: str) -> list[Json]:
        """Return the whole input of a response as it is listed: inherited first, oldest first.

        An item that came without an id gets one that depends on its own response alone, so that
        every page and every later response of the chain shows the same.
        """
        entry = await self._entry(namespace, response_id)
        *before, last = entries = await self._chain(namespace, response_id) or [entry]
        items = await self._before(namespace, entries)
        for entry in before:
            items += [*await self._own(namespace, entry), *entry["plan"]["response"]["output"]]
        return [*items, *await self._own(namespace, last)]

    async def _own(self, namespace: str, entry: Json) -> list[Json]:
        """Return a response's own input as it is listed, without what stood for something else."""
        items: list[Json] = []
        for item in as_items(entry["input"]):
            with suppress(ApiError):
                items.append(await self.resolve(namespace, item))
        return own_items(lasting(items), entry["plan"]["response"])

    async def _before(self, namespace: str, entries: list[Json]) -> list[Json]:
        """Return what came before a chain: the conversation of its first response, if any."""
        if not entries:
            return []
        return await self.conversations.before(namespace, entries[0]["plan"]["response"])

    async def _chain(self, namespace: str, response_id: str | None) -> list[Json]:
        """Return the entries from the first known ancestor to the response itself."""
        entries: list[Json] = []
        while response_id is not None:
            entry = await self.store.get(namespace, _KIND, response_id)
            if entry is None:
                break
            entries.append(entry)
            response_id = entry["plan"]["response"].get("previous_response_id")
        return entries[::-1]

    async def resolve(self, namespace: str, item: Json) -> Json:
        """Return the item that a reference stands for (api-contract §7.1); others as they are.

        Raises the API's 404 for an item that no stored response or conversation has (§9.4).
        """
        if item["type"] != "item_reference":
            return item
        for entry in await self.store.newest(namespace, _KIND):
            for known in (*entry["plan"]["response"]["output"], *as_items(entry["input"])):
                if known.get("id") == item["id"] and known.get("type") != item["type"]:
                    return dict(known)
        if (added := await self.conversations.item(namespace, item["id"])) is not None:
            return added
        return self.absence.item(namespace, item["id"])

    async def check_thoughts(self, namespace: str, items: list[Json]) -> None:
        """Raise the API's 400 for an item that comes back without its reasoning (§7.3).

        Only stored responses know which item had which. What a response and its items have in
        common at the beginning of their ids says where to look.
        """
        # In the order of the items, so that of several errors it is always the same that is told.
        lost = dict.fromkeys(
            item["id"]
            for before, item in pairwise([{"type": "message"}, *items])
            if isinstance(item.get("id"), str) and "reasoning" not in (before["type"], item["type"])
        )
        if not lost:
            return
        given = {item["id"] for item in items if item["type"] == "reasoning" and "id" in item}
        for id_ in await self._akin(namespace, lost):
            response = await self.response(namespace, id_)
            for thought, item in pairwise(response["output"] if response else ()):
                alone = thought["type"] == "reasoning" and thought["id"] not in given
                if alone and item.get("id") in lost:
                    raise ApiError(
                        f"Item '{item['id']}' of type '{item['type']}' was provided without its "
                        f"required 'reasoning' item: '{thought['id']}'.",
                        param="input",
                    )

    async def _akin(self, namespace: str, items: Iterable[str]) -> list[str]:
        """Return the ids of the responses that have what begins them in common with items'."""
        ids: list[str] = []
        for seed in dict.fromkeys(id_.partition("_")[2][:_SEED] for id_ in items):
            if len(seed) == _SEED:
                ids += await self.store.beginning(namespace, _KIND, f"resp_{seed}")
        return ids

    async def _entry(self, namespace: str, response_id: str) -> Json:
        entry = await self.store.get(namespace, _KIND, response_id)
        return self.absence.record(namespace, response_id) if entry is None else entry
