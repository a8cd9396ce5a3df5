"""The synthesiser: makes up a finished response that fits the request."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from mockserver.items import Item, kind_of
from mockserver.items.context import Context
from mockserver.items.offers import path_of
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.seed import Draw
from mockserver.sources import jsonschema
from mockserver.sources.diagnostics import diagnose
from mockserver.sources.echo import frame, tool_usage
from mockserver.sources.moderation import moderate
from mockserver.sources.policy import Pick, choose
from mockserver.sources.scenario import fail
from mockserver.sources.size import Budget, restated, stretch
from mockserver.sources.turn import Turn
from mockserver.sources.words import Words
from mockserver.tokens import Tokenizer, count_output

_TOKENS_PER_SECOND: Final = 80

Given = Callable[[Context], list[Json]]
"""Gives the items of an answer, in place of those that would be made up."""


class Synthesiser:
    """Makes answers up.

    ``words`` gives the language, ``tokenizer`` the counts, and ``optional`` says whether optional
    arguments and properties are made up as well.
    """

    def __init__(self, *, words: Words, tokenizer: Tokenizer, optional: bool = False) -> None:
        self._words = words
        self._tokenizer = tokenizer
        self._optional = optional

    def answer(self, turn: Turn, given: Given | None = None) -> Json:
        """Return the finished response, with the items that are given or with some made up.

        Raises ApiError for a schema nothing can satisfy.
        """
        response = frame(turn)
        if turn.flags.outcome == "failed":
            return fail(response, turn.flags)
        ctx = self._context(turn)
        if given is not None:
            return self._finish(turn, response, ctx, given(ctx))
        picks = self._picks(turn, ctx) if turn.generate else []
        items = [item for kind, tool in picks if (item := _fake(ctx, kind, tool))]
        return self._finish(turn, response, ctx, items)

    @staticmethod
    def _picks(turn: Turn, ctx: Context) -> list[Pick]:
        """Choose the items, or recall the choice made when the same was asked before."""
        key = ("picks", turn.flags)
        picks: list[Pick] | None = turn.worked_out.get(key)
        if picks is None:
            picks = choose(ctx)
            if turn.repeatable:
                turn.worked_out[key] = picks
        return picks

    def _context(self, turn: Turn) -> Context:
        return Context(
            draw=turn.draw,
            words=self._words,
            request=turn.request,
            flags=turn.flags,
            model=turn.model,
            generate=partial(self._generate, turn.draw),
            history=[*turn.inherited, *turn.items],
            input_tokens=turn.input_tokens,
            include=frozenset(turn.request.include or ()),
        )

    def _generate(self, draw: Draw, schema: Any) -> Any:
        return jsonschema.generate(schema, draw.random, self._words, optional=self._optional)

    def _finish(self, turn: Turn, response: Json, ctx: Context, items: list[Json]) -> Json:
        """Put items and usage in, cut to the tokens there are (api-contract §4, §8.8)."""
        if turn.flags.tokens is not None:
            stretch(ctx, self._tokenizer, items, turn.flags.tokens)
        limit = turn.request.max_output_tokens
        thinking = ctx.reasoning_tokens if limit is None else min(ctx.reasoning_tokens, limit // 2)
        spoken = count_output(self._tokenizer, items, model=turn.request.model)
        room = self._room(turn, spoken, None if limit is None else limit - thinking)
        if room is not None and items:
            items = self._cut(items, room, turn.request.model)
            spoken = min(spoken, room)
            response["status"] = "incomplete"
            response["completed_at"] = None
            response["incomplete_details"] = {"reason": turn.flags.detail or "max_output_tokens"}
        else:
            response["completed_at"] += 1 + (spoken + thinking) // _TOKENS_PER_SECOND
        response["output"] = items
        response["usage"] = _usage(turn, spoken + thinking, thinking)
        if turn.flags.usage:
            response["usage"] = restated(response["usage"], dict(turn.flags.usage))
        if (turn.request.prompt_cache_options or {}).get("comparison_response_id"):
            response["prompt_cache_diagnostics"] = diagnose(response, turn.compared)
        if turn.request.moderation is not None:
            response["moderation"] = moderate(turn.request.moderation, turn.draw.random)
        if any(kind_of(item).metered for item in items):
            response["tool_usage"] = used = tool_usage()
            for item in items:
                kind_of(item).meter(item, used)
        return response

    @staticmethod
    def _room(turn: Turn, spoken: int, room: int | None) -> int | None:
        """Return the tokens that the output is cut to, or None when it may be whole."""
        if turn.flags.outcome == "incomplete":
            return min(spoken // 2, spoken if room is None else room)
        return room if room is not None and spoken > room else None

    def _cut(self, items: list[Json], room: int, model: str) -> list[Json]:
        """Let the last item end where the tokens do."""
        *whole, last = items
        taken = count_output(self._tokenizer, whole, model=model)
        budget = Budget(self._tokenizer, room - taken)
        return [*whole, kind_of(last).cut(last, budget.keep)]


def _fake(ctx: Context, kind: type[Item], tool: Json) -> Json | None:
    try:
        return kind.fake(ctx, tool)
    except jsonschema.UnsatisfiableSchema as problem:
        raise _unsatisfiable(ctx, tool, problem) from None


def _unsatisfiable(ctx: Context, tool: Json, problem: jsonschema.UnsatisfiableSchema) -> ApiError:
    """Return the API's 400 for a schema of the request that no value fits (api-contract §9.4)."""
    where = f"In context={problem.path!r}, {problem.reason}"
    if tool:
        path = path_of(ctx, tool)
        return ApiError(
            f"Invalid schema for function '{tool.get('name')}': {where}",
            param=f"{path}.parameters" if path else "input",
            code="invalid_function_parameters",
        )
    name = ((ctx.request.text or {}).get("format") or {}).get("name")
    return ApiError(
        f"Invalid schema for response_format '{name}': {where}",
        param="text.format.schema",
        code="invalid_json_schema",
    )


def _usage(turn: Turn, output_tokens: int, reasoning_tokens: int) -> Json:
    return {
        "input_tokens": turn.input_tokens,
        "input_tokens_details": {
            "cache_write_tokens": turn.written,
            "cached_tokens": turn.cached,
        },
        "output_tokens": output_tokens,
        "output_tokens_details": {"reasoning_tokens": reasoning_tokens},
        "total_tokens": turn.input_tokens + output_tokens,
    }
