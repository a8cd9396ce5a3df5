"""Conversations of the official SDK with a server, of which cassettes are recorded and replayed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
from openai import OpenAI

ROOT = Path(__file__).parents[1]
REQUESTS = ROOT / "fixtures" / "requests"
CASSETTES = ROOT / "cassettes"


def request(name: str) -> dict[str, Any]:
    """Return one of the sample requests."""
    document: dict[str, Any] = json.loads((REQUESTS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def text(client: OpenAI) -> list[Any]:
    """One question, one answer."""
    return [client.responses.create(**request("text")).to_dict()]


def stream(client: OpenAI) -> list[Any]:
    """One question, the answer as events."""
    return [event.to_dict() for event in client.responses.create(**request("stream"))]


def tool_loop(client: OpenAI) -> list[Any]:
    """A function call, its output, and the message that follows."""
    first = client.responses.create(**request("tools"))
    call = next(item for item in first.output if item.type == "function_call")
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees"}
    second = client.responses.create(
        model="gpt-4.1",
        previous_response_id=first.id,
        input=[output],  # type: ignore[list-item]
        tools=request("tools")["tools"],
    )
    return [first.to_dict(), second.to_dict()]


def structured(client: OpenAI) -> list[Any]:
    """An answer in the form of a JSON schema."""
    response = client.responses.create(**request("structured"))
    return [response.to_dict(), json.loads(response.output_text)]


def background_poll(client: OpenAI, pause: float = 0.3) -> list[Any]:
    """A background response, polled until it is completed."""
    response = client.responses.create(**request("background"))
    seen = [response.to_dict()]
    while response.status in ("queued", "in_progress"):
        time.sleep(pause)
        response = client.responses.retrieve(response.id)
        seen.append(response.to_dict())
    return seen


def error(client: OpenAI) -> list[Any]:
    """A request that the API refuses."""
    try:
        client.responses.create(model="gpt-4.1", input="hi", temperature=9)
    except openai.BadRequestError as problem:
        return [problem.status_code, problem.body]
    raise AssertionError("the request was not refused")


SAMPLES: dict[str, Callable[[OpenAI], list[Any]]] = {
    sample.__name__: sample
    for sample in (text, stream, tool_loop, structured, background_poll, error)
}
