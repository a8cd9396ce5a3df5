"""How far our declarations and the SDK's have come apart: a comparison, told as findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, get_args, get_origin

from oracle import sdk
from oracle.differences import WIRE, Difference
from oracle.problem import UNKNOWN_KEY, Place, Problem

Severity: TypeAlias = Literal["fails", "warns"]


class Field(NamedTuple):
    """A declared key: the type of its value, and whether it has to be there."""

    type: Any
    required: bool


Fields: TypeAlias = Mapping[str, Field]


@dataclass(frozen=True, order=True)
class Finding:
    """One way in which our declaration of a kind departs from the SDK's; a warning may wait."""

    severity: Severity
    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.kind}: {self.what}"


def model_fields(model: sdk.Model) -> Fields:
    """Return the keys of a pydantic model, the SDK's or ours.

    Of the keys that the SDK requires and lets be null, it is required that they are there. A
    trailing underscore, which keeps a name off a word of the language, is not part of the key.
    """
    firm = sdk.required(model)
    return {
        key.removesuffix("_"): Field(sdk.annotation(info), key in firm)
        for key, info in sdk.fields(model).items()
    }


def compare_kinds(
    ours: Iterable[str], theirs: Iterable[str], awaited: Iterable[str] = ()
) -> list[Finding]:
    """Compare the kinds we have with those the SDK has; ``awaited`` are known to be missing.

    A kind that is missing and not awaited fails, and so does one that is awaited though it is
    there or though the SDK has no such kind, and one that only we have.
    """
    mine, known, waiting = set(ours), set(theirs), set(awaited)
    told = {
        "is missing": known - mine - waiting,
        "is awaited, though it is there": waiting & mine,
        "is awaited, though the SDK has no such kind": waiting - known,
        "is not known to the SDK": mine - known,
    }
    return sorted(Finding("fails", kind, what) for what, kinds in told.items() for kind in kinds)


def compare_fields(
    kind: str, ours: Fields, theirs: Fields, allowed: Iterable[Difference] = WIRE
) -> list[Finding]:
    """Compare our keys of a kind with the SDK's.

    Fails: a key that neither the SDK nor the table ``allowed`` has, a key that the SDK requires
    and we lack, literals that are not the SDK's. Warns: an optional key we lack.
    """
    table = tuple(allowed)
    extra = [key for key in ours if key not in theirs and not _covered(kind, key, table)]
    lacking = {key: field.required for key, field in theirs.items() if key not in ours}
    return sorted(
        [
            *(Finding("fails", kind, f"{key!r} is not known to the SDK") for key in extra),
            *(Finding("fails", kind, f"{key!r} is missing") for key, firm in lacking.items() if firm),
            *(Finding("warns", kind, f"{key!r} is new") for key, firm in lacking.items() if not firm),
            *_literals(kind, ours, theirs),
        ]
    )


def compare_tables(
    ours: Mapping[str, Fields], theirs: Mapping[str, list[Fields]]
) -> list[Finding]:
    """Compare all kinds that both tables have; where the SDK has several classes, the nearest."""
    findings: list[Finding] = []
    for kind in sorted(ours.keys() & theirs):
        verdicts = [compare_fields(kind, ours[kind], fields) for fields in theirs[kind]]
        findings += min(verdicts, key=lambda verdict: (len(failures(verdict)), len(verdict)))
    return findings


def failures(findings: Iterable[Finding]) -> list[str]:
    """Return the findings that must not be, as lines."""
    return [str(finding) for finding in findings if finding.severity == "fails"]


def _covered(kind: str, key: str, table: tuple[Difference, ...]) -> bool:
    problem = Problem(Place(key, kind, f".{key}"), UNKNOWN_KEY)
    return any(row.covers(problem) for row in table)


def _literals(kind: str, ours: Fields, theirs: Fields) -> Iterator[Finding]:
    for key in ours.keys() & theirs:
        said, allowed = _values(ours[key].type), _values(theirs[key].type)
        if not said or not allowed:
            continue
        if said - allowed:
            yield Finding("fails", kind, f"{key!r} may not be {_told(said - allowed)}")
        if allowed - said:
            yield Finding("fails", kind, f"{key!r} may also be {_told(allowed - said)}")


def _values(type_: Any) -> set[Any]:
    """Return the literals of a field, or of the members of a list; none when it takes more."""
    members = [member for member in sdk.members(type_) if member is not type(None)]
    if len(members) == 1 and get_origin(members[0]) is list:
        return _values(get_args(members[0])[0])
    return set(sdk.literals(type_))


def _told(values: set[Any]) -> str:
    return ", ".join(sorted(map(repr, values)))
