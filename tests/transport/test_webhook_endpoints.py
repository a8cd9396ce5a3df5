"""Webhook endpoints: made, listed, changed, given other secrets, tried and deleted."""

from __future__ import annotations

from base64 import b64decode
from typing import Any, get_args, get_type_hints

import openai
import pytest
from api import Api
from openai import AsyncOpenAI, OpenAI
from openai.types.webhooks import (
    DeletedWebhookEndpoint,
    WebhookEndpoint,
    WebhookEndpointList,
    WebhookEndpointTestResult,
    WebhookEndpointWithSecret,
    WebhookEventTypeList,
)
from openai.types.webhooks.webhook_test_params import WebhookTestParams
from oracle import check_document

from mockserver import MockServer
from mockserver.absence import Refusal
from mockserver.clock import VirtualClock
from mockserver.seed import Draw
from mockserver.store import MemoryStore
from mockserver.webhooks import Webhooks

PATH = "/webhook_endpoints"
BODY: dict[str, Any] = {
    "name": "runs",
    "url": "https://example.com/hook",
    "event_types": ["response.completed", "response.failed"],
}


def make(api: Api, **parts: Any) -> dict[str, Any]:
    """Make an endpoint; the answer must be strictly valid."""
    response = api.request("POST", PATH, json={**BODY, **parts})
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    assert not check_document(document, WebhookEndpointWithSecret)
    return document


def test_an_endpoint_shows_its_secret_once(api: Api) -> None:
    """The answer to the create has the secret, of 32 bytes; a GET has a hint of it."""
    made = make(api)
    prefix, _, key = made.pop("signing_secret").partition("_")
    assert (prefix, len(b64decode(key, validate=True))) == ("whsec", 32)
    assert made["signing_secret_hint"].endswith(key[-4:])
    assert made["updated_at"] == made["created_at"]
    assert {key: made[key] for key in BODY} == BODY
    got = api.request("GET", f"{PATH}/{made['id']}").json()
    assert not check_document(got, WebhookEndpoint)
    assert got == made


def test_the_sdk_changes_an_endpoint(client: OpenAI) -> None:
    """An update changes what it names; one that changes nothing leaves ``updated_at`` alone."""
    made = client.webhooks.create(**BODY)
    changed = client.webhooks.update(made.id, name="other", event_types=["response.cancelled"])
    assert (changed.name, changed.url) == ("other", made.url)
    assert changed.event_types == ["response.cancelled"]
    assert changed.updated_at is not None
    assert changed.updated_at > made.created_at
    assert client.webhooks.update(made.id, name="other") == changed
    assert client.webhooks.retrieve(made.id) == changed


def test_the_sdk_pages_through_endpoints(client: OpenAI, api: Api) -> None:
    """The newest endpoint comes first, and pages of two join to the whole."""
    for name in "abcde":
        client.webhooks.create(**{**BODY, "name": name})
    assert "".join(endpoint.name for endpoint in client.webhooks.list(limit=2)) == "edcba"
    page = api.request("GET", PATH).json()
    assert not check_document(page, WebhookEndpointList)
    assert not page["has_more"]


def test_no_endpoints_are_an_empty_list(api: Api) -> None:
    """Without endpoints the list has no first and no last."""
    page = api.request("GET", PATH).json()
    assert (page["data"], page["first_id"], page["last_id"]) == ([], None, None)


def test_a_rotation_gives_another_secret(client: OpenAI) -> None:
    """The new secret is shown once, and the endpoint counts as changed."""
    made = client.webhooks.create(**BODY)
    rotated = client.webhooks.rotate_secret(made.id, keep_old_secret_active_for_24_hours=True)
    assert not check_document(rotated.to_dict(), WebhookEndpointWithSecret)
    assert rotated.signing_secret != made.signing_secret
    assert (rotated.updated_at or 0) > made.created_at
    got = client.webhooks.retrieve(made.id)
    assert (got.signing_secret_hint, got.updated_at) == (
        rotated.signing_secret_hint,
        rotated.updated_at,
    )
    assert client.webhooks.rotate_secret(made.id).signing_secret != rotated.signing_secret


async def test_an_old_secret_is_good_for_a_day_when_it_is_kept() -> None:
    """A kept secret signs beside the new one for 24 hours; one that is not kept is gone at once."""
    webhooks = Webhooks(MemoryStore(), Refusal())
    draw = Draw(b"key")
    made = await webhooks.create("", draw, BODY)
    first = made["signing_secret"]
    second = (await webhooks.rotate("", made["id"], draw, 10.0, keep=True))["signing_secret"]

    async def secrets(now: float) -> tuple[str, ...]:
        return (await webhooks.recipient("", made["id"], now)).secrets

    assert await secrets(10.0) == (second, first)
    assert await secrets(86_409.0) == (second, first)
    assert await secrets(86_410.0) == (second,)
    third = (await webhooks.rotate("", made["id"], draw, 20.0, keep=False))["signing_secret"]
    assert await secrets(20.0) == (third,)


async def test_the_asynchronous_sdk_manages_endpoints(async_client: AsyncOpenAI) -> None:
    """Create, list, try and delete work with the async client as well."""
    made = await async_client.webhooks.create(**BODY)
    assert [endpoint.id async for endpoint in async_client.webhooks.list()] == [made.id]
    tried = await async_client.webhooks.test(made.id, event_type="response.completed")
    assert tried.status_code == 200
    assert (await async_client.webhooks.delete(made.id)).deleted
    assert (await async_client.webhooks.list()).data == []


def test_a_test_succeeds_and_changes_nothing(client: OpenAI) -> None:
    """The endpoint is taken to have answered 200."""
    made = client.webhooks.create(**BODY)
    result = client.webhooks.test(made.id, event_type="response.failed")
    assert not check_document(result.to_dict(), WebhookEndpointTestResult)
    assert (result.webhook_endpoint_id, result.event_type) == (made.id, "response.failed")
    assert client.webhooks.retrieve(made.id).updated_at == made.created_at


def test_the_event_types_are_those_of_the_sdk(client: OpenAI) -> None:
    """Every type that the SDK can name is there, in its order."""
    listed = client.webhooks.event_types.list()
    assert not check_document(listed.to_dict(), WebhookEventTypeList)
    assert listed.data == list(get_args(get_type_hints(WebhookTestParams)["event_type"]))


def test_a_deleted_endpoint_is_gone(client: OpenAI) -> None:
    """After a delete everything about it is 404."""
    made = client.webhooks.create(**BODY)
    deleted = client.webhooks.delete(made.id)
    assert not check_document(deleted.to_dict(), DeletedWebhookEndpoint)
    gone = f"Webhook endpoint with id '{made.id}' not found."
    webhooks = client.webhooks
    for call in (webhooks.retrieve, webhooks.update, webhooks.delete, webhooks.rotate_secret):
        with pytest.raises(openai.NotFoundError, match=gone):
            call(made.id)
    with pytest.raises(openai.NotFoundError, match=gone):
        webhooks.test(made.id, event_type="response.failed")


@pytest.mark.parametrize(
    ("path", "body", "param", "code"),
    [
        ("", {}, "event_types", "missing_required_parameter"),
        ("", {**BODY, "events": []}, "events", "unknown_parameter"),
        ("", {**BODY, "event_types": ["x"]}, "event_types[0]", "invalid_value"),
        ("", {**BODY, "event_types": []}, "event_types", "empty_array"),
        ("", {**BODY, "event_types": "x"}, "event_types", "invalid_type"),
        ("", {**BODY, "name": ""}, "name", "empty_string"),
        ("", {**BODY, "name": "x" * 257}, "name", "string_above_max_length"),
        ("", {**BODY, "url": 5}, "url", "invalid_type"),
        ("", {**BODY, "url": "ftp://example.com"}, "url", "invalid_value"),
        ("", {**BODY, "url": "https://a/" + "x" * 2048}, "url", "string_above_max_length"),
        ("/ID", {"name": 5}, "name", "invalid_type"),
        (
            "/ID/rotate_secret",
            {"keep_old_secret_active_for_24_hours": "yes"},
            "keep_old_secret_active_for_24_hours",
            "invalid_type",
        ),
        ("/ID/test", {}, "event_type", "missing_required_parameter"),
        ("/ID/test", {"event_type": "x"}, "event_type", "invalid_value"),
    ],
)
def test_a_bad_request_is_refused(
    api: Api, path: str, body: dict[str, Any], param: str, code: str
) -> None:
    """What is wrong is told with its parameter and code (api-contract §9.4)."""
    refused = api.refused(body, path=PATH + path.replace("ID", make(api)["id"]))
    assert (refused["status"], refused["param"], refused["code"]) == (400, param, code)


def test_an_endpoint_may_be_on_this_machine(api: Api) -> None:
    """Receivers in tests speak plain HTTP, so that is no reason to refuse them."""
    assert make(api, url="http://127.0.0.1:8000/hook")["url"] == "http://127.0.0.1:8000/hook"


@pytest.mark.mockserver(validation="off")
def test_without_validation_nothing_is_refused(api: Api) -> None:
    """What cannot be kept is left empty."""
    response = api.request("POST", PATH, json={"name": 5, "more": 1})
    assert not check_document(response.json(), WebhookEndpointWithSecret)
    assert (response.json()["name"], response.json()["event_types"]) == ("", [])


def test_equal_requests_make_the_same_endpoints_again(mockserver: MockServer, api: Api) -> None:
    """Ids and secrets differ within a run, and come back when the server is cleared."""
    first = [make(api), make(api)]
    assert first[0]["id"] != first[1]["id"]
    assert first[0]["signing_secret"] != first[1]["signing_secret"]
    mockserver.clear()
    assert api.request("GET", PATH).json()["data"] == []
    assert [make(api), make(api)] == first


async def test_stamps_may_be_real() -> None:
    """With real timestamps an endpoint is as old as the clock says."""
    clock = VirtualClock()
    clock.advance(1_800_000_000)
    async with (
        MockServer(clock=clock, timestamps="real") as server,
        AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0) as sdk,
    ):
        assert (await sdk.webhooks.create(**BODY)).created_at == 1_800_000_000
