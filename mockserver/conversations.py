"""The conversations in a store, by namespace and id (api-contract §12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mockserver.absence import Absence
from mockserver.conversation import Conversation, lasting
from mockserver.history import listed
from mockserver.lifecycle import Plan
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.seed import Draw
from mockserver.store import Store

_KIND: Final = "conversation"

Act = Callable[[Conversation], None]


class Conversations:
    """Keeps conversations; ``now`` is the clock's moment at which one is looked at.

    ``absence`` answers for those that are not there; what it gives is shown and not kept.
    """

    def __init__(self, store: Store, absence: Absence) -> None:
        self._store = store
        self._absence = absence

    async def create(
        self, namespace: str, draw: Draw, items: list[Json], metadata: Json
    ) -> Conversation:
        """Start a conversation with items of a request; the ids come out of the draw."""
        conversation = Conversation(
            id=draw.early_id("conv"),
            created_at=draw.stamp,
            metadata=metadata,
            latest=draw.stamp,
        )
        if items:
            conversation.add(listed(lasting(items), draw, early=True), draw.stamp)
        await self._store.put(namespace, _KIND, conversation.id, conversation.document())
        return conversation

    async def get(self, namespace: str, id: str, now: float) -> Conversation:
        """Return a conversation as it is now; raise the API's 404 when there is none."""
        conversation = await self._find(namespace, id)
        if conversation is None or conversation.deleted:
            return self._absence.conversation(namespace, id)
        conversation.settle(now)
        return conversation

    async def item_of(self, namespace: str, id: str, item_id: str, now: float) -> Json:
        """Return an item; raise the API's 404 when it or the conversation is not there."""
        item = (await self.get(namespace, id, now)).item(item_id)
        return self._absence.conversation_item(namespace, item_id) if item is None else item

    async def ids(self, namespace: str) -> list[str]:
        """Return the ids of all conversations that are not deleted, the oldest first."""
        documents = await self._store.newest(namespace, _KIND)
        return [entry["id"] for entry in reversed(documents) if not entry["deleted"]]

    async def describe(self, namespace: str, id: str, metadata: Json) -> Conversation:
        """Replace the metadata; raise the API's 404 when there is no such conversation."""

        def act(conversation: Conversation) -> None:
            conversation.metadata = metadata

        return await self._change(namespace, id, act)

    async def delete(self, namespace: str, id: str) -> None:
        """Forget a conversation, but not its items; raise the API's 404 when there is none."""

        def act(conversation: Conversation) -> None:
            conversation.deleted = True

        await self._change(namespace, id, act)

    async def add(
        self, namespace: str, id: str, items: list[Json], draw: Draw, now: float
    ) -> list[Json]:
        """Put items into a conversation that is free; return them as they are listed."""
        new = listed(lasting(items), draw, early=True)

        def act(conversation: Conversation) -> None:
            conversation.settle(now)
            conversation.add(new, draw.stamp)

        await self._change(namespace, id, act)
        return new

    async def remove(self, namespace: str, id: str, item_id: str, now: float) -> Conversation:
        """Take an item out; raise the API's 404 when it or the conversation is not there."""

        def act(conversation: Conversation) -> None:
            conversation.settle(now)
            if conversation.item(item_id) is None:
                self._absence.conversation_item(namespace, item_id)
            conversation.remove(item_id)

        return await self._change(namespace, id, act)

    async def begin(self, namespace: str, plan: Plan, items: list[Json], now: float) -> None:
        """Let a response run in its conversation, if it has one; raise when that is locked.

        What the run comes to shows from its end on, since that is a function of plan and moment.
        """

        def act(conversation: Conversation) -> None:
            conversation.settle(now)
            conversation.begin(plan, items, now)

        if (id_ := conversation_id(plan.response)) is not None:
            await self._change(namespace, id_, act)

    async def change(self, namespace: str, plan: Plan) -> None:
        """Tell the conversation of a response, if it has one, of another plan."""
        await self._tell(namespace, plan.response, lambda conversation: conversation.change(plan))

    async def release(self, namespace: str, response: Json, now: float) -> None:
        """Free the conversation of a response that is given up; one that is over stays as it is."""

        def act(conversation: Conversation) -> None:
            conversation.settle(now)
            conversation.release(response["id"])

        await self._tell(namespace, response, act)

    async def adopt(self, namespace: str, response: Json, items: list[Json]) -> None:
        """Let a replayed response be part of its conversation, which there may be none of yet."""
        id_ = conversation_id(response)
        if id_ is None:
            return
        if await self._find(namespace, id_) is None:
            moment = int(response["created_at"])
            new = Conversation(id=id_, created_at=moment, metadata={}, latest=moment)
            await self._store.put(namespace, _KIND, id_, new.document())
        await self._tell(namespace, response, lambda known: known.adopt(response, items))

    async def before(self, namespace: str, response: Json) -> list[Json]:
        """Return what was in the conversation of a response before it; nothing without one."""
        id_ = conversation_id(response)
        conversation = None if id_ is None else await self._find(namespace, id_)
        return [] if conversation is None else conversation.before(response["id"])

    async def item(self, namespace: str, item_id: str) -> Json | None:
        """Return an item of any conversation, the latest first; None when there is none."""
        for document in await self._store.newest(namespace, _KIND):
            if (item := Conversation(**document).item(item_id)) is not None:
                return item
        return None

    async def _find(self, namespace: str, id: str) -> Conversation | None:
        document = await self._store.get(namespace, _KIND, id)
        return None if document is None else Conversation(**document)

    async def _change(self, namespace: str, id: str, act: Act) -> Conversation:
        changed: Conversation | None = None

        def change(document: Json) -> Json:
            nonlocal changed
            conversation = Conversation(**document)
            changed = None if conversation.deleted else conversation
            if changed is not None:
                act(changed)
            return conversation.document()

        await self._store.update(namespace, _KIND, id, change)
        if changed is None:
            changed = self._absence.conversation(namespace, id)
            act(changed)
        return changed

    async def _tell(self, namespace: str, response: Json, act: Act) -> None:
        """Change the conversation of a response, if it has one that is still there."""
        id_ = conversation_id(response)
        if id_ is not None:
            try:
                await self._change(namespace, id_, act)
            except ApiError:
                return


def conversation_id(response: Json) -> str | None:
    """Return the id of the conversation that a response belongs to."""
    conversation = response.get("conversation")
    return conversation["id"] if conversation else None
