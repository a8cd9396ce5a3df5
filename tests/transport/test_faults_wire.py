"""Every fault on the wire, as a bare socket sees it: of made-up answers and of recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from api import Api
from rawhttp import Wire, ask, exchange
from samples import CASSETTES, request
from test_faults_calls import OF_CALLS

from mockserver import MockServer
from mockserver.faults.registry import FAULTS

Check = Callable[[Wire, Wire], None]
"""Judges what came of a faulty answer, given the same answer without the fault."""


def silent(clean: Wire, faulty: Wire) -> None:
    assert (faulty.raw, faulty.ending) == (b"", "eof")


def hung(clean: Wire, faulty: Wire) -> None:
    silent(clean, faulty)
    assert faulty.seconds >= 0.1


def reset_at_once(clean: Wire, faulty: Wire) -> None:
    assert (faulty.raw, faulty.ending) == (b"", "reset")


def reset_after(clean: Wire, faulty: Wire) -> None:
    assert (faulty.frames, faulty.ending) == (clean.frames[:5], "reset")
    assert not faulty.whole


def cut(clean: Wire, faulty: Wire) -> None:
    assert faulty.frames == clean.frames[:5]
    assert (faulty.whole, faulty.ending) == (True, "eof")


def cut_inside(clean: Wire, faulty: Wire) -> None:
    assert faulty.body == b"".join(clean.frames[:5]) + inside(clean.frames[5])
    assert (faulty.whole, faulty.ending) == (False, "eof")


def inside(data: bytes) -> bytes:
    return data[: len(data) // 2]


def cut_in_a_character(clean: Wire, faulty: Wire) -> None:
    assert faulty.frames == clean.frames[:5]
    assert (faulty.whole, faulty.ending) == (False, "eof")
    with pytest.raises(UnicodeDecodeError, match="unexpected end of data"):
        faulty.body.decode()


def stalled(clean: Wire, faulty: Wire) -> None:
    assert (faulty.body, faulty.whole) == (clean.body, True)
    assert faulty.seconds >= 0.1


def broken_chunk(clean: Wire, faulty: Wire) -> None:
    assert faulty.frames == clean.frames[:5]
    assert (faulty.rest, faulty.whole, faulty.ending) == (b"not-a-size\r\n", False, "eof")


def garbled(clean: Wire, faulty: Wire) -> None:
    assert faulty.raw
    assert not faulty.raw.startswith(b"HTTP")
    assert faulty.ending == "eof"


def error_nested(clean: Wire, faulty: Wire) -> None:
    *before, error = faulty.events
    assert before == clean.events[:5]
    assert error["sequence_number"] == 5
    assert error["error"]["code"] == "rate_limit_exceeded"
    assert list(error["error"]) == ["type", "code", "message", "param"]
    assert faulty.whole


def error_flat(clean: Wire, faulty: Wire) -> None:
    *before, error = faulty.events
    assert before == clean.events[:5]
    assert list(error) == ["type", "code", "message", "param", "sequence_number"]
    assert error["code"] == "server_error"
    assert faulty.whole


def failing(clean: Wire, faulty: Wire) -> None:
    *before, error, failed = faulty.events
    assert before == clean.events[:5]
    assert error["error"]["code"] == failed["response"]["error"]["code"] == "server_error"
    assert (failed["type"], failed["response"]["status"]) == ("response.failed", "failed")
    assert (failed["response"]["output"], failed["response"]["usage"]) == ([], None)
    assert [error["sequence_number"], failed["sequence_number"]] == [5, 6]


def without_usage(clean: Wire, faulty: Wire) -> None:
    response = {**clean.events[-1]["response"], "usage": None}
    assert faulty.events == [*clean.events[:-1], {**clean.events[-1], "response": response}]


def duplicated(clean: Wire, faulty: Wire) -> None:
    assert faulty.frames == [*clean.frames[:6], *clean.frames[5:]]


def reordered(clean: Wire, faulty: Wire) -> None:
    first, second = clean.frames[5:7]
    assert faulty.frames == [*clean.frames[:5], second, first, *clean.frames[7:]]


def dropped(clean: Wire, faulty: Wire) -> None:
    assert faulty.frames == [*clean.frames[:5], *clean.frames[6:]]


def gapped(clean: Wire, faulty: Wire) -> None:
    numbers = [event["sequence_number"] for event in faulty.events]
    assert numbers == [*range(5), *range(6, len(clean.events) + 1)]
    assert unnumbered(faulty) == unnumbered(clean)


def unnumbered(wire: Wire) -> list[dict[str, Any]]:
    return [{**event, "sequence_number": 0} for event in wire.events]


def unknown_event(clean: Wire, faulty: Wire) -> None:
    numbers = [event["sequence_number"] for event in faulty.events]
    assert numbers == list(range(len(clean.events) + 1))
    known = unnumbered(faulty)
    assert known.pop(5)["type"] == "response.future.delta"
    assert known == unnumbered(clean)


def unknown_item(clean: Wire, faulty: Wire) -> None:
    *before, added, done, last = faulty.events
    assert before == clean.events[:-1]
    response = last["response"]
    assert response["output"] == [*clean.events[-1]["response"]["output"], done["item"]]
    assert added["output_index"] == done["output_index"] == len(response["output"]) - 1
    assert done["item"]["type"] == added["item"]["type"] == "future_call"
    numbers = [event["sequence_number"] for event in faulty.events]
    assert numbers == list(range(len(numbers)))


def unknown_enum(clean: Wire, faulty: Wire) -> None:
    last, usual = faulty.events[-1]["response"], clean.events[-1]["response"]
    assert last["status"] == "future_completed"
    assert last["output"][0]["status"] == "future_completed"
    assert {**last, "status": 0, "output": 0} == {**usual, "status": 0, "output": 0}
    assert [event["type"] for event in faulty.events] == [event["type"] for event in clean.events]


def other_type(clean: Wire, faulty: Wire) -> None:
    assert faulty.headers["content-type"] == "text/plain; charset=utf-8"
    assert (faulty.status, faulty.body, faulty.whole) == (200, clean.body, True)


def page(clean: Wire, faulty: Wire) -> None:
    assert (faulty.status, faulty.whole) == (503, True)
    assert faulty.headers["content-type"] == "text/html; charset=utf-8"
    assert faulty.body.startswith(b"<!DOCTYPE html>")


def malformed(clean: Wire, faulty: Wire) -> None:
    broken, usual = faulty.frames[5], clean.frames[5]
    assert faulty.frames == [*clean.frames[:5], broken, *clean.frames[6:]]
    assert broken == usual.removesuffix(b"}\n\n") + b"\n\n"
    with pytest.raises(ValueError, match="unexpected"):
        orjson.loads(broken.partition(b"data: ")[2])


def commented(clean: Wire, faulty: Wire) -> None:
    assert faulty.frames[::2] == [b": keep-alive\n\n"] * len(clean.frames)
    assert faulty.frames[1::2] == clean.frames


def sliced(clean: Wire, faulty: Wire) -> None:
    assert (faulty.body, faulty.whole) == (clean.body, True)
    assert max(map(len, faulty.chunks)) == 7
    assert len(faulty.chunks) > len(clean.body) // 7


def lumped(clean: Wire, faulty: Wire) -> None:
    assert (faulty.chunks, faulty.whole) == ([clean.body], True)


def throttled(clean: Wire, faulty: Wire) -> None:
    assert (faulty.body, faulty.whole) == (clean.body, True)
    assert faulty.seconds >= len(clean.body) * 8 / 400_000


STREAM: dict[str, Check] = {
    "refuse": silent,
    "hang:100ms": hung,
    "reset": reset_at_once,
    "reset:5": reset_after,
    "cut:5": cut,
    "cut_inside:5": cut_inside,
    "cut_utf8:5": cut_in_a_character,
    "stall:5/100ms": stalled,
    "slow_close:100ms": stalled,
    "bad_chunk:5": broken_chunk,
    "garbage": garbled,
    "error_nested:5/rate_limit_exceeded": error_nested,
    "error_flat:5": error_flat,
    "fail_at:5": failing,
    "null_usage": without_usage,
    "duplicate:5": duplicated,
    "reorder:5": reordered,
    "drop:5": dropped,
    "gap:5": gapped,
    "unknown_event:5": unknown_event,
    "unknown_item": unknown_item,
    "unknown_enum:status": unknown_enum,
    "wrong_content_type": other_type,
    "html:503": page,
    "malformed:5": malformed,
    "comments": commented,
    "slice:7": sliced,
    "coalesce": lumped,
    "bandwidth:400kbps": throttled,
}
"""What each fault does to a stream."""


def half_reset(clean: Wire, faulty: Wire) -> None:
    assert (faulty.body, faulty.ending) == (inside(clean.body), "reset")


def half(clean: Wire, faulty: Wire) -> None:
    assert faulty.body == inside(clean.body)
    assert (faulty.whole, faulty.ending) == (False, "eof")


def half_a_character(clean: Wire, faulty: Wire) -> None:
    assert (faulty.whole, faulty.ending) == (False, "eof")
    with pytest.raises(UnicodeDecodeError, match="unexpected end of data"):
        faulty.body.decode()


def nothing_but_a_chunk(clean: Wire, faulty: Wire) -> None:
    assert (faulty.body, faulty.rest, faulty.whole) == (b"", b"not-a-size\r\n", False)


def one_more_item(clean: Wire, faulty: Wire) -> None:
    *known, unknown = faulty.document["output"]
    assert (known, unknown["type"]) == (clean.document["output"], "future_call")


def other_tier(clean: Wire, faulty: Wire) -> None:
    tier = "future_" + clean.document["service_tier"]
    assert faulty.document == {**clean.document, "service_tier": tier}


def failed_body(clean: Wire, faulty: Wire) -> None:
    kept = {"completed_at", "error", "output", "status", "usage"}
    assert {key: value for key, value in faulty.document.items() if key not in kept} == {
        key: value for key, value in clean.document.items() if key not in kept
    }
    assert faulty.document["status"] == "failed"
    assert faulty.document["error"]["code"] == "server_error"


def body_without_usage(clean: Wire, faulty: Wire) -> None:
    assert faulty.document == {**clean.document, "usage": None}


def brace_missing(clean: Wire, faulty: Wire) -> None:
    assert faulty.body == clean.body.rstrip().removesuffix(b"}")
    assert faulty.whole


BODY: dict[str, Check] = {
    "refuse": silent,
    "hang:100ms": hung,
    "reset": reset_at_once,
    "reset:5": half_reset,
    "cut_inside:5": half,
    "cut_utf8": half_a_character,
    "stall:5/100ms": stalled,
    "slow_close:100ms": stalled,
    "bad_chunk": nothing_but_a_chunk,
    "garbage": garbled,
    "fail_at:5": failed_body,
    "null_usage": body_without_usage,
    "unknown_item": one_more_item,
    "unknown_enum": other_tier,
    "wrong_content_type": other_type,
    "html:503": page,
    "malformed": brace_missing,
    "slice:7": sliced,
    "bandwidth:400kbps": throttled,
}
"""What each fault does to a JSON body; the others are of events, and do nothing to it."""


@pytest.fixture(scope="module", params=["synthesised", "recorded"])
def server(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """A server that makes answers up, or has each of them on a cassette."""
    files = [CASSETTES / f"{name}.yaml" for name in ("stream", "text")]
    options: dict[str, Any] = {"synthesised": {}, "recorded": {"cassettes": files, "strict": True}}
    with MockServer(**options[request.param]) as running:
        yield running


def compared(server: MockServer, body: dict[str, Any], scenario: str) -> tuple[Wire, Wire]:
    """Ask the same twice, the second time with a fault."""
    server.clear()
    clean = ask(server.url, body)
    assert clean.whole
    server.clear()
    return clean, ask(server.url, body, scenario)


def test_every_fault_is_shown() -> None:
    """The tables have every fault there is, of each form that it fits."""
    for table, form in ((STREAM, "stream"), (BODY, "body")):
        shown = {scenario.partition(":")[0] for scenario in table} | OF_CALLS
        assert shown == {name for name, fault in FAULTS.items() if form in fault.forms}


@pytest.mark.parametrize("scenario", STREAM)
def test_a_fault_of_a_stream_is_on_the_wire_and_in_the_journal(
    server: MockServer, scenario: str
) -> None:
    """The bytes are what the fault says, the journal names it, and the record is whole."""
    clean, faulty = compared(server, request("stream"), scenario)
    STREAM[scenario](clean, faulty)
    noted(server, faulty, scenario)
    kept(server, clean.events[-1]["response"])


@pytest.mark.parametrize("scenario", BODY)
def test_a_fault_of_a_body_is_on_the_wire_and_in_the_journal(
    server: MockServer, scenario: str
) -> None:
    """The bytes are what the fault says, the journal names it, and the record is whole."""
    clean, faulty = compared(server, request("text"), scenario)
    BODY[scenario](clean, faulty)
    noted(server, faulty, scenario)
    kept(server, clean.document)


def noted(server: MockServer, faulty: Wire, scenario: str) -> None:
    [call] = server.calls
    assert (call.faults, call.scenario) == ((scenario.partition(":")[0],), scenario)
    assert call.status == faulty.status


def kept(server: MockServer, response: dict[str, Any]) -> None:
    [call] = server.calls
    assert call.response_id == response["id"]
    with Api(server.url) as api:
        found = api.request("GET", f"/responses/{call.response_id}").json()
    assert {**found, "billing": 0} == {**response, "billing": 0}


OF_EVENTS = [
    scenario for scenario in STREAM if "body" not in FAULTS[scenario.partition(":")[0]].forms
]


@pytest.mark.parametrize("scenario", OF_EVENTS)
def test_a_fault_of_events_leaves_a_body_alone(server: MockServer, scenario: str) -> None:
    """What says nothing to a JSON body changes nothing of it, and is not in the journal."""
    clean, faulty = compared(server, request("text"), scenario)
    assert (faulty.body, faulty.status) == (clean.body, 200)
    assert server.calls[0].faults == ()


def test_a_fault_beyond_the_end_does_not_happen(server: MockServer) -> None:
    """A stream with fewer events is whole, and the journal knows of no fault."""
    clean, faulty = compared(server, request("stream"), "cut:500,reset:900")
    assert (faulty.body, faulty.whole) == (clean.body, True)
    assert server.calls[0].faults == ()


def test_faults_add_up(server: MockServer) -> None:
    """Several faults play together: events first, then bytes, then the writing of them."""
    clean, faulty = compared(server, request("stream"), "slice:9,cut:5,duplicate:1")
    assert faulty.frames == [*clean.frames[:2], *clean.frames[1:4]]
    assert max(map(len, faulty.chunks)) == 9
    assert server.calls[0].faults == ("slice", "duplicate", "cut")


def test_a_paced_stream_is_lumped_at_its_end(server: MockServer) -> None:
    """What comes event by event otherwise comes in one chunk."""
    server.clear()
    paced = ask(server.url, request("stream"), "tps:1000")
    server.clear()
    lump = ask(server.url, request("stream"), "tps:1000,coalesce")
    assert len(paced.chunks) > 5
    assert lump.chunks == [paced.body]


@pytest.mark.parametrize("server", ["synthesised"], indirect=True)
@pytest.mark.parametrize("scenario", ["cut:4", "reset:4", "error_nested:4", "html"])
def test_a_paced_response_is_on_record_though_its_stream_was_cut(
    server: MockServer, scenario: str
) -> None:
    """What cuts the telling short leaves the run as it is."""
    server.clear()
    ask(server.url, request("stream"), f"tps:500,{scenario}")
    with Api(server.url) as api:
        assert api.retrieve(str(server.calls[0].response_id))["status"] == "completed"


@pytest.mark.parametrize("scenario", ["cut:6", "reset:6", "cut_inside:6"])
def test_a_background_stream_that_was_cut_is_resumed(scenario: str) -> None:
    """The run goes on without its listener, who gets the rest from where it broke off."""
    body = {**request("stream"), "background": True}
    with MockServer(queued_seconds=0.0, in_progress_seconds=0.0) as server:
        whole = ask(server.url, body)
        server.clear()
        broken = ask(server.url, body, scenario)
        with Api(server.url) as api:
            rest = api.resume(str(server.calls[0].response_id), after=5)
    assert [*broken.events, *rest] == whole.events


def test_an_old_client_without_chunks_is_troubled_as_well() -> None:
    """To HTTP/1.0 a body ends with its connection."""
    with MockServer() as server:
        payload = b'{"model": "gpt-4.1", "input": "hi"}'
        head = (
            b"POST /v1/responses HTTP/1.0\r\nContent-Length: %d\r\nX-Mock-Scenario: slice:5\r\n\r\n"
        )
        raw, ending = exchange(server.url, head % len(payload) + payload)
        assert ending == "eof"
        assert orjson.loads(raw.partition(b"\r\n\r\n")[2])["status"] == "completed"
        assert server.calls[0].faults == ("slice",)


def test_a_last_character_of_several_bytes_is_cut_where_there_is_one(server: MockServer) -> None:
    """The text's own character is the one that is cut."""
    body = {"model": "gpt-4.1", "input": "hi", "stream": True}
    faulty = ask(server.url, body, "text:%C3%A9t%C3%A9,cut_utf8:4")
    assert faulty.body.endswith('"delta":"ét'.encode() + b"\xc3")


def test_errors_and_other_requests_meet_faults_too(server: MockServer) -> None:
    """An HTTP error and a poll are bodies like any other; only its own header troubles a poll."""
    server.clear()
    broken = ask(server.url, request("text"), "http:429,malformed")
    assert (broken.status, broken.body.endswith(b"\n  }\n")) == (429, True)
    server.scenario("html:502")
    ask(server.url, request("text"))
    server.scenario(None)
    with Api(server.url) as api:
        path = f"/responses/{server.calls[-1].response_id}"
        assert api.request("GET", path).status_code == 200
        refused = api.request("GET", path, headers={"x-mock-scenario": "http:503"})
        assert refused.json()["error"]["code"] == "server_is_overloaded"
    assert server.calls[-1].answered_by == "scenario"
