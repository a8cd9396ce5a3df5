"""The comparison of our declarations with the SDK's: it finds each way of coming apart."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

import pytest
from pydantic import BaseModel
from pydantic import Field as Declared

from mockserver.drift.accepted import Accepting
from mockserver.drift.compare import (
    Finding,
    compare_accepted,
    compare_kinds,
    compare_sent,
    compare_tables,
)
from mockserver.drift.types import Field, Fields, fields_of
from mockserver.schema.limits import Choice
from mockserver.schema.shape import Shape

THEIRS: Fields = {
    "id": Field(str, required=True),
    "status": Field(Literal["done", "cut"] | None, required=True),
    "names": Field(list[Literal["a", "b"]] | None, required=False),
    "note": Field(str | None, required=False),
}


def _with(**changes: Field) -> Fields:
    return {**THEIRS, **changes}


def _without(key: str) -> Fields:
    return {name: field for name, field in THEIRS.items() if name != key}


def test_nothing_is_found_when_both_declare_the_same() -> None:
    """Equal declarations have no finding in either direction."""
    assert compare_sent("x", THEIRS, THEIRS) == compare_accepted("x", THEIRS, THEIRS) == []


@pytest.mark.parametrize(
    ("ours", "sent", "accepted"),
    [
        (_with(own=Field(int, False)), "fails: 'own' is not known", "warns: 'own' is not known"),
        (_with(own=Field(int, True)), "fails: 'own' is not known", "fails: 'own' is demanded"),
        (_with(note=Field(str, True)), "", "fails: 'note' is demanded"),
        (_without("id"), "fails: 'id' is missing", "fails: 'id' is refused"),
        (_without("note"), "warns: 'note' is missing", "fails: 'note' is refused"),
        (
            _with(status=Field(Literal["done"], True)),
            "fails: 'status' may also be 'cut'",
            "fails: 'status' refuses 'cut'",
        ),
        (
            _with(status=Field(Literal["done", "cut", "late"], True)),
            "fails: 'status' may not be 'late'",
            "warns: 'status' may be, for us alone, 'late'",
        ),
        (
            _with(names=Field(list[Literal["a"]], False)),
            "fails: 'names' may also be 'b'",
            "fails: 'names' refuses 'b'",
        ),
        (_with(status=Field(str, True)), "", ""),
    ],
)
def test_a_departure_is_found_when_declarations_differ(
    ours: Fields, sent: str, accepted: str
) -> None:
    """Each departure is found, as severe as its direction makes it."""
    for told, findings in (
        (sent, compare_sent("x", ours, THEIRS)),
        (accepted, compare_accepted("x", ours, THEIRS)),
    ):
        lines = [f"{finding.severity}: {finding.what}" for finding in findings]
        assert any(line.startswith(told) for line in lines) if told else lines == []


def test_kinds_are_missing_or_ours_alone_when_they_are_compared() -> None:
    """A kind that only the SDK has fails, one that only we have may be."""
    assert list(map(str, compare_kinds("tool", {"a", "own"}, {"a", "b"}))) == [
        "fails: tool b: is missing",
        "warns: tool own: is not known to the SDK",
    ]


def test_the_nearest_class_counts_when_the_sdk_has_several() -> None:
    """Of several classes for a kind, the one with the fewest failures is compared."""
    theirs = {"x": [{"other": Field(str, True)}, THEIRS], "y": [THEIRS]}
    assert compare_tables("kind", compare_sent, {"x": THEIRS, "z": {}}, theirs) == []
    worse = compare_tables("kind", compare_sent, {"x": _without("id")}, theirs)
    assert worse == [Finding("fails", "kind x", "'id' is missing")]


class Example(BaseModel):
    """A model with an alias, a trailing underscore and a nullable required key."""

    id: str
    error: str | None = None
    type: Literal["example"]
    async_: bool | None = None
    schema_: dict[str, str] | None = Declared(default=None, alias="schema")


def test_keys_are_those_of_the_wire_when_a_model_is_read() -> None:
    """Aliases and underscores are undone; a nullable key before a required one is required."""
    found = {key: field.required for key, field in fields_of(Example).items()}
    assert found == {"id": True, "error": True, "type": True, "async": False, "schema": False}


class Inner(Shape):
    """An object within ours."""

    type: Literal["inner"]
    size: Annotated[str | None, Choice(("small", "large"))] = None


class Outer(Shape):
    """An object of ours with another in a list."""

    inners: list[Inner] | None = None


class TheirInner(TypedDict, total=False):
    """The SDK's object within."""

    type: Literal["inner"]
    size: Literal["small", "huge"] | None
    colour: str


class TheirOther(TypedDict, total=False):
    """Another object that the SDK has in the same place."""

    type: Literal["other"]


class TheirOuter(TypedDict, total=False):
    """The SDK's object."""

    inners: list[TheirInner | TheirOther]


def test_objects_within_objects_are_compared_when_both_declare_them() -> None:
    """What is inside is told with its path, the choices of a mark like literals."""
    found = Accepting().compare("thing", Outer, [TheirOuter])
    assert list(map(str, found)) == [
        "fails: thing.inners: 'colour' is refused",
        "fails: thing.inners: 'size' refuses 'huge'",
        "fails: thing.inners: 'type' is demanded",
        "warns: thing.inners: 'size' may be, for us alone, 'large'",
    ]
