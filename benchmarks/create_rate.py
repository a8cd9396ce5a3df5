"""Creates per second, as a share of a bare handler that sends the same bytes."""

from __future__ import annotations

import sys
from typing import Any

from load import compare, post

ROUNDS = 7
SECONDS = 0.8

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
        found = compare(post(REQUESTS[name]), stream=False, rounds=ROUNDS, seconds=SECONDS)
        print(f"{name}: {len(found.answer):,} bytes an answer, {ROUNDS} rounds of {SECONDS:g} s")
        print(found.report("creates"), flush=True)


if __name__ == "__main__":
    main()
