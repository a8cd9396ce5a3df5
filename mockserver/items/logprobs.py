"""Log probabilities of made-up text."""

from __future__ import annotations

from random import Random

from mockserver.items.context import Context
from mockserver.items.steps import pieces
from mockserver.schema.base import Json


def fake_logprobs(ctx: Context, text: str) -> list[Json]:
    """Return one entry per token of ``text``, if the request includes them (api-contract §5.2).

    Each has as many alternatives as the request wants, of which the token itself is the likeliest,
    as it is at temperature 0.
    """
    if "message.output_text.logprobs" not in ctx.include:
        return []
    tokens, top = pieces(text), ctx.request.top_logprobs or 0
    return [_entry(token, tokens, ctx.random, top) for token in tokens]


def _entry(token: str, tokens: list[str], random: Random, top: int) -> Json:
    own = round(-random.expovariate(6.0), 6)
    alternatives = [_choice(token, own)] if top else []
    value = own
    for _ in range(top - 1):
        value = round(value - random.uniform(0.5, 2.5), 6)
        alternatives.append(_choice(random.choice(tokens), value))
    return {**_choice(token, own), "top_logprobs": alternatives}


def _choice(token: str, logprob: float) -> Json:
    return {"bytes": list(token.encode()), "logprob": logprob, "token": token}
