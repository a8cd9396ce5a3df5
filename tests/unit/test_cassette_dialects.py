"""One exchange as every tool would have written it: all of them read as the same."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.cassette import CassetteError, Interaction, read
from mockserver.cassette.dialects import DIALECTS

ASKED = {"model": "gpt-5", "input": "Say häuser"}
ANSWER = {"id": "resp_1", "object": "response", "status": "completed", "output": []}
URL = "https://api.openai.com/v1/responses"
REQUEST = json.dumps(ASKED)
RESPONSE = json.dumps(ANSWER)
ZIPPED = gzip.compress(RESPONSE.encode(), mtime=0)
LIST = {"content-type": ["application/json"]}
FLAT = {"content-type": "application/json"}
NAMED = [{"name": "content-type", "value": "application/json"}]
OK = {"code": 200, "message": "OK"}
CREATED = {"type": "response.created", "sequence_number": 0, "response": {**ANSWER, "output": []}}
COMPLETED = {"type": "response.completed", "sequence_number": 1, "response": ANSWER}
STREAM = "".join(
    f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in (CREATED, COMPLETED)
)


def b64(text: str | bytes) -> str:
    """Return a text in base64."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def har(content: dict[str, Any], **log: str) -> dict[str, Any]:
    """Return an archive of one entry."""
    request = {"method": "POST", "url": URL, "headers": NAMED, "postData": {"text": REQUEST}}
    response = {"status": 200, "statusText": "OK", "headers": NAMED, "content": content}
    return {"log": {"entries": [{"_order": 0, "request": request, "response": response}], **log}}


def nock(response: Any, **rest: Any) -> list[dict[str, Any]]:
    """Return a recording of one member."""
    member = {"scope": "https://api.openai.com:443", "method": "POST", "path": "/v1/responses"}
    return [{**member, "body": ASKED, "status": 200, "response": response, **rest}]


def seinfeld(body: dict[str, Any]) -> dict[str, Any]:
    """Return a cassette of one entry."""
    asked = {"kind": "json", "value": ASKED}
    request = {"method": "POST", "url": URL, "headers": FLAT, "body": asked}
    response = {"status": 200, "statusText": "OK", "headers": FLAT, "body": body}
    return {"version": 1, "meta": {}, "entries": [{"request": request, "response": response}]}


def wiremock(response: dict[str, Any]) -> dict[str, Any]:
    """Return a stub mapping."""
    patterns = [{"equalToJson": REQUEST, "ignoreArrayOrder": True}]
    request = {"url": "/v1/responses", "method": "POST", "bodyPatterns": patterns}
    return {"request": request, "response": {"status": 200, "headers": FLAT, **response}}


def vcr(request: dict[str, Any], response: dict[str, Any], **rest: Any) -> str:
    """Return a vcrpy cassette of one interaction as YAML."""
    request = {"method": "POST", "uri": URL, "headers": LIST, **request}
    response = {"headers": LIST, "status": OK, **response}
    interaction = {"request": request, "response": response}
    return yaml.safe_dump({"interactions": [interaction], "version": 1, **rest})


def ruby(response: dict[str, Any]) -> str:
    """Return a cassette of Ruby's VCR of one interaction."""
    asked = {"encoding": "UTF-8", "string": REQUEST}
    request = {"method": "post", "uri": URL, "body": asked, "headers": LIST}
    answer = {"status": OK, "headers": LIST, "body": response}
    interaction = {"request": request, "response": answer, "recorded_at": "Tue, 01 Jul 2025"}
    return yaml.safe_dump({"http_interactions": [interaction], "recorded_with": "VCR 6.3.1"})


def go_vcr(version: int) -> str:
    """Return a cassette of go-vcr, its version first as it writes it."""
    request = {"proto": "HTTP/1.1", "body": REQUEST, "headers": LIST, "url": URL, "method": "POST"}
    response = {"body": RESPONSE, "headers": LIST, "status": "200 OK", "code": 200}
    interaction = {"request": request, "response": {**response, "duration": "1.2s"}}
    return f"---\nversion: {version}\n" + yaml.safe_dump({"interactions": [interaction]})


def langchain() -> bytes:
    """Return a compressed cassette whose address and headers are blacked out."""
    black = {"content-type": ["**REDACTED**"], "content-encoding": ["**REDACTED**"]}
    request = {"method": "POST", "uri": "**REDACTED**", "headers": black, "body": REQUEST.encode()}
    response = {"status": OK, "headers": black, "body": {"string": RESPONSE.encode()}}
    return gzip.compress(yaml.safe_dump({"requests": [request], "responses": [response]}).encode())


def agent(body: str = RESPONSE) -> dict[str, Any]:
    """Return an interaction of DataDog's test agent."""
    request = {"method": "POST", "url": URL, "headers": FLAT, "body": REQUEST}
    return {"request": request, "response": {"status": OK, "headers": FLAT, "body": body}}


def record() -> str:
    """Return a record of DataDog's Java agent, with the filling it leaves behind a body."""
    return (
        f"method: POST\npath: responses\n-- begin request body --\n{REQUEST}\n"
        "-- end request body -- \nstatus code: 200\n-- begin response headers --\n"
        "content-type: application/json\n-- end response headers --\n"
        f"-- begin response body --\n{RESPONSE}\ufffd\n-- end response body --\n"
    )


def req_llm(**rest: Any) -> dict[str, Any]:
    """Return a fixture of req_llm."""
    request = {"method": "POST", "url": URL, "headers": FLAT, "canonical_json": ASKED}
    response = {"status": 200, "headers": FLAT, "body": ANSWER}
    return {"request": {**request, "body": {"b64": b64(REQUEST)}}, "response": response, **rest}


def azure(answer: Any) -> dict[str, Any]:
    """Return a session record of one entry."""
    request = {"RequestUri": URL, "RequestMethod": "POST", "RequestHeaders": FLAT}
    answered = {"StatusCode": 200, "ResponseHeaders": FLAT, "ResponseBody": answer}
    return {"Entries": [{**request, "RequestBody": ASKED, **answered}], "Variables": {}}


def httpmock() -> str:
    """Return a mock, and a second one in a document of its own."""
    mock = {
        "when": {"path": "/v1/responses", "method": "POST", "header": NAMED, "body": REQUEST},
        "then": {"status": 200, "header": NAMED, "body": RESPONSE},
    }
    return yaml.safe_dump(mock) + "---\n" + yaml.safe_dump(mock)


CHUNKS = [ZIPPED[:9], ZIPPED[9:]]
POLLY = {"_recordingName": "a"}
VCRPY = vcr({"body": REQUEST}, {"body": {"string": RESPONSE}})
OLD = vcr({"body": REQUEST}, {"content": RESPONSE, "status_code": 200})
SAMPLES: dict[str, tuple[str, Any]] = {
    "vcrpy": ("a.yaml", VCRPY),
    "vcrpy json": (
        "a.json",
        yaml.safe_load(VCRPY),
    ),
    "vcrpy-old-httpx": (
        "a.yaml",
        vcr({"body": REQUEST}, {"content": RESPONSE, "status_code": 200}),
    ),
    "pydantic-ai": ("a.yaml", vcr({"parsed_body": ASKED}, {"parsed_body": ANSWER})),
    "cassetter": (
        "a.yaml",
        vcr(
            {"body": {"type": "text", "content": REQUEST}},
            {"body": {"type": "json", "content": ANSWER}, "status": 200},
        ),
    ),
    "cassetter binary": (
        "a.yaml",
        vcr(
            {"body": {"type": "json", "content": ASKED}},
            {"body": {"type": "binary", "content": b64(ZIPPED)}, "status": 200},
        ),
    ),
    "ruby-vcr": ("a.yml", ruby({"encoding": "UTF-8", "string": RESPONSE})),
    "ruby-vcr base64": ("a.yml", ruby({"encoding": "ASCII-8BIT", "base64_string": b64(RESPONSE)})),
    "go-vcr": ("a.yaml", go_vcr(2)),
    "go-vcr 1": ("a.yaml", go_vcr(1)),
    "langchain": ("a.yaml.gz", langchain()),
    "datadog-agent": ("a.json", agent()),
    "datadog-agent binary": ("a.json", agent(f"base64:{b64(ZIPPED)}")),
    "datadog-record": ("a.POST.rec", record()),
    "req-llm": ("a.json", req_llm()),
    "req-llm chunks": ("a.json", req_llm(chunks=[{"b64": b64(chunk)} for chunk in CHUNKS])),
    "har": ("a.har", har({"text": RESPONSE})),
    "har binary": ("a.har", har({"text": b64(ZIPPED), "encoding": "base64"})),
    "polly": ("a.har", har({"text": RESPONSE}, **POLLY)),
    "polly binary": (
        "a.har",
        har({"text": json.dumps([b64(part) for part in CHUNKS]), "encoding": "base64"}, **POLLY),
    ),
    "polly hexadecimal": (
        "a.har",
        har({"text": json.dumps([part.hex() for part in CHUNKS]), "_isBinary": True}, **POLLY),
    ),
    "nock": ("a.json", nock(ANSWER, rawHeaders=FLAT)),
    "nock text": ("a.json", nock(RESPONSE, rawHeaders=["Content-Type", "application/json"])),
    "nock chunks": ("a.json", nock([part.hex() for part in CHUNKS], rawHeaders=FLAT)),
    "nock binary": ("a.json", nock(ZIPPED.hex(), responseIsBinary=True, rawHeaders=FLAT)),
    "azure-test-proxy": ("a.json", azure(ANSWER)),
    "azure-test-proxy lines": ("a.json", azure([RESPONSE[:9], RESPONSE[9:]])),
    "azure-test-proxy parts": ("a.json", azure([f"b64:{b64(RESPONSE)}"])),
    "httpmock": ("a.yaml", httpmock()),
    "seinfeld": ("a.json", seinfeld({"kind": "json", "value": ANSWER})),
    "seinfeld text": ("a.json", seinfeld({"kind": "text", "value": RESPONSE})),
    "seinfeld base64": ("a.json", seinfeld({"kind": "base64", "value": b64(RESPONSE)})),
    "wiremock": ("a.json", wiremock({"body": RESPONSE})),
    "wiremock data": ("a.json", wiremock({"jsonBody": ANSWER})),
    "wiremock base64": ("a.json", wiremock({"base64Body": b64(RESPONSE)})),
    "wiremock list": ("a.json", {"mappings": [wiremock({"body": RESPONSE})]}),
    "answer": ("response.json", ANSWER),
    "batch": (
        "a.jsonl",
        "\n".join(
            json.dumps({"custom_id": str(n), "response": {"status_code": 200, "body": ANSWER}})
            for n in range(2)
        ),
    ),
    "sse": ("response.sse", STREAM),
    "sse joined": ("response.txt", STREAM.replace("\n\n", "\n")),
    "events": ("response.json", [CREATED, COMPLETED]),
    "events lines": ("response.txt", f"{json.dumps(CREATED)}\n{json.dumps(COMPLETED)}\n"),
    "request": ("request.json", ASKED),
}
"""A dialect's name, with a word for its variant, and the file it stands in."""

STREAMED = {"sse", "sse joined", "events", "events lines"}
UNASKED = {"batch"}


def write(folder: Path, name: str, content: Any) -> Path:
    """Write a file as text, bytes or JSON."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_recording_reads_the_same_whoever_wrote_it(tmp_path: Path, sample: str) -> None:
    """Method, address, request, status, type and body do not depend on the tool."""
    write(tmp_path, "request.json", ASKED)
    write(tmp_path, "response.json", ANSWER)
    found = read(write(tmp_path, *SAMPLES[sample]), strict=True)
    if sample == "request":
        assert found == []
        return
    for interaction in found:
        assert (interaction.method, interaction.uri) == ("POST", URL)
        asked = json.loads(interaction.request_body or "{}")
        assert asked == ({} if sample in UNASKED else ASKED | streamed(sample))
        assert interaction.status == 200
        assert interaction.is_stream == (sample in STREAMED)
        assert answered(interaction) == ANSWER
    assert len(found) == (2 if sample in ("httpmock", "batch") else 1)


def streamed(sample: str) -> dict[str, Any]:
    """Return what a sample's request has beyond the plain one."""
    return {"stream": True} if sample in STREAMED else {}


def answered(interaction: Interaction) -> Any:
    """Return the response that an answer ends with."""
    return interaction.events[-1]["response"] if interaction.is_stream else interaction.document


def test_every_dialect_has_a_sample() -> None:
    """No dialect is registered without being tried."""
    named = {name for name in DIALECTS if name != "shouting"}
    assert named == {sample.partition(" ")[0] for sample in SAMPLES} & set(DIALECTS)


def test_a_body_beside_the_recording_is_read(tmp_path: Path) -> None:
    """WireMock's body files and seinfeld's blobs are found from the file that names them."""
    for folder in ("mappings", "__files", "a.blobs"):
        (tmp_path / folder).mkdir()
    write(tmp_path / "__files", "b.json", RESPONSE)
    file = write(tmp_path / "mappings", "a.json", wiremock({"bodyFileName": "b.json"}))
    assert read(file)[0].body == RESPONSE.encode()
    write(tmp_path / "a.blobs", "c.bin", ZIPPED)
    blob = {"kind": "binary", "path": "a.blobs/c.bin", "sha256": hashlib.sha256(ZIPPED).hexdigest()}
    assert read(write(tmp_path, "a.json", seinfeld(blob)))[0].body == RESPONSE.encode()


REFUSED: dict[str, tuple[Any, str]] = {
    "missing": (seinfeld({"kind": "binary", "path": "none"}), "'none' cannot be read: No such"),
    "outside": (seinfeld({"kind": "binary", "path": "../x"}), "outside of the recording's folder"),
    "absolute": (seinfeld({"kind": "binary", "path": "/etc/hosts"}), "outside of the recording's"),
    "other": (seinfeld({"kind": "binary", "path": "a.json", "sha256": "0"}), "not the one that"),
    "kind": (seinfeld({"kind": "tape"}), "the body kind 'tape' is not known"),
    "version": (seinfeld({}) | {"version": 2}, "version 2 is not known; seinfeld"),
    "pattern": (
        {"request": {"urlPattern": "/v1/.*"}, "response": {}},
        "'urlPattern' stands for many addresses",
    ),
    "fault": (wiremock({"fault": "EMPTY_RESPONSE"}), "describes a fault"),
    "no files": (wiremock({"bodyFileName": "b"}), "needs a folder '__files'"),
    "encoding": (har({"text": "x", "encoding": "rot13"}), "encoding 'rot13' is not known"),
    "chunk": (har({"text": '["zz"]', "_isBinary": True}, **POLLY), "not hexadecimal"),
    "base64": (agent("base64:A"), "'body' is not base64"),
    "error text": ({"error": "boom"}, "the text of an error"),
    "lone error": ({"error": {"message": "boom"}}, "an error without its request"),
    "nock member": ([*nock({}), 1], "must be a mapping"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_recording_of_one_exchange_is_refused(tmp_path: Path, name: str) -> None:
    """Each reason is named, with its file."""
    content, message = REFUSED[name]
    file = write(tmp_path, "a.json", content)
    with pytest.raises(CassetteError, match=message) as caught:
        read(file)
    assert caught.value.path == file


def test_a_request_without_its_answer_is_refused(tmp_path: Path) -> None:
    """Half of a pair says which half is missing."""
    with pytest.raises(CassetteError, match="a request without its answer"):
        read(write(tmp_path, "request.json", ASKED))


CUTS: dict[str, Callable[[str], str]] = {
    "a.POST.rec": lambda text: record()[:-30],
    "a.sse": lambda text: STREAM.partition("event: response.completed")[0],
    "a.jsonl": lambda text: f"{json.dumps(CREATED)}\n{json.dumps(COMPLETED)[:-9]}",
    "a.har": lambda text: json.dumps(har({"text": RESPONSE}))[:-9],
    "a.yaml": lambda text: ruby({"string": RESPONSE}).partition("recorded_with")[0],
}


@pytest.mark.parametrize("name", CUTS)
def test_a_recording_that_is_cut_off_is_never_taken_for_whole(tmp_path: Path, name: str) -> None:
    """Every grammar that can show a lost end is asked for it."""
    with pytest.raises(CassetteError):
        read(write(tmp_path, name, CUTS[name]("")), strict=True)
