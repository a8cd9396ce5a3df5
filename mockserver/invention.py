"""Invention: a document for every id, whether anything was ever made under it or not."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from mockserver import catalog
from mockserver.conversation import Conversation
from mockserver.counting import InputCounter
from mockserver.flags import Flags
from mockserver.history import as_items, own_items
from mockserver.items import KINDS
from mockserver.lifecycle import Plan
from mockserver.schema.base import Json
from mockserver.schema.request import DEFAULT_INPUT, DEFAULT_MODEL, CreateResponse
from mockserver.seed import Draw
from mockserver.sources.synth import Synthesiser
from mockserver.sources.turn import Turn
from mockserver.webhooks import new_endpoint

_MESSAGE: Final = "message"
_ENDPOINT: Final[Json] = {
    "name": "webhook",
    "url": "https://example.com/webhook",
    "event_types": ["response.completed"],
}


class Invention:
    """Makes up what is not there; the seed, the namespace and the id decide what it is.

    Nothing that is made up is kept: asked again, it is made up again, and is the same. A response
    has run in the background and was streamed, so that it can be followed and cancelled too.
    """

    def __init__(self, seed: int, synthesiser: Synthesiser, counter: InputCounter) -> None:
        self._seed = seed
        self._synthesiser = synthesiser
        self._counter = counter

    def record(self, namespace: str, id: str) -> Json:
        """Return the record of a response that is completed and says something."""
        response = self._response(namespace, id)
        response["id"] = id
        plan = Plan(response=response, started=0.0, background=True, streamed=True)
        return {"plan": plan.document(), "input": DEFAULT_INPUT}

    def parent(self, namespace: str, id: str) -> Json:
        """Return the same record as when it is asked for itself."""
        return self.record(namespace, id)

    def item(self, namespace: str, id: str) -> Json:
        """Return an item of the kind that the prefix of its id stands for, else a message."""
        kind = _kind(id)
        found = self._output(namespace, id, kind) or self._output(namespace, id, _MESSAGE)
        return found[0] | {"id": id}

    def conversation(self, namespace: str, id: str) -> Conversation:
        """Return a conversation of one turn: a message and its answer."""
        response = self._response(namespace, id)
        said = own_items(as_items(DEFAULT_INPUT), response)
        return Conversation(
            id=id,
            created_at=response["created_at"],
            metadata={},
            latest=response["completed_at"],
            entries=[{"response": response["id"], "items": [*said, *response["output"]]}],
        )

    def conversation_item(self, namespace: str, id: str) -> Json:
        """Return the same item as for a reference to it."""
        return self.item(namespace, id)

    def webhook_endpoint(self, namespace: str, id: str) -> Json:
        """Return an endpoint that is told of responses."""
        return new_endpoint(id, self._draw(namespace, id), _ENDPOINT)

    def prompt(self, id: str) -> Json:
        """Return a template that says nothing."""
        return {"messages": []}

    def _output(self, namespace: str, id: str, kind: str) -> list[Json]:
        flags = Flags(outcome="completed", items=(kind,))
        output: list[Json] = self._response(namespace, id, flags)["output"]
        return output

    def _response(self, namespace: str, id: str, flags: Flags | None = None) -> Json:
        request = CreateResponse(
            {"model": DEFAULT_MODEL, "input": DEFAULT_INPUT, "background": True, "stream": True}
        )
        items = as_items(DEFAULT_INPUT)
        return self._synthesiser.answer(
            Turn(
                request=request,
                model=catalog.lookup(DEFAULT_MODEL),
                flags=flags or Flags(),
                draw=self._draw(namespace, id),
                inherited=[],
                items=items,
                input_tokens=self._counter.count(request, items),
                background=True,
                store=True,
            )
        )

    def _draw(self, namespace: str, id: str) -> Draw:
        text = f"invention|{self._seed}|{namespace}|{id}"
        return Draw(blake2b(text.encode(), digest_size=16).digest())


def _kind(id: str) -> str:
    """Return the kind of item that the prefix of an id stands for; most ids are of messages."""
    prefix = id.partition("_")[0]
    return next((kind for kind, cls in KINDS.items() if cls.prefix == prefix), _MESSAGE)
