"""Recorded requests: what the API took is taken, what it refused is refused alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from oracle.recordings import Recording, corpus, recordings

from mockserver.schema.errors import ApiError
from mockserver.schema.strict_schema import normalise_function
from mockserver.schema.validation import check_items, parse_request

FOLDER: Final = corpus()

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(FOLDER is None, reason="MOCKSERVER_CORPUS names no corpus"),
]

NO_LONGER_TAKEN: Final = {"reasoning.generate_summary": "taken in April 2025, unknown since 2026"}
"""Parameter -> why the API is not followed where it once took it."""

NEEDS_MORE: Final = frozenset(
    (
        "The requested model '{}' does not exist.",
        "Previous response with id '{}' not found.",
        "Your input exceeds the context window of this model.",
        "The file type you uploaded is not supported.",
        "was provided without its required following item.",
    )
)
"""Refusals that a request alone does not show: models, state, sizes and files elsewhere."""

HAND_MADE: Final = ("opentelemetry-js-contrib/packages/instrumentation-openai/test/mock-responses",)
"""Recordings whose answers were written by hand."""


def creations(status: int) -> Iterator[tuple[Recording, dict[str, Any]]]:
    """Yield the requests to create a response that the real API answered so."""
    assert FOLDER is not None
    for recording in recordings(Path(FOLDER)):
        path = urlsplit(recording.uri).path.rstrip("/")
        ours = recording.is_openai and (path.endswith("/v1/responses") or not recording.uri)
        body = recording.request_body
        asked = (recording.method, recording.status) == ("POST", status) and isinstance(body, dict)
        if ours and asked:
            yield recording, body


def test_what_the_api_took_is_taken() -> None:
    """Every recorded request that was answered passes strict validation."""
    refused: Counter[str] = Counter()
    taken = 0
    for recording, body in creations(200):
        try:
            parse_request(body)
            taken += 1
        except ApiError as error:
            if error.param not in NO_LONGER_TAKEN:
                refused[f"{recording.file}: {error.message}"] += 1
    assert not refused
    assert taken > 1000


def test_what_the_api_refused_is_refused_alike() -> None:
    """Every recorded refusal that the request alone explains has the recorded error."""
    alike = 0
    for recording, body in creations(400):
        assert recording.response is not None
        recorded = recording.response["error"]
        if _needs_more(recorded["message"]):
            continue
        with pytest.raises(ApiError) as caught:
            parse_request(body)
        assert caught.value.body()["error"] == recorded, recording.file
        alike += 1
    assert alike >= 10


def _needs_more(message: str) -> bool:
    return any(all(part in message for part in pattern.split("{}")) for pattern in NEEDS_MORE)


def test_what_the_api_gave_is_taken_back() -> None:
    """Every recorded output item is accepted as an input item (api-contract §5.4)."""
    assert FOLDER is not None
    taken = 0
    for recording in recordings(Path(FOLDER)):
        if not recording.is_openai or any(part in recording.file for part in HAND_MADE):
            continue
        output = (recording.response or {}).get("output")
        if isinstance(output, list):
            check_items(output)
            taken += len(output)
    assert taken > 1000


def test_functions_are_echoed_as_the_api_echoes_them() -> None:
    """A function that leaves ``strict`` out comes back as recorded of late."""
    checked = 0
    for recording, body in creations(200):
        if recording.recorded < "2026-03":
            continue
        echoed = {tool.get("name"): tool for tool in (recording.response or {}).get("tools") or []}
        for tool in body.get("tools") or ():
            echo = echoed.get(tool.get("name"))
            if tool["type"] == "function" and tool.get("strict") is None and echo is not None:
                made = normalise_function(tool)
                assert {key: made[key] for key in echo} == echo, recording.file
                checked += 1
    assert checked > 50
