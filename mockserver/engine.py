"""The engine: one turn from request to plan, and what happens to the plan later."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from mockserver import catalog
from mockserver.absence import Refusal
from mockserver.admission import Admission, gate_key
from mockserver.cassette.used import Used
from mockserver.clock import Clock
from mockserver.config import Settings
from mockserver.counting import InputCounter
from mockserver.flags import Flags, parse
from mockserver.following import Follower
from mockserver.history import as_items
from mockserver.lifecycle import Plan, end, view
from mockserver.namespace import DEFAULT, Namespace
from mockserver.recall import Filled, Form, Headers, Told
from mockserver.records import Records, given
from mockserver.replaying import Replaying
from mockserver.scenarios import Scenarios
from mockserver.schema.base import Json, compact, pretty
from mockserver.schema.errors import ApiError
from mockserver.schema.validation import (
    Mode,
    parse_compact,
    parse_input_tokens,
)
from mockserver.seed import Draw
from mockserver.sources import compact as compaction
from mockserver.sources.opening import (
    open_cassettes,
    open_recorder,
    open_upstream,
    open_verifier,
)
from mockserver.sources.scenario import http_error, schedule
from mockserver.sources.synth import Synthesiser
from mockserver.sources.turn import Turn
from mockserver.sources.words import Words
from mockserver.spaces import Spaces
from mockserver.standing import Standing
from mockserver.store import MemoryStore, Store
from mockserver.tokens import open_tokenizer
from mockserver.turns import Turns
from mockserver.webhooks import Deliveries, Webhooks

if TYPE_CHECKING:
    from mockserver.rules import Chosen
    from mockserver.sources.cassette import Cassettes


class Retold(NamedTuple):
    """A create that was answered as one before it was.

    ``body`` is the request's and ``given`` its input as it is kept on record, with the answer's
    ``record`` where there is to be one. ``told`` has the headers but for those that differ each
    time, ``asks`` are the call ids of the tool calls that it has for the client.
    """

    body: Json
    given: bytes
    form: Form
    response_id: str
    answer: bytes
    record: Filled | None
    told: Told
    asks: tuple[str, ...]


class Engine(Admission, Replaying, Standing):
    """Everything behind the wire: answers turns, keeps their plans, evaluates them later.

    ``lenient`` tells whether it makes sense of everything it is asked.
    """

    lenient: ClassVar[bool] = False

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, store: Store | None = None
    ) -> None:
        self.settings = settings
        store = store or MemoryStore(
            max_count=settings.max_responses, max_bytes=settings.max_memory
        )
        absence = Refusal()
        self.records = Records(store, absence)
        self.conversations = self.records.conversations
        self.webhooks = Webhooks(store, absence)
        self.deliveries = Deliveries(self.webhooks, settings)
        self._follower = Follower(self.records)
        self.tokenizer = tokenizer = open_tokenizer(settings.tokenizer)
        self._counter = InputCounter(tokenizer)
        self._synthesiser = Synthesiser(
            words=Words(seed=settings.seed, locale=settings.locale),
            tokenizer=tokenizer,
            optional=settings.optional_arguments,
        )
        self.mode: Mode = settings.validation
        self._turns = Turns(settings, self._counter, absence, mode=self.mode)
        self.used = Used()
        self.cassettes = open_cassettes(settings, self.used)
        self._own: dict[str, Cassettes] = {}
        self.upstream = open_upstream(settings)
        self.recorder = open_recorder(settings, self.cassettes, self.used)
        self.verifier = open_verifier(settings)
        self.scenarios = Scenarios(settings.scenarios)
        forced = settings.scenario or settings.scenarios or settings.require_key
        self._plain = not any((self.cassettes, self.upstream, forced))
        self.spaces = Spaces(settings, free=self._free, clock=clock)

    async def stop(self) -> None:
        """End what has no end of its own, and let go of the store."""
        await self.spaces.stop()
        self._follower.stop()
        await self.deliveries.stop(self.settings.drain_seconds)
        await self.records.store.close()

    def script(self, flags: str | None, name: str = DEFAULT) -> None:
        """Set the scenario of requests that bring none, which counts them from the beginning.

        Raises ApiError for flags unknown.
        """
        text, space = parse(flags or "").text, self.spaces.get(name)
        space.scenario = flags
        space.gates.forget(gate_key(text))

    async def _free(self, name: str) -> None:
        """Forget what is stored under the name of a namespace, and end what tells of it."""
        self._forget(name)
        await self.records.store.clear(name)
        self._follower.cleared(name)
        self.deliveries.cleared(name)

    def admit(self, body: Json) -> Json:
        """Return a request to create a response as it is to be answered."""
        return body

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
        """Answer a create request; a background plan is on record when this returns.

        ``records`` is where the context comes from, if not from the store alone. With ``generate``
        off the state is prepared and nothing is said. ``sent`` are the request's bytes, where the
        answer may be told again; ``chosen`` is the rule that answers it. Raises ApiError as the
        API would, or as a scenario asks.
        """
        if (error := http_error(flags, body)) is not None:
            raise error
        limits, model = space.limits, str(body.get("model") or "")
        if limits is not None:
            limits.request(model)
        turn = await self._turns.make(
            space, body, flags, records or self.records, generate=generate, sent=sent
        )
        if limits is not None:
            limits.tokens(model, turn.input_tokens)
        response = _ruled(self._synthesiser, turn, chosen, self.used) if chosen else None
        response = response or self._synthesiser.answer(turn)
        plan = self._plan(turn, response, space.clock)
        if chosen is not None:
            chosen.made(plan.response["id"])
        if limits is not None:
            limits.spend(model, int((plan.response.get("usage") or {}).get("total_tokens", 0)))
        await self.conversations.begin(space.name, plan, turn.items, plan.started)
        if not (plan.instant or plan.background):
            space.running[plan.response["id"]] = end(plan)
        if plan.background:
            await self.records.keep(space.name, plan, turn.request.input)
            await self.deliveries.follow(space.name, space.clock, plan, flags.webhook)
        return plan

    async def finish(self, space: Namespace, plan: Plan) -> bytes:
        """Return the JSON of a foreground plan's response once its time has come."""
        if not plan.instant:
            try:
                await space.clock.sleep_until(end(plan))
            finally:
                await self.abandon(space, plan)
        return pretty(view(plan, space.clock.now()))

    async def keep(
        self,
        space: Namespace,
        plan: Plan,
        body: Json,
        form: Form,
        answer: bytes,
        headers: Headers,
    ) -> None:
        """Put a foreground plan on record that was answered so, and remember how."""
        record = answer if form == "json" else compact(plan.response)
        if plan.response["store"] and space.clock is plan.clock:
            id_, input = plan.response["id"], given(body.get("input"))
            await self.records.write(space.name, id_, record, plan.started, input)
        self._turns.learn(plan, form, answer, record, headers)

    def again(self, space: Namespace, raw: bytes) -> Retold | None:
        """Answer a create without flags that was answered before; ``keep_again`` is to follow.

        ``raw`` is its body. None when it has to be worked out.
        """
        found = self._turns.again(space, raw) if self._plain and space.plain else None
        if found is None:
            return None
        sent, told, draw = found
        id_, answer, record, asked = told.again(draw)
        return Retold(sent.body, sent.given, sent.form, id_, answer, record, told, asked)

    async def keep_again(self, space: Namespace, told: Retold, started: float) -> None:
        """Put on record what was answered again at a moment of the clock."""
        if told.record is not None:
            await self.records.write(space.name, told.response_id, told.record, started, told.given)

    def model(self, name: str) -> catalog.Model:
        """Return a known model; raise the API's 404 for another."""
        if name not in catalog.KNOWN:
            raise ApiError.model_not_found(name, status=404)
        return catalog.lookup(name)

    async def input_tokens(self, space: Namespace, body: Json) -> int:
        """Return the input tokens that a create of the same request would report."""
        request = parse_input_tokens(body, mode=self.mode)
        _, inherited = await self.records.inherited(space.name, request, space.clock.now())
        return self._counter.count(request, [*inherited, *as_items(request.input)])

    async def compact(self, space: Namespace, body: Json) -> Json:
        """Return the compacted form of a request's context (api-contract §1.6)."""
        request = parse_compact(body, mode=self.mode)
        parent = await self.records.parent(space.name, request.previous_response_id)
        items = [
            *await self.records.context(space.name, request.previous_response_id),
            *as_items(request.input),
        ]
        draw = self._turns.draw(space, body, parent=parent)
        return compaction.compact(items, draw, self._counter.count(request, items))

    def draw(self, space: Namespace, path: str, body: Json, parent: Json | None = None) -> Draw:
        """Return the chance of a request to a path that creates something but a response."""
        return self._turns.draw(space, {path: body}, parent=parent)

    def _plan(self, turn: Turn, response: Json, clock: Clock) -> Plan:
        flags, settings = turn.flags, self.settings
        plan = Plan(
            response=response,
            draw=turn.draw,
            started=clock.now(),
            clock=clock,
            background=turn.background,
            streamed=bool(turn.request.stream),
            queued=settings.queued_seconds,
            in_progress=settings.in_progress_seconds,
            ttft=flags.ttft,
            tps=flags.tps,
            jitter=flags.jitter,
            keepalive=settings.keepalive_seconds or None,
            nested_error=settings.error_event == "nested",
            cancelled_stream=settings.cancelled_stream,
        )
        schedule(plan, flags)
        return plan


def _ruled(synthesiser: Synthesiser, turn: Turn, chosen: Chosen, used: Used) -> Json | None:
    """Return the response of a rule, None when it leaves open what is said."""
    turn.draw.place = None  # never to be told for the request alone
    if chosen.reply is None or not turn.generate:
        return None
    if chosen.reply.recording is not None:
        used.add_by_number(chosen.reply.recording.interaction)
    from mockserver.sources import scripted

    return scripted.answer(synthesiser, turn, chosen, chosen.reply)
