"""How near the server is to recorded traffic: models, streams, and the shape of its answers.

Run ``python benchmarks/fidelity.py [CORPUS]``; without an argument the corpus is the folder that
``MOCKSERVER_CORPUS`` names. It prints (a) how many recorded responses and items our models read
and write without loss, (b) how many recorded streams the streamer derives from their final
response, and (c) where the shape of our answer to a recorded request differs from the recorded
answer's, by path.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import httpx2  # noqa: E402
from oracle.recordings import (  # noqa: E402
    Recording,
    corpus,
    openai_responses,
    openai_streams,
    recordings,
)
from pydantic import ValidationError  # noqa: E402

from mockserver import MockServer  # noqa: E402
from mockserver.items import KINDS, kind_of  # noqa: E402
from mockserver.schema.models import model_of  # noqa: E402
from mockserver.schema.response import Response  # noqa: E402
from mockserver.schema.shape import Shape  # noqa: E402
from mockserver.streaming.streamer import stream  # noqa: E402

OPAQUE: Final = frozenset({"encrypted_content", "fingerprint", "logprobs", "sequence_number"})
NEWEST: Final = "2026-06"
"""Shapes are compared with recordings from this month on; older answers lack newer keys."""
REFERRING: Final = ("previous_response_id", "conversation", "prompt")
FREE: Final = frozenset({"metadata", "schema", "parameters", "arguments", "input_schema"})
"""Objects whose keys are the caller's."""


def models(folder: Path) -> Iterator[str]:
    """Say how many recorded documents our models read and write without loss."""
    counts: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for recording in [*openai_responses(folder), *openai_streams(folder)]:
        document = recording.response or {}
        parts = [(Response, document), *((kind_of(item), item) for item in document["output"])]
        for shape, part in parts:
            counts["read"] += 1
            if (problem := _lost(shape, part)) is not None:
                lost[f"{shape.__name__} {problem}"] += 1
    yield f"(a) documents read and written without loss: {counts['read'] - lost.total()}"
    yield f"    of {counts['read']}; lost: {dict(lost)}"


def _lost(shape: type[Shape], part: dict[str, Any]) -> str | None:
    try:
        read = model_of(shape).model_validate(part)
    except ValidationError as problem:
        first = problem.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['type']}"
    return None if read.model_dump(exclude_unset=True) == part else "written otherwise"


def streams(folder: Path) -> Iterator[str]:
    """Say how many recorded streams are derived with the recorded order and fields."""
    counts: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    for recording in openai_streams(folder):
        response = recording.response or {}
        if any(item["type"] not in KINDS for item in response["output"]):
            counts["of unknown kinds"] += 1
            continue
        counts["streams"] += 1
        ours = [event for event in stream(response) if not _passing(event)]
        theirs = [event for event in recording.events if not _passing(event)]
        same = [event["type"] for event in ours] == [event["type"] for event in theirs]
        counts["in the recorded order"] += same
        for told, recorded in zip(ours, theirs, strict=False) if same else ():
            counts["events"] += 1
            counts["equal events"] += _told(told) == _told(recorded)
            if _told(told) != _told(recorded):
                differing[told["type"]] += 1
    yield f"(b) {dict(counts)}"
    yield f"    events that differ: {dict(differing.most_common())}"


def _passing(event: dict[str, Any]) -> bool:
    return str(event["type"]).endswith(".delta") or event["type"] == "keepalive"


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _told(member) for key, member in value.items() if key not in OPAQUE}
    return [_told(member) for member in value] if isinstance(value, list) else value


def shapes(folder: Path) -> Iterator[str]:
    """Say where our answers to recorded requests are of another shape than the recorded ones."""
    counts: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    with MockServer(validation="off") as server, httpx2.Client(timeout=60) as client:
        for recording in recordings(folder, since=NEWEST):
            if not _comparable(recording):
                continue
            counts["requests"] += 1
            answer = client.post(f"{server.url}/responses", json=recording.request_body)
            counts[f"status {answer.status_code}"] += 1
            if answer.status_code != 200:
                differing[f"refused: {answer.json()['error']['message'][:90]}"] += 1
                continue
            for difference in set(_differences(_document(answer), recording.response or {})):
                differing[difference] += 1
            differing.update(_headers(answer, recording))
    yield f"(c) {dict(counts)}"
    for path, count in differing.most_common():
        yield f"    {count:5}  {path}"


def _comparable(recording: Recording) -> bool:
    body = recording.request_body
    return (
        recording.is_openai
        and recording.status == 200
        and recording.method == "POST"
        and isinstance(body, dict)
        and bool(body.get("input"))
        and not any(body.get(name) for name in REFERRING)
        and "item_reference" not in json.dumps(body)
        and (recording.response or {}).get("object") == "response"
    )


def _document(answer: httpx2.Response) -> dict[str, Any]:
    if "event-stream" not in answer.headers["content-type"]:
        document: dict[str, Any] = answer.json()
        return document
    last = answer.text.strip().rpartition("data: ")[2]
    response: dict[str, Any] = json.loads(last)["response"]
    return response


def _headers(answer: httpx2.Response, recording: Recording) -> Iterator[str]:
    names = {name for name in recording.headers if name.startswith(("openai-", "x-ratelimit-"))}
    for name in sorted(names - set(answer.headers)):
        yield f"header {name}: missing"


def _differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Yield where two documents differ in keys, in nullness or in the kinds of items."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs):
            here = f"{path}.{key}".lstrip(".")
            if key in FREE:
                continue
            if key not in ours:
                yield f"{here}: missing"
            elif key not in theirs:
                yield f"{here}: not recorded"
            else:
                yield from _differences(ours[key], theirs[key], here)
    elif (ours is None) != (theirs is None):
        yield f"{path}: {_nullness(ours)}, recorded {_nullness(theirs)}"
    elif path == "output":
        yield from _outputs(ours, theirs)


def _nullness(value: Any) -> str:
    return "null" if value is None else "set"


def _outputs(ours: list[Any], theirs: list[Any]) -> Iterator[str]:
    """Compare the kinds of items, and items of a kind with one another."""
    kinds = [sorted({item["type"] for item in items}) for items in (ours, theirs)]
    if kinds[0] != kinds[1]:
        yield f"output: {'+'.join(kinds[0])}, recorded {'+'.join(kinds[1])}"
    recorded = {item["type"]: item for item in theirs}
    for item in ours:
        if item["type"] in recorded:
            yield from _differences(item, recorded[item["type"]], f"output.{item['type']}")


def main(arguments: list[str]) -> int:
    """Print the report; 2 when there is no corpus."""
    folder = Path(arguments[0]) if arguments else corpus()
    if folder is None or not folder.is_dir():
        print("skipped: name a corpus folder, or set MOCKSERVER_CORPUS")
        return 2
    lines: Iterable[Iterator[str]] = (models(folder), streams(folder), shapes(folder))
    for part in lines:
        for line in part:
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
