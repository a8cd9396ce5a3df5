"""How much an answer says: text of so many tokens, and usage as a scenario wants it told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mockserver.flags import METADATA_KEY
from mockserver.items.context import Context
from mockserver.items.logprobs import fake_logprobs
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.tokens import Tokenizer, count_output

_FILLERS: Final = (".", " a", " a.", " a a", ", a.")
_INPUT_DETAILS: Final = ("cache_write_tokens", "cached_tokens")


class Budget:
    """Hands out tokens of text until none are left."""

    def __init__(self, tokenizer: Tokenizer, tokens: int) -> None:
        self._count: Callable[[str], int] = tokenizer.count
        self._left = max(tokens, 0)

    def keep(self, text: str) -> str:
        """Return the longest beginning of the text that the tokens left allow."""
        total = self._count(text)
        if total <= self._left:
            self._left -= total
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self._count(text[:middle]) <= self._left
            low, high = (middle, high) if fits else (low, middle - 1)
        self._left = 0
        return text[:low]


def stretch(ctx: Context, tokenizer: Tokenizer, items: list[Json], tokens: int) -> None:
    """Let the last text of the output be so long that the output has so many tokens in all.

    Thinking gets half of them at most. What has no free text stays as it is.
    """
    ctx.reasoning_tokens = min(ctx.reasoning_tokens, tokens // 2)
    part = _last_text(ctx, items)
    if part is None:
        return
    model = ctx.request.model
    part["text"], part["annotations"], part["logprobs"] = "", [], []
    room = tokens - ctx.reasoning_tokens - count_output(tokenizer, items, model=model)
    text = ctx.words.text(ctx.dice, words=max(room, 1))
    while tokenizer.count(text) <= room:
        text = f"{text} {ctx.words.text(ctx.dice, words=max(room, 1))}"
    part["text"] = _filled(Budget(tokenizer, room).keep(text), room, tokenizer)
    part["logprobs"] = fake_logprobs(ctx, part["text"])


def _filled(text: str, room: int, tokenizer: Tokenizer) -> str:
    """Return the text with the little that is missing where one letter more is two tokens more."""
    whole = (text + filler for filler in ("", *_FILLERS))
    return next((longer for longer in whole if tokenizer.count(longer) == room), text)


def _last_text(ctx: Context, items: list[Json]) -> Json | None:
    """Return the last part of text, if nothing but its length is asked of it."""
    form = ((ctx.request.text or {}).get("format") or {}).get("type", "text")
    if form != "text" or ctx.flags.said is not None:
        return None
    messages = [item for item in items if item["type"] == "message"]
    parts = messages[-1]["content"] if messages else []
    return next((part for part in reversed(parts) if part["type"] == "output_text"), None)


def restated(usage: Json, counts: dict[str, int]) -> Json:
    """Return usage with these counts; the others follow, so that all of it still adds up.

    Raises ApiError 400 for counts that cannot be true together (api-contract §4).
    """
    named = [counts[name] for name in _INPUT_DETAILS if name in counts]
    output = _output(usage, counts)
    if "input_tokens" in counts:
        given = counts["input_tokens"]
    elif "total_tokens" in counts:
        given = counts["total_tokens"] - output
    else:
        given = max(usage["input_tokens"], sum(named))
    usual = {name: min(usage["input_tokens_details"][name], given) for name in _INPUT_DETAILS}
    thinking = min(usage["output_tokens_details"]["reasoning_tokens"], output)
    told = {
        "input_tokens": given,
        "input_tokens_details": {name: counts.get(name, usual[name]) for name in _INPUT_DETAILS},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": counts.get("reasoning_tokens", thinking)},
        "total_tokens": counts.get("total_tokens", given + output),
    }
    _check(told)
    return told


def _output(usage: Json, counts: dict[str, int]) -> int:
    """Return the output tokens: those named, else what is left of the total, else as they were."""
    if "output_tokens" in counts:
        return counts["output_tokens"]
    if "total_tokens" in counts and "input_tokens" in counts:
        return counts["total_tokens"] - counts["input_tokens"]
    usual: int = max(usage["output_tokens"], counts.get("reasoning_tokens", 0))
    return min(usual, counts["total_tokens"]) if "total_tokens" in counts else usual


def _check(usage: Json) -> None:
    given, output = usage["input_tokens"], usage["output_tokens"]
    fits = (
        given >= 0
        and output >= 0
        and usage["total_tokens"] == given + output
        and all(usage["input_tokens_details"][name] <= given for name in _INPUT_DETAILS)
        and usage["output_tokens_details"]["reasoning_tokens"] <= output
    )
    if not fits:
        raise ApiError(
            "Invalid scenario flag 'usage': these counts cannot be true together. The total is the "
            "sum of input and output; cached and written tokens are part of the input, reasoning "
            "tokens of the output.",
            param=METADATA_KEY,
            code="invalid_scenario_flag",
        )
