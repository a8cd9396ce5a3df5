"""Lenient mode: an engine to which every id leads somewhere and every request makes sense."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from mockserver import catalog
from mockserver.engine import Engine, Retold
from mockserver.flags import Flags
from mockserver.invention import Invention
from mockserver.lifecycle import Plan, view
from mockserver.namespace import Namespace
from mockserver.records import Records
from mockserver.schema.base import Json, parse_object
from mockserver.schema.errors import ApiError
from mockserver.schema.mending import without
from mockserver.schema.validation import mended_request
from mockserver.turns import Turns
from mockserver.webhooks import Webhooks

if TYPE_CHECKING:
    from mockserver.rules import Chosen

_STEP: Final = re.compile(r"\w+")
_MENDABLE: Final = frozenset({"text", "tools"})
"""Parameters that may turn out to be wrong only once the answer is made up."""

_MOST: Final = 64


class Lenient(Engine):
    """The lenient side of an engine: all it has is shared, so that what one makes the other knows.

    What the API would refuse in a request is left out of it; what is not there is made up, and
    not kept.
    """

    lenient: ClassVar = True

    def __init__(self, engine: Engine) -> None:
        # Not another engine but another view of one: what is not set here is looked up there.
        self._engine = engine
        settings, store = engine.settings, engine.records.store
        absence = Invention(settings.seed, self._synthesiser, self._counter)
        self.records = Records(store, absence)
        self.conversations = self.records.conversations
        self.webhooks = Webhooks(store, absence)
        self.mode = "mend"
        self._turns = Turns(settings, self._counter, absence, mode=self.mode)

    def __getattr__(self, name: str) -> Any:
        """Return what the engine has under a name."""
        return getattr(self._engine, name)

    def admit(self, body: Json) -> Json:
        """Return a request to create a response without what the API would refuse."""
        return mended_request(body)

    async def create(
        self,
        space: Namespace,
        body: Json,
        flags: Flags,
        *,
        records: Records | None = None,
        generate: bool = True,
        sent: bytes = b"",
        chosen: Chosen | None = None,
    ) -> Plan:
        """Answer a create request, if need be without the tools and formats that cannot be served.

        Raises ApiError only as a scenario asks, and for a conversation in which a response runs.
        """
        for _ in range(_MOST):
            try:
                return await super().create(
                    space,
                    body,
                    flags,
                    records=records,
                    generate=generate,
                    sent=sent,
                    chosen=chosen,
                )
            except ApiError as error:
                path = _path(error.param or "")
                if flags.http is not None or path[0] not in _MENDABLE or path[0] not in body:
                    raise
                body = without(body, path)
        return await super().create(
            space, body, flags, records=records, generate=generate, chosen=chosen
        )

    def again(self, space: Namespace, raw: bytes) -> Retold | None:
        """Answer a create that was answered before; it is noted as it was sent, not as mended."""
        told = super().again(space, raw)
        return told and told._replace(body=parse_object(raw))

    async def resumable(self, space: Namespace, response_id: str) -> Plan:
        """Return the plan of a response that is to be streamed again; any will do."""
        return await self.records.plan(space.name, response_id)

    async def cancel(self, space: Namespace, response_id: str) -> Json:
        """Cancel a response that is not over; an invented one never is, another stays as it is."""
        try:
            return await super().cancel(space, response_id)
        except ApiError:
            plan, now = await self.records.plan(space.name, response_id), space.clock.now()
            invented = await self.records.response(space.name, response_id) is None
            return view(replace(plan, cancelled=now) if invented else plan, now)

    def model(self, name: str) -> catalog.Model:
        """Return a model, whatever its name."""
        return catalog.lookup(name)


def _path(param: str) -> list[str | int]:
    """Return the keys and indexes of a path such as ``tools[0].parameters``."""
    steps = _STEP.findall(param) or [""]
    return [int(step) if step.isdecimal() else step for step in steps]
