"""Creates per second, as a share of a bare handler that sends the same bytes.

Run ``python benchmarks/create_rate.py [plain] [varied] [tool] [reasoning]``. ``varied`` is the
plain request with another input every time: the server recalls what it worked out for a request
that comes again, and this one does not.
"""

from __future__ import annotations

import sys
from typing import Any

from load import compare, post

ROUNDS = 35
SECONDS = 0.14

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

INPUTS = 4_000
"""How many inputs take turns; more than the server recalls."""


def requests(name: str) -> list[bytes]:
    """Return the requests of a name, to be sent in turns."""
    if name != "varied":
        return [post(REQUESTS[name])]
    return [post({**REQUESTS["plain"], "input": f"hi {number}"}) for number in range(INPUTS)]


def main() -> None:
    """Print a paragraph for each request, or for those named on the command line."""
    for name in sys.argv[1:] or ("plain", "varied", "tool", "reasoning"):
        found = compare(requests(name), stream=False, rounds=ROUNDS, seconds=SECONDS)
        print(f"{name}: {len(found.answer):,} bytes an answer, {ROUNDS} rounds of {SECONDS:g} s")
        print(found.report("creates"), flush=True)


if __name__ == "__main__":
    main()
