"""A plain HTTP client of the server that judges every answer it gets."""

from __future__ import annotations

from typing import Any

import httpx2
from oracle import (
    check_error,
    check_event,
    check_input_item,
    check_response,
    check_stream,
    check_wire,
    parse_sse,
)

Document = dict[str, Any]


class Api:
    """Calls the server without an SDK in between, and holds what comes back against the oracle."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx2.Client(base_url=url, timeout=30)

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *problem: object) -> None:
        self._client.close()

    def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send anything; an error must come in the API's envelope."""
        response = self._client.request(method, path, **options)
        if response.status_code >= 400:
            assert not check_error(response.json())
            assert response.headers["x-request-id"].startswith("req_")
        return response

    def create(self, body: Document, scenario: str | None = None) -> Document:
        """Create a response as JSON; it must be strictly valid."""
        response = self.request("POST", "/responses", json=body, headers=_headers(scenario))
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "application/json"
        return judged(response.json())

    def stream(self, body: Document, scenario: str | None = None) -> list[Document]:
        """Create a response as a stream; every event of it must be strictly valid."""
        body = {**body, "stream": True}
        response = self.request("POST", "/responses", json=body, headers=_headers(scenario))
        assert response.status_code == 200, response.text
        options = body.get("stream_options") or {}
        return judged_stream(response, obfuscation=options.get("include_obfuscation") is not False)

    def resume(self, id: str, after: int | None = None, whole: bool = False) -> list[Document]:
        """Follow a background stream from an event on."""
        params: Document = {"stream": "true"}
        if after is not None:
            params["starting_after"] = after
        response = self.request("GET", f"/responses/{id}", params=params)
        assert response.status_code == 200, response.text
        return judged_stream(response) if whole else parse_sse(response.content)

    def retrieve(self, id: str) -> Document:
        """Get a stored response; it must be strictly valid."""
        response = self.request("GET", f"/responses/{id}")
        assert response.status_code == 200, response.text
        return judged(response.json())

    def input_items(self, id: str, **query: Any) -> Document:
        """List the input of a response; every item must be strictly valid."""
        response = self.request("GET", f"/responses/{id}/input_items", params=query)
        assert response.status_code == 200, response.text
        page: Document = response.json()
        assert list(page) == ["object", "data", "first_id", "has_more", "last_id"]
        assert not [problem for item in page["data"] for problem in check_input_item(item)]
        return page

    def refused(self, body: Any, scenario: str | None = None, path: str = "/responses") -> Document:
        """Send a request that must be refused; return the error."""
        response = self.request("POST", path, json=body, headers=_headers(scenario))
        assert response.status_code >= 400, response.text
        error: Document = {"status": response.status_code, **response.json()["error"]}
        return error


def judged(document: Document) -> Document:
    """Return a response that the oracle finds nothing wrong with."""
    assert not check_response(document)
    assert not check_wire(document)
    return document


def judged_stream(response: httpx2.Response, *, obfuscation: bool = True) -> list[Document]:
    """Return the events of a stream that the oracle finds nothing wrong with."""
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = parse_sse(response.content)
    assert not [problem for event in events for problem in check_event(event)]
    assert not check_stream(events, obfuscation=obfuscation)
    for event in events:
        if "response" in event:
            assert not check_wire(event["response"], event=True)
    return events


def types(events: list[Document]) -> list[str]:
    """Return the types of events, runs of one delta counted once."""
    names: list[str] = []
    for event in events:
        if not (names and names[-1] == event["type"] and event["type"].endswith(".delta")):
            names.append(event["type"])
    return names


def _headers(scenario: str | None) -> dict[str, str]:
    return {} if scenario is None else {"x-mock-scenario": scenario}
