"""Mending: what a check refuses is cut out where it stands, and nothing else."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from mockserver.schema.body import check_body
from mockserver.schema.checks import checker
from mockserver.schema.faults import Fault
from mockserver.schema.limits import Length
from mockserver.schema.mending import mended, mended_list, without
from mockserver.schema.shape import Shape
from mockserver.schema.validation import mended_request, parse_request


class Part(Shape):
    """A part with a name."""

    name: str
    size: int | None = None


class Whole(Shape):
    """A thing of named parts."""

    title: str
    labels: Annotated[list[str] | None, Length(0, 2)] = None
    part: Part | None = None


CHECK = checker(Whole, strict=True)
FAULTY: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
    ({"title": "a", "labels": ["x"]}, {"title": "a", "labels": ["x"]}),
    ({"title": "a", "zzz": 1}, {"title": "a"}),
    ({"title": "a", "labels": [7, "y"]}, {"title": "a", "labels": ["y"]}),
    ({"title": "a", "labels": ["x", "y", "z", "z"]}, {"title": "a", "labels": ["x", "y"]}),
    ({"title": "a", "labels": {}}, {"title": "a"}),
    (
        {"title": "a", "part": {"name": "n", "size": "big"}},
        {"title": "a", "part": {"name": "n"}},
    ),
    ({"title": "a", "part": {"size": 1}}, {"title": "a"}),
    ({"title": "a", "part": {"name": 7}}, {"title": "a"}),
    ({"title": 7}, None),
    ({}, None),
    ({"title": "a"} | {f"k{number}": 1 for number in range(300)}, None),
]


@pytest.mark.parametrize(("value", "expected"), FAULTY, ids=lambda value: str(value)[:50])
def test_only_what_is_refused_goes(value: dict[str, Any], expected: dict[str, Any] | None) -> None:
    """A mended value passes its check and keeps all the rest; the original stays as it was."""
    before = repr(value)
    assert mended(value, CHECK) == expected
    assert repr(value) == before


def test_what_is_required_may_be_filled_in() -> None:
    """A missing or wrong key of the value itself comes from the filling, anew each time."""
    fill = {"title": ["t"]}
    with_list = checker(type("L", (Shape,), {"__annotations__": {"title": list[str]}}), strict=True)
    for value in ({}, {"title": 7}):
        found = mended(value, with_list, fill)
        assert found == fill
        found["title"].append("u")
    assert fill == {"title": ["t"]}


def test_a_body_beyond_mending_is_its_filling() -> None:
    """A body of which nothing can stay counts as one that says nothing."""
    rubbish = {f"k{number}": 1 for number in range(1000)}
    assert check_body(rubbish, Whole, mode="mend", fill={"title": "t"}) == {"title": "t"}


def test_each_member_of_a_list_is_mended_alone() -> None:
    """Members with many faults each do not use up the patience there is for the whole."""
    parts = [{"name": str(number), "zzz": 1} for number in range(500)]

    def check(value: Any) -> None:
        for index, part in enumerate(value):
            try:
                checker(Part, strict=True)(part)
            except Fault as fault:
                raise fault.under(index) from None

    assert mended_list([7, *parts], check) == [{"name": str(number)} for number in range(500)]


def test_of_keys_that_exclude_each_other_the_first_stays() -> None:
    """A placeholder in every key of a tool or a part leaves one that can be served."""
    server = {"type": "mcp", "server_label": "a", "server_url": "u", "tunnel_id": "t"}
    paper = {"type": "input_file", "file_id": "f", "file_url": "u"}
    asked = [{"role": "user", "content": [paper]}]
    found = mended_request({"model": "m", "input": asked, "tools": [server]})
    assert found["tools"] == [{"type": "mcp", "server_label": "a", "server_url": "u"}]
    assert found["input"][0]["content"] == [{"type": "input_file", "file_id": "f"}]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (["a", 0, "b"], {"a": [{}]}),
        (["a", 0, "c"], {"a": []}),
        (["a", 5], {}),
        (["x"], None),
        ([], None),
    ],
)
def test_a_path_is_followed_as_far_as_it_leads(path: list[str | int], expected: Any) -> None:
    """What stands at the end goes, or the last thing on the way to it."""
    document = {"a": [{"b": 1}]}
    assert without(document, path) == expected
    assert document == {"a": [{"b": 1}]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"model": "", "input": None},
        {"input": [{"role": "user", "content": [{"type": "smell"}]}], "tools": [{}]},
        {"conversation": "c", "previous_response_id": "r", "messages": [], "zzz": 1},
    ],
    ids=str,
)
def test_a_mended_request_passes_and_is_mended_once(body: dict[str, Any]) -> None:
    """What comes out is nothing the API refuses, and comes out the same when it goes in again."""
    found = mended_request(body)
    parse_request(found)
    assert mended_request(found) == found
