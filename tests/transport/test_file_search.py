"""File searches, through the public door."""

from __future__ import annotations

from itertools import pairwise

import pytest
from api import Api, types
from hosted import QUESTION, SEARCH, Document, added, body, inside, of, said


def test_a_file_search_asks_what_the_user_asks_when_a_tool_offers_it(api: Api) -> None:
    """The call stands before the message, without results, and the message cites two files."""
    response = api.create(body(SEARCH))
    assert [item["type"] for item in response["output"]] == ["file_search_call", "message"]
    call = of(response, "file_search_call")
    assert list(call) == ["id", "type", "status", "queries", "results"]
    assert call["queries"] == [QUESTION]
    assert call["results"] is None
    part = said(response)
    assert [note["type"] for note in part["annotations"]] == ["file_citation"] * 2
    for note in part["annotations"]:
        assert list(note) == ["type", "file_id", "filename", "index"]
        assert part["text"][note["index"]] == "."
        assert "Eiffel Tower" in part["text"][: note["index"]]


def test_a_file_search_asks_twice_when_the_model_reasons(api: Api) -> None:
    """A reasoning model also searches for the telling words alone."""
    call = of(api.create(body(SEARCH, model="gpt-5")), "file_search_call")
    assert call["queries"] == [QUESTION, "tall eiffel tower"]


def test_a_file_search_shows_its_results_when_they_are_included(api: Api) -> None:
    """They come best first from the tool's stores, fit the question, and hold what is cited."""
    response = api.create(body(SEARCH, include=["file_search_call.results"]))
    results = of(response, "file_search_call")["results"]
    assert 2 <= len(results) <= 4
    assert all(one["score"] >= two["score"] for one, two in pairwise(results))
    keys = ["attributes", "file_id", "filename", "score", "text", "vector_store_id"]
    for result in results:
        assert list(result) == keys
        assert result["attributes"] == {}
        assert result["file_id"].startswith("file-")
        assert 0 <= result["score"] <= 1
        assert "Eiffel Tower" in result["text"]
        assert result["vector_store_id"] in SEARCH["vector_store_ids"]
    files = {(result["file_id"], result["filename"]) for result in results}
    notes = said(response)["annotations"]
    assert {(note["file_id"], note["filename"]) for note in notes} <= files


@pytest.mark.parametrize("most", [1, 2, 50])
@pytest.mark.parametrize("threshold", [0.0, 0.93217, 1])
def test_a_file_search_keeps_its_limits_when_the_tool_has_some(
    api: Api, most: int, threshold: float
) -> None:
    """No more results than asked for, and none below the score asked for."""
    tool = {**SEARCH, "max_num_results": most, "ranking_options": {"score_threshold": threshold}}
    response = api.create(body(tool, include=["file_search_call.results"]))
    results = of(response, "file_search_call")["results"]
    assert 1 <= len(results) <= most
    assert all(threshold <= result["score"] <= 1 for result in results)


@pytest.mark.parametrize(
    ("filters", "attributes"),
    [
        ({"type": "eq", "key": "year", "value": 2024}, {"year": 2024}),
        ({"type": "gt", "key": "year", "value": 2024}, {"year": 2025}),
        ({"type": "lt", "key": "year", "value": 2024}, {"year": 2023}),
        ({"type": "lte", "key": "year", "value": 2024}, {"year": 2024}),
        ({"type": "ne", "key": "year", "value": 2024}, {}),
        ({"type": "in", "key": "lang", "value": ["en", "de"]}, {"lang": "en"}),
        (
            {
                "type": "and",
                "filters": [
                    {"type": "eq", "key": "draft", "value": False},
                    {
                        "type": "or",
                        "filters": [
                            {"type": "gte", "key": "year", "value": 2020},
                            {"type": "eq", "key": "old", "value": True},
                        ],
                    },
                ],
            },
            {"draft": False, "year": 2020},
        ),
    ],
    ids=["eq", "gt", "lt", "lte", "ne", "in", "compound"],
)
def test_a_file_search_finds_what_passes_when_the_tool_filters(
    api: Api, filters: Document, attributes: Document
) -> None:
    """The attributes of what was found pass the filters."""
    tool = {**SEARCH, "filters": filters}
    response = api.create(body(tool, include=["file_search_call.results"]))
    for result in of(response, "file_search_call")["results"]:
        assert result["attributes"] == attributes


def test_a_file_search_unfolds_as_recorded_when_it_is_streamed(api: Api) -> None:
    """It opens without queries and results, and its citations are told within the text."""
    events = api.stream(body(SEARCH, include=["file_search_call.results"]))
    call = "response.file_search_call"
    assert inside(events, "file_search_call") == [
        f"{call}.in_progress",
        f"{call}.searching",
        f"{call}.completed",
    ]
    opened = added(events, "file_search_call")
    assert opened == {
        "id": opened["id"],
        "type": "file_search_call",
        "status": "in_progress",
        "queries": [],
        "results": None,
    }
    assert inside(events, "message").count("response.output_text.annotation.added") == 2


def test_a_file_search_does_not_complete_when_the_output_ends_in_it(api: Api) -> None:
    """A call cut short is incomplete and has found nothing."""
    events = api.stream(body(SEARCH), "items:file_search_call,incomplete")
    assert "response.file_search_call.completed" not in types(events)
    call = of(events[-1]["response"], "file_search_call")
    assert (call["status"], call["results"]) == ("incomplete", None)
