"""What the recording proxy costs: time to the first event and the spread, beside the direct way.

``python benchmarks/proxy_overhead.py [STREAMS] [ROUNDS]``: so many parallel streams of one
upstream, asked directly and through the proxy in turns, then replayed from the cassette.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import aiohttp
from servers import mockserver

UPSTREAM = ("--scenario", "ttft:200ms,tps:15")
TEXT = "Tell a story in forty words"


class Arrivals(NamedTuple):
    """Seconds after the request: the answer's head and its first and last event."""

    head: float
    first: float
    last: float


async def stream(http: aiohttp.ClientSession, port: int, text: str) -> Arrivals:
    """Read one stream to its end."""
    body = {"model": "gpt-4.1", "input": text, "stream": True}
    started = time.perf_counter()
    async with http.post(f"http://127.0.0.1:{port}/v1/responses", json=body) as answer:
        head = time.perf_counter() - started
        first = last = 0.0
        async for _ in answer.content.iter_any():
            last = time.perf_counter() - started
            first = first or last
    return Arrivals(head, first, last)


async def wave(port: int, streams: int, name: str) -> list[Arrivals]:
    """Read so many streams at a time."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        asked = (stream(http, port, f"{TEXT}: {name} {number}") for number in range(streams))
        return await asyncio.gather(*asked)


def show(what: str, found: list[Arrivals]) -> None:
    """Print medians and the worst first event, in milliseconds."""
    first = sorted(each.first * 1000 for each in found)
    last = median(each.last * 1000 for each in found)
    print(f"{what:<22} first {median(first):7.1f} (worst {first[-1]:7.1f})   last {last:8.1f} ms")


def main(streams: int = 10, rounds: int = 5) -> None:
    """Print the figures of both ways, and of the replay."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "it.yaml")
        direct: list[Arrivals] = []
        proxied: list[Arrivals] = []
        with mockserver(*UPSTREAM) as api:
            flags = ("--upstream", f"http://127.0.0.1:{api.port}/v1", "--cassettes", file)
            with mockserver(*flags, "--record-mode", "once") as proxy:
                asyncio.run(wave(api.port, streams, "warm"))
                asyncio.run(wave(proxy.port, streams, "warm"))
                for number in range(rounds):
                    direct += asyncio.run(wave(api.port, streams, f"direct {number}"))
                    proxied += asyncio.run(wave(proxy.port, streams, f"proxied {number}"))
        with mockserver("--cassettes", file, "--strict", "--speed", "realtime") as server:
            replayed = [
                each
                for number in range(rounds)
                for each in asyncio.run(wave(server.port, streams, f"proxied {number}"))
            ]
    print(f"{rounds} rounds of {streams} parallel streams")
    show("direct", direct)
    show("through the proxy", proxied)
    show("replayed at realtime", replayed)
    added = median(each.first for each in proxied) - median(each.first for each in direct)
    spans = [
        (again.last - again.first) / (once.last - once.first)
        for once, again in zip(proxied, replayed, strict=True)
    ]
    worst = max(abs(span - 1) for span in spans)
    print(f"added to the first event: {added * 1000:.1f} ms (median)")
    print(
        f"replayed span / recorded span: {median(spans):.3f} (median), off by {worst:.1%} at most"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
