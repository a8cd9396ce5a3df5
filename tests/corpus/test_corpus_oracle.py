"""The oracle and recorded traffic: each holds against the other."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from oracle import (
    RECORDED,
    WIRE,
    Difference,
    Problem,
    check_event,
    check_response,
    check_stream,
    check_wire,
    parse_sse,
)
from oracle.archives import FORMATS
from oracle.recordings import (
    Recording,
    corpus,
    openai_responses,
    openai_streams,
    recordings,
    rows,
)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(corpus() is None, reason="MOCKSERVER_CORPUS names no corpus"),
]

NEW = "2026-05"
"""Since when recordings are held against the SDK without exception."""
FIXED_KEYS = "2026-07"
"""Since when every Response has all of its keys."""
PADDED = "2025-08-05"
"""Since when deltas are padded."""

BENT = {
    "openai-phase.1.chunks.txt": "events were cut out by hand",
    "mcp_list_tools_stream_backfills_missing_results.yaml": "two servers' listings interleave",
    "openai_responses_post_deeb1df7.json": "the recorder's scrubbing changed deltas",
    "openai_responses_post_69f0ebec.json": "the recorder's scrubbing changed deltas",
}
"""Streams that break the rules, by the end or part of their name, and why."""


@pytest.fixture
def folder() -> Path:
    """The corpus."""
    found = corpus()
    assert found is not None
    return found


def report(title: str, counts: Counter[str]) -> None:
    """Write counts to the test's output, most frequent first."""
    lines = [f"{count:6} {what}" for what, count in counts.most_common()]
    sys.stdout.write("\n".join([title, *lines, ""]))


def test_readers_find_what_the_index_counts_when_a_format_is_known(folder: Path) -> None:
    """Each file gives as many exchanges with the API as the corpus's own index says."""
    found: Counter[str] = Counter(
        recording.file
        for recording in recordings(folder)
        if not recording.uri
        or re.search(r"/(responses|conversations)\b", urlsplit(recording.uri).path)
    )
    expected = {
        row["path"]: int(row["n_interactions"])
        for row in rows(folder)
        if row["format"] in FORMATS and row["part_of"] == "-" and "redacted" not in row["endpoints"]
    }
    assert {
        path: (found[path], count) for path, count in expected.items() if found[path] != count
    } == {}
    assert len(expected) > 1000


def explained(problems: Iterable[Problem]) -> Iterator[Difference]:
    """Yield the row of the recordings' table that covers each problem; there must be one."""
    for problem in problems:
        covering = [row for row in RECORDED if row.covers(problem)]
        assert covering, f"{problem} ({problem.where})"
        yield covering[0]


def test_responses_are_strictly_valid_when_recently_recorded(folder: Path) -> None:
    """Every JSON answer since May 2026 passes, but for what the recordings' table explains."""
    used: Counter[str] = Counter()
    clean = 0
    answers = list(openai_responses(folder, since=NEW))
    for recording in answers:
        assert recording.response is not None
        problems = check_response(recording.response)
        clean += not problems
        used.update(row.where for row in set(explained(problems)))
    report(f"{len(answers)} answers, {clean} without exception; besides:", used)
    assert len(answers) > 300


def test_events_are_strictly_valid_when_recently_recorded(folder: Path) -> None:
    """Every event since May 2026 passes, but for what the recordings' table explains."""
    used: Counter[str] = Counter()
    clean = total = 0
    for recording in openai_streams(folder, since=NEW):
        for event in recording.events:
            problems = check_event(event)
            total, clean = total + 1, clean + (not problems)
            used.update(row.where for row in set(explained(problems)))
    report(f"{total} events, {clean} without exception; besides:", used)
    assert total > 5000


def test_every_row_for_recordings_is_needed_when_all_are_checked(folder: Path) -> None:
    """No row of the recordings' table is without a recording that shows it."""
    used: set[Difference] = set()
    for problem in _all_problems(folder):
        used |= {row for row in RECORDED if row.covers(problem)}
    assert [row.where for row in RECORDED if row not in used] == []


def _all_problems(folder: Path) -> Iterator[Problem]:
    for recording in openai_responses(folder):
        yield from check_response(recording.response or {}, WIRE)
    for recording in openai_streams(folder):
        for event in recording.events:
            yield from check_event(event, WIRE)


def test_wire_rules_hold_when_responses_are_recent(folder: Path) -> None:
    """Every Response since July 2026 has all keys, in bodies and in events."""
    exceptions: Counter[str] = Counter()
    total = 0
    for recording in openai_responses(folder, since=FIXED_KEYS):
        total += 1
        exceptions.update(check_wire(recording.response or {}))
    for recording in openai_streams(folder, since=FIXED_KEYS):
        for event in recording.events:
            if "response" in event:
                total += 1
                exceptions.update(check_wire(event["response"], event=True))
    report(f"{total} responses since July 2026, besides:", exceptions)
    assert set(exceptions) <= {
        "output_text: unknown key: clients compute it",
        "usage.input_tokens_details.cache_write_tokens: missing",
    }
    assert total > 400


def wants_padding(recording: Recording) -> bool:
    """Tell whether the request left padding on, which is the default."""
    request = recording.request_body if isinstance(recording.request_body, dict) else {}
    return (request.get("stream_options") or {}).get("include_obfuscation") is not False


def test_stream_rules_hold_when_deltas_are_padded(folder: Path) -> None:
    """Every stream since August 2025 keeps the rules, but for a few named ones."""
    streams = list(openai_streams(folder, since=PADDED))
    broken = {
        recording.file: problems
        for recording in streams
        if (problems := check_stream(recording.events, obfuscation=wants_padding(recording)))
    }
    report(f"{len(streams)} streams, {len(broken)} bent:", Counter(dict.fromkeys(broken, 1)))
    assert {
        file: problems[:3]
        for file, problems in broken.items()
        if not any(name in file for name in BENT)
    } == {}


def test_framing_is_strict_when_bodies_are_as_received(folder: Path) -> None:
    """Recorded stream bodies keep the framing; a few have lost their last line end."""
    verdicts: Counter[str] = Counter()
    for recording in openai_streams(folder):
        if not recording.format.startswith("events"):
            verdicts[_framing(recording.body)] += 1
    report("stream bodies by framing:", verdicts)
    assert verdicts["strict"] / verdicts.total() > 0.98
    assert all(verdict == "strict" or "one blank line" in verdict for verdict in verdicts)


def _framing(body: bytes) -> str:
    try:
        parse_sse(body)
    except AssertionError as error:
        return str(error).partition(" but ")[0]
    return "strict"
