"""The whole of the API: every kind of output item and type of event, asked for by requests."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any, NamedTuple
from wave import open as open_wave

import pytest
from api import Api
from oracle import sdk

from mockserver import MockServer
from mockserver.streaming.streamer import collapse, stream

Document = dict[str, Any]

BEYOND = {
    "response.apply_patch_call_operation_diff.delta",
    "response.apply_patch_call_operation_diff.done",
}
"""Events of the wire that the SDK does not have."""

ARGUMENTS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
FUNCTION = {"type": "function", "name": "weather", "parameters": ARGUMENTS}
SCREEN = {"display_width": 800, "display_height": 600, "environment": "browser"}
SERVER = {"type": "mcp", "server_label": "deep", "server_url": "https://mcp.example.com"}


class Ask(NamedTuple):
    """A request, the scenario it is played under, and the kinds of items that answer it."""

    kinds: str
    body: Mapping[str, Any] = MappingProxyType({})
    scenario: str | None = None


def offer(kinds: str, type: str, model: str = "gpt-4.1", **tool: Any) -> Ask:
    """Return a request that offers one tool."""
    return Ask(kinds, {"model": model, "tools": [{"type": type, **tool}]})


ASKS = {
    "text": Ask("message"),
    "speech": Ask("message", {"model": "gpt-audio-mini"}),
    "summary": Ask(
        "reasoning message", {"model": "gpt-5", "reasoning": {"effort": "low", "summary": "auto"}}
    ),
    "raw reasoning": Ask("reasoning message", {"model": "gpt-oss-120b"}),
    "background": Ask("message", {"background": True}),
    "refusal": Ask("message", scenario="refusal"),
    "failure": Ask("", scenario="failed"),
    "cut": Ask("message", {"max_output_tokens": 16}),
    "function": Ask("function_call", {"tools": [FUNCTION]}),
    "custom": offer("custom_tool_call", "custom", name="note"),
    "web": offer("web_search_call message", "web_search"),
    "files": offer("file_search_call message", "file_search", vector_store_ids=["vs_1"]),
    "code": offer("code_interpreter_call message", "code_interpreter", container={"type": "auto"}),
    "image": offer("image_generation_call message", "image_generation", partial_images=2),
    "computer": offer(
        "reasoning computer_call", "computer_use_preview", "computer-use-preview", **SCREEN
    ),
    "mcp": Ask(
        "mcp_list_tools mcp_call message", {"tools": [{**SERVER, "require_approval": "never"}]}
    ),
    "approval": Ask("mcp_list_tools mcp_approval_request", {"tools": [SERVER]}),
    "lost server": Ask(
        "mcp_list_tools message", {"tools": [{**SERVER, "server_url": "https://mcp.invalid/sse"}]}
    ),
    "lost call": Ask("mcp_call", {"tools": [SERVER]}, "items:mcp_call,incomplete"),
    "local shell": offer("reasoning local_shell_call", "local_shell", "codex-mini-latest"),
    "shell": offer("shell_call", "shell", "gpt-5.1"),
    "container": offer(
        "shell_call shell_call_output message",
        "shell",
        "gpt-5.1",
        environment={"type": "container_auto"},
    ),
    "patch": offer("apply_patch_call", "apply_patch", "gpt-5.1"),
    "tool search": Ask(
        "tool_search_call tool_search_output function_call",
        {
            "model": "gpt-5.4",
            "tools": [{"type": "tool_search"}, {**FUNCTION, "defer_loading": True}],
        },
    ),
    "program": Ask(
        "reasoning program function_call",
        {
            "model": "gpt-5.6",
            "tools": [
                {"type": "programmatic_tool_calling"},
                {**FUNCTION, "allowed_callers": ["programmatic"]},
            ],
        },
    ),
    "compaction": Ask(
        "compaction",
        {
            "model": "gpt-5.6",
            "input": [{"role": "user", "content": "hi"}, {"type": "compaction_trigger"}],
        },
    ),
    **{
        kind: Ask(kind, scenario=f"items:{kind}")
        for kind in (
            "additional_tools",
            "apply_patch_call_output",
            "computer_call_output",
            "custom_tool_call_output",
            "function_call_output",
            "local_shell_call_output",
            "mcp_approval_response",
            "program_output",
        )
    },
}
"""A request for everything; what only clients put into a context is asked for by scenario."""


def told(api: Api, name: str) -> list[Document]:
    """Stream one of the requests; the oracle judges every event."""
    ask = ASKS[name]
    return api.stream({"model": "gpt-4.1", "input": "hi", **ask.body}, ask.scenario)


@pytest.fixture(scope="module")
def streams(make_mockserver: Any) -> dict[str, list[Document]]:
    """The streams of all requests by name, from one server."""
    server: MockServer = make_mockserver()
    with Api(server.url) as api:
        return {name: told(api, name) for name in ASKS}


def test_every_request_is_answered_with_its_kinds(streams: dict[str, list[Document]]) -> None:
    """A request brings about the items that it is there for."""
    found = {
        name: " ".join(item["type"] for item in events[-1]["response"]["output"])
        for name, events in streams.items()
    }
    assert found == {name: ask.kinds for name, ask in ASKS.items()}


def test_every_kind_of_item_is_made(streams: dict[str, list[Document]]) -> None:
    """All kinds of the installed SDK come out, and no kind that it does not know."""
    made = {
        item["type"] for events in streams.values() for item in events[-1]["response"]["output"]
    }
    assert made == set(sdk.by_type(sdk.OUTPUT_ITEMS))


def test_every_type_of_event_is_streamed(streams: dict[str, list[Document]]) -> None:
    """All event types of the installed SDK are sent, and no type that it does not know."""
    sent = {event["type"] for events in streams.values() for event in events}
    assert sent - BEYOND == set(sdk.by_type(sdk.STREAM_EVENTS))


def test_a_stream_folds_back_into_what_it_tells(streams: dict[str, list[Document]]) -> None:
    """Telling the final response anew, and folding that, gives the response again."""
    for events in streams.values():
        response = events[-1]["response"]
        retold = list(stream(response))
        assert collapse(retold) == response
        assert [event["type"] for event in retold] == [event["type"] for event in events]


def test_speech_says_the_text(streams: dict[str, list[Document]]) -> None:
    """The transcript is the text of the message, and the sound is a WAV with a hum per word."""
    events = streams["speech"]
    (part,) = events[-1]["response"]["output"][0]["content"]
    words = [event["delta"] for event in events if event["type"].endswith("transcript.delta")]
    sounds = [event["delta"] for event in events if event["type"] == "response.audio.delta"]
    assert "".join(words) == part["text"]
    with open_wave(BytesIO(b"".join(map(b64decode, sounds)))) as wave:
        assert wave.getparams()[:3] == (1, 1, 8000)
        assert wave.getnframes() == len(wave.readframes(1 << 20)) == 320 * len(words)
