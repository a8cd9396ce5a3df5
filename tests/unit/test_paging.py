"""Lists and their pages: order, cursors, limits and the queries that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.schema.errors import ApiError
from mockserver.web.paging import page, switch, whole

ITEMS = [{"id": str(number)} for number in range(25)]


def ids(query: dict[str, str]) -> list[int]:
    """Return the numbers of the items on the page of a query."""
    return [int(item["id"]) for item in page(ITEMS, query)["data"]]


def test_a_page_is_the_twenty_newest_unless_told_else() -> None:
    """Without a query the newest come first, twenty of them (api-contract §1.1 row 5)."""
    assert ids({}) == list(range(24, 4, -1))


def test_a_page_has_the_list_s_envelope() -> None:
    """The envelope names its first and last id and whether more follow (§1.4)."""
    shown = page(ITEMS, {"limit": "2", "order": "asc"})
    assert shown == {
        "object": "list",
        "data": ITEMS[:2],
        "first_id": "0",
        "has_more": True,
        "last_id": "1",
    }
    assert list(shown) == ["object", "data", "first_id", "has_more", "last_id"]


def test_an_empty_list_has_no_ids() -> None:
    """Nothing to show: first and last are null, and no more follows."""
    shown = page([], {})
    assert list(shown.values()) == ["list", [], None, False, None]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"order": "asc", "limit": "3"}, [0, 1, 2]),
        ({"order": "desc", "limit": "3"}, [24, 23, 22]),
        ({"after": "10", "limit": "2"}, [9, 8]),
        ({"after": "10", "limit": "2", "order": "asc"}, [11, 12]),
        ({"before": "22"}, [24, 23]),
        ({"before": "3", "order": "asc"}, [0, 1, 2]),
        ({"after": "3", "before": "6", "order": "asc"}, [4, 5]),
        ({"after": "0"}, []),
        ({"after": "", "before": "", "limit": "1"}, [24]),
    ],
)
def test_cursors_follow_the_order_asked_for(query: dict[str, str], expected: list[int]) -> None:
    """``after`` and ``before`` exclude their item and count in the list's own order."""
    assert ids(query) == expected


@pytest.mark.parametrize(("limit", "more"), [("24", True), ("25", False), ("100", False)])
def test_has_more_tells_whether_another_page_follows(limit: str, more: bool) -> None:
    """The last item on the page is the end, exactly."""
    assert page(ITEMS, {"limit": limit})["has_more"] is more


@given(
    st.lists(st.integers(0, 10**6), unique=True, max_size=60),
    st.integers(1, 100),
    st.sampled_from(["asc", "desc"]),
)
def test_pages_add_up_to_the_list(numbers: list[int], limit: int, order: str) -> None:
    """Going from page to page by the last id shows every item once, in order."""
    items = [{"id": str(number)} for number in numbers]
    seen: list[dict[str, Any]] = []
    query = {"limit": str(limit), "order": order}
    while True:
        shown = page(items, query)
        assert len(shown["data"]) <= limit
        seen += shown["data"]
        if not shown["has_more"]:
            break
        query["after"] = shown["last_id"]
    assert seen == (items if order == "asc" else items[::-1])


LIMIT_HIGH = (
    "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got {} instead."
)
LIMIT_LOW = (
    "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got {} instead."
)
NO_INTEGER = "Invalid type for 'limit': expected an integer, but got a string instead."
NO_ORDER = "Invalid value: '{}'. Supported values are: 'asc' and 'desc'."

REFUSED: list[tuple[dict[str, str], int, str, str | None, str | None]] = [
    ({"limit": "101"}, 400, LIMIT_HIGH.format(101), "limit", "integer_above_max_value"),
    ({"limit": "1000"}, 400, LIMIT_HIGH.format(1000), "limit", "integer_above_max_value"),
    ({"limit": "0"}, 400, LIMIT_LOW.format(0), "limit", "integer_below_min_value"),
    ({"limit": "-5"}, 400, LIMIT_LOW.format(-5), "limit", "integer_below_min_value"),
    ({"limit": "ten"}, 400, NO_INTEGER, "limit", "invalid_type"),
    ({"limit": ""}, 400, NO_INTEGER, "limit", "invalid_type"),
    ({"limit": "1.5"}, 400, NO_INTEGER, "limit", "invalid_type"),
    ({"limit": "1_0"}, 400, NO_INTEGER, "limit", "invalid_type"),
    ({"limit": "٣"}, 400, NO_INTEGER, "limit", "invalid_type"),
    ({"order": "newest"}, 400, NO_ORDER.format("newest"), "order", "invalid_value"),
    ({"order": "ASC"}, 400, NO_ORDER.format("ASC"), "order", "invalid_value"),
    ({"after": "msg_x"}, 404, "Item with id 'msg_x' not found.", None, None),
    ({"before": "msg_x"}, 404, "Item with id 'msg_x' not found.", None, None),
]


@pytest.mark.parametrize(("query", "status", "message", "param", "code"), REFUSED)
def test_a_query_that_makes_no_sense_is_refused(
    query: dict[str, str], status: int, message: str, param: str | None, code: str | None
) -> None:
    """Limits, orders and cursors out of bounds are refused as the API refuses them (§9.4)."""
    with pytest.raises(ApiError) as caught:
        page(ITEMS, query)
    error = caught.value
    assert (error.status, error.message, error.param, error.code) == (status, message, param, code)


@pytest.mark.parametrize(
    ("text", "number"), [("5", 5), ("-1", -1), ("0", 0), ("007", 7), ("9" * 5000, None)]
)
def test_a_whole_number_of_any_size_is_read(text: str, number: int | None) -> None:
    """A number longer than any that matters is read as a very large one, and costs nothing."""
    read = whole("n", text)
    assert read == number if number is not None else read > 10**17


@pytest.mark.parametrize(
    ("text", "value"),
    [(None, None), ("true", True), ("True", True), ("1", True), ("false", False), ("0", False)],
)
def test_a_switch_reads_both_spellings(text: str | None, value: bool | None) -> None:
    """A query's boolean is true or false, 1 or 0, or absent for its default."""
    for default in (True, False):
        expected = default if value is None else value
        assert switch("stream", text, default=default) is expected


@pytest.mark.parametrize("text", ["", "yes", "2", "null"])
def test_a_switch_refuses_anything_else(text: str) -> None:
    """Other words are a type error of the parameter."""
    with pytest.raises(ApiError) as caught:
        switch("stream", text, default=False)
    assert (caught.value.param, caught.value.code) == ("stream", "invalid_type")
    assert caught.value.message.startswith("Invalid type for 'stream': expected a boolean")


@given(st.text())
def test_any_text_is_a_number_or_the_api_s_error(text: str) -> None:
    """Whatever the query holds, it is read or refused."""
    refused = None
    try:
        assert isinstance(whole("limit", text), int)
    except ApiError as error:
        refused = error.code
    assert refused in (None, "invalid_type")
