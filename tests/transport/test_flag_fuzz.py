"""Random flags: each text is played or refused in clear words, and nothing breaks the server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from rawhttp import Wire, ask

from mockserver import MockServer
from mockserver.flags.registry import TABLE

VALUES = ["", "0", "1", "2", "5", "-1", "0.5", "10ms", "1s ", "5/5ms", "/", "2polls", "1poll"]
VALUES += [
    "server_error",
    "max_output_tokens",
    "429",
    "503:slow_down:Oh",
    "200",
    "reasoning+message",
]
VALUES += ['"quoted, text"', '"open', "%2C%00%ff", "naïve", "input_tokens", "a:b:c", "1mbps"]
LONG = ("hang", "stall", "delay", "ttft", "tps", "jitter", "bandwidth", "slow_close")
"""Flags that may take very long; they get a short value, or none that they take."""

KNOWN = [flag.example for flag in TABLE.values() if not flag.example.startswith(LONG)]
KNOWN += ["hang:5ms", "stall:3/5ms", "delay:5ms", "ttft:5ms,tps:5000", "tps:9000,jitter:1ms"]

HELD = ("queued", "in_progress")
"""Flags whose stream may have no end."""


def word(rng: Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(KNOWN)
    name = rng.choice([*TABLE, *TABLE, "usage.input_tokens", "usage.nothing", "nonsense", ""])
    if name in LONG:
        short = "5000" if name == "tps" else "10ms"
        return f"{name}:{rng.choice([short, '5/5ms', '50mbps', 'x', '-1'])}"
    text = name if rng.random() < 0.3 else f"{name}:{rng.choice(VALUES)}"
    if rng.random() < 0.1:
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(' ,:"%/\\é') + text[at:]
    return text


def scenario(rng: Random) -> str:
    return rng.choice([",", ", "]).join(word(rng) for _ in range(rng.randint(1, 4)))


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(queued_seconds=0.0, in_progress_seconds=0.0) as running:
        yield running


@pytest.mark.parametrize("seed", range(6))
def test_random_flags_are_played_or_refused(
    server: MockServer, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    """No text makes the server fail; what cuts an answer short is in the journal."""
    rng, played = Random(seed), 0
    with caplog.at_level(logging.ERROR):
        for _ in range(60):
            text = scenario(rng)
            stream = rng.random() < 0.5 and not any(name in text for name in HELD)
            body: dict[str, Any] = {"model": "gpt-4.1", "input": "hi", "stream": stream}
            server.clear()
            wire = ask(server.url, body, text, patience=5)
            judge(wire, server, text)
            played += wire.status != 400
    assert played > 10
    assert not caplog.records
    server.clear()
    assert ask(server.url, {"model": "gpt-4.1", "input": "hi"}).document["status"] == "completed"


def judge(wire: Wire, server: MockServer, text: str) -> None:
    [call] = server.calls
    assert wire.ending != "silence", text
    assert b"The server had an error while processing" not in wire.raw, text
    if wire.status is None or not wire.whole:
        assert call.faults, text
    elif wire.status >= 500:
        assert call.faults or call.answered_by == "scenario", text
    elif wire.status == 400 and call.answered_by == "error":
        error = wire.document["error"]
        assert error["code"] in ("unknown_scenario_flag", "invalid_scenario_flag"), text
        assert error["param"] == "mock_scenario"
    elif wire.status == 200 and "html" not in call.faults:
        assert call.answered_by == "synthesiser", text
