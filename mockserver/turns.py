"""From a request to a turn: checked, its context found, its tokens counted."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from mockserver import catalog
from mockserver.absence import Absence
from mockserver.caching import LEAST
from mockserver.catalog import Model
from mockserver.config import Settings
from mockserver.counting import InputCounter
from mockserver.flags import NONE, Flags
from mockserver.history import as_items, asks, check_pairs, check_thoughts, check_unique
from mockserver.lifecycle import Plan
from mockserver.namespace import Namespace
from mockserver.prompts import Prompts
from mockserver.recall import Example, Form, Headers, Recall, Told, form_of
from mockserver.records import Records, given
from mockserver.schema.base import Json, fitted
from mockserver.schema.request import CreateResponse
from mockserver.schema.validation import Mode, check_request, read_request
from mockserver.seed import Draw
from mockserver.sources.turn import Turn

_REMEMBERED: Final = 512
_LONGEST: Final = 32 * 1024
_Known = TypeVar("_Known")


class Sent(NamedTuple):
    """A request as its bytes came in: what they say, and how it was understood.

    ``given`` is its input as it is kept on record.
    """

    body: Json
    asked: Asked
    form: Form
    given: bytes


class Kin(NamedTuple):
    """A request as it was understood, and its tokens without those of what the user says."""

    asked: Asked
    frame: int


@dataclass(slots=True, kw_only=True)
class Asked:
    """A request as it was understood.

    One that refers to nothing (``alone``) means the same every time, so that a load test which
    sends it again and again has it checked once; ``worked_out`` keeps what else depends on it
    alone, and not on what the user says in it. ``context`` is all that the model reads, as far as
    it fits.
    """

    request: CreateResponse
    model: Model
    parent: Json | None
    stored: list[Json]
    inherited: list[Json]
    items: list[Json]
    context: list[Json]
    tokens: int
    alone: bool
    fingerprint: bytes
    worked_out: dict[Any, Any] = field(default_factory=dict)


class Turns:
    """Makes turns of requests."""

    def __init__(
        self,
        settings: Settings,
        counter: InputCounter,
        absence: Absence,
        *,
        mode: Mode,
    ) -> None:
        self._settings = settings
        self._counter = counter
        self._mode = mode
        self._prompts = Prompts.load(settings.prompts, absence.prompt)
        self._asked: OrderedDict[bytes, Asked] = OrderedDict()
        self._sent: OrderedDict[bytes, Sent] = OrderedDict()
        self._kin: OrderedDict[bytes, Kin] = OrderedDict()
        self._recall = Recall()

    async def make(
        self,
        space: Namespace,
        body: Json,
        flags: Flags,
        records: Records,
        *,
        generate: bool,
        sent: bytes = b"",
    ) -> Turn:
        """Return the turn of a request to create a response; raise ApiError as the API would.

        ``records`` is where its context comes from. With ``generate`` off it may lack an input.
        ``sent`` are the request's bytes, where they may come again.
        """
        raw = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        asked = self._known(body, raw) if generate else None
        if asked is None:
            asked = await self._ask(space, body, raw, records, generate)
            if asked.alone and generate:
                self._note(body, raw, asked)
        request = asked.request
        draw = self._drawn(space, asked, flags)
        if draw.place is not None and 0 < len(sent) <= _LONGEST:
            _remember(self._sent, sent, Sent(body, asked, form_of(body), given(body.get("input"))))
        cached, written = self._counter.account(space.prompts, request, asked.context, asked.tokens)
        return Turn(
            request=request,
            model=asked.model,
            flags=flags,
            draw=draw,
            stored_prompt=asked.stored,
            compared=await _compared(space, request.prompt_cache_options, records),
            inherited=asked.inherited,
            items=asked.items,
            input_tokens=asked.tokens,
            cached=cached,
            written=written,
            background=bool(request.background) or flags.background,
            store=request.store is not False,
            generate=generate,
            worked_out=asked.worked_out,
        )

    def again(self, space: Namespace, raw: bytes) -> tuple[Sent, Told, Draw] | None:
        """Return how a request without flags was answered before, and this turn's chance."""
        sent = self._sent.get(raw) if len(raw) <= _LONGEST else None
        if sent is None:
            return None
        fingerprint = sent.asked.fingerprint
        told = self._recall.find((space.seed.place(fingerprint), sent.form))
        return (sent, told, self._draw(space, fingerprint, NONE, None)) if told else None

    def learn(self, plan: Plan, form: Form, answer: bytes, record: bytes, headers: Headers) -> None:
        """Take note of how a plan was answered, to answer so again (see ``Recall``)."""
        if plan.draw is None or plan.draw.place is None:
            return
        kept = record if plan.response["store"] else None
        asked = asks(plan.response["output"])
        example = Example.of(plan.draw, headers, answer, kept, asked)
        self._recall.learn((plan.draw.place, form), example)

    def _drawn(self, space: Namespace, asked: Asked, flags: Flags) -> Draw:
        """Return a turn's chance; its place where nothing else decides on the answer again."""
        alone = asked.alone and not flags.text and asked.tokens < LEAST
        # What never came before may never come again, and is not worth remembering.
        comes_again = alone and space.seed.has_seen(asked.fingerprint)
        place = space.seed.place(asked.fingerprint) if comes_again else None
        draw = self._draw(space, asked.fingerprint, flags, asked.parent)
        draw.place = place
        return draw

    def draw(
        self, space: Namespace, body: Json, flags: Flags | None = None, parent: Json | None = None
    ) -> Draw:
        """Return a request's chance: equal ones draw equally, in whatever order keys came."""
        raw = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        return self._draw(space, _fingerprint(raw), flags or NONE, parent)

    def _draw(
        self, space: Namespace, fingerprint: bytes, flags: Flags, parent: Json | None
    ) -> Draw:
        salt = "" if flags.seed is None else str(flags.seed)
        key, content = space.seed.keys(fingerprint, salt=salt)
        stamp = space.clock.wall() if self._settings.timestamps == "real" else None
        return Draw(key, content=content, parent=parent, stamp=stamp)

    async def _ask(
        self, space: Namespace, body: Json, raw: bytes, records: Records, generate: bool
    ) -> Asked:
        """Understand a request, in the order of the API's checks (api-contract §9.4)."""
        mode = self._mode
        request = read_request(body, mode=mode)
        parent, inherited = await records.inherited(
            space.name, request, space.clock.now(), alone=True
        )
        stored = self._stored_prompt(request, body)
        check_request(request, mode=mode, needs_input=generate)
        own = as_items(request.input)
        items = [await records.resolve(space.name, item) for item in own]
        if mode != "mend":
            check_unique(inherited, items)
            check_pairs(inherited, items)
            check_thoughts(items, stored=request.store is not False)
            await records.check_thoughts(space.name, items)
        model = catalog.lookup(request.model)
        context, tokens = self._counter.fit(request, [*stored, *inherited, *items], model.window)
        return Asked(
            request=request,
            model=model,
            parent=parent,
            stored=stored,
            inherited=inherited,
            items=items,
            context=context,
            tokens=tokens,
            alone=_stands_alone(request, own),
            fingerprint=_fingerprint(raw),
        )

    def _known(self, body: Json, raw: bytes) -> Asked | None:
        """Return how a request was understood before, or one that is like it."""
        asked = self._asked.get(raw)
        if asked is None and (asked := self._alike(body, raw)) is not None and len(raw) <= _LONGEST:
            _remember(self._asked, raw, asked)
        return asked

    def _alike(self, body: Json, raw: bytes) -> Asked | None:
        """Understand a request that differs from one before it only in what the user says."""
        said = body.get("input")
        if not isinstance(said, str) or not said or (kin := self._kin.get(_rest(body))) is None:
            return None
        like, items = kin.asked, as_items(said)
        tokens = kin.frame + self._counter.text(said)
        if like.model.window is not None and tokens > like.model.window:
            return None
        return Asked(
            request=CreateResponse({**vars(like.request), "input": said}),
            model=like.model,
            parent=like.parent,
            stored=like.stored,
            inherited=like.inherited,
            items=items,
            context=items,
            tokens=tokens,
            alone=like.alone,
            fingerprint=_fingerprint(raw),
            worked_out=like.worked_out,
        )

    def _note(self, body: Json, raw: bytes, asked: Asked) -> None:
        """Take note of a request that may come again, or others like it.

        None is like it where what the user says is looked at: where a long context is compacted,
        and where JSON has to be asked for.
        """
        request = asked.request
        if len(raw) <= _LONGEST:
            _remember(self._asked, raw, asked)
        says = isinstance(request.input, str) and len(asked.items) == 1
        form = (request.text or {}).get("format") or {}
        if not says or request.context_management or form.get("type") == "json_object":
            return
        rest = _rest(body)
        if self._mode == "strict" and len(rest) <= _LONGEST:
            frame = asked.tokens - self._counter.text(str(request.input))
            _remember(self._kin, rest, Kin(asked, frame))

    def _stored_prompt(self, request: CreateResponse, body: Json) -> list[Json]:
        """Return the messages of the prompt that a request names; its model fills a gap."""
        if request.prompt is None:
            return []
        if "model" not in body:
            request.model = self._prompts.model(request.prompt) or request.model
        return self._prompts.messages(request.prompt)


def _remember(known: OrderedDict[bytes, _Known], raw: bytes, new: _Known) -> None:
    known[fitted(raw)] = new
    if len(known) > _REMEMBERED:
        known.popitem(last=False)


def _stands_alone(request: CreateResponse, given: list[Json]) -> bool:
    """Tell whether a request means the same whatever the server remembers."""
    refers = request.previous_response_id or request.conversation or request.prompt
    return not refers and all(item["type"] != "item_reference" for item in given)


def _rest(body: Json) -> bytes:
    """Return a request without its input."""
    rest = {name: value for name, value in body.items() if name != "input"}
    return orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)


def _fingerprint(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=16).digest()


async def _compared(space: Namespace, options: Json | None, records: Records) -> Json | None:
    """Return the response that prompt cache diagnostics compare with, if it is on record."""
    id_ = options.get("comparison_response_id") if options else None
    return await records.response(space.name, id_) if id_ else None
