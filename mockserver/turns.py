"""From a request to a turn: checked, its context found, its tokens counted."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import orjson

from mockserver import catalog
from mockserver.catalog import Model
from mockserver.clock import Clock
from mockserver.config import Settings
from mockserver.counting import InputCounter
from mockserver.flags import Flags
from mockserver.history import as_items, check_pairs, check_unique
from mockserver.namespace import Namespace
from mockserver.prompts import Prompts
from mockserver.records import Records
from mockserver.schema.base import Json
from mockserver.schema.request import CreateResponse
from mockserver.schema.validation import check_request, read_request
from mockserver.seed import Draw
from mockserver.sources.turn import Turn

_REMEMBERED: Final = 512
_LONGEST: Final = 32 * 1024


@dataclass(slots=True, kw_only=True)
class Asked:
    """A request as it was understood.

    One that refers to nothing (``alone``) means the same every time, so that a load test which
    sends it again and again has it checked once; ``worked_out`` keeps what else depends on it
    alone. ``context`` is all that the model reads, as far as it fits.
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
    worked_out: dict[Any, Any] = field(default_factory=dict)


class Turns:
    """Makes turns of requests."""

    def __init__(self, settings: Settings, clock: Clock, counter: InputCounter) -> None:
        self._settings = settings
        self._clock = clock
        self._counter = counter
        self._prompts = Prompts.load(settings.prompts)
        self._asked: OrderedDict[bytes, Asked] = OrderedDict()

    async def make(
        self, space: Namespace, body: Json, flags: Flags, records: Records, *, generate: bool
    ) -> Turn:
        """Return the turn of a request to create a response; raise ApiError as the API would.

        ``records`` is where its context comes from. With ``generate`` off it may lack an input.
        """
        raw = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        asked = self._asked.get(raw) if generate else None
        if asked is None:
            asked = await self._ask(space, body, records, generate)
            if asked.alone and generate and len(raw) <= _LONGEST:
                self._remember(raw, asked)
        request = asked.request
        cached, written = self._counter.account(space.prompts, request, asked.context, asked.tokens)
        return Turn(
            request=request,
            model=asked.model,
            flags=flags,
            draw=self._draw(space, raw, flags, asked.parent),
            stored_prompt=asked.stored,
            compared=await _compared(space, request, records),
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

    def draw(
        self, space: Namespace, body: Json, flags: Flags | None = None, parent: Json | None = None
    ) -> Draw:
        """Return a request's chance: equal ones draw equally, in whatever order keys came."""
        raw = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        return self._draw(space, raw, flags or Flags(), parent)

    def _draw(self, space: Namespace, raw: bytes, flags: Flags, parent: Json | None) -> Draw:
        salt = "" if flags.seed is None else str(flags.seed)
        key = space.seed.key(blake2b(raw, digest_size=16).digest(), salt=salt)
        stamp = self._clock.wall() if self._settings.timestamps == "real" else None
        return Draw(key, parent=parent, stamp=stamp)

    async def _ask(self, space: Namespace, body: Json, records: Records, generate: bool) -> Asked:
        """Understand a request, in the order of the API's checks (api-contract §9.4)."""
        mode = self._settings.validation
        request = read_request(body, mode=mode)
        parent, inherited = await records.inherited(
            space.name, request, self._clock.now(), alone=True
        )
        stored = self._stored_prompt(request, body)
        check_request(request, mode=mode, needs_input=generate)
        given = as_items(request.input)
        items = [await records.resolve(space.name, item) for item in given]
        check_unique(inherited, items)
        check_pairs(inherited, items)
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
            alone=_stands_alone(request, given),
        )

    def _remember(self, raw: bytes, asked: Asked) -> None:
        self._asked[raw] = asked
        if len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)

    def _stored_prompt(self, request: CreateResponse, body: Json) -> list[Json]:
        """Return the messages of the prompt that a request names; its model fills a gap."""
        if request.prompt is None:
            return []
        if "model" not in body:
            request.model = self._prompts.model(request.prompt) or request.model
        return self._prompts.messages(request.prompt)


def _stands_alone(request: CreateResponse, given: list[Json]) -> bool:
    """Tell whether a request means the same whatever the server remembers."""
    refers = request.previous_response_id or request.conversation or request.prompt
    return not refers and all(item["type"] != "item_reference" for item in given)


async def _compared(space: Namespace, request: CreateResponse, records: Records) -> Json | None:
    """Return the response that prompt cache diagnostics compare with, if it is on record."""
    if request.prompt_cache_options is None:
        return None
    id_ = request.prompt_cache_options.get("comparison_response_id")
    return await records.response(space.name, id_) if id_ else None
