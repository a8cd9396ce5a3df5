"""What the server remembers: stored responses, chains, forks, input items."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from api import Api
from openai import OpenAI
from oracle import check_conversation_item
from samples import request


def ask(api: Api, text: str, parent: str | None = None, **options: Any) -> dict[str, Any]:
    return api.create(
        {"model": "gpt-4.1", "input": text, "previous_response_id": parent, **options}
    )


def test_a_get_returns_the_body_of_the_post(api: Api) -> None:
    """A stored response is, field for field, what the create answered."""
    created = ask(api, "hi")
    assert api.retrieve(created["id"]) == created


def test_a_deleted_response_is_gone(client: OpenAI) -> None:
    """After a delete, a GET and a second delete are 404."""
    response = client.responses.create(model="gpt-4.1", input="hi")
    client.responses.delete(response.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.delete(response.id)


def test_what_is_not_to_be_stored_is_not(client: OpenAI) -> None:
    """``store: false`` can neither be fetched nor continued."""
    response = client.responses.create(model="gpt-4.1", input="hi", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="gpt-4.1", input="on", previous_response_id=response.id)
    assert refused.value.code == "previous_response_not_found"


def test_ids_of_a_chain_share_their_seed_and_go_on_in_time(api: Api) -> None:
    """Later responses carry the 16 digits of the first, and are younger."""
    first = ask(api, "one")
    second = ask(api, "two", first["id"])
    assert second["id"][5:21] == first["id"][5:21]
    assert second["output"][0]["id"][4:20] == first["id"][5:21]
    assert second["created_at"] > first["completed_at"]
    assert ask(api, "three")["id"][5:21] != first["id"][5:21]


def test_a_response_may_be_continued_twice(api: Api) -> None:
    """Forks of one parent have the parent's input and their own, not each other's."""
    root = ask(api, "root")
    left, right = ask(api, "left", root["id"]), ask(api, "right", root["id"])
    for fork, text in ((left, "left"), (right, "right")):
        items = api.input_items(fork["id"], order="asc")["data"]
        said = [item["content"][0]["text"] for item in items if item["role"] == "user"]
        assert said == ["root", text]


def test_instructions_are_not_inherited(api: Api) -> None:
    """A later turn does not take over the instructions of an earlier one."""
    first = ask(api, "one", instructions="Be brief.")
    assert ask(api, "two", first["id"])["instructions"] is None


def test_input_items_are_listed_newest_first(api: Api) -> None:
    """A chain lists its whole context; inherited output items keep their ids."""
    first = ask(api, "one")
    second = ask(api, "two", first["id"])
    listed = api.input_items(second["id"])["data"]
    assert [item["role"] for item in listed] == ["user", "assistant", "user"]
    assert listed[0]["content"] == [{"type": "input_text", "text": "two"}]
    assert listed[1] == first["output"][0]
    assert listed[2] == api.input_items(first["id"])["data"][0]


def test_input_items_of_every_sort_are_valid(api: Api) -> None:
    """Messages of all roles, pictures, calls and their outputs are listed as the types say."""
    first = api.create(request("tools"))
    call = first["output"][0]
    items = [
        *request("conversation")["input"],
        {"role": "assistant", "content": "A cat."},
        call,
        {"type": "function_call_output", "call_id": call["call_id"], "output": "18"},
    ]
    response = api.create({"model": "gpt-4.1", "input": items, "tools": request("tools")["tools"]})
    listed = api.input_items(response["id"], order="asc")["data"]
    assert [item["type"] for item in listed] == [
        "message",
        "message",
        "message",
        "function_call",
        "function_call_output",
    ]
    assert listed[3] == call


PICTURE = {"type": "input_image", "image_url": "https://example.com/a.png"}
PAPER = {"type": "input_file", "filename": "a.txt", "file_data": "data:text/plain;base64,aGk="}


def test_a_listing_hides_what_is_not_to_be_included(api: Api) -> None:
    """The URL of a picture and the bytes of a file are hidden, as recorded."""
    content = [{"type": "input_text", "text": "Which?"}, PAPER, PICTURE]
    made = api.create({"model": "gpt-4.1", "input": [{"role": "user", "content": content}]})
    (message,) = api.input_items(made["id"])["data"]
    assert message["content"] == [
        {"type": "input_text", "text": "Which?"},
        {"type": "input_file", "file_id": None, "filename": "a.txt"},
        {"type": "input_image", "detail": "auto", "file_id": None, "image_url": None},
    ]
    query = {"include[]": "message.input_image.image_url"}
    (whole,) = api.input_items(made["id"], **query)["data"]
    assert whole["content"][2]["image_url"] == PICTURE["image_url"]
    assert "file_data" not in whole["content"][1]


def test_a_listing_completes_the_parts_of_an_output(api: Api) -> None:
    """A picture that a function gave is listed with all its keys, as one of a message is."""
    call = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": [PICTURE]}
    made = api.create({"model": "gpt-4.1", "input": [call, output]})
    last, _ = api.input_items(made["id"])["data"]
    assert last["output"] == [{**PICTURE, "detail": "auto", "file_id": None}]


def test_a_search_without_its_action_is_listed_with_one(api: Api) -> None:
    """The API tells a search that was cut off without one, and takes it back so."""
    search = {"type": "web_search_call", "id": "ws_1", "status": "incomplete"}
    made = api.create({"model": "gpt-4.1", "input": [search, {"role": "user", "content": "on"}]})
    _, listed = api.input_items(made["id"])["data"]
    assert listed == {**search, "action": {"type": "search"}}


def test_tools_that_a_client_loads_are_listed_as_the_api_shows_them(api: Api) -> None:
    """Functions are completed and secrets left out, in input items and in conversations."""
    server = {"type": "mcp", "server_label": "wiki", "server_url": "https://mcp.example.com"}
    tools = [{"type": "function", "name": "look"}, {**server, "authorization": "secret"}]
    items = [
        {"type": "tool_search_call", "call_id": "call_1", "execution": "client", "arguments": {}},
        {"type": "tool_search_output", "call_id": "call_1", "execution": "client", "tools": tools},
        {"type": "additional_tools", "role": "developer", "tools": tools},
    ]
    talk = api.request("POST", "/conversations", json={"items": items}).json()
    listed = api.request("GET", f"/conversations/{talk['id']}/items").json()["data"]
    assert not [problem for item in listed for problem in check_conversation_item(item)]
    made = api.create({"model": "gpt-4.1", "input": items, "tools": [{"type": "tool_search"}]})
    for item in (*listed[:2], *api.input_items(made["id"])["data"][:2]):
        function, other = item["tools"]
        assert function["strict"] is True
        assert other == server


def test_a_listing_refuses_to_include_what_nothing_is_hidden_by(api: Api) -> None:
    """A value of ``include`` that is not known is the API's 400."""
    made = ask(api, "hi")
    response = api.request("GET", f"/responses/{made['id']}/input_items?include=everything")
    error = response.json()["error"]
    assert (response.status_code, error["param"], error["code"]) == (
        400,
        "include[0]",
        "invalid_value",
    )


def test_the_sdk_pages_through_input_items(client: OpenAI) -> None:
    """Pages of two join to the whole, in both orders."""
    messages: Any = [{"role": "user", "content": str(number)} for number in range(5)]
    response = client.responses.create(model="gpt-4.1", input=messages)
    for order, expected in (("asc", "01234"), ("desc", "43210")):
        pages = client.responses.input_items.list(response.id, limit=2, order=order)  # type: ignore[arg-type]
        assert "".join(item.content[0].text for item in pages) == expected  # type: ignore[union-attr]


def test_reasoning_is_not_taken_back_without_what_followed_it(api: Api) -> None:
    """A client that trims its history in the middle of a turn learns it as from the API."""
    output = api.create({"model": "gpt-5", "input": "hi"})["output"]
    again = {"model": "gpt-5", "input": [*output, {"role": "user", "content": "on"}]}
    assert api.create(again)["status"] == "completed"
    del again["input"][1]
    refused = api.request("POST", "/responses", json=again)
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == (
        f"Item '{output[0]['id']}' of type 'reasoning' was provided without its required "
        "following item."
    )


def test_what_followed_reasoning_is_not_taken_back_without_it(api: Api) -> None:
    """The server knows which item had which; without its id an item is a new one."""
    tools = request("tools")["tools"]
    thought, call = api.create({"model": "gpt-5", "input": "hi", "tools": tools})["output"]
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "18"}
    again = {"model": "gpt-5", "input": [{"role": "user", "content": "hi"}, call, output]}
    refused = api.request("POST", "/responses", json=again)
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == (
        f"Item '{call['id']}' of type 'function_call' was provided without its required "
        f"'reasoning' item: '{thought['id']}'."
    )
    again["input"].insert(1, thought)
    assert api.create(again)["status"] == "completed"
    again["input"] = [{key: call[key] for key in call if key != "id"}, output]
    assert api.create(again)["status"] == "completed"


def test_an_item_reference_stands_for_the_item(api: Api) -> None:
    """A reference to a stored item is as good as the item."""
    first = ask(api, "one")
    reference = {"type": "item_reference", "id": first["output"][0]["id"]}
    body = {"model": "gpt-4.1", "input": [reference, {"role": "user", "content": "go on"}]}
    assert api.create(body)["status"] == "completed"


@pytest.mark.mockserver(max_responses=3)
def test_the_oldest_responses_make_room(api: Api) -> None:
    """Past the limit the oldest response is forgotten."""
    ids = [ask(api, str(number))["id"] for number in range(4)]
    assert api.request("GET", f"/responses/{ids[0]}").status_code == 404
    assert [api.retrieve(id_)["id"] for id_ in ids[1:]] == ids[1:]
