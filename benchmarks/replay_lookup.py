"""What replay costs: loading a cassette, finding an answer, explaining a miss; beside plain vcrpy.

Run it with ``python benchmarks/replay_lookup.py``. The cassettes are made up in a temporary folder:
streams of 20 deltas, about 7.6 KB an interaction. Plain vcrpy matches on method, URI and body, and
is asked for its last interaction, on the same files in the same run. The second table has the
lookup under rules that users choose, and the choice among interactions that are all equal.
"""

from __future__ import annotations

import json
import logging
import statistics
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter

import yaml
from vcr.cassette import Cassette
from vcr.errors import UnhandledHTTPRequestError
from vcr.matchers import body, method, uri
from vcr.record_mode import RecordMode
from vcr.request import Request as VcrRequest

from mockserver.cassette import Library, Matching, PlayCounts, Request

RULES: dict[str, Matching] = {
    "default": Matching(),
    "ignoring input[*].role": Matching.of(ignore_body=["input[*].role"]),
    "path, raw_body": Matching.of(["path", "raw_body"]),
    "method, path (all equal)": Matching.of(["method", "path"]),
}

SIZES = (10, 100, 1_000, 5_000)
DELTAS = 20
URI = "https://api.openai.com/v1/responses"
HEADERS = {"content-type": ["application/json"], "accept": ["application/json"]}


def request_body(number: int, text: str = "Tell me something nice about the weather. ") -> str:
    """Return the JSON of a request of about 0.8 KB."""
    tool = {"type": "function", "name": "get_weather", "strict": True, "parameters": {}}
    return json.dumps(
        {
            "model": "gpt-4.1",
            "stream": True,
            "instructions": "You are a helpful assistant.",
            "input": [{"role": "user", "content": f"Question {number}: {text * 12}"}],
            "tools": [tool],
        }
    )


def stream(number: int) -> str:
    """Return the body of a recorded stream."""
    response = {"id": f"resp_{number:048d}", "object": "response", "output": []}
    events: list[dict[str, object]] = [{"type": "response.created", "response": response}]
    events += [
        {
            "type": "response.output_text.delta",
            "content_index": 0,
            "delta": f" word{position}",
            "item_id": f"msg_{number:048d}",
            "logprobs": [],
            "obfuscation": "abcdefghijklmnop"[: position % 16],
            "output_index": 0,
        }
        for position in range(DELTAS)
    ]
    events.append({"type": "response.completed", "response": {**response, "status": "completed"}})
    return "".join(
        f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': position})}\n\n"
        for position, event in enumerate(events)
    )


def write(file: Path, count: int) -> None:
    """Write a cassette as vcrpy writes it, interaction by interaction to save memory."""
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.write("interactions:\n")
        for number in range(count):
            interaction = {
                "request": {
                    "body": request_body(number),
                    "headers": HEADERS,
                    "method": "POST",
                    "uri": URI,
                },
                "response": {
                    "body": {"string": stream(number)},
                    "headers": {"content-type": ["text/event-stream; charset=utf-8"]},
                    "status": {"code": 200, "message": "OK"},
                },
            }
            out.write(yaml.dump([interaction], Dumper=yaml.CSafeDumper))
        out.write("version: 1\n")


def timed(run: Callable[[], object]) -> float:
    """Return the seconds that one run takes."""
    start = perf_counter()
    run()
    return perf_counter() - start


def ours(file: Path, count: int) -> list[str]:
    """Load, find every interaction once in order, and explain ten misses."""
    load = min(timed(lambda: Library.load([file])) for _ in range(2))
    library, played = Library.load([file]), PlayCounts()

    def find(raw: bytes) -> None:
        library.find(Request("POST", "/v1/responses", "", raw), played)

    bodies = [request_body(number).encode() for number in range(count)]
    lookups = [timed(partial(find, raw)) for raw in bodies]
    assert not library.unplayed(played), "every request must find its interaction"
    wanted = request_body(count // 2, "Tell me something sad about the weather. ").encode()
    misses = [
        timed(
            lambda: library.miss(Request("POST", "/v1/responses", "", wanted), PlayCounts()).text()
        )
        for _ in range(10)
    ]
    return [
        f"{load:.3f} s",
        f"{statistics.mean(lookups) * 1e6:.0f} µs",
        f"{statistics.median(misses) * 1e3:.1f} ms",
    ]


def plain(file: Path, count: int) -> list[str]:
    """Do the same with plain vcrpy: load, find the last interaction, and miss once."""
    logging.getLogger("vcr").setLevel(logging.ERROR)
    matchers = (method, uri, body)
    tape = Cassette(str(file), record_mode=RecordMode.NONE, match_on=matchers)
    load = timed(tape._load)

    def play(raw: str) -> None:
        asked = VcrRequest("POST", URI, raw.encode(), {"content-type": "application/json"})
        with suppress(UnhandledHTTPRequestError):
            if tape.can_play_response_for(asked):
                tape.play_response(asked)
            else:
                tape.find_requests_with_most_matches(asked)

    found = timed(lambda: play(request_body(count - 1)))
    assert tape.play_count == 1, "vcrpy must find the last interaction"
    missed = timed(lambda: play(request_body(-1)))
    return [f"{load:.3f} s", f"{found * 1e6:.0f} µs", f"{missed * 1e3:.1f} ms"]


def by_rule(file: Path, rule: Matching, count: int) -> str:
    """Find every interaction once under a rule, in order; return the mean time."""
    library, played = Library.load([file], matching=rule), PlayCounts()
    bodies = [request_body(number).encode() for number in range(count)]

    def find(raw: bytes) -> None:
        library.find(Request("POST", "/v1/responses", "", raw), played)

    lookups = [timed(partial(find, raw)) for raw in bodies]
    assert not library.unplayed(played), "every request must find its interaction"
    return f"{statistics.mean(lookups) * 1e6:.0f} µs"


def main() -> None:
    """Print one line for each size, then one for each rule."""
    row = "{:>12} {:>8} | {:>9} {:>9} {:>9} | {:>9} {:>11} {:>9}"
    print(row.format("", "", "mockserver", "", "", "vcrpy", "", ""))
    print(row.format("interactions", "file", *["load", "lookup", "miss"] * 2))
    with tempfile.TemporaryDirectory() as folder:
        for count in SIZES:
            file = Path(folder) / f"{count}.yaml"
            write(file, count)
            size = f"{file.stat().st_size / 1e6:.1f} MB"
            print(row.format(f"{count:,}", size, *ours(file, count), *plain(file, count)))
        sizes = (100, 1_000)
        print(f"\n{'lookup by rule':>26} | " + " | ".join(f"{count:>9,}" for count in sizes))
        for name, rule in RULES.items():
            found = [by_rule(Path(folder) / f"{count}.yaml", rule, count) for count in sizes]
            print(f"{name:>26} | " + " | ".join(f"{time:>9}" for time in found))


if __name__ == "__main__":
    main()
