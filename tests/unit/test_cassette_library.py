"""The library: loading many files, and finding each request's answer in recorded order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.cassette import CassetteError, Library, PlayCounts, Repeat, Request

SSE = 'event: response.completed\ndata: {"type":"response.completed"}\n\n'


def recorded(
    answer: str, body: object = None, method: str = "POST", path: str = "/v1/responses"
) -> dict[str, Any]:
    """Return an interaction that answers a request with a text."""
    return {
        "request": {
            "method": method,
            "uri": f"https://api.openai.com{path}",
            "body": "" if body is None else json.dumps(body),
            "headers": {},
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {},
            "body": {"string": answer},
        },
    }


def library(path: Path, *interactions: dict[str, Any], repeat: Repeat | None = None) -> Library:
    """Load a cassette of the given interactions."""
    file = path / "cassette.json"
    file.write_text(json.dumps({"interactions": interactions, "version": 1}), encoding="utf-8")
    return Library.load([file], repeat=repeat)


class Session:
    """A client of a library with play counts of its own."""

    def __init__(self, known: Library) -> None:
        self.known = known
        self.played = PlayCounts()

    def post(self, body: object) -> str | None:
        """Create a response and return the text of the answer."""
        return self.ask(Request("POST", "/v1/responses", "", json.dumps(body).encode()))

    def get(self, path: str) -> str | None:
        """Read something and return the text of the answer."""
        return self.ask(Request("GET", path))

    def ask(self, request: Request) -> str | None:
        """Return the text that answers a request."""
        found = self.known.find(request, self.played)
        return found.body.decode() if found else None


def test_equal_requests_are_answered_in_recorded_order(tmp_path: Path) -> None:
    """First in, first out within equal fingerprints, independent of other requests."""
    ask, other = {"input": "hi"}, {"input": "other"}
    session = Session(
        library(
            tmp_path,
            recorded("1", ask),
            recorded("x", other),
            recorded("2", {"input": "hi", "user": "someone"}),
            recorded("3", ask),
        )
    )
    assert [session.post(ask) for _ in range(2)] == ["1", "2"]
    assert session.post(other) == "x"
    assert [session.post(ask) for _ in range(2)] == ["3", None]


def test_sessions_do_not_eat_each_other_s_interactions(tmp_path: Path) -> None:
    """Each session plays the cassette from its beginning."""
    known = library(tmp_path, recorded("1", {"input": "hi"}), recorded("2", {"input": "hi"}))
    one, two = Session(known), Session(known)
    assert [one.post({"input": "hi"}), two.post({"input": "hi"})] == ["1", "1"]
    assert [two.post({"input": "hi"}), one.post({"input": "hi"})] == ["2", "2"]


def test_a_poll_stays_on_the_last_answer(tmp_path: Path) -> None:
    """Reads advance and then repeat their last answer; writes do not repeat."""
    path = "/v1/responses/resp_1"
    polls = [recorded(word, method="GET", path=path) for word in ("queued", "busy", "done")]
    session = Session(library(tmp_path, *polls, recorded("once", {"input": "hi"})))
    assert [session.get(path) for _ in range(5)] == ["queued", "busy", "done", "done", "done"]
    assert [session.post({"input": "hi"}) for _ in range(2)] == ["once", None]


@pytest.mark.parametrize(
    ("repeat", "answers"),
    [
        ("off", ["1", "2", None, None, None]),
        ("last", ["1", "2", "2", "2", "2"]),
        ("cycle", ["1", "2", "1", "2", "1"]),
    ],
)
def test_the_repeat_rule_says_what_follows_the_last(
    tmp_path: Path, repeat: Repeat, answers: list[str | None]
) -> None:
    """The rule holds for writes and reads alike."""
    writes = [recorded(word, {"input": "hi"}) for word in "12"]
    reads = [recorded(word, method="GET", path="/v1/models") for word in "12"]
    session = Session(library(tmp_path, *writes, *reads, repeat=repeat))
    assert [session.post({"input": "hi"}) for _ in range(5)] == answers
    assert [session.get("/v1/models") for _ in range(5)] == answers


def test_an_equal_wish_for_a_stream_comes_first(tmp_path: Path) -> None:
    """A streamed request plays the streamed recording although a plain one is older."""
    session = Session(
        library(
            tmp_path,
            recorded('{"n": 1}', {"input": "hi"}),
            recorded(SSE, {"input": "hi", "stream": True}),
        )
    )
    assert session.post({"input": "hi", "stream": True}) == SSE
    assert session.post({"input": "hi"}) == '{"n": 1}'


@pytest.mark.parametrize("streamed", [True, False])
def test_the_other_kind_answers_when_there_is_no_equal_one(tmp_path: Path, streamed: bool) -> None:
    """A stream may be asked of a plain recording and the other way round."""
    session = Session(library(tmp_path, recorded("1", {"input": "hi", "stream": not streamed})))
    assert session.post({"input": "hi", "stream": streamed}) == "1"
    assert session.post({"input": "hi", "stream": streamed}) is None


def test_a_refused_stream_is_found_by_a_streaming_request(tmp_path: Path) -> None:
    """A JSON error that answered a streaming request counts as asked with a stream."""
    session = Session(
        library(
            tmp_path,
            recorded("plain", {"input": "hi"}),
            recorded('{"error": {}}', {"input": "hi", "stream": True}),
        )
    )
    assert session.post({"input": "hi", "stream": True}) == '{"error": {}}'


def test_other_ids_are_found_when_nothing_equal_is_recorded(tmp_path: Path) -> None:
    """A client-made call id, new in each run, meets the recorded one."""
    ask = {"input": [{"type": "function_call_output", "call_id": "call_x", "output": "1"}]}
    now = {"input": [{"type": "function_call_output", "call_id": "8a7e-uuid", "output": "1"}]}
    session = Session(library(tmp_path, recorded("1", ask), recorded("2", ask)))
    assert [session.post(now) for _ in range(3)] == ["1", "2", None]


def test_a_play_by_other_ids_counts_for_the_exact_request_too(tmp_path: Path) -> None:
    """No interaction is played twice, whichever fingerprint found it."""
    asks = [{"input": [{"call_id": f"call_{n}"}]} for n in range(3)]
    session = Session(library(tmp_path, recorded("0", asks[0]), recorded("1", asks[1])))
    assert session.post(asks[2]) == "0"
    assert session.post(asks[0]) is None
    assert session.post(asks[1]) == "1"


def test_among_other_ids_the_one_after_a_played_parent_is_preferred(tmp_path: Path) -> None:
    """A follow-up with a foreign parent id continues the conversation this session is in."""

    def follow_up(parent: str) -> dict[str, str]:
        return {"previous_response_id": f"resp_{parent}", "input": "go on"}

    session = Session(
        library(
            tmp_path,
            recorded('{"id": "resp_aaaaaaaa"}', {"input": "A"}),
            recorded('{"id": "resp_bbbbbbbb"}', {"input": "B"}),
            recorded("after A", follow_up("aaaaaaaa")),
            recorded("after B", follow_up("bbbbbbbb")),
        )
    )
    assert session.post({"input": "B"}) == '{"id": "resp_bbbbbbbb"}'
    assert session.post(follow_up("elsewhere")) == "after B"
    assert session.post(follow_up("elsewhere")) == "after A"


def test_unplayed_interactions_are_listed(tmp_path: Path) -> None:
    """At the end of a session it can be said what it did not use."""
    session = Session(
        library(tmp_path, recorded("1", {"input": "a"}), recorded("2", {"input": "b"}))
    )
    session.post({"input": "b"})
    assert [left.number for left in session.known.unplayed(session.played)] == [1]


def test_an_answer_without_its_request_fits_any_on_its_endpoint(tmp_path: Path) -> None:
    """What lost its request answers what nothing else does; a refusal of nothing does not."""
    kept = [recorded("lost 1"), recorded("asked", {"input": "hi"}), recorded("lost 2")]
    session = Session(library(tmp_path, *kept))
    assert [session.post({"input": text}) for text in ("other", "hi", "any")] == [
        "lost 1",
        "asked",
        "lost 2",
    ]
    refusal = recorded("refused")
    refusal["response"]["status"] = {"code": 400, "message": "Bad Request"}
    assert Session(library(tmp_path, refusal)).post({"input": "hi"}) is None


def test_recordings_of_other_endpoints_are_found(tmp_path: Path) -> None:
    """Chats, embeddings and unknown services replay like responses."""
    known = library(
        tmp_path,
        recorded("chat", {"messages": []}, path="/v1/chat/completions"),
        recorded("other", {"a": 1}, path="/v2/some/service"),
    )
    session = Session(known)
    chat = Request("POST", "/ns/t/v1/chat/completions", "", b'{"messages": [], "stream": false}')
    assert session.ask(chat) == "chat"
    assert session.ask(Request("POST", "/v2/some/service", "", b'{"a":1}')) == "other"


def write(file: Path, answer: str) -> None:
    """Write a YAML cassette of one interaction."""
    file.parent.mkdir(parents=True, exist_ok=True)
    interactions = [recorded(answer, {"input": answer})]
    file.write_text(json.dumps({"interactions": interactions, "version": 1}), encoding="utf-8")


def test_a_folder_is_read_with_all_below_it_in_order_of_names(tmp_path: Path) -> None:
    """Cassettes are found by suffix at any depth; hidden and other files are left alone."""
    for name in ("b.yaml", "a/z.yml", "c.json", ".git/x.yaml", "a/.hidden.yaml", "notes.txt"):
        write(tmp_path / name, name)
    known = Library.load([tmp_path])
    assert [found.body.decode() for found in known.interactions] == ["a/z.yml", "b.yaml", "c.json"]
    assert known.files == [tmp_path / "a/z.yml", tmp_path / "b.yaml", tmp_path / "c.json"]
    assert len(known) == 3


def test_a_bad_file_in_a_folder_is_a_problem_and_stops_nothing(tmp_path: Path) -> None:
    """The rest is loaded and the problem names its file; nothing of the bad file is kept."""
    write(tmp_path / "good.yaml", "good")
    (tmp_path / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    known = Library.load([tmp_path])
    assert len(known) == 1
    assert [problem.path for problem in known.problems] == [tmp_path / "compose.yaml"]


def test_a_bad_file_that_is_named_stops_the_load(tmp_path: Path) -> None:
    """What a user asks for by name is there and readable, or it is an error."""
    bad = tmp_path / "compose.yaml"
    bad.write_text("services: {}\n", encoding="utf-8")
    with pytest.raises(CassetteError, match=r"compose\.yaml: no cassette"):
        Library.load([bad])
    with pytest.raises(CassetteError, match="no such file or folder"):
        Library.load([tmp_path / "none"])


def test_warnings_are_kept_and_strict_loading_refuses(tmp_path: Path) -> None:
    """A file that may be cut off is loaded with a warning, or is a problem when strict."""
    (tmp_path / "cut.yaml").write_text("interactions: []\n", encoding="utf-8")
    assert "may be cut off" in Library.load([tmp_path]).warnings[0]
    assert "may be cut off" in str(Library.load([tmp_path], strict=True).problems[0])


class Watched(list[int]):
    """A list that counts how often it is looked into."""

    looks = 0

    def __getitem__(self, index: Any) -> Any:
        self.looks += 1
        return super().__getitem__(index)


def test_choosing_among_equal_requests_never_goes_through_them_again() -> None:
    """Two thousand equal interactions are played with a few looks each, first to last."""
    queue, played = Watched(range(2000)), PlayCounts()
    for expected in range(2000):
        taken = played.take(b"key", (queue, []), streamed=False, repeat="off")
        assert taken == expected
    assert played.take(b"key", (queue, []), streamed=False, repeat="off") is None
    assert queue.looks < 4 * 2000
