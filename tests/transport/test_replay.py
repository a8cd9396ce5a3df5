"""Replay: recorded interactions, served to real clients as they were recorded."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
import vcr
from api import Api, types
from openai import OpenAI
from oracle import check_stream, parse_sse
from record_samples import record
from samples import CASSETTES, SAMPLES, request

from mockserver import MockServer


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, recorded anew."""
    folder = tmp_path_factory.mktemp("cassettes")
    record(folder)
    return folder


def through_vcrpy(name: str, play: Callable[[OpenAI], list[Any]]) -> list[Any]:
    """Play a sample from its cassette by plain vcrpy, with no server and no network."""
    with vcr.use_cassette(
        str(CASSETTES / f"{name}.yaml"),
        record_mode="none",
        match_on=["method", "uri", "body"],
    ):
        return play(OpenAI(api_key="sk-any", max_retries=0))


@pytest.mark.parametrize("name", SAMPLES)
def test_this_server_and_plain_vcrpy_replay_a_cassette_alike(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each shipped cassette gives the SDK the same objects from us as from vcrpy."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with MockServer(cassettes=(CASSETTES / f"{name}.yaml",), strict=True) as server:
        ours = SAMPLES[name](OpenAI(base_url=server.url, api_key="x", max_retries=0))
        assert {call.answered_by for call in server.calls} == {"cassette"}
    assert ours == through_vcrpy(name, SAMPLES[name])


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - {"background_poll"}))
def test_the_shipped_cassettes_are_what_the_server_answers(recorded: Path, name: str) -> None:
    """Recording anew gives the same file, byte for byte (but for the times of polling)."""
    file = f"{name}.yaml"
    assert (recorded / file).read_bytes() == (CASSETTES / file).read_bytes()


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_a_plain_recording_answers_a_streaming_client(api: Api) -> None:
    """The stream is derived from the recorded response."""
    plain = api.create(request("text"))
    with MockServer(cassettes=(CASSETTES / "text.yaml",), strict=True) as server:
        with Api(server.url) as other:
            events = other.stream(request("text"))
    plain.pop("billing")
    assert events[-1]["response"] == plain


@pytest.mark.mockserver(cassette="stream.yaml", strict=True)
def test_a_recorded_stream_answers_a_plain_client(api: Api) -> None:
    """The body is the response that the recorded stream ends with."""
    body = request("stream") | {"stream": False}
    response = api.create(body)
    assert response["status"] == "completed"
    assert api.retrieve(response["id"]) == response


@pytest.mark.mockserver(cassette="stream.yaml", strict=True)
def test_a_recorded_stream_comes_back_byte_for_byte(api: Api) -> None:
    """The bytes are those of the recording."""
    raw = api.request("POST", "/responses", json=request("stream")).content
    cassette = vcr.cassette.Cassette.load(path=str(CASSETTES / "stream.yaml"))
    assert raw == cassette.responses[0]["body"]["string"]


@pytest.mark.mockserver(cassette="tool_loop.yaml", assert_all_played=False)
def test_a_replayed_response_can_be_continued_by_the_synthesiser(api: Api) -> None:
    """What was replayed is remembered: its call can be answered in another way."""
    first = api.create(request("tools"))
    output = {
        "type": "function_call_output",
        "call_id": first["output"][0]["call_id"],
        "output": "not the recorded one",
    }
    second = api.create(
        {"model": "gpt-4.1", "input": [output], "previous_response_id": first["id"]}
    )
    assert second["output"][0]["type"] == "message"
    assert len(api.input_items(second["id"])["data"]) == 3


@pytest.mark.mockserver(cassette="error.yaml", strict=True)
def test_a_recorded_error_comes_back_before_validation(client: OpenAI) -> None:
    """The recording is asked first, so that its status and body are what the client sees."""
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(model="gpt-4.1", input="hi", temperature=9)
    assert raised.value.code == "decimal_above_max_value"


@pytest.mark.mockserver(cassette="text.yaml", assert_all_played=False)
def test_a_miss_goes_to_the_synthesiser(api: Api, mockserver: MockServer) -> None:
    """Without ``strict`` what is not recorded is made up."""
    assert api.create({"model": "gpt-4.1", "input": "something else"})["status"] == "completed"
    assert mockserver.calls[-1].answered_by == "synthesiser"


@pytest.mark.mockserver(cassette="text.yaml", strict=True, assert_all_played=False)
def test_a_strict_miss_names_the_nearest_recording(mockserver: MockServer) -> None:
    """424, not retried, with the difference and the mend in the message."""
    with OpenAI(base_url=mockserver.url, api_key="x", max_retries=2) as client:
        with pytest.raises(openai.APIStatusError) as raised:
            client.responses.create(model="gpt-5.4", input="Say hello in two sentences.")
    assert raised.value.status_code == 424
    assert raised.value.response.headers["x-should-retry"] == "false"
    assert raised.value.code == "cassette_miss"
    assert "text.yaml" in raised.value.message
    assert "Say hello in one sentence." in raised.value.message
    assert len(mockserver.calls) == 1


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_a_recording_is_played_once(api: Api) -> None:
    """A second request of the same kind is a miss that says so."""
    api.create(request("text"))
    assert api.refused(request("text"))["code"] == "already_played"


@pytest.mark.mockserver(cassette="text.yaml", strict=True, repeat="last")
def test_a_recording_repeats_when_told_so(api: Api) -> None:
    """``repeat="last"`` stays on the last recording."""
    assert api.create(request("text")) == api.create(request("text"))


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_a_scenario_wins_over_a_recording(api: Api) -> None:
    """Flags that choose the answer leave the cassette unplayed."""
    assert api.refused(request("text"), "http:500")["status"] == 500
    assert api.create(request("text"))["status"] == "completed"


@pytest.mark.mockserver(cassette="stream.yaml", strict=True)
def test_a_recorded_stream_can_be_slowed_down(api: Api) -> None:
    """Pacing flags act on recordings too, and change no byte."""
    events = api.stream(request("stream"), "ttft:20ms,tps:1000")
    assert not check_stream(events)


def interaction(path: str, body: Any, answer: Any, **response: Any) -> dict[str, Any]:
    return {
        "request": {
            "method": "POST",
            "uri": f"https://gateway.example.com{path}",
            "headers": {},
            "body": json.dumps(body),
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["application/json"]},
            "body": {"string": json.dumps(answer)},
            **response,
        },
    }


def cassette(folder: Path, *interactions: dict[str, Any]) -> Path:
    path = folder / "cassette.json"
    path.write_text(
        json.dumps({"version": 1, "interactions": list(interactions)}), encoding="utf-8"
    )
    return path


def test_other_endpoints_and_base_paths_come_back_as_recorded(tmp_path: Path) -> None:
    """Chat completions behind a gateway's prefix replay as plain HTTP, status and headers too."""
    path = cassette(
        tmp_path,
        interaction(
            "/api/v1/chat/completions",
            {"model": "m", "messages": []},
            {"choices": []},
            status={"code": 418, "message": "Teapot"},
            headers={"x-gateway": ["g"], "content-type": ["application/json"]},
        ),
    )
    with MockServer(cassettes=(path,), strict=True) as server, Api(server.url) as api:
        raw = api._client.post("/chat/completions", json={"messages": [], "model": "m"})
    assert (raw.status_code, raw.reason_phrase) == (418, "Teapot")
    assert raw.headers["x-gateway"] == "g"
    assert raw.json() == {"choices": []}


def test_equal_requests_get_their_recordings_in_order(tmp_path: Path) -> None:
    """First in, first out; namespaces count apart."""
    body = {"model": "m", "input": "x"}
    path = cassette(tmp_path, *(interaction("/v1/responses", body, {"n": n}) for n in range(3)))
    with MockServer(cassettes=(path,), strict=True) as server:
        for namespace in ("", "other"):
            with Api(server.url_for(namespace)) as api:
                seen = [api.request("POST", "/responses", json=body).json()["n"] for _ in range(3)]
                assert seen == [0, 1, 2]


def test_state_answers_what_strict_recordings_do_not_hold(tmp_path: Path) -> None:
    """In strict mode a remembered response can be fetched; an unknown one is a miss."""
    with MockServer(cassettes=(CASSETTES / "text.yaml",), strict=True) as server:
        with Api(server.url) as api:
            response = api.create(request("text"))
            assert api.retrieve(response["id"]) == response
            assert api.request("GET", "/responses/resp_nope").status_code == 424


def test_a_cassette_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A file that was named does not load: the server does not start."""
    path = tmp_path / "broken.yaml"
    path.write_text("interactions: [", encoding="utf-8")
    with pytest.raises(Exception, match=r"broken\.yaml"):
        MockServer(cassettes=(path,)).start()


def test_a_bad_file_in_a_folder_does_not_stop_the_others(tmp_path: Path) -> None:
    """The rest is served, and ``/readyz`` names the problem."""
    (tmp_path / "broken.yaml").write_text("interactions: [", encoding="utf-8")
    cassette(tmp_path, interaction("/v1/responses", {"input": "x"}, {"n": 1}))
    with MockServer(cassettes=(tmp_path,)) as server, Api(server.url) as api:
        assert api.request("POST", "/responses", json={"input": "x"}).json() == {"n": 1}
        ready = api._client.get(server.url.removesuffix("/v1") + "/readyz").json()
    assert ready["interactions"] == 1
    assert "broken.yaml" in ready["problems"][0]


def test_the_samples_were_recorded_with_the_sdk_that_is_tested() -> None:
    """The stream of the sample is one that this SDK's types describe."""
    assert importlib.metadata.version("openai").startswith("3.")
    raw = vcr.cassette.Cassette.load(path=str(CASSETTES / "stream.yaml")).responses[0]
    events = parse_sse(raw["body"]["string"])
    assert types(events)[-1] == "response.completed"


def test_a_404_that_a_scenario_asks_for_is_no_miss() -> None:
    """Under ``strict`` it comes as asked; what nothing asked for is still a miss."""
    with (
        MockServer(strict=True, cassettes=(CASSETTES / "text.yaml",)) as server,
        httpx2.Client(base_url=server.url) as client,
    ):
        body = {"model": "gpt-4.1", "input": "not recorded"}
        scripted = client.post("/responses", json=body, headers={"x-mock-scenario": "http:404"})
        assert scripted.status_code == 404
        server.rules({"reply": {"text": "a"}, "flags": "http:404"})
        assert client.post("/responses", json=body).status_code == 404
        assert client.get("/responses/resp_none").status_code == 424
