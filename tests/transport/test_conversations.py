"""Conversations: their items, and the responses that run in them."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx2
import openai
import pytest
from api import Api
from openai import AsyncOpenAI, OpenAI
from openai.types.conversations import (
    Conversation,
    ConversationDeletedResource,
    ConversationItemList,
)
from oracle import check_conversation_item, check_document

from mockserver import MockServer
from mockserver.clock import VirtualClock

Document = dict[str, Any]

ASK: Document = {"model": "gpt-4.1", "input": "hi"}
SCREENSHOT = {"type": "computer_screenshot", "image_url": "https://example.com/a.png"}
SOURCES = [{"type": "url", "url": "https://example.com"}]
EXIT = {"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}
KINDS: list[Document] = [
    {"role": "user", "content": "hello"},
    {"role": "assistant", "content": "hello", "phase": "commentary"},
    {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "x"}]},
    {"role": "user", "content": [{"type": "input_image", "image_url": "https://example.com/a"}]},
    {"role": "user", "content": [{"type": "input_file", "file_data": "data:text/plain;base64,aQ"}]},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c", "output": "1"},
    {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "x"},
    {"type": "custom_tool_call_output", "call_id": "c", "output": "1"},
    {
        "type": "web_search_call",
        "id": "ws_1",
        "action": {"type": "search", "query": "q", "queries": ["q"], "sources": SOURCES},
    },
    {"type": "file_search_call", "id": "fs_1", "queries": ["q"]},
    {"type": "code_interpreter_call", "id": "ci_1"},
    {"type": "image_generation_call", "id": "ig_1"},
    {"type": "computer_call", "call_id": "c", "action": {"type": "screenshot"}},
    {"type": "computer_call_output", "call_id": "c", "output": SCREENSHOT},
    {
        "type": "local_shell_call",
        "call_id": "c",
        "action": {"type": "exec", "command": ["ls"], "env": {}},
    },
    {"type": "local_shell_call_output", "id": "c", "output": "x"},
    {"type": "shell_call", "call_id": "c", "action": {"commands": ["ls"]}},
    {"type": "shell_call_output", "call_id": "c", "output": [EXIT]},
    {"type": "apply_patch_call", "call_id": "c", "operation": {"type": "delete_file", "path": "a"}},
    {"type": "apply_patch_call_output", "call_id": "c", "status": "completed"},
    {"type": "mcp_list_tools", "server_label": "s", "tools": []},
    {"type": "mcp_call", "server_label": "s", "name": "n", "arguments": "{}"},
    {"type": "mcp_approval_request", "server_label": "s", "name": "n", "arguments": "{}"},
    {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True},
    {"type": "tool_search_call", "arguments": {}},
    {"type": "tool_search_output", "tools": []},
    {"type": "reasoning", "summary": [], "encrypted_content": "secret"},
    {"type": "compaction", "encrypted_content": "secret"},
    {"type": "additional_tools", "role": "developer", "tools": [{"type": "web_search"}]},
    {"type": "configuration_update", "reasoning": {"effort": "low"}},
    {"type": "program", "call_id": "c", "code": "x"},
    {"type": "program_output", "call_id": "c", "result": "x"},
]


def start(api: Api, **body: Any) -> str:
    """Start a conversation; return its id."""
    response = api.request("POST", "/conversations", json=body)
    assert response.status_code == 200, response.text
    assert not check_document(response.json(), Conversation)
    id_: str = response.json()["id"]
    return id_


def items(api: Api, id_: str, **query: Any) -> list[Document]:
    """List items, the oldest first; every one must be strictly valid."""
    response = api.request("GET", f"/conversations/{id_}/items", params={"order": "asc", **query})
    assert response.status_code == 200, response.text
    page = response.json()
    assert list(page) == ["object", "data", "first_id", "has_more", "last_id"]
    if page["data"]:
        assert not check_document(page, ConversationItemList)
    assert not [problem for item in page["data"] for problem in check_conversation_item(item)]
    data: list[Document] = page["data"]
    return data


def words(item: Any) -> str:
    """Return the text of a message of the SDK."""
    text: str = item.content[0].text
    return text


def go_on(api: Api, id_: str) -> None:
    """Wait until an empty conversation is free; its first turn is then all there is."""
    deadline = time.monotonic() + 5
    while api.request("POST", "/responses", json={**ASK, "conversation": id_}).status_code == 400:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert said(items(api, id_)) == ["user", "assistant"]


def said(listed: list[Document]) -> list[str]:
    """Return who says something, in order."""
    return [item["role"] for item in listed]


def test_a_conversation_lives_from_create_to_delete(client: OpenAI) -> None:
    """It is created, fetched, given other metadata and deleted; after that it is 404."""
    made = client.conversations.create(metadata={"topic": "cats", "by": "me"})
    assert re.fullmatch("conv_[0-9a-f]{48}", made.id)
    assert int(made.id[5:13], 16) == made.created_at
    assert client.conversations.retrieve(made.id) == made
    changed = client.conversations.update(made.id, metadata={"topic": "dogs"})
    assert changed.metadata == {"topic": "dogs"}
    assert client.conversations.update(made.id, metadata=None).metadata == {}
    deleted = client.conversations.delete(made.id)
    assert not check_document(deleted.to_dict(), ConversationDeletedResource)
    for call in (client.conversations.retrieve, client.conversations.delete):
        with pytest.raises(openai.NotFoundError, match=f"Conversation with id '{made.id}' not"):
            call(made.id)


def test_a_conversation_needs_no_body(api: Api) -> None:
    """An empty body makes an empty conversation."""
    response = api.request("POST", "/conversations")
    assert list(response.json()) == ["id", "object", "created_at", "metadata"]
    assert items(api, response.json()["id"]) == []


def test_equal_requests_make_different_conversations_the_same_way_again(
    mockserver: MockServer, api: Api
) -> None:
    """Ids differ within a run, and come back when the server is cleared."""
    first = [start(api), start(api)]
    assert first[0] != first[1]
    mockserver.clear()
    assert [start(api), start(api)] == first


def test_items_are_added_fetched_and_removed(client: OpenAI) -> None:
    """Added items get ids of the conversation's layout, and a removal answers the conversation."""
    conversation = client.conversations.create(items=[{"role": "user", "content": "first"}])
    added = client.conversations.items.create(
        conversation.id,
        items=[{"role": "user", "content": "second"}, {"role": "assistant", "content": "third"}],
    )
    assert [words(item) for item in added.data] == ["second", "third"]
    second = added.data[0]
    assert re.fullmatch(f"msg_[0-9a-f]{{32}}{conversation.id[-16:]}", str(second.id))
    got = client.conversations.items.retrieve(str(second.id), conversation_id=conversation.id)
    assert got == second
    left = client.conversations.items.delete(str(second.id), conversation_id=conversation.id)
    assert left == conversation
    listed = client.conversations.items.list(conversation.id)
    assert [words(item) for item in listed] == ["third", "first"]
    with pytest.raises(openai.NotFoundError, match="not found in conversation"):
        client.conversations.items.retrieve(str(second.id), conversation_id=conversation.id)
    with pytest.raises(openai.NotFoundError, match="not found in conversation"):
        client.conversations.items.delete(str(second.id), conversation_id=conversation.id)


def test_the_sdk_pages_through_items(client: OpenAI) -> None:
    """Pages of two join to the whole, in both orders."""
    messages: Any = [{"role": "user", "content": str(number)} for number in range(5)]
    conversation = client.conversations.create(items=messages)
    for order, expected in (("asc", "01234"), ("desc", "43210")):
        pages = client.conversations.items.list(conversation.id, limit=2, order=order)  # type: ignore[arg-type]
        assert "".join(words(item) for item in pages) == expected


async def test_the_asynchronous_sdk_talks_in_a_conversation(async_client: AsyncOpenAI) -> None:
    """Two turns of the async client come to four items."""
    conversation = await async_client.conversations.create()
    for text in ("one", "two"):
        await async_client.responses.create(
            model="gpt-4.1", input=text, conversation=conversation.id
        )
    listed = [item async for item in async_client.conversations.items.list(conversation.id)]
    assert [item.to_dict()["role"] for item in listed] == ["assistant", "user"] * 2


@pytest.mark.parametrize("item", KINDS, ids=lambda item: item.get("type", item.get("role")))
def test_items_of_every_kind_are_listed_as_the_types_say(api: Api, item: Document) -> None:
    """Whatever was left out of an item is there when it is listed, with all of it or the usual."""
    id_ = start(api)
    response = api.request("POST", f"/conversations/{id_}/items", json={"items": [item]})
    assert response.status_code == 200, response.text
    (listed,) = items(api, id_)
    assert response.json()["data"] == [listed]
    whole = items(api, id_, include="message.input_image.image_url,reasoning.encrypted_content")
    assert [each["id"] for each in whole] == [listed["id"]]


def test_a_wish_to_compact_does_not_stay(api: Api) -> None:
    """A compaction trigger is no part of a conversation."""
    assert items(api, start(api, items=[{"type": "compaction_trigger"}])) == []


@pytest.mark.parametrize("spelling", ["include", "include[]", "include[0]"])
def test_pictures_show_when_they_are_included(api: Api, spelling: str) -> None:
    """Without ``include`` the URL of an image is null, as recorded; the item keeps it."""
    image = {"type": "input_image", "image_url": "https://example.com/a.png"}
    id_ = start(api, items=[{"role": "user", "content": [image]}])
    (hidden,) = items(api, id_)
    assert hidden["content"][0]["image_url"] is None
    query = {spelling: "message.input_image.image_url"}
    (whole,) = items(api, id_, **query)
    assert whole["content"][0]["image_url"] == image["image_url"]
    path = f"/conversations/{id_}/items/{whole['id']}"
    assert api.request("GET", path).json() == hidden
    assert api.request("GET", path, params=query).json() == whole


@pytest.mark.parametrize(
    ("item", "name", "where"),
    [
        (KINDS[9], "web_search_call.action.sources", ("action", "sources")),
        (KINDS[14], "computer_call_output.output.image_url", ("output", "image_url")),
        (KINDS[27], "reasoning.encrypted_content", ("encrypted_content",)),
        (
            {**KINDS[11], "outputs": [{"type": "logs", "logs": "1"}]},
            "code_interpreter_call.outputs",
            ("outputs",),
        ),
        (
            {**KINDS[10], "results": [{"file_id": "f", "text": "x"}]},
            "file_search_call.results",
            ("results",),
        ),
    ],
)
def test_what_may_be_included_is_hidden_otherwise(
    api: Api, item: Document, name: str, where: tuple[str, ...]
) -> None:
    """Each value of ``include`` shows its part of the item."""
    id_ = start(api, items=[item])
    for include, shows in (((), False), ((name,), True)):
        (found,) = items(api, id_, **{"include[]": include})
        for key in where:
            found = found.get(key)  # type: ignore[assignment]
        assert bool(found) is shows


@pytest.mark.parametrize(
    ("method", "path", "body", "param", "code"),
    [
        ("POST", "", {"item": []}, "item", "unknown_parameter"),
        ("POST", "", {"items": "hi"}, "items", "invalid_type"),
        ("POST", "", {"items": [{"type": "message", "content": "x"}]}, "items[0]", "invalid_value"),
        ("POST", "", {"items": [{"type": "nothing"}]}, "items[0]", "invalid_value"),
        ("POST", "", {"items": [KINDS[0]] * 21}, "items", "array_above_max_length"),
        ("POST", "", {"metadata": {"k": 1}}, "metadata.k", "invalid_type"),
        (
            "POST",
            "",
            {"metadata": {str(n): "" for n in range(17)}},
            "metadata",
            "object_above_max_properties",
        ),
        ("POST", "/ID", {}, "metadata", "missing_required_parameter"),
        ("POST", "/ID", {"metadata": {"k": "v" * 513}}, "metadata.k", "string_above_max_length"),
        ("POST", "/ID/items", {}, "items", "missing_required_parameter"),
        ("POST", "/ID/items", {"items": None}, "items", "invalid_type"),
        ("POST", "/ID/items", {"items": [KINDS[0]] * 21}, "items", "array_above_max_length"),
        ("POST", "/ID/items?include[]=all", {"items": []}, "include[0]", "invalid_value"),
        ("GET", "/ID/items?limit=101", None, "limit", "integer_above_max_value"),
        ("GET", "/ID/items?order=up", None, "order", "invalid_value"),
        ("GET", "/ID/items/msg_1?include=x", None, "include[0]", "invalid_value"),
    ],
)
def test_a_bad_request_is_refused(
    api: Api, method: str, path: str, body: Any, param: str, code: str
) -> None:
    """What the API refuses is told with its parameter and code (api-contract §9.4)."""
    id_ = start(api)
    response = api.request(method, "/conversations" + path.replace("ID", id_), json=body)
    error = response.json()["error"]
    assert (response.status_code, error["param"], error["code"]) == (400, param, code)


@pytest.mark.parametrize("path", ["", "/items", "/items/msg_1"])
def test_an_unknown_conversation_is_not_found(api: Api, path: str) -> None:
    """Every endpoint says which conversation is missing."""
    response = api.request("GET", f"/conversations/conv_x{path}")
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "Conversation with id 'conv_x' not found."
    refused = api.refused({**ASK, "conversation": "conv_x"})
    assert (refused["status"], refused["param"], refused["code"]) == (404, None, None)
    assert api.refused({"items": []}, path="/conversations/conv_x/items")["status"] == 404
    assert api.refused({"metadata": {}}, path="/conversations/conv_x")["status"] == 404


def test_an_unknown_cursor_is_not_found(api: Api) -> None:
    """A page after an item that is not there is 404."""
    response = api.request("GET", f"/conversations/{start(api)}/items", params={"after": "msg_x"})
    assert response.status_code == 404


@pytest.mark.mockserver(validation="off")
def test_without_validation_what_can_be_kept_is_kept(api: Api) -> None:
    """Broken items and metadata are left out, and nothing is refused."""
    id_ = start(api, items=[KINDS[0], 5, {"type": "message"}], metadata=[], more=1)
    assert said(items(api, id_)) == ["user"]


@pytest.mark.parametrize("by", ["id", "object"])
@pytest.mark.parametrize("way", ["json", "stream"])
def test_a_response_goes_on_from_its_conversation(api: Api, by: str, way: str) -> None:
    """Input and output join the conversation, whose items count as input of the next turn."""
    id_ = start(api, items=[{"role": "developer", "content": "Be brief."}])
    body = {**ASK, "conversation": id_ if by == "id" else {"id": id_}}
    create = api.create if way == "json" else lambda body: api.stream(body)[-1]["response"]
    first, second = create(body), create(body)
    for response in (first, second):
        assert response["conversation"] == {"id": id_}
        assert response["previous_response_id"] is None
        assert response["id"].startswith(f"resp_{id_[-16:]}")
    assert second["created_at"] > first["completed_at"]
    grown = first["usage"]["input_tokens"] + first["usage"]["output_tokens"]
    assert second["usage"]["input_tokens"] >= grown
    listed = items(api, id_)
    assert said(listed) == ["developer", "user", "assistant", "user", "assistant"]
    assert [listed[2], listed[4]] == [first["output"][0], second["output"][0]]
    assert api.retrieve(second["id"])["output"] == second["output"]


def test_input_tokens_count_the_conversation(api: Api) -> None:
    """The count of a request in a conversation is what a create of it reports."""
    body = {**ASK, "conversation": start(api, items=[KINDS[0]])}
    counted = api.request("POST", "/responses/input_tokens", json=body).json()["input_tokens"]
    assert counted == api.create(body)["usage"]["input_tokens"]
    assert counted > api.create(ASK)["usage"]["input_tokens"]


def test_input_items_of_a_response_show_the_conversation_before_it(api: Api) -> None:
    """What was said before is listed with the ids it has there; what came later is not."""
    id_ = start(api, items=[KINDS[0]])
    first = api.create({**ASK, "conversation": id_})
    api.create({**ASK, "conversation": id_})
    assert api.input_items(first["id"], order="asc")["data"] == items(api, id_)[:2]
    forked = api.create({**ASK, "previous_response_id": first["id"]})
    listed = api.input_items(forked["id"], order="asc")["data"]
    assert listed[:3] == items(api, id_)[:3]
    assert said(listed) == ["user", "user", "assistant", "user"]


def test_a_call_in_the_conversation_wants_its_output(api: Api) -> None:
    """A tool loop needs only the output; without it the next turn is refused (§7.3)."""
    tools = [{"type": "function", "name": "f", "parameters": None, "strict": False}]
    body = {**ASK, "conversation": start(api), "tools": tools}
    (call,) = api.create({**body, "tool_choice": "required"})["output"]
    assert "No tool output found" in api.refused(body)["message"]
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "18"}
    assert api.create({**body, "input": [output]})["output"][0]["type"] == "message"


def test_what_is_not_to_be_stored_is_still_said(api: Api) -> None:
    """``store: false`` keeps the response from being fetched, not from the conversation."""
    id_ = start(api)
    response = api.create({**ASK, "conversation": id_, "store": False})
    assert api.request("GET", f"/responses/{response['id']}").status_code == 404
    assert said(items(api, id_)) == ["user", "assistant"]


def test_items_outlive_their_response_and_their_conversation(api: Api) -> None:
    """Deleting a response takes nothing out; items of a deleted conversation can be referred to."""
    id_ = start(api, items=[KINDS[0]])
    response = api.create({**ASK, "conversation": id_})
    api.request("DELETE", f"/responses/{response['id']}")
    listed = items(api, id_)
    assert said(listed) == ["user", "user", "assistant"]
    api.request("DELETE", f"/conversations/{id_}")
    other = start(api, items=[{"type": "item_reference", "id": item["id"]} for item in listed])
    assert items(api, other) == listed


def test_an_item_cannot_be_said_twice(api: Api) -> None:
    """An item that the conversation has is a duplicate, in full or by reference."""
    id_ = start(api)
    item = api.create({**ASK, "conversation": id_})["output"][0]
    for again in (item, {"type": "item_reference", "id": item["id"]}):
        for refused in (
            api.refused({**ASK, "input": [again], "conversation": id_}),
            api.refused({"items": [again]}, path=f"/conversations/{id_}/items"),
        ):
            assert (refused["status"], refused["code"]) == (400, None)
            assert refused["message"].startswith(f"Duplicate item found with id {item['id']}.")


def test_an_unknown_reference_is_not_found(api: Api) -> None:
    """A reference to nothing is 404 in a conversation as it is in a response."""
    refused = api.refused({"items": [{"id": "msg_x"}]}, path="/conversations")
    assert refused["status"] == 404


@pytest.mark.parametrize(
    ("scenario", "status", "count"),
    [
        ("failed", "failed", 0),
        ("cancelled", "in_progress", 0),
        ("incomplete", "incomplete", 2),
        ("refusal", "completed", 2),
        ("http:500", None, 0),
    ],
)
@pytest.mark.mockserver(queued_seconds=0, in_progress_seconds=0.02)
def test_what_becomes_of_a_run_decides_what_stays(
    api: Api, scenario: str, status: str | None, count: int
) -> None:
    """A failed run leaves nothing and locks nothing; one that was cut short leaves what it said."""
    id_ = start(api)
    body = {**ASK, "conversation": id_}
    response = api.request("POST", "/responses", json=body, headers={"x-mock-scenario": scenario})
    assert response.json().get("status") == status
    time.sleep(0.03)
    assert len(items(api, id_)) == count
    api.create({**ASK, "conversation": id_})
    assert len(items(api, id_)) == count + 2


async def test_a_background_run_locks_its_conversation_until_it_ends() -> None:
    """While it runs nothing shows and nothing is added; at its end all of it is there."""
    clock = VirtualClock()
    async with (
        MockServer(clock=clock) as server,
        AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0) as sdk,
    ):
        id_ = (await sdk.conversations.create()).id
        run = await sdk.responses.create(**ASK, conversation=id_, background=True)
        for step in (0.0, 0.5):
            clock.advance(step)
            with pytest.raises(openai.BadRequestError) as refused:
                await sdk.responses.create(**ASK, conversation=id_)
            assert (refused.value.code, refused.value.param) == (
                "conversation_locked",
                "conversation",
            )
            with pytest.raises(openai.BadRequestError, match="Another process"):
                await sdk.conversations.items.create(id_, items=[{"role": "user", "content": "x"}])
            assert (await sdk.conversations.items.list(id_)).data == []
        clock.advance(0.5)
        assert (await sdk.responses.retrieve(run.id)).status == "completed"
        assert len((await sdk.conversations.items.list(id_)).data) == 2
        after = await sdk.responses.create(**ASK, conversation=id_)
        assert len((await sdk.responses.input_items.list(after.id)).data) == 3


@pytest.mark.parametrize("how", ["cancel", "delete"])
def test_a_run_that_is_given_up_frees_its_conversation(api: Api, how: str) -> None:
    """A background run that would last for ever leaves nothing when it is stopped."""
    id_ = start(api)
    body = {**ASK, "conversation": id_, "background": True}
    run = api.create(body, scenario="queued")
    assert api.refused(body)["code"] == "conversation_locked"
    path = f"/responses/{run['id']}"
    if how == "cancel":
        api.request("POST", f"{path}/cancel")
    else:
        api.request("DELETE", path)
    assert items(api, id_) == []
    api.create({**ASK, "conversation": id_})
    assert said(items(api, id_)) == ["user", "assistant"]


def test_a_paced_stream_locks_its_conversation(api: Api) -> None:
    """A foreground run holds the conversation until its last event."""
    id_ = start(api)
    body = {**ASK, "conversation": id_, "stream": True}
    headers = {"x-mock-scenario": "ttft:300ms"}
    seen = []
    with api._client.stream("POST", "/responses", json=body, headers=headers) as response:
        for line in response.iter_lines():
            if line == "event: response.created":
                seen.append(api.refused({**ASK, "conversation": id_})["code"])
                assert items(api, id_) == []
    assert seen == ["conversation_locked"]
    assert said(items(api, id_)) == ["user", "assistant"]


def test_a_stream_that_its_client_leaves_frees_the_conversation(api: Api) -> None:
    """When the client has gone, the run is given up: it leaves nothing, and others may go on."""
    id_ = start(api)
    body = {**ASK, "conversation": id_, "stream": True}
    headers = {"x-mock-scenario": "tps:2"}
    with api._client.stream("POST", "/responses", json=body, headers=headers) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: response.created"
        assert api.refused({**ASK, "conversation": id_})["code"] == "conversation_locked"
    go_on(api, id_)


def test_an_answer_that_its_client_does_not_wait_for_frees_the_conversation(api: Api) -> None:
    """A client that gives up before its JSON is there leaves nothing either."""
    id_ = start(api)
    body = {**ASK, "conversation": id_}
    headers = {"x-mock-scenario": "ttft:60s"}
    with pytest.raises(httpx2.TimeoutException):
        api.request("POST", "/responses", json=body, headers=headers, timeout=0.2)
    go_on(api, id_)


def test_two_contexts_are_one_too_many(api: Api) -> None:
    """A conversation and a previous response exclude one another."""
    first = api.create(ASK)
    body = {**ASK, "conversation": start(api), "previous_response_id": first["id"]}
    assert api.refused(body)["code"] == "mutually_exclusive_parameters"


def test_conversations_of_namespaces_do_not_meet(mockserver: MockServer, api: Api) -> None:
    """Another namespace has conversations of its own."""
    id_ = start(api)
    with Api(mockserver.url_for("other")) as other:
        assert other.request("GET", f"/conversations/{id_}").status_code == 404
        assert said(items(other, start(other, items=[KINDS[0]]))) == ["user"]
