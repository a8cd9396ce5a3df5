"""Scripts of which each conversation has its own way through the steps."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from mockserver import MockServer

MODEL = "gpt-4.1"
STEPS = ("One.", "Two.", "Three.")


@pytest.fixture
def scripted(mockserver: MockServer) -> MockServer:
    """A server with three steps for each conversation."""
    mockserver.script(*STEPS, name="steps", per="conversation")
    return mockserver


def ask(client: OpenAI, text: Any = "hi", **more: Any) -> Any:
    """Ask for a response."""
    return client.responses.create(model=MODEL, input=text, **more)


def test_chains_have_positions_of_their_own(scripted: MockServer, client: OpenAI) -> None:
    """Two conversations that say the same, turn about, each hear every step."""
    heard: dict[str, list[str]] = {"a": [], "b": []}
    latest: dict[str, str | None] = {"a": None, "b": None}
    for name in ("a", "b", "b", "a", "b", "a"):
        response = ask(client, previous_response_id=latest[name])
        latest[name] = response.id
        heard[name].append(response.output_text)
    assert heard == {"a": list(STEPS), "b": list(STEPS)}
    assert [call.rule for call in scripted.calls][:3] == [
        "steps, step 1",
        "steps, step 1",
        "steps, step 2",
    ]
    scripted.assert_script_done()
    assert ask(client, previous_response_id=latest["a"]).output_text not in STEPS


def test_conversation_objects_have_positions_of_their_own(
    scripted: MockServer, client: OpenAI
) -> None:
    """The id decides, whatever is said, and by name or by mapping."""
    one, two = client.conversations.create().id, client.conversations.create().id
    named: tuple[Any, ...] = (one, two, {"id": one}, {"id": two}, one, two)
    heard = [ask(client, conversation=each).output_text for each in named]
    assert heard == ["One.", "One.", "Two.", "Two.", "Three.", "Three."]


def test_histories_have_positions_by_what_they_begin_with(
    scripted: MockServer, client: OpenAI
) -> None:
    """A client that keeps the history itself goes on where that conversation stands."""
    histories: dict[str, list[Any]] = {
        name: [{"role": "user", "content": f"I am {name}"}] for name in ("a", "b")
    }
    heard: dict[str, list[str]] = {"a": [], "b": []}
    for name in ("a", "b", "b", "a", "a", "b"):
        response = ask(client, histories[name], store=False)
        heard[name].append(response.output_text)
        histories[name] += [item.to_dict() for item in response.output]
        histories[name].append({"role": "user", "content": "go on"})
    assert heard == {"a": list(STEPS), "b": list(STEPS)}


def test_without_the_option_all_share_one_position(mockserver: MockServer, client: OpenAI) -> None:
    """A script goes on by one step a request, whoever asks."""
    mockserver.script(*STEPS)
    first = ask(client)
    assert [first.output_text, ask(client).output_text] == ["One.", "Two."]
    assert ask(client, previous_response_id=first.id).output_text == "Three."


async def test_retries_stay_in_their_conversations(mockserver: MockServer) -> None:
    """An error at the first step or a later one is met once by each of those side by side."""
    failing = {"flags": "http:429,retry_after:0"}
    mockserver.script(failing, "One.", failing, "Two.", per="conversation")

    async def talk(text: str) -> list[str]:
        async with AsyncOpenAI(base_url=mockserver.url, api_key="x", max_retries=1) as client:
            first = await client.responses.create(model=MODEL, input=text)
            second = await client.responses.create(
                model=MODEL, input="go on", previous_response_id=first.id
            )
            return [first.output_text, second.output_text]

    assert await asyncio.gather(*map(talk, "abcde")) == [["One.", "Two."]] * 5
    mockserver.assert_script_done()


def test_a_first_request_that_is_sent_again_by_hand_is_the_same_conversation(
    mockserver: MockServer, client: OpenAI
) -> None:
    """An application that catches the error and asks anew is no new conversation."""
    mockserver.script({"flags": "http:500"}, "One.", "Two.", per="conversation")
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            ask(client)
        first = ask(client)
        second = ask(client, "go on", previous_response_id=first.id)
        assert [first.output_text, second.output_text] == ["One.", "Two."]


def test_a_connection_that_breaks_is_retried_in_its_conversation(mockserver: MockServer) -> None:
    """The library's own retry says that it is one."""
    mockserver.script({"reply": "Lost.", "flags": "reset"}, "One.", per="conversation")
    with OpenAI(base_url=mockserver.url, api_key="x", max_retries=1) as client:
        for _ in range(2):
            assert ask(client).output_text == "One."


def test_what_a_step_leaves_to_others_is_part_of_the_conversation(
    mockserver: MockServer, client: OpenAI
) -> None:
    """After a turn that something else has answered the script goes on where it was."""
    mockserver.script("One.", {"match": {"input": "now"}, "reply": "Two."}, per="conversation")
    mockserver.rules({"reply": "Elsewhere."})
    first = ask(client)
    between = ask(client, "not yet", previous_response_id=first.id)
    between = ask(client, "nor yet", previous_response_id=between.id)
    other = ask(client)
    last = ask(client, "now", previous_response_id=between.id)
    said = [each.output_text for each in (first, between, other, last)]
    assert said == ["One.", "Elsewhere.", "One.", "Two."]


def test_what_is_left_is_told_by_conversation(scripted: MockServer, client: OpenAI) -> None:
    """Each that has begun has to be done, and one at least."""
    with pytest.raises(AssertionError, match="steps, step 1 has not been used\n"):
        scripted.assert_script_done()
    first = ask(client)
    second = ask(client)
    for text in ("b", "c"):
        second = ask(client, text, previous_response_id=second.id)
    with pytest.raises(AssertionError) as told:
        scripted.assert_script_done()
    assert str(told.value).splitlines()[1:] == [
        "steps, step 2 has not been used in conversation 1",
        "steps, step 3 has not been used in conversation 1",
    ]
    for text in ("b", "c"):
        first = ask(client, text, previous_response_id=first.id)
    scripted.assert_script_done()


def test_rounds_are_counted_by_conversation(mockserver: MockServer, client: OpenAI) -> None:
    """A script that loops begins anew for the conversation that is at its end."""
    mockserver.script("One.", "Two.", loop=True, per="conversation")
    response = ask(client)
    heard = [response.output_text]
    for _ in range(3):
        response = ask(client, "go on", previous_response_id=response.id)
        heard.append(response.output_text)
        assert ask(client).output_text == "One."
    assert heard == ["One.", "Two.", "One.", "Two."]


def test_namespaces_and_resets_begin_afresh(scripted: MockServer, client: OpenAI) -> None:
    """A conversation is one of its namespace, and is gone when that forgets."""
    named = client.conversations.create().id
    assert ask(client, conversation=named).output_text == "One."
    scripted.script("Other.", per="conversation", namespace="other")
    with OpenAI(base_url=scripted.url_for("other"), api_key="x") as other:
        assert ask(other).output_text == "Other."
    scripted.clear()
    scripted.script(*STEPS, per="conversation")
    again = client.conversations.create().id
    assert again == named  # the same seed
    assert ask(client, conversation=again).output_text == "One."


async def test_connections_without_storage_have_positions_of_their_own(
    scripted: MockServer,
) -> None:
    """Over WebSockets, streams of two connections go through the steps side by side."""

    async def turn(socket: aiohttp.ClientWebSocketResponse, **more: Any) -> dict[str, Any]:
        create = {"type": "response.create", "model": MODEL, "input": "hi", "store": False}
        await socket.send_json({**create, **more})
        while True:
            event: dict[str, Any] = json.loads(await socket.receive_str(timeout=20))
            if event["type"] == "response.completed":
                response: dict[str, Any] = event["response"]
                return response

    url = f"{scripted.url}/responses"
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(url) as one, http.ws_connect(url) as two:
            found = {one: [await turn(one)], two: [await turn(two)]}
            for socket in (two, one, one, two):
                found[socket].append(
                    await turn(socket, previous_response_id=found[socket][-1]["id"])
                )
    for responses in found.values():
        said = [each["output"][0]["content"][0]["text"] for each in responses]
        assert said == list(STEPS)
