"""The report of a miss: why, what is nearest, how it differs, and how to mend it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from mockserver.cassette import Library, Miss, PlayCounts, Request

TOOL = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}
LONG = "All work and no play makes Jack a dull boy. " * 40


def asking(text: str, **rest: Any) -> dict[str, Any]:
    """Return the body of a request that asks one question."""
    return {"model": "gpt-4.1", "input": [{"role": "user", "content": text}], **rest}


def library(path: Path, *bodies: Any, uri: str = "https://api.openai.com/v1/responses") -> Library:
    """Load a cassette of requests to create a response."""
    interactions = [
        {
            "request": {"method": "POST", "uri": uri, "body": json.dumps(body)},
            "response": {"status": {"code": 200}, "body": {"string": "{}"}},
        }
        for body in bodies
    ]
    file = path / "cassette.json"
    file.write_text(json.dumps({"interactions": interactions, "version": 1}), encoding="utf-8")
    return Library.load([file])


def miss(known: Library, body: Any, path: str = "/v1/responses", **headers: str) -> Miss:
    """Return the report for a request that finds nothing."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request, played = Request("POST", path, "", raw, headers), PlayCounts()
    while known.find(request, played):
        pass
    return known.miss(request, played)


def test_without_any_cassette_the_report_says_so() -> None:
    """Nothing loaded is told apart from nothing found."""
    found = miss(Library.load([]), asking("hi"))
    assert (found.reason, found.code) == ("no_cassette", "cassette_miss")
    assert "record mode 'once'" in found.text()


def test_with_only_damaged_cassettes_the_report_names_them(tmp_path: Path) -> None:
    """A recording that exists but cannot be read is the reason, with its fault."""
    (tmp_path / "bad.yaml").write_text("interactions: 5\nversion: 1\n", encoding="utf-8")
    found = miss(Library.load([tmp_path]), asking("hi"))
    assert (found.reason, found.code) == ("cassette_damaged", "cassette_damaged")
    assert "bad.yaml: 'interactions' must be a list" in found.text()


def test_an_unknown_endpoint_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    """The report lists what is recorded, the most alike first."""
    found = miss(library(tmp_path, asking("hi")), b"", "/v1/response")
    assert (found.reason, found.code) == ("no_path", "cassette_miss")
    assert "Recorded are: POST /responses." in found.summary
    assert found.text().startswith("No recorded interaction answers POST /v1/response (no_path).")


def test_a_played_interaction_is_named(tmp_path: Path) -> None:
    """All played is told apart from never recorded."""
    found = miss(library(tmp_path, asking("hi"), asking("hi")), asking("hi"))
    assert (found.reason, found.code) == ("already_played", "already_played")
    assert "cassette.json, interaction 1, " in found.summary
    assert "interaction 2." in found.summary
    assert "--repeat last" in found.mend


def test_the_nearest_recordings_are_ranked_with_what_differs(tmp_path: Path) -> None:
    """Three at most, the one that shares the most values first, with each value that differs."""
    known = library(
        tmp_path,
        asking("Weather in Rome?"),
        asking("Weather in Oslo?", tools=[TOOL], temperature=0.5),
        asking("Something else", tools=[TOOL]),
        {"model": "o3", "input": "far away"},
    )
    found = miss(known, asking("Weather in Paris?", tools=[TOOL], temperature=0.7))
    assert found.reason == "body_differs"
    assert found.summary == "4 recorded for POST /responses, none equal to this request."
    assert [near.place[-1] for near in found.nearest] == ["2", "3", "1"]
    assert [near.likeness for near in found.nearest] == sorted(
        (near.likeness for near in found.nearest), reverse=True
    )
    assert [str(difference) for difference in found.nearest[0].differences] == [
        'input[0].content: recorded "Weather in Oslo?", sent "Weather in Paris?"',
        "temperature: recorded 0.5, sent 0.7",
    ]


def test_the_words_of_a_prompt_decide_between_equally_near_ones(tmp_path: Path) -> None:
    """Of a hundred recordings with other prompts, the one with the same words is named."""
    known = library(tmp_path, *(asking(f"Tell me about number {n}, please") for n in range(100)))
    found = miss(known, asking("Tell me more about number 73, please"))
    assert found.nearest[0].place.endswith("interaction 74")


def test_the_diff_is_unified_and_of_canonical_json(tmp_path: Path) -> None:
    """Only what differs is shown, keys sorted, with what was recorded first."""
    found = miss(library(tmp_path, asking("one", tools=[TOOL])), asking("two", tools=[TOOL]))
    assert [line for line in found.diff if line[0] in "+-" and line[:3] not in ("---", "+++")] == [
        '-      "content": "one",',
        '+      "content": "two",',
    ]
    assert found.diff[0].endswith("cassette.json, interaction 1")
    assert found.text().count("get_weather") == 0


def test_a_difference_deep_in_a_long_text_is_shown(tmp_path: Path) -> None:
    """Long values are cut to what stands around the place where they part."""
    found = miss(library(tmp_path, asking(LONG + "X" + LONG)), asking(LONG + "Y" + LONG))
    changed = [line for line in found.diff if line.startswith(("-", "+"))][2:]
    assert ["X" in changed[0], "Y" in changed[1]] == [True, True]
    assert '"…' in found.nearest[0].differences[0].sent
    assert len(found.text()) < 1500


@pytest.mark.parametrize(
    ("recorded", "sent", "told"),
    [
        ({"a": 1}, {}, "a: recorded 1, sent nothing"),
        ({"a": [1]}, {"a": [1, 2]}, "a: recorded 1 entries, sent 2"),
        ({"a": {"b": 1}}, {"a": "x"}, 'a: recorded an object of 1, sent "x"'),
        ({"a": True}, {"a": 1}, "a: recorded true, sent 1"),
        ({"a": 1}, b"raw bytes", "body: recorded an object of 1, sent 9 bytes that are not JSON"),
    ],
)
def test_each_kind_of_difference_has_its_words(
    tmp_path: Path, recorded: Any, sent: Any, told: str
) -> None:
    """Missing keys, longer lists, other types and bodies that are no JSON are told apart."""
    found = miss(library(tmp_path, recorded), sent)
    assert str(found.nearest[0].differences[0]) == told
    assert found.diff


def test_a_query_that_differs_is_told(tmp_path: Path) -> None:
    """The query is part of the report and of the diff."""
    known = library(tmp_path, {"a": 1}, uri="https://h/v1/vector_stores?limit=1")
    request = Request("POST", "/v1/vector_stores", "limit=2", b'{"a":1}')
    found = known.miss(request, PlayCounts())
    assert found.request == "POST /v1/vector_stores?limit=2"
    assert str(found.nearest[0].differences[0]) == 'query.limit: recorded "1", sent "2"'
    assert '+    "limit": "2"' in found.diff


def test_many_differences_are_summed_up(tmp_path: Path) -> None:
    """A wholly other request does not flood the report."""
    recorded = {f"key{n}": n for n in range(400)}
    found = miss(library(tmp_path, recorded), {name: -n for name, n in recorded.items()})
    assert found.nearest[0].more
    assert len(found.text().splitlines()) < 90


KEY = "sk-proj-" + "Ab1" * 12
SECRETS = {
    "a key in a text": asking(f"my key is {KEY}"),
    "a bearer token in a text": asking("header: Bearer abcdefghijklmnop1234"),
    "an MCP tool's authorization": asking(
        "x", tools=[{"type": "mcp", "authorization": "s3cr3t-t"}]
    ),
    "an MCP tool's headers": asking("x", tools=[{"type": "mcp", "headers": {"X-A": "s3cr3t-t"}}]),
    "a token of its own shape": asking("eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF2QT4"),
    "the request's own key echoed": asking("echo plain-old-key-value"),
}


@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "sent"])
@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_in_the_report(tmp_path: Path, name: str, recorded: bool) -> None:
    """Neither the sent nor the recorded request shows a key, whatever its place."""
    one, other = (SECRETS[name], asking("hi")) if recorded else (asking("hi"), SECRETS[name])
    found = miss(library(tmp_path, one), other, Authorization="Bearer plain-old-key-value")
    assert "[redacted]" in "".join(found.diff)
    for secret in (KEY, "abcdefghijklmnop1234", "s3cr3t", "SflKxw", "plain-old-key-value"):
        assert secret not in found.text()


def test_requests_that_differ_in_secrets_alone_say_so(tmp_path: Path) -> None:
    """An empty list of differences would be a riddle."""
    found = miss(library(tmp_path, asking(KEY)), asking(KEY.replace("A", "B")))
    assert "differs only in secrets" in found.text()


@pytest.mark.parametrize(
    ("recorded", "sent", "where"),
    [
        ({"instructions": "redacted-0a1b2c3d"}, {"instructions": "Be brief."}, "instructions"),
        ({"input": "of redacted-0a1b2c3d!"}, {"input": "of cust-7!"}, "input"),
        ({"seed": 8080808012345678}, {"seed": 7}, "seed"),
    ],
    ids=["field", "pattern", "number"],
)
def test_what_was_hidden_when_it_was_recorded_has_to_be_hidden_on_replay(
    recorded: dict[str, Any], sent: dict[str, Any], where: str, tmp_path: Path
) -> None:
    """The report names the place of a pseudonym and the options, before all other ways to mend."""
    text = miss(library(tmp_path, asking("hi") | recorded), asking("hi") | sent).text()
    assert f"{where}: what was recorded is hidden there" in text
    assert "To mend it: hide on replay what was hidden" in text
    assert "--redact-field" in text
    assert "--redact-pattern" in text


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        ({"instructions": "bob"}, {"instructions": "redacted-0a1b2c3d"}),
        ({"instructions": "redacted-0a1b2c3d"}, {"instructions": "redacted-ffffffff"}),
        ({"instructions": "redacted-0a1b2c3d"}, {}),
        (
            {"instructions": "redacted-0a1b2c3d", "seed": 1},
            {"instructions": "redacted-0a1b2c3d", "seed": 2},
        ),
    ],
)
def test_hiding_is_named_only_where_it_helps(
    recorded: dict[str, Any], sent: dict[str, Any], tmp_path: Path
) -> None:
    """A pseudonym that was sent, or that nothing was sent for, tells of no option left out."""
    text = miss(library(tmp_path, asking("hi") | recorded), asking("hi") | sent).text()
    assert "hidden" not in text


def test_secrets_in_the_query_are_hidden() -> None:
    """A key passed as a query parameter is not repeated."""
    request = Request("POST", "/v1/responses", "api_key=abc123&sig=def456&limit=5")
    assert Library.load([]).miss(request, PlayCounts()).request == (
        "POST /v1/responses?api_key=[redacted]&limit=5&sig=[redacted]"
    )


def test_a_report_over_five_thousand_recordings_is_quick(tmp_path: Path) -> None:
    """The cost stays in milliseconds; the bound leaves room for a slow machine."""
    known = library(tmp_path, *(asking(f"Question {n}", tools=[TOOL]) for n in range(5000)))
    request = Request("POST", "/v1/responses", "", json.dumps(asking("Question x")).encode())
    times = []
    for _ in range(5):
        start = time.process_time()
        known.miss(request, PlayCounts()).text()
        times.append(time.process_time() - start)
    assert min(times) < 0.05
