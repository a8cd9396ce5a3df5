"""Several hosted tools in one turn, through the public door."""

from __future__ import annotations

from typing import Any

from api import Api
from hosted import CODE, PAINT, QUESTION, SEARCH, body, of
from openai import OpenAI

from mockserver import MockServer


def test_items_are_accepted_back_when_the_client_keeps_the_history(api: Api) -> None:
    """Every output item of a turn may be input of the next."""
    include = ["file_search_call.results", "code_interpreter_call.outputs"]
    request = body(SEARCH, store=False, include=include)
    request["tools"] = [SEARCH, CODE, {**PAINT, "size": "256x256"}]
    first = api.create(request)
    kinds = [item["type"] for item in first["output"]]
    assert kinds == [
        "file_search_call",
        "code_interpreter_call",
        "image_generation_call",
        "message",
    ]
    turn = [
        {"role": "user", "content": QUESTION},
        *first["output"],
        {"role": "user", "content": "On."},
    ]
    second = api.create({**request, "input": turn})
    assert of(second, "file_search_call")["queries"] == ["On."]
    assert of(second, "image_generation_call")["action"] == "edit"
    calls = [of(response, "code_interpreter_call") for response in (first, second)]
    assert calls[0]["container_id"] == calls[1]["container_id"]


def test_items_are_the_sdk_s_when_its_streaming_helper_reads_them(client: OpenAI) -> None:
    """The helper's events carry the typed items, and its final response all of them."""
    tools: Any = [SEARCH, CODE, {**PAINT, "size": "256x256", "partial_images": 2}]
    with client.responses.stream(model="gpt-4o", input="Make a CSV file", tools=tools) as stream:
        names = [event.type for event in stream]
        final = stream.get_final_response()
    assert names.count("response.image_generation_call.partial_image") == 2
    assert [item.type for item in final.output] == [
        "file_search_call",
        "code_interpreter_call",
        "image_generation_call",
        "message",
    ]
    message = final.output[-1]
    assert message.type == "message"
    part = message.content[0]
    assert part.type == "output_text"
    kinds = [note.type for note in part.annotations]
    assert kinds == ["file_citation", "file_citation", "container_file_citation"]


def test_answers_repeat_when_a_server_starts_over(api: Api, mockserver: MockServer) -> None:
    """The same request gets the same search, program and image, byte for byte."""
    request = body(SEARCH)
    request["tools"] = [SEARCH, CODE, {**PAINT, "size": "256x256"}]
    first, other = api.create(request)["output"], api.create(request)["output"]
    mockserver.clear()
    assert api.create(request)["output"] == first
    assert other[2]["result"] != first[2]["result"]
