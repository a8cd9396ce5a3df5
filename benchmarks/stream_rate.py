"""Streams and events per second at zero delay, next to a bare handler that writes the same.

Run ``python benchmarks/stream_rate.py [plain] [tool] [reasoning]``.
"""

from __future__ import annotations

import sys
from statistics import median

from create_rate import REQUESTS
from load import compare, post

ROUNDS = 35
SECONDS = 0.16


def main() -> None:
    """Print a paragraph for each request, or for those named on the command line."""
    for name in sys.argv[1:] or REQUESTS:
        request = post({**REQUESTS[name], "stream": True})
        found = compare([request], stream=True, rounds=ROUNDS, seconds=SECONDS)
        events = found.answer.count(b"\nevent: ") + 1
        told = median(each.rate for each in found.ours) * events
        print(f"{name}: {events} events and {len(found.answer):,} bytes a stream")
        print(found.report("streams"))
        print(f"  events median {told:,.0f} events/s", flush=True)


if __name__ == "__main__":
    main()
