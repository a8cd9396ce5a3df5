"""The server's own description: it says all there is, and what it says is so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from api import Api
from fuzzing import Fuzzer, Operation, operations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from oracle import parse_sse
from samples import REQUESTS

from mockserver.cli import main
from mockserver.openapi.operations import OPERATIONS
from mockserver.web.app import create_app
from mockserver.web.description import description

Document = dict[str, Any]

DESCRIPTION: Document = description(create_app())
ASKED = operations(DESCRIPTION)
EXAMPLES = 7


def validator(schema: Document) -> Draft202012Validator:
    """Return what judges by a schema of the description."""
    return Draft202012Validator({**schema, "components": DESCRIPTION["components"]})


def test_every_endpoint_is_described(api: Api) -> None:
    """The API's routes are those that the table of operations has, and each says what it gives."""
    assert {str(each) for each in ASKED} == set(OPERATIONS)
    assert all("content" in each.described["responses"]["200"] for each in ASKED)


def test_schemas_of_the_description_are_sound() -> None:
    """Every schema is one, and every reference leads somewhere."""
    schemas = DESCRIPTION["components"]["schemas"]
    Draft7Validator.check_schema({"definitions": schemas})  # many times as quick as the newest
    text = json.dumps(DESCRIPTION)
    referred = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert referred <= set(schemas)


def test_the_description_is_the_same_however_it_is_asked_for(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server serves what the command prints, also when a namespace is not named."""
    assert main(["openapi"]) == 0
    printed = json.loads(capsys.readouterr().out)
    url = api.url.removesuffix("/v1") + "/_mock/openapi.json"
    assert api.request("GET", url).json() == printed == DESCRIPTION


@pytest.mark.parametrize("path", sorted(REQUESTS.glob("*.json")), ids=lambda path: path.stem)
def test_a_request_that_is_served_fits_the_description(path: Any) -> None:
    """The sample requests are valid by the schema of the create request."""
    schema = DESCRIPTION["paths"]["/responses"]["post"]["requestBody"]["content"]
    body = json.loads(path.read_text(encoding="utf-8"))
    assert list(validator(schema["application/json"]["schema"]).iter_errors(body)) == []


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        ("/responses", "post", {"model": "gpt-4o", "input": "hi", "colour": "red"}),
        ("/responses", "post", {"model": "gpt-4o", "input": [{"type": "nothing"}]}),
        ("/responses", "post", {"model": "gpt-4o", "input": "hi", "temperature": 3}),
        ("/responses", "post", {"model": "gpt-4o", "input": "hi", "tools": [{"type": "web"}]}),
        ("/conversations", "post", {"metadata": {"key": 1}}),
        ("/webhook_endpoints", "post", {"name": "", "url": "x", "event_types": []}),
    ],
)
def test_a_request_that_is_refused_does_not_fit(
    api: Api, path: str, method: str, body: Document
) -> None:
    """What the server refuses for its form is not valid by the description either."""
    assert api.refused(body, path=path)["status"] == 400
    schema = DESCRIPTION["paths"][path][method]["requestBody"]["content"]["application/json"]
    assert list(validator(schema["schema"]).iter_errors(body))


def known(api: Api) -> dict[str, list[str]]:
    """Return ids that lead somewhere, by the first part of the path and the name in it."""
    made = api.create({"model": "gpt-4o", "input": "hi", "background": True})
    body = {"items": [{"role": "user", "content": "hi"}]}
    conversation = api.request("POST", "/conversations", json=body).json()["id"]
    items = api.request("GET", f"/conversations/{conversation}/items").json()["data"]
    endpoint = {"name": "a", "url": "https://example.com", "event_types": ["response.completed"]}
    return {
        "responses.id": [made["id"]],
        "models.id": ["gpt-4o"],
        "conversations.id": [conversation],
        "conversations.item_id": [items[0]["id"]],
        "webhook_endpoints.id": [
            api.request("POST", "/webhook_endpoints", json=endpoint).json()["id"]
        ],
    }


@pytest.fixture(scope="module")
def ours(make_mockserver: Any) -> Iterator[Api]:
    """A server that only these requests reach."""
    with Api(make_mockserver().url) as api:
        yield api


@pytest.mark.parametrize("operation", ASKED, ids=str)
def test_no_request_is_too_much(ours: Api, operation: Operation) -> None:
    """Fitting or broken, a request is answered as described, or refused in the API's envelope."""
    usual: dict[str, st.SearchStrategy[Any]] = {
        "model": st.sampled_from(("gpt-4o", "gpt-5", "gpt-5.6", "gpt-audio-mini")),
        "input": st.just("hi"),
    }
    fuzzer = Fuzzer(DESCRIPTION, known(ours), usual)
    content = operation.described["responses"]["200"]["content"]
    judge = validator(content["application/json"]["schema"])

    @settings(
        max_examples=EXAMPLES * (6 if "requestBody" in operation.described else 1),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(fuzzer.requests(operation))
    def send(sent: Any) -> None:
        headers = {"content-type": "application/json"} if sent.body is not None else {}
        response = ours.request(sent.method, sent.url, content=sent.body, headers=headers)
        assert response.status_code < 500, response.text
        if response.status_code != 200:
            return
        if response.headers["content-type"].startswith("text/event-stream"):
            assert "text/event-stream" in content
            assert parse_sse(response.content)
        else:
            assert [error.message for error in judge.iter_errors(response.json())] == []

    send()
