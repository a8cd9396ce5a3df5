"""Webhooks of background responses: signed, repeated, late, twice, and only where they may go."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import openai
import pytest
from api import Api
from openai import OpenAI
from openai.types.webhooks.unwrap_webhook_event import UnwrapWebhookEvent
from oracle import check_document
from receiver import SECRET, Received, Receiver

from mockserver import MockServer
from mockserver.clock import VirtualClock
from mockserver.schema.webhook import EVENT_TYPES

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi", "background": True}
EVENTS = ["response.completed", "response.failed", "response.incomplete", "response.cancelled"]
END = 0.75
"""Seconds until a background response ends, as the settings have it."""
TYPES = {
    get_args(kind.model_fields["type"].annotation)[0]: kind
    for kind in get_args(get_args(UnwrapWebhookEvent)[0])
}
sdk = OpenAI(api_key="sk-x", base_url="http://127.0.0.1:9", webhook_secret=SECRET)


class Stage:
    """A server on a clock that is moved by hand, a client of it, and a receiver it tells."""

    def __init__(self, server: MockServer, clock: VirtualClock, receiver: Receiver) -> None:
        self.server, self.clock, self.receiver = server, clock, receiver
        self.api = Api(server.url)

    def create(self, scenario: str | None = None, **parts: Any) -> dict[str, Any]:
        return self.api.create({**BODY, **parts}, scenario)

    def log(self) -> list[dict[str, Any]]:
        return self.server.webhook_deliveries()

    def until(self, holds: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Wait for the log to be so; the deliveries go on in the server's thread."""
        for _ in range(500):
            if holds(self.log()):
                return self.log()
            time.sleep(0.01)
        raise AssertionError(self.log())

    def states(self, *states: str) -> list[dict[str, Any]]:
        return self.until(lambda log: [entry["state"] for entry in log] == list(states))

    def waits(self, attempts: int) -> None:
        """Wait until the last delivery has been tried so often, and waits for another attempt."""
        self.until(
            lambda log: (
                bool(log)
                and len(log[-1]["attempts"]) == attempts
                and log[-1]["next_attempt"] is not None
            )
        )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks on this machine."""
    with Receiver() as running:
        yield running


@pytest.fixture
def stage(request: pytest.FixtureRequest, receiver: Receiver) -> Iterator[Stage]:
    """A server whose settings name the receiver."""
    options = {"webhook_url": receiver.url, "webhook_secret": SECRET}
    clock = VirtualClock()
    with MockServer(clock=clock, **{**options, **getattr(request, "param", {})}) as server:
        stage = Stage(server, clock, receiver)
        with stage.api:
            yield stage


def verified(received: Received, secret: str = SECRET) -> Any:
    """Return the event as the SDK unwraps it, which is strictly valid."""
    event = sdk.webhooks.unwrap(received.body.decode(), received.headers, secret=secret)
    assert not check_document(received.event, TYPES[event.type])
    return event


@pytest.mark.parametrize("state", ["completed", "failed", "incomplete", "cancelled"])
def test_the_end_of_a_background_response_is_told_as_the_sdk_unwraps_it(
    stage: Stage, state: str
) -> None:
    """Every end has its event, sent when the clock comes to it and not before."""
    response = stage.create(state)
    stage.clock.advance(END / 4)
    assert stage.receiver.quiet()
    stage.clock.advance(END)
    received = stage.receiver.next()
    event = verified(received)
    assert (event.type, event.data.id) == (f"response.{state}", response["id"])
    assert event.object == "event"
    assert event.created_at >= response["created_at"]
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == "wh_" + event.id.removeprefix("evt_")
    assert stage.api.retrieve(response["id"])["status"] == state
    (entry,) = stage.states("delivered")
    assert (entry["url"], entry["endpoint"]) == (stage.receiver.url, None)
    assert [attempt["status"] for attempt in entry["attempts"]] == [204]


def test_a_cancelled_response_is_told_at_once(stage: Stage) -> None:
    """A cancel brings its event, and the natural end none."""
    response = stage.create()
    stage.api.request("POST", f"/responses/{response['id']}/cancel")
    assert verified(stage.receiver.next()).type == "response.cancelled"
    stage.clock.advance(10 * END)
    assert len(stage.states("delivered")) == 1


def test_a_response_that_is_held_is_told_when_somebody_cancels_it(stage: Stage) -> None:
    """A response without an end has no event; its flags still hold for the one it gets."""
    response = stage.create("queued,webhook_duplicate")
    stage.clock.advance(10_000)
    assert stage.log() == []
    stage.api.request("POST", f"/responses/{response['id']}/cancel")
    assert [verified(stage.receiver.next()).type for _ in range(2)] == ["response.cancelled"] * 2


def test_phases_by_polls_end_in_an_event(stage: Stage) -> None:
    """The poll that finds the response over sets its webhook going."""
    response = stage.create("queued:1poll,in_progress:0s,failed")
    for state in ("queued", "failed"):
        assert stage.api.retrieve(response["id"])["status"] == state
    assert verified(stage.receiver.next()).type == "response.failed"


def test_foreground_responses_and_deleted_ones_are_told_to_nobody(stage: Stage) -> None:
    """Only a background response that is still there when it ends has an event."""
    stage.create(background=False)
    gone = stage.create()
    stage.api.request("DELETE", f"/responses/{gone['id']}")
    kept = stage.create(input="another")
    stage.clock.advance(END)
    assert verified(stage.receiver.next()).data.id == kept["id"]
    assert len(stage.states("delivered")) == 1


def test_a_cleared_server_sends_nothing_more(stage: Stage) -> None:
    """Neither what has not ended nor what is to be repeated outlives a clear."""
    stage.receiver.statuses.append(500)
    stage.create()
    stage.clock.advance(END)
    stage.receiver.next()
    stage.waits(1)
    stage.create(input="another")
    stage.server.clear()
    assert stage.log() == []
    stage.clock.advance(10_000)
    stage.create(input="a third")
    stage.clock.advance(END)
    assert len(stage.states("delivered")) == 1
    stage.receiver.next()
    assert stage.receiver.quiet()


def test_a_webhook_is_repeated_with_growing_waits_until_it_is_taken(stage: Stage) -> None:
    """Errors and redirects are tried again after 1, 2 and 4 s, always with the same id."""
    stage.receiver.statuses.extend([500, 302, 429])
    stage.create()
    stage.clock.advance(END)
    ids = {stage.receiver.next().headers["webhook-id"]}
    for attempt, wait in enumerate((1.0, 2.0, 4.0), 1):
        stage.waits(attempt)
        stage.clock.advance(wait - 0.01)
        assert stage.receiver.quiet()
        stage.clock.advance(0.01)
        received = stage.receiver.next()
        verified(received)
        ids.add(received.headers["webhook-id"])
    (entry,) = stage.states("delivered")
    assert [attempt["status"] for attempt in entry["attempts"]] == [500, 302, 429, 204]
    assert ids == {entry["id"]}


def test_a_webhook_is_given_up_after_three_days(stage: Stage) -> None:
    """What nobody takes is tried 18 times, for 72 hours at most."""
    stage.receiver.statuses.extend([503] * 100)
    stage.create()
    stage.clock.advance(END)
    for attempt in range(1, 19):
        stage.receiver.next()
        if attempt < 18:
            stage.waits(attempt)
        stage.clock.advance(2.0 ** (attempt - 1))
    (entry,) = stage.states("failed")
    assert len(entry["attempts"]) == 18
    assert entry["attempts"][-1]["moment"] < 72 * 3600
    assert "72 hours" in entry["error"]


def test_endpoints_are_told_of_what_they_subscribed_to(stage: Stage, receiver: Receiver) -> None:
    """An endpoint that was made over the API gets its events, signed with its own secret."""
    client = OpenAI(base_url=stage.server.url, api_key="x", max_retries=0)
    with client, Receiver() as other:
        made = client.webhooks.create(
            name="runs", url=other.url, event_types=["response.failed", "batch.failed"]
        )
        stage.create("completed")
        failed = stage.create("failed")
        stage.clock.advance(END)
        received = other.next()
        assert verified(received, made.signing_secret).data.id == failed["id"]
        assert stage.until(lambda log: len(log) == 3)
        stage.states("delivered", "delivered", "delivered")
        assert other.quiet()
        assert made.signing_secret not in str(stage.log())
        with pytest.raises(openai.InvalidWebhookSignatureError):
            verified(received, SECRET)


def test_both_secrets_sign_while_the_old_one_is_good(stage: Stage) -> None:
    """After a rotation that keeps the old secret, either verifies; the test event tells as much."""
    client = OpenAI(base_url=stage.server.url, api_key="x", max_retries=0)
    with client:
        made = client.webhooks.create(name="x", url=stage.receiver.url, event_types=EVENTS)
        new = client.webhooks.rotate_secret(made.id, keep_old_secret_active_for_24_hours=True)
        client.webhooks.test(made.id, event_type="response.completed")
        received = stage.receiver.next()
        for secret in (made.signing_secret, new.signing_secret):
            verified(received, secret)
        stage.clock.advance(86_400)
        client.webhooks.test(made.id, event_type="response.completed")
        received = stage.receiver.next()
        verified(received, new.signing_secret)
        with pytest.raises(openai.InvalidWebhookSignatureError):
            verified(received, made.signing_secret)


def test_a_deleted_endpoint_is_not_tried_again(stage: Stage) -> None:
    """A webhook that waits for another attempt ends with its endpoint."""
    client = OpenAI(base_url=stage.server.url, api_key="x", max_retries=0)
    with client:
        made = client.webhooks.create(name="x", url=stage.receiver.url, event_types=EVENTS)
        stage.receiver.statuses.extend([500, 500])
        stage.create()
        stage.clock.advance(END)
        stage.until(lambda log: sum(len(entry["attempts"]) for entry in log) == 2)
        client.webhooks.delete(made.id)
    stage.until(lambda log: all(entry["next_attempt"] for entry in log))
    stage.clock.advance(1)
    log = stage.states("delivered", "failed")
    assert log[1]["error"] == "the endpoint was deleted"


def test_a_duplicate_comes_with_the_same_id(stage: Stage) -> None:
    """``webhook_duplicate`` sends the same event again, to be told apart by nothing."""
    stage.create("webhook_duplicate:3")
    stage.clock.advance(END)
    received = [stage.receiver.next() for _ in range(3)]
    assert len({(mail.headers["webhook-id"], mail.body) for mail in received}) == 1
    (entry,) = stage.states("delivered")
    assert (entry["copies"], len(entry["attempts"])) == (3, 3)
    assert stage.receiver.quiet()


def test_a_reordered_webhook_comes_after_the_next_one(stage: Stage) -> None:
    """``webhook_reorder`` holds an event back until another has been sent."""
    first = stage.create("webhook_reorder")
    stage.clock.advance(END)
    stage.states("waiting")
    second = stage.create(input="another")
    stage.clock.advance(END)
    assert [stage.receiver.next().event["data"]["id"] for _ in range(2)] == [
        second["id"],
        first["id"],
    ]


def test_a_reordered_webhook_without_another_comes_after_a_minute(stage: Stage) -> None:
    """An event that none follows is late, not lost."""
    stage.create("webhook_reorder")
    stage.clock.advance(END)
    stage.until(lambda log: bool(log and log[0]["next_attempt"]))
    assert stage.receiver.quiet()
    stage.clock.advance(60)
    verified(stage.receiver.next())


def test_a_webhook_may_be_late_lost_or_forged(stage: Stage) -> None:
    """``webhook_delay``, ``webhook_drop`` and ``webhook_forged`` do what they say."""
    late = stage.create("webhook_delay:30s")
    stage.create("webhook_drop")
    stage.create("webhook_forged")
    stage.clock.advance(END)
    forged = stage.receiver.next()
    with pytest.raises(openai.InvalidWebhookSignatureError):
        verified(forged)
    stage.states("waiting", "dropped", "delivered")
    stage.clock.advance(30)
    assert verified(stage.receiver.next()).data.id == late["id"]


@pytest.mark.parametrize("stage", [{"webhook_timeout": 0.2}], indirect=True)
def test_a_slow_receiver_is_tried_again(stage: Stage) -> None:
    """A receiver that takes longer than ``webhook_timeout`` has not taken it."""
    stage.receiver.pause = 1.0
    stage.create()
    stage.clock.advance(END)
    stage.waits(1)
    stage.receiver.pause = 0.0
    stage.clock.advance(1)
    (entry,) = stage.states("delivered")
    assert entry["attempts"][0]["error"] == "no answer within 0.2 s"


def test_an_endpoint_elsewhere_is_refused_with_the_mend(api: Api, mockserver: MockServer) -> None:
    """An address that no setting allows is sent nothing; the log says how to allow it."""
    body = {"name": "x", "url": "https://example.com/hook", "event_types": ["response.cancelled"]}
    made = api.request("POST", "/webhook_endpoints", json=body).json()
    response = api.create(BODY, "queued")
    api.request("POST", f"/responses/{response['id']}/cancel")
    tried = api.request(
        "POST", f"/webhook_endpoints/{made['id']}/test", json={"event_type": "video.failed"}
    )
    assert tried.json()["status_code"] == 200
    log = mockserver.webhook_deliveries()
    assert [entry["state"] for entry in log] == ["refused", "refused"]
    assert {"--webhook-allow example.com" in entry["error"] for entry in log} == {True}
    assert [entry["attempts"] for entry in log] == [[], []]


def test_every_type_of_event_can_be_tried(api: Api, receiver: Receiver) -> None:
    """The test operation sends one event of any type, and reports what the receiver answered."""
    body = {"name": "x", "url": receiver.url, "event_types": list(EVENT_TYPES)}
    made = api.request("POST", "/webhook_endpoints", json=body).json()
    for kind in EVENT_TYPES:
        receiver.statuses.append(202)
        tried = api.request(
            "POST", f"/webhook_endpoints/{made['id']}/test", json={"event_type": kind}
        ).json()
        assert (tried["event_type"], tried["status_code"]) == (kind, 202)
        received = receiver.next()
        assert received.event["type"] == kind
        if kind in TYPES:
            verified(received, made["signing_secret"])


def test_a_trial_of_an_endpoint_that_does_not_answer_is_an_error(api: Api) -> None:
    """The API's envelope says what went wrong."""
    body = {"name": "x", "url": "http://127.0.0.1:9/hook", "event_types": EVENTS}
    made = api.request("POST", "/webhook_endpoints", json=body).json()
    path = f"/webhook_endpoints/{made['id']}/test"
    refused = api.refused({"event_type": "response.failed"}, path=path)
    assert (refused["status"], refused["code"]) == (400, "webhook_delivery_failed")


@pytest.mark.parametrize("stream", [False, True])
def test_a_replayed_background_stream_is_told_too(
    receiver: Receiver, tmp_path: Path, stream: bool
) -> None:
    """A recording that the server gives phases of its own to ends in an event as well."""
    body = {**BODY, "stream": True}
    with MockServer(queued_seconds=0, in_progress_seconds=0) as server, Api(server.url) as api:
        told = api.request("POST", "/responses", json=body)
    interaction = {
        "request": {"method": "POST", "uri": "https://x/v1/responses", "body": json.dumps(body)},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["text/event-stream"]},
            "body": {"string": told.text},
        },
    }
    cassette = tmp_path / "talk.yaml"
    cassette.write_text(json.dumps({"interactions": [interaction], "version": 1}))
    clock = VirtualClock()
    options: dict[str, Any] = {"webhook_url": receiver.url, "webhook_secret": SECRET}
    with MockServer(clock=clock, cassettes=cassette, strict=True, **options) as server:
        with Api(server.url) as api:
            answer = api.request("POST", "/responses", json={**BODY, "stream": stream})
            assert answer.status_code == 200, answer.text
            clock.advance(END)
            event = verified(receiver.next())
    assert event.type == "response.completed"
    assert event.data.id in told.text


def test_namespaces_have_webhooks_of_their_own(receiver: Receiver) -> None:
    """Endpoints, clock and log are those of the namespace; the control API shows the log."""
    with MockServer(clock="virtual") as server, Api(server.url_for("a")) as api:
        body = {"name": "x", "url": receiver.url, "event_types": EVENTS}
        made = api.request("POST", "/webhook_endpoints", json=body).json()
        response = api.create(BODY)
        with Api(server.url) as other:
            other.create(BODY)
        server.advance(END)
        assert receiver.quiet()
        server.advance_to_completion(response["id"], "a")
        received = receiver.next()
        assert verified(received, made["signing_secret"]).data.id == response["id"]
        found = api.request("GET", server.url.removesuffix("/v1") + "/_mock/webhooks?namespace=a")
        [entry] = found.json()["deliveries"]
        assert (entry["endpoint"], entry["event"]) == (made["id"], received.event)
        assert server.webhook_deliveries() == []
        server.drop("a")
        assert server.webhook_deliveries("a") == []


def test_equal_runs_send_equal_events(receiver: Receiver) -> None:
    """The body and the id of a webhook depend on the seed and the request alone."""
    sent = []
    for _ in range(2):
        clock = VirtualClock()
        options = {"webhook_url": receiver.url, "webhook_secret": SECRET}
        with MockServer(clock=clock, **options) as server, Api(server.url) as api:
            api.create(BODY)
            clock.advance(END)
            received = receiver.next()
        sent.append((received.body, received.headers["webhook-id"]))
    assert sent[0] == sent[1]


def test_webhooks_follow_real_time_and_stop_with_the_server(receiver: Receiver) -> None:
    """Without a clock of its own the server tells in real time; what is left ends with it."""
    options: dict[str, Any] = {"webhook_url": receiver.url, "webhook_secret": SECRET}
    with MockServer(queued_seconds=0.01, in_progress_seconds=0.01, **options) as server:
        with Api(server.url) as api:
            api.create(BODY)
            verified(receiver.next())
            api.create({**BODY, "input": "never over"}, "in_progress:1000s")
    assert receiver.quiet()
