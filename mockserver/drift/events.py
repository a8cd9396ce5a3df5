"""The events we stream against the SDK's: samples of all its items are told, and looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from mockserver.drift.compare import Finding, compare_kinds, compare_sent
from mockserver.drift.samples import sample, variants
from mockserver.drift.sdk import Sdk
from mockserver.drift.types import Field, Fields, by_type, fields_of
from mockserver.schema.base import Json
from mockserver.streaming.streamer import stream

AREA: Final = "event"


def compare_events(sdk: Sdk) -> list[Finding]:
    """Compare the types of the events that we stream, and the keys of each."""
    known = by_type(sdk.find("responses", "ResponseStreamEvent"))
    told = _told(sdk)
    findings = compare_kinds(AREA, told, known)
    for kind in sorted(told.keys() & known):
        findings += compare_sent(f"{AREA} {kind}", told[kind], fields_of(known[kind][0]))
    return findings


def _told(sdk: Sdk) -> dict[str, Fields]:
    """Return the event types that come, each with the keys it ever has and those it always has."""
    seen: defaultdict[str, list[set[str]]] = defaultdict(list)
    for response in responses(sdk):
        for event in stream(response, nested_error=False):
            seen[event["type"]].append(set(event))
    return {
        kind: {key: Field(Any, key in set.intersection(*found)) for key in set.union(*found)}
        for kind, found in seen.items()
    }


def responses(sdk: Sdk) -> Iterator[Json]:
    """Yield responses that end in every way and hold every item in every variant."""
    plain: Json = sample(sdk.find("responses", "Response")) | {
        "status": "completed",
        "error": None,
        "background": False,
        "output": [],
    }
    failure = {"code": "server_error", "message": "No."}
    yield {**plain, "background": True}
    yield {**plain, "status": "failed", "error": failure}
    yield {**plain, "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    for kind, models in by_type(sdk.find("responses", "ResponseOutputItem")).items():
        for item in variants(models[0]):
            yield {**plain, "output": [item]}
            if item.get("error"):
                yield {**plain, "output": [{**item, "error": None}]}
            if kind == "message":
                yield {**plain, "output": [item], "model": "gpt-audio-mini"}
