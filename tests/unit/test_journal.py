"""The journal: bounded by count and bytes, without secrets, whole over JSON."""

from __future__ import annotations

import json

import pytest

from mockserver.journal import Call, Journal

KEY = "sk-proj-0123456789abcdefghij"


def call(number: int = 0, size: int = 10) -> Call:
    """Return a call of some size."""
    return Call("POST", f"/responses/{number}", "", size=size)


def test_the_oldest_calls_make_room() -> None:
    """Past the count the oldest are forgotten, and the others keep their numbers."""
    journal = Journal(max_count=3)
    for number in range(5):
        journal.append(call(number))
    assert [(entry.number, entry.path) for entry in journal] == [
        (number + 1, f"/responses/{number}") for number in (2, 3, 4)
    ]
    assert (len(journal), journal.count) == (3, 5)
    journal.clear()
    journal.append(call())
    assert [entry.number for entry in journal] == [1]


def test_large_requests_make_room_by_their_bytes() -> None:
    """Past the bytes the oldest are forgotten, whether a size was known at first or came later."""
    journal = Journal(max_bytes=100)
    entries = [call(number, size=0) for number in range(4)]
    for entry in entries:
        journal.append(entry)
    for entry in entries:
        journal.weigh(entry, 40)
    assert [entry.number for entry in journal] == [3, 4]
    journal.weigh(entries[0], 4000)
    assert [entry.number for entry in journal] == [3, 4]
    journal.append(call(size=101))
    assert len(journal) == 0


def test_no_calls_at_all_can_be_kept() -> None:
    """A bound of none keeps none."""
    journal = Journal(max_count=0)
    journal.append(call())
    assert list(journal) == []


@pytest.mark.parametrize(
    "entry",
    [
        Call("GET", "/", "", headers={"Authorization": f"Bearer {KEY}"}),
        Call("GET", "/", f"api_key={KEY}&a=1"),
        Call("GET", "/", "key=short&a=1"),
        Call("GET", f"/responses/{KEY}", ""),
        Call("POST", "/", "", {"tools": [{"type": "mcp", "authorization": KEY}]}),
        Call("POST", "/", "", {"tools": [{"type": "mcp", "headers": {"x": KEY}}]}),
        Call("POST", "/", "", {"input": f"my key is {KEY}, keep it"}),
        Call("POST", "/", "", {"input": "echo abcdefgh1"}, headers={"api-key": "abcdefgh1"}),
        Call("POST", "/", "", {"abcdefgh1": 1}, headers={"authorization": "Bearer abcdefgh1"}),
        Call("GET", "/x/abcdefgh1", "", headers={"authorization": "Bearer abcdefgh1"}),
        Call("GET", "/x/%61bcdefgh1", "", headers={"authorization": "Bearer abcdefgh1"}),
        Call("GET", "/", "", headers={"x-goog-api-key": "abcdefgh1"}),
        Call("GET", "/", "", headers={"authorization": "Bearer abcdefgh1", "x-b": "abcdefgh1"}),
        Call("POST", "/", "", {"a": "YWJjZGVmZ2gx"}, headers={"authorization": "Bearer abcdefgh1"}),
    ],
)
def test_secrets_are_not_shown(entry: Call) -> None:
    """Keys in headers, query and body are redacted in what is shown, and kept as they came."""
    before = json.dumps(entry.body)
    told = json.dumps(entry.document()) + repr(entry.shown())
    assert not [
        secret for secret in (KEY, "key=short", "abcdefgh1", "YWJjZGVmZ2gx") if secret in told
    ]
    assert "redacted" in told
    assert json.dumps(entry.body) == before


def test_what_holds_no_secret_is_shown_as_it_came() -> None:
    """A query keeps its spelling, and a body its values."""
    entry = Call("GET", "/responses", "include[]=a%20b&limit=5", {"input": "hi"})
    shown = entry.shown()
    assert (shown.query, shown.body) == ("include[]=a%20b&limit=5", {"input": "hi"})


def test_a_call_survives_json() -> None:
    """What is read from a call's JSON is the call, and keys of a newer server do no harm."""
    entry = Call("POST", "/responses", "a=1", {"x": 1}, asks=("call_1",), started=1.5, bytes=7)
    document = json.loads(json.dumps(entry.document()))
    assert Call.read({**document, "new": 1}) == entry
