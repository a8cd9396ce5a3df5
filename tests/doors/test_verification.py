"""The journal and the assertions over it, by what clients really do."""

from __future__ import annotations

import json
import math
import re
import time
from typing import Any

import httpx2
import pytest
from openai import InternalServerError, OpenAI

from mockserver import MockServer
from mockserver.journal import Call
from mockserver.verification import Verification

BODY = {"model": "gpt-4.1", "input": "What is the weather?"}
TOOL = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Noted(Verification):
    """Calls that were made up, to be judged."""

    def __init__(self, *calls: Call) -> None:
        self._calls = list(calls)
        for number, call in enumerate(self._calls, 1):
            call.number = number

    def calls_of(self, namespace: str | None = None) -> list[Call]:
        """Return the calls."""
        return self._calls


def noted(method: str = "POST", path: str = "/responses", **fields: Any) -> Call:
    """Return a call that was answered well, but for what is said of it."""
    status = fields.pop("status", 200)
    call = Call(method, path, "", status=status, answered_by="synthesiser", finished=True)
    for name, value in {"ended": fields.get("started", 0.0), **fields}.items():
        setattr(call, name, value)
    return call


def failure(check: Any, *arguments: Any, **options: Any) -> str:
    """Return the text that an assertion fails with."""
    with pytest.raises(AssertionError) as caught:
        check(*arguments, **options)
    return str(caught.value)


def test_calls_are_found_by_what_they_asked(mockserver: MockServer, client: OpenAI) -> None:
    """Criteria look at the call, its request and its answer; all of them must be met."""
    client.responses.create(
        model="gpt-4.1", input="one", tools=[TOOL], metadata={"run": "7"}, instructions="Be brief."
    )
    client.responses.create(model="gpt-5", input=[{"role": "user", "content": "number two"}])
    (first,) = mockserver.assert_called(times=1, tool="get_weather", metadata={"run": "7"})
    assert first.number == 1
    assert mockserver.assert_called(text="two", model="gpt-5")[0].number == 2
    assert len(mockserver.assert_called(times=2, method="POST", path="/responses")) == 2
    mockserver.assert_called(instructions=re.compile("^Be"), status=200)
    mockserver.assert_called(body={"input": [{"content": re.compile("two$")}]})
    mockserver.assert_called(model=lambda name: name.startswith("gpt-5"))
    mockserver.assert_called(headers={"x-stainless-lang": "python"})
    mockserver.assert_not_called(text="three")
    with pytest.raises(TypeError, match="there is no criterion modle; there are answered_by"):
        mockserver.assert_called(modle="gpt-5")


@pytest.mark.parametrize(
    ("ask", "kind", "said"),
    [
        (lambda it: it.assert_called(times=-1), ValueError, "times=-1 can never be met; write tim"),
        (lambda it: it.assert_called(times="1"), TypeError, "such as times=1, not '1'"),
        (lambda it: it.assert_called(times=1.0), TypeError, "such as times=1, not 1.0"),
        (lambda it: it.assert_called(times=True), TypeError, "such as times=1, not True"),
        (lambda it: it.assert_called_in_order("a"), TypeError, "a mapping such as {'text': 'hi'}"),
        (lambda it: it.assert_called_in_order(), TypeError, "without criteria any calls are in "),
        (lambda it: it.assert_polled_no_faster_than("2"), TypeError, "seconds is a number of sec"),
        (lambda it: it.assert_polled_no_faster_than(-1), ValueError, "seconds from 0 on, not -1"),
        (lambda it: it.assert_polled_no_faster_than(math.nan), ValueError, "from 0 on, not nan"),
        (
            lambda it: it.assert_retry_after_obeyed(tolerance="1"),
            TypeError,
            "such as tolerance=0.5",
        ),
        (
            lambda it: it.assert_retry_after_obeyed(tolerance=-1),
            ValueError,
            "tolerance is a number",
        ),
    ],
)
def test_what_no_calls_could_meet_is_refused(
    mockserver: MockServer, ask: Any, kind: type[Exception], said: str
) -> None:
    """A number that is none is a mistake of the test's and no failure of the client's."""
    with pytest.raises(kind, match=re.escape(said)):
        ask(mockserver)


def test_a_call_that_did_not_come_shows_the_nearest(mockserver: MockServer, client: OpenAI) -> None:
    """The failure names what was wanted, the calls that come nearest, and what they lack."""
    assert failure(mockserver.assert_called, text="x").endswith("There were no calls.")
    client.responses.create(model="gpt-4.1", input="one")
    client.responses.create(model="gpt-5", input="two")
    text = failure(mockserver.assert_called, model="gpt-5", text="three", body={"store": False})
    assert text == (
        "a call with model='gpt-5', text='three', body={'store': False} was expected.\n"
        "The nearest of 2 calls:\n"
        "  call 2: POST /responses -> 200 by synthesiser, input 'two'\n"
        "    - text 'two' does not contain 'three'\n"
        "    - body.store is not there, wanted False\n"
        "  call 1: POST /responses -> 200 by synthesiser, input 'one'\n"
        "    - model is 'gpt-4.1', wanted 'gpt-5'\n"
        "    - text 'one' does not contain 'three'\n"
        "    - body.store is not there, wanted False"
    )
    text = failure(mockserver.assert_called, times=1, path="/responses")
    assert text.startswith("a call with path='/responses': 1 expected, 2 came:\n  call 1: POST")
    assert "0 expected, 1 came" in failure(mockserver.assert_not_called, model="gpt-5")


def test_calls_come_in_order(mockserver: MockServer, client: OpenAI) -> None:
    """Steps are found one after another; the one that is missing is named with its nearest."""
    made = client.responses.create(model="gpt-4.1", input="one")
    client.responses.retrieve(made.id)
    client.responses.delete(made.id)
    found = mockserver.assert_called_in_order({"text": "one"}, {"method": "DELETE"})
    assert [call.number for call in found] == [1, 3]
    text = failure(mockserver.assert_called_in_order, {"method": "DELETE"}, {"method": "GET"})
    assert text.startswith("step 2: a call with method='GET' was expected after call 3.")
    assert text.count("call 2: GET") == 1
    assert "It was the last call." in text
    assert "no calls" not in text


def test_tool_calls_are_to_be_answered(mockserver: MockServer, client: OpenAI) -> None:
    """A tool call without an output is told, until the client returns it."""
    first = client.responses.create(model="gpt-4.1", input="hi", tools=[TOOL])
    call_id = first.output[0].call_id
    assert mockserver.calls[0].asks == (call_id,)
    text = failure(mockserver.assert_tool_outputs_returned)
    assert f"no output was returned for {call_id} of call 1: POST /responses" in text
    output = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
    client.responses.create(
        model="gpt-4.1", input=[output], previous_response_id=first.id, tools=[TOOL]
    )
    mockserver.assert_tool_outputs_returned()


@pytest.mark.mockserver(scenario="http:429,retry_after:0.5")
def test_the_sdk_obeys_retry_after(mockserver: MockServer) -> None:
    """The official SDK waits as long as it is told; who does not is told on."""
    with OpenAI(base_url=mockserver.url, api_key="x", max_retries=1) as client:
        with pytest.raises(Exception, match="Rate limit"):
            client.responses.create(model="gpt-4.1", input="hi")
    first, second = mockserver.calls
    assert (first.retry_after, second.retry, second.bytes > 100) == (0.5, 1, True)
    mockserver.assert_retry_after_obeyed()
    mockserver.assert_no_duplicate_submits()
    httpx2.post(f"{mockserver.url}/responses", json=second.body)
    text = failure(mockserver.assert_retry_after_obeyed)
    assert "asked for 0.5 s" in text
    assert "call 3: POST /responses" in text


def test_streams_are_to_be_read(mockserver: MockServer, client: OpenAI) -> None:
    """A stream that was read is fine; one that the client left is told with its events."""
    for event in client.responses.create(model="gpt-4.1", input="hi", stream=True):
        last = event
    mockserver.assert_streams_read()
    (read,) = mockserver.calls
    assert (read.events, read.finished) == (last.sequence_number + 1, True)
    assert read.bytes > 1000
    slow = client.responses.create(
        model="gpt-4.1", input="hi", stream=True, extra_headers={"x-mock-scenario": "ttft:60s"}
    )
    next(iter(slow))
    slow.close()
    for _ in range(1000):
        if mockserver.calls[1].ended is not None:
            break
        time.sleep(0.005)
    left = mockserver.calls[1]
    assert (left.status, left.disconnected, left.finished) == (None, True, False)
    text = failure(mockserver.assert_streams_read)
    told = "call 2: POST /responses -> an answer cut short, input 'hi' was left by the client after"
    assert f"{told} 2 events" in text


@pytest.mark.mockserver(clock="virtual", scenario="background")
def test_polls_are_not_to_be_hasty(mockserver: MockServer, client: OpenAI) -> None:
    """Polls are apart by the namespace's clock; others than those of one response do not count."""
    made = [client.responses.create(model="gpt-4.1", input=text).id for text in ("a", "b")]
    for id_ in (*made, made[0]):
        client.responses.retrieve(id_)
        mockserver.advance(0.5)
    mockserver.assert_polled_no_faster_than(1)
    client.responses.retrieve(made[0])
    assert "call 6: GET" in failure(mockserver.assert_polled_no_faster_than, 1)
    assert "came 0.500 s after the poll before" in failure(
        mockserver.assert_polled_no_faster_than, 1
    )


def test_a_request_is_to_be_submitted_once(mockserver: MockServer, client: OpenAI) -> None:
    """An equal create after an answer is a duplicate; after an error it is a retry."""
    headers = {"x-mock-scenario": "http:500"}
    with pytest.raises(InternalServerError):
        client.responses.create(model="gpt-4.1", input="hi", extra_headers=headers)
    client.responses.create(model="gpt-4.1", input="hi")
    mockserver.assert_no_duplicate_submits()
    client.responses.create(model="gpt-4.1", input="hi")
    text = failure(mockserver.assert_no_duplicate_submits)
    assert "call 3: POST /responses -> 200 by synthesiser, input 'hi' asks for the same" in text


def test_what_a_client_gave_up_may_be_asked_again() -> None:
    """After a disconnect an equal request is no duplicate, while it lasts it is one."""
    body = {"input": "hi"}
    gone = noted(body=body, status=None, disconnected=True, finished=False)
    Noted(gone, noted(body=body)).assert_no_duplicate_submits()
    lasting = noted(body=body, status=None, finished=False)
    failure(Noted(lasting, noted(body=body)).assert_no_duplicate_submits)


def test_waits_are_measured_from_the_answer() -> None:
    """A retry is early by the time since the refusal, and a tolerance lets it be a little so."""
    body = {"input": "hi"}
    refused = noted(body=body, status=429, retry_after=2.0, started=0.0, ended=1.0)
    Noted(refused, noted(body=body, started=2.995)).assert_retry_after_obeyed()
    Noted(refused, noted(body={}, started=1.0)).assert_retry_after_obeyed()
    early = Noted(refused, noted(body=body, started=2.9))
    assert "came 1.900 s after" in failure(early.assert_retry_after_obeyed)
    early.assert_retry_after_obeyed(tolerance=0.2)


def test_the_journal_notes_a_websocket_turn(mockserver: MockServer, client: OpenAI) -> None:
    """A create over a socket is a call of its own, with its events and its end."""
    with client.responses.connect() as socket:
        socket.response.create(model="gpt-4.1", input="hi")
        for event in socket:
            if event.type == "response.completed":
                break
    (call,) = mockserver.assert_called(times=1, method="WS")
    assert (call.events, call.finished) == (event.sequence_number + 1, True)
    assert call.ended is not None
    mockserver.assert_streams_read()


def test_keys_are_nowhere_in_the_journal(mockserver: MockServer) -> None:
    """What a client authenticates with is in no call and in no failure."""
    key = "sk-proj-abcdefghijklmnopqrstuvwxyz"
    body = {
        **BODY,
        "tools": [
            {
                "type": "mcp",
                "server_label": "s",
                "server_url": "https://x.example",
                "authorization": key,
            }
        ],
    }
    headers = {"authorization": f"Bearer {key}", "cookie": "session=abcdefghij"}
    httpx2.post(f"{mockserver.url}/responses?api_key={key}", json=body, headers=headers)
    told = json.dumps(mockserver.command("GET", "calls")) + repr(mockserver.calls)
    told += failure(mockserver.assert_called, text="nothing")
    assert key not in told
    assert "abcdefghij" not in told
    assert "[redacted]" in told
