"""Creates per second, as a share of a bare handler that sends the same bytes."""

from __future__ import annotations

import sys
from statistics import median
from typing import Any

from load import Round, compare, post, summary

ROUNDS = 5
SECONDS = 1.0

_WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Look up the weather of a city.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "days": {"type": "integer", "minimum": 1, "maximum": 7},
        },
        "required": ["city", "unit", "days"],
        "additionalProperties": False,
    },
}

REQUESTS: dict[str, dict[str, Any]] = {
    "plain": {"model": "gpt-4.1", "input": "hi"},
    "tool": {"model": "gpt-4.1", "input": "How warm is it in Lisbon?", "tools": [_WEATHER]},
    "reasoning": {
        "model": "gpt-5",
        "input": "Think about it.",
        "reasoning": {"effort": "medium", "summary": "auto"},
    },
}


def main() -> None:
    """Print a paragraph for each request, or for those named on the command line."""
    for name in sys.argv[1:] or REQUESTS:
        bare, ours, answer = compare(
            post(REQUESTS[name]), stream=False, rounds=ROUNDS, seconds=SECONDS
        )
        print(f"{name}: {len(answer):,} bytes an answer, {ROUNDS} rounds of {SECONDS:g} s")
        print(f"  floor     {_line(bare)}")
        print(f"  ours      {_line(ours)}")
        print(f"  share     {shares(bare, ours)}", flush=True)


def _line(rounds: list[Round]) -> str:
    costs = [each.cost for each in rounds]
    rates = summary([each.rate for each in rounds])
    return f"{rates} creates/s; {median(costs):.0f} µs of the server's processor for each"


def shares(bare: list[Round], ours: list[Round]) -> str:
    """Return our part of the floor's rate, by round, and of its thrift with the processor."""
    rates = [mine.rate / least.rate for least, mine in zip(bare, ours, strict=True)]
    costs = [least.cost / mine.cost for least, mine in zip(bare, ours, strict=True)]
    return (
        f"median {median(rates):.1%}, best {max(rates):.1%} of the rate; "
        f"median {median(costs):.1%} by processor time"
    )


if __name__ == "__main__":
    main()
