"""The rule of what is equal, as users choose it: criteria, ignored values, functions of theirs."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import vcr

from mockserver.cassette import CassetteError, Library, Matching, PlayCounts, Request

ASK = {"model": "m", "input": "hi"}


def recorded(answer: str, body: Any = ASK, **request: Any) -> dict[str, Any]:
    """Return an interaction; ``request`` replaces parts of its request."""
    return {
        "request": {
            "method": "POST",
            "uri": "https://api.openai.com/v1/responses",
            "body": body if isinstance(body, str) else json.dumps(body),
            "headers": {},
            **request,
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["text/plain"]},
            "body": {"string": answer},
        },
    }


class Session:
    """A client of a library with a rule of its own."""

    def __init__(self, path: Path, matching: Matching, *interactions: dict[str, Any]) -> None:
        file = path / "cassette.json"
        file.write_text(json.dumps({"interactions": interactions, "version": 1}), encoding="utf-8")
        self.known = Library.load([file], matching=matching)
        self.played = PlayCounts()

    def request(self, body: Any = ASK, query: str = "", **headers: str) -> Request:
        raw = body if isinstance(body, str) else json.dumps(body)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return Request("POST", "/v1/responses", query, raw.encode(), headers)

    def ask(self, body: Any = ASK, query: str = "", **headers: str) -> str | None:
        """Return the text that answers a request."""
        found = self.known.find(self.request(body, query, **headers), self.played)
        return found.body.decode() if found else None

    def why(self, body: Any = ASK, **headers: str) -> str:
        """Return the report of a miss."""
        return self.known.miss(self.request(body, **headers), self.played).text()


def test_without_the_body_every_request_of_the_path_is_equal(tmp_path: Path) -> None:
    """With method and path alone, recordings come in order, whatever is asked."""
    rule = Matching.of(["method", "path"])
    session = Session(tmp_path, rule, recorded("1", {"a": 1}), recorded("2", {"a": 2}))
    assert [session.ask({"b": n}) for n in range(3)] == ["1", "2", None]


def test_without_the_body_the_equal_body_still_comes_first(tmp_path: Path) -> None:
    """A loose rule does not mix up requests that the recordings tell apart."""
    rule = Matching.of(["method", "path"])
    session = Session(tmp_path, rule, recorded("1", {"a": 1}), recorded("2", {"a": 2}))
    assert [session.ask({"a": 2}), session.ask({"a": 2}), session.ask({"a": 1})] == ["2", "1", None]


@pytest.mark.parametrize(
    ("names", "query", "headers", "answers"),
    [
        (["method", "path", "query", "body"], "limit=1", {}, None),
        (["method", "path", "body"], "limit=1", {}, "1"),
        (["uri", "body"], "limit=1", {}, None),
        (["method", "scheme", "host", "port", "path", "body"], "", {"host": "localhost"}, "1"),
        (["path", "raw_body"], "", {}, "1"),
        (["path", "body", "header:x-tenant"], "", {}, None),
        (["path", "body", "header:X-Tenant"], "", {"x_tenant": "acme"}, "1"),
        (["path", "body", "headers"], "", {"x_tenant": "acme", "User_Agent": "other"}, "1"),
        (["path", "body", "headers"], "", {"x_tenant": "other"}, None),
    ],
)
def test_each_criterion_compares_its_part(
    tmp_path: Path,
    names: list[str],
    query: str,
    headers: dict[str, str],
    answers: str | None,
) -> None:
    """Names are vcrpy's; host, port and scheme always agree, transport headers do not count."""
    kept = {"X-Tenant": ["acme"], "User-Agent": ["recorder"], "Authorization": ["Bearer x"]}
    session = Session(tmp_path, Matching.of(names), recorded("1", headers=kept))
    assert session.ask(ASK, query, **headers) == answers


def test_raw_bodies_are_compared_byte_for_byte(tmp_path: Path) -> None:
    """``raw_body`` tells spellings apart that ``body`` takes for the same."""
    spelt = json.dumps(ASK, indent=1)
    rule = Matching.of(["method", "path", "raw_body"])
    session = Session(tmp_path, rule, recorded("1"))
    assert [session.ask(spelt), session.ask(ASK)] == [None, "1"]


def test_the_default_names_are_the_default_rule() -> None:
    """Saying what is so anyway changes nothing, in whatever order."""
    assert Matching.of(["body", "query", "path", "method"]) == Matching.of() == Matching()


def test_ids_are_looked_through_under_a_chosen_rule_too(tmp_path: Path) -> None:
    """With the body among the criteria, renamed ids still meet the recording."""
    then = {"input": [{"type": "function_call_output", "call_id": "call_x", "output": "1"}]}
    now = {"input": [{"type": "function_call_output", "call_id": "8a7e-uuid", "output": "1"}]}
    session = Session(tmp_path, Matching.of(["path", "body"]), recorded("1", then))
    assert session.ask(now) == "1"


@pytest.mark.parametrize(
    ("paths", "one", "other"),
    [
        (["metadata.run_id"], {"metadata": {"run_id": 1, "a": 1}}, {"metadata": {"a": 1}}),
        (["$.input[*].id"], {"input": [{"id": 1}, {"id": 2}]}, {"input": [{}, {"id": 3}]}),
        (["input.*.id"], {"input": {"a": {"id": 1}}}, {"input": {"a": {"id": 2}}}),
        (["input[0]"], {"input": ["now", "x"]}, {"input": ["then", "x"]}),
        (["input[-1].text"], {"input": [1, {"text": 2}]}, {"input": [1, {"text": 3}]}),
        (["**.stamp"], {"stamp": 1, "a": [{"b": {"stamp": 2}}]}, {"a": [{"b": {}}]}),
        (["..stamp"], {"stamp": 1, "a": [{"b": {"stamp": 2}}]}, {"a": [{"b": {}}]}),
        (["a.**.b"], {"a": {"c": {"b": 1}}, "b": 1}, {"a": {"c": {"b": 2}}, "b": 1}),
        (["a..b"], {"a": {"c": {"b": 1}}, "b": 1}, {"a": {"c": {"b": 2}}, "b": 1}),
        (["$['x.y'].z"], {"x.y": {"z": 1}}, {"x.y": {"z": 2}}),
        (['["x.y"].z'], {"x.y": {"z": 1}}, {"x.y": {"z": 2}}),
        (["input[*]"], {"input": [1, 2]}, {"input": []}),
        (["a", "b"], {"a": 1, "b": 2, "c": 3}, {"c": 3}),
    ],
)
def test_ignored_values_do_not_count(
    tmp_path: Path, paths: list[str], one: Any, other: Any
) -> None:
    """Paths with and without wildcards take values out of both sides."""
    url = {"uri": "https://api.example.com/v1/conversations/c"}
    rule = Matching.of(ignore_body=paths)
    session = Session(tmp_path, rule, recorded("1", one, **url))
    asked = replace(session.request(other), path="/v1/conversations/c")
    assert session.known.find(asked, session.played) is not None
    plain = Session(tmp_path, Matching(), recorded("1", one, **url))
    assert plain.known.find(asked, plain.played) is None


def test_what_is_not_ignored_still_counts(tmp_path: Path) -> None:
    """The values beside the path, and what lies at its name elsewhere, tell requests apart."""
    session = Session(
        tmp_path, Matching.of(ignore_body=["a.b"]), recorded("1", {"a": {"b": 1, "c": 1}, "b": 1})
    )
    assert session.ask({"a": {"b": 2, "c": 2}, "b": 1}) is None
    assert session.ask({"a": {"b": 2, "c": 1}, "b": 2}) is None
    assert session.ask({"a": {"b": 2, "c": 1}, "b": 1}) == "1"


@pytest.mark.parametrize("body", ["", "no json", "[1]", "3", '{"a":' * 3000])
def test_bodies_without_the_ignored_value_are_left_alone(tmp_path: Path, body: str) -> None:
    """A path leads nowhere in most bodies, and that is no error."""
    session = Session(tmp_path, Matching.of(ignore_body=["a.b[0]", "**.x"]), recorded("1", body))
    assert session.ask(body) == "1"


@pytest.mark.parametrize("path", ["", "$", "a...b", "a[", "a[x]", "**", "a.**", ".", "a.", '["a'])
def test_a_path_that_cannot_be_read_is_told(path: str) -> None:
    """The error shows the path and how one is written."""
    with pytest.raises(ValueError, match=r"ignore_body: the path .* write keys with dots"):
        Matching.of(ignore_body=[path])


def same_model(recorded: Request, asked: Request) -> bool:
    """A matcher that answers."""
    return bool(recorded.document["model"] == asked.document["model"])


def asserts_model(recorded: Request, asked: Request) -> None:
    """A matcher that asserts, as vcrpy's own do."""
    assert recorded.document["model"] == asked.document["model"]


@pytest.mark.parametrize("matcher", [same_model, asserts_model])
def test_a_matcher_of_the_user_decides(tmp_path: Path, matcher: Callable[..., Any]) -> None:
    """It is asked about recordings of the same method and path, in order."""
    session = Session(
        tmp_path,
        Matching.of([matcher]),
        recorded("a1", {"model": "a", "input": 1}),
        recorded("b1", {"model": "b", "input": 2}),
        recorded("a2", {"model": "a", "input": 3}),
    )
    assert session.ask({"model": "b", "input": 9}) == "b1"
    assert [session.ask({"model": "a", "input": 9}) for _ in range(3)] == ["a1", "a2", None]
    assert session.ask({"model": "c"}) is None


def test_a_matcher_is_one_criterion_more(tmp_path: Path) -> None:
    """Beside names it has to agree as well."""

    def never(recorded: Request, asked: Request) -> bool:
        return False

    rule = Matching.of(["method", "path", "body", never])
    session = Session(tmp_path, rule, recorded("1"))
    assert session.ask() is None
    assert "the matcher never says no" in session.why()
    assert "Requests match on method, path, body, never." in session.why()


def test_a_matcher_of_vcrpy_serves_here_too(tmp_path: Path) -> None:
    """Our requests have what vcrpy's matchers of method and body look at."""
    session = Session(tmp_path, Matching.of([vcr.matchers.method]), recorded("1"))
    assert session.ask() == "1"


def hour_blind(request: Request) -> Request:
    """A normaliser that takes the hour out of a prompt."""
    import re

    return replace(request, body=re.sub(rb"\d\d o'clock", b"some time", request.body))


def test_a_normaliser_changes_both_sides(tmp_path: Path) -> None:
    """What it returns is compared, for recordings and requests alike."""
    rule = Matching.of(normalise=[hour_blind])
    session = Session(tmp_path, rule, recorded("1", {"input": "It is 10 o'clock"}))
    assert session.ask({"input": "It was 11 o'clock"}) is None
    assert "It is some time" in session.why({"input": "It was 11 o'clock"})
    assert session.ask({"input": "It is 12 o'clock"}) == "1"


def test_functions_may_be_named_by_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``module:function`` stands for one that a command line cannot hold."""
    module = types.ModuleType("suite_rules")
    module.same_model = same_model  # type: ignore[attr-defined]
    module.hour_blind = hour_blind  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "suite_rules", module)
    named = Matching.of(["suite_rules:same_model"], normalise=["suite_rules:hour_blind"])
    assert named == Matching.of([same_model], normalise=[hour_blind])


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"match_on": ["bodys"]}, "no matcher 'bodys'; there are method, uri, path, query"),
        ({"match_on": ["no_such_module:f"]}, "'no_such_module:f' cannot be imported"),
        ({"match_on": ["json:gone"]}, "'json:gone' cannot be imported"),
        ({"match_on": ["json:__doc__"]}, "is not a function"),
        ({"match_on": [3]}, "3 is neither a name nor a function"),
        ({"normalise": [":"]}, "cannot be imported"),
    ],
)
def test_a_name_that_stands_for_nothing_is_told(rule: dict[str, Any], told: str) -> None:
    """The error names it and what there is."""
    with pytest.raises(ValueError, match=told):
        Matching.of(**rule)


def test_a_function_that_fails_is_named_with_what_it_failed_on(tmp_path: Path) -> None:
    """A fault in the user's own code is told with file and interaction, or with the request."""

    def broken(request: Request) -> Request:
        raise KeyError("tenant")

    def confused(request: Request) -> Any:
        return "text"

    with pytest.raises(CassetteError, match=r"cassette\.json: interaction 1: .*broken .*'tenant'"):
        Session(tmp_path, Matching.of(normalise=[broken]), recorded("1"))
    with pytest.raises(CassetteError, match="confused must return a Request, not 'text'"):
        Session(tmp_path, Matching.of(normalise=[confused]), recorded("1"))
    session = Session(tmp_path, Matching.of([same_model]), recorded("1"))
    with pytest.raises(CassetteError, match=r"same_model fails on POST /v1/responses: KeyError"):
        session.ask({"input": "no model"})


def test_a_header_that_differs_is_told_unless_it_is_secret(tmp_path: Path) -> None:
    """The report names the criterion with both values; keys are not shown."""
    rule = Matching.of(["path", "body", "header:x-tenant", "header:x-api-key"])
    kept = {"x-tenant": ["acme"], "x-api-key": ["recorded-key-1234"]}
    session = Session(tmp_path, rule, recorded("1", headers=kept))
    told = session.why(ASK, x_tenant="other", x_api_key="sent-key-56789")
    assert 'header:x-tenant: recorded "acme", sent "other"' in told
    assert 'header:x-api-key: recorded "[redacted]", sent "[redacted]"' in told
    assert "sent-key-56789" not in told
    assert "recorded-key-1234" not in told


def turn(parent: str, text: str = "go on") -> dict[str, str]:
    return {"previous_response_id": parent, "input": text}


def test_a_chain_from_elsewhere_meets_the_recording_of_the_same_conversation(
    tmp_path: Path,
) -> None:
    """Ids that the synthesiser made lead to the follow-up of the turns that asked the same."""
    session = Session(
        tmp_path,
        Matching(),
        recorded('{"id": "resp_aaaaaaaa"}', {"input": "A"}),
        recorded('{"id": "resp_bbbbbbbb"}', {"input": "B"}),
        recorded('{"id": "resp_cccccccc"}', turn("resp_aaaaaaaa")),
        recorded('{"id": "resp_dddddddd"}', turn("resp_bbbbbbbb")),
        recorded("after A", turn("resp_cccccccc", "and on")),
        recorded("after B", turn("resp_dddddddd", "and on")),
    )

    def elsewhere(body: Any, id_: str) -> None:
        lineage = session.known.lineage(session.request(body), session.played)
        session.played.issue(id_, lineage)

    elsewhere({"input": "A"}, "resp_made_up_a")
    elsewhere({"input": "B"}, "resp_made_up_b")
    assert session.ask(turn("resp_made_up_b")) == '{"id": "resp_dddddddd"}'
    elsewhere(turn("resp_made_up_a"), "resp_made_up_c")
    elsewhere(turn("resp_made_up_b"), "resp_made_up_d")
    assert session.ask(turn("resp_made_up_d", "and on")) == "after B"
    assert session.ask(turn("resp_made_up_c", "and on")) == "after A"


def test_a_chain_that_nothing_is_known_of_takes_the_oldest(tmp_path: Path) -> None:
    """Without a trace of the parent the recorded order decides, and nothing is lost."""
    session = Session(
        tmp_path,
        Matching(),
        recorded("1", turn("resp_aaaaaaaa")),
        recorded("2", turn("resp_bbbbbbbb")),
    )
    assert [session.ask(turn("resp_x")) for _ in range(3)] == ["1", "2", None]


def test_a_session_forgets_the_oldest_ids_first() -> None:
    """What is remembered of foreign ids is bounded."""
    played = PlayCounts()
    for number in range(70_000):
        played.issue(f"resp_{number}", b"x")
    assert played.lineage("resp_0") is None
    assert played.lineage("resp_69999") == b"x"
