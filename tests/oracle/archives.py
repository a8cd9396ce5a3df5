"""The file formats that recorded exchanges are kept in, one reader each."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from oracle.exchange import Exchange, exchange, ruby_body

Reader: TypeAlias = Callable[[Path], Iterator[Exchange]]

FORMATS: Final[dict[str, Reader]] = {}
"""Format name in the corpus's index -> its reader; a format without one yields nothing."""

DATADOG_RECORD: Final = re.compile(
    r"method: (?P<method>\S+)\npath: (?P<path>\S+)\n"
    r"-- begin request body --\n(?P<request>.*)\n-- end request body --\s*\n"
    r"status code: (?P<status>\d+)\n"
    r"-- begin response headers --\n(?P<headers>.*?)-- end response headers --\s*\n"
    r"-- begin response body --\n(?P<body>.*?)\n?-- end response body --",
    re.DOTALL,
)


def read_exchanges(path: Path, format_: str) -> Iterator[Exchange]:
    """Read the exchanges of one file; none when the format has no reader."""
    reader = FORMATS.get(format_)
    if reader is not None:
        yield from reader(path)


def _reads(*formats: str) -> Callable[[Reader], Reader]:
    def register(reader: Reader) -> Reader:
        FORMATS.update(dict.fromkeys(formats, reader))
        return reader

    return register


@_reads("vcrpy-yaml")
def _vcrpy(path: Path) -> Iterator[Exchange]:
    for turn in _load_yaml(path.read_bytes())["interactions"]:
        request, response = turn["request"], turn["response"]
        yield exchange(
            request["method"],
            request["uri"],
            request.get("parsed_body", request.get("body")),
            response.get("status_code") or response["status"]["code"],
            response["headers"],
            response.get("parsed_body")
            or response.get("content")
            or (response.get("body") or {}).get("string"),
        )


@_reads("vcrpy-yaml(requests/responses).gz")
def _langchain(path: Path) -> Iterator[Exchange]:
    document = _load_yaml(gzip.decompress(path.read_bytes()))
    for request, response in zip(document["requests"], document["responses"], strict=True):
        yield exchange(
            request["method"],
            request["uri"],
            request["body"],
            response["status"]["code"],
            response["headers"],
            response["body"]["string"],
        )


@_reads("ruby-vcr")
def _ruby_vcr(path: Path) -> Iterator[Exchange]:
    for turn in _load_yaml(path.read_bytes())["http_interactions"]:
        request, response = turn["request"], turn["response"]
        status = response["status"]
        yield exchange(
            request["method"],
            request["uri"],
            ruby_body(request.get("body") or {}),
            status["code"] if isinstance(status, Mapping) else status,
            response["headers"],
            ruby_body(response.get("body") or {}),
        )


@_reads("go-vcr")
def _go_vcr(path: Path) -> Iterator[Exchange]:
    for turn in _load_yaml(path.read_bytes())["interactions"]:
        request, response = turn["request"], turn["response"]
        yield exchange(
            request["method"],
            request["url"],
            request["body"],
            response["code"],
            response["headers"],
            response["body"],
        )


@_reads("har")
def _har(path: Path) -> Iterator[Exchange]:
    for entry in json.loads(path.read_bytes())["log"]["entries"]:
        request, response = entry["request"], entry["response"]
        content = response["content"]
        text = content.get("text") or ""
        yield exchange(
            request["method"],
            request["url"],
            request.get("postData", {}).get("text"),
            response["status"],
            {header["name"]: header["value"] for header in response["headers"]},
            base64.b64decode(text) if content.get("encoding") == "base64" else text,
        )


@_reads("dd-testagent-json")
def _datadog_agent(path: Path) -> Iterator[Exchange]:
    document = json.loads(path.read_bytes())
    request, response = document["request"], document["response"]
    yield exchange(
        request["method"],
        request["url"],
        request["body"],
        response["status"]["code"],
        response["headers"],
        response["body"],
    )


@_reads("dd-java-rec")
def _datadog_java(path: Path) -> Iterator[Exchange]:
    record = DATADOG_RECORD.search(path.read_text(encoding="utf-8"))
    if record is None:
        raise ValueError(f"{path.name}: not a record of the Java test agent")
    lines = record["headers"].splitlines()
    yield exchange(
        record["method"],
        "https://api.openai.com/v1/" + record["path"],
        record["request"],
        record["status"],
        dict(line.split(": ", 1) for line in lines if ": " in line),
        record["body"],
    )


@_reads("azure-test-proxy")
def _test_proxy(path: Path) -> Iterator[Exchange]:
    for entry in json.loads(path.read_bytes())["Entries"]:
        body = entry["ResponseBody"]
        yield exchange(
            entry["RequestMethod"],
            entry["RequestUri"],
            entry["RequestBody"],
            entry["StatusCode"],
            entry["ResponseHeaders"],
            "".join(body) if isinstance(body, list) else body,
        )


@_reads("nock")
def _nock(path: Path) -> Iterator[Exchange]:
    for entry in json.loads(path.read_bytes()):
        body = entry["response"]
        hexadecimal = isinstance(body, list) and all(isinstance(part, str) for part in body)
        yield exchange(
            entry["method"],
            entry["scope"].replace(":443", "") + entry["path"],
            entry.get("body"),
            entry["status"],
            entry.get("rawHeaders"),
            bytes.fromhex("".join(body)) if hexadecimal else body,
        )


@_reads("seinfeld-json")
def _seinfeld(path: Path) -> Iterator[Exchange]:
    for entry in json.loads(path.read_bytes())["entries"]:
        request, response = entry["request"], entry["response"]
        yield exchange(
            request["method"],
            request["url"],
            _seinfeld_body(path, request["body"]),
            response["status"],
            response["headers"],
            _seinfeld_body(path, response["body"]),
        )


def _seinfeld_body(path: Path, body: Mapping[str, Any]) -> Any:
    """Return a body kept inline, as a list of frames, or in a blob beside the file."""
    if "path" in body:
        blob = path.parent / body["path"]
        return blob.read_bytes() if blob.is_file() else None
    frames = [f"{chunk}\n\n" for chunk in body.get("chunks") or ()]
    return "".join(frames) or body.get("value")


@_reads("req_llm-json")
def _req_llm(path: Path) -> Iterator[Exchange]:
    document = json.loads(path.read_bytes())
    request, response = document["request"], document["response"]
    chunks = document.get("chunks") or ()
    yield exchange(
        request["method"],
        request["url"],
        request["canonical_json"],
        response["status"],
        response["headers"],
        b"".join(base64.b64decode(chunk["b64"]) for chunk in chunks) or response["body"],
    )


@_reads("json-body", "sse")
def _bare_body(path: Path) -> Iterator[Exchange]:
    yield Exchange(request=_sibling(path), body=path.read_bytes())


@_reads("events-json", "events-jsonl")
def _bare_events(path: Path) -> Iterator[Exchange]:
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if line.strip()]
    events = json.loads(text) if text.startswith("[") else [json.loads(line) for line in lines]
    yield Exchange(request=_sibling(path), body=text.encode(), events=events)


def _sibling(path: Path) -> Any:
    """Return the request kept beside a bare answer under the matching name, if there is one."""
    name = path.stem.replace("response", "request").removesuffix("-streaming")
    request = path.with_name(f"{name}.json")
    if "request" not in name or not request.is_file():
        return None
    return json.loads(request.read_bytes())


class _Loader(yaml.CSafeLoader):
    """A safe YAML loader that reads the foreign tags recorders write as plain text or bytes."""


def _foreign(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        values = loader.construct_sequence(node, deep=True)
        return values[0] if values else None
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True).get("state")
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


def _binary(loader: _Loader, node: yaml.ScalarNode) -> bytes:
    return loader.construct_yaml_binary(node)


_Loader.add_constructor("!binary", _binary)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", _foreign)


def _load_yaml(raw: bytes) -> Any:
    return yaml.load(raw, Loader=_Loader)
