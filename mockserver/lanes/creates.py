"""Creates: what answers each of a connection's, a recording, a rule's reply or a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from mockserver.engine import Engine
from mockserver.flags import Flags
from mockserver.journal import Call
from mockserver.lanes.queues import Lane
from mockserver.lanes.recall import Recall
from mockserver.lanes.run import Replay, Run, Told
from mockserver.namespace import Namespace
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.schema.faults import wrong_type
from mockserver.sources.cassette import Recorded
from mockserver.sources.pace import delays

if TYPE_CHECKING:
    from mockserver.rules import Chosen

FRAME_KEYS: Final = frozenset({"type", "stream_id", "generate"})
"""Keys of a create that are no parameters of the request."""


class Find(Protocol):
    """Looks recordings up for the bodies of streaming creates."""

    def __call__(self, body: Json, flags: Flags) -> Recorded | None:
        """Return the recording, if there is one; raise ApiError on a strict miss."""

    def issued(self, body: Json, response_id: str) -> None:
        """Note the id of a response that did not come from a recording."""


class Decision(NamedTuple):
    """What is in force for a create: its flags, and the rule that answers it if one does."""

    flags: Flags
    chosen: Chosen | None


class Creates:
    """Finds or makes the answers to the creates of one connection.

    ``find`` looks recordings up and ``recall`` what the connection remembers; ``headers`` are
    those of the connection, and ``scenario`` the flags there.
    """

    def __init__(
        self,
        engine: Engine,
        space: Namespace,
        recall: Recall,
        *,
        find: Find,
        scenario: str | None,
        headers: Mapping[str, str],
    ) -> None:
        self._engine = engine
        self._space = space
        self._recall = recall
        self._find = find
        self._scenario = scenario
        self._headers = headers

    async def decide(self, event: Json, body: Json) -> Decision:
        """Return what is in force for a create, which counts; a warm-up asks no rule."""
        engine, space = self._engine, self._space
        if not _generate(event):
            return Decision(engine.flags(space, self._scenario, body), None)
        return Decision(
            *await engine.choose(space, self._scenario, body, self._headers, self._recall)
        )

    async def begin(
        self,
        lane: Lane,
        event: Json,
        body: Json,
        flags: Flags,
        call: Call,
        chosen: Chosen | None,
    ) -> Told:
        """Find or make the answer to a create; a warm-up has no recording (api-contract §13.2)."""
        generate = _generate(event)
        ruled = chosen is not None and chosen.answers
        found = self._find(body, flags) if generate and not ruled else None
        if found is not None:
            call.answered_by, call.recording = "cassette", found.interaction.place
            return await self._replay(lane, body, flags, found)
        if body.get("background") or flags.background:
            raise ApiError(
                "Background responses are not supported over a WebSocket.",
                param="background",
                code="unsupported_parameter",
            )
        call.answered_by = "scenario" if flags.http else None
        if not generate:
            body = {"input": [], **body}
        run = await self.start(lane, body, flags, generate=generate, chosen=chosen)
        call.answered_by = "rule" if ruled else "synthesiser"
        self._find.issued(body, run.response["id"])
        return run

    async def start(
        self,
        lane: Lane,
        body: Json,
        flags: Flags,
        *,
        generate: bool = True,
        chosen: Chosen | None = None,
    ) -> Run:
        """Begin a run; raise ApiError for a request that is refused."""
        engine, space = self._engine, self._space
        plan = await engine.create(
            space, body, flags, records=self._recall, generate=generate, chosen=chosen
        )
        before = await self._recall.before(space.name, body, plan.response)
        return Run(lane=lane, body=body, flags=flags, before=before, plan=plan, clock=space.clock)

    async def _replay(self, lane: Lane, body: Json, flags: Flags, found: Recorded) -> Replay:
        recording, response = found.interaction, found.response
        if recording.status != 200:
            raise ApiError.recorded(recording.status, (recording.document or {}).get("error"))
        if response is not None:
            await self._engine.remember(self._space, response, body.get("input"))
        events = recording.events if found.events is None else found.events
        if not events:
            raise ApiError("The recording holds nothing to tell as events.", status=424)
        before = await self._recall.before(self._space.name, body, response or {})
        return Replay(
            lane=lane,
            body=body,
            flags=flags,
            before=before,
            response=response,
            recorded=events,
            clock=self._space.clock,
            waits=delays(found, len(events), self._engine.settings.speed, events=True),
        )


def request_of(event: Json) -> Json:
    """Return the body of the streaming POST that asks what a create asks (api-contract §13.2)."""
    body = {key: value for key, value in event.items() if key not in FRAME_KEYS}
    return {**body, "stream": True}


def admitted(engine: Engine, event: Json) -> Json:
    """Return the request of a create as the engine takes it."""
    body = engine.admit(request_of(event))
    if engine.lenient:
        body.pop("background", None)
    return {**body, "stream": True}


def _generate(event: Json) -> bool:
    generate = event.get("generate")
    if generate is not None and not isinstance(generate, bool):
        raise wrong_type("a boolean", generate).under("generate").error()
    return generate is not False
