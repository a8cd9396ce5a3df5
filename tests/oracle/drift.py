"""How far our declarations and the SDK's have come apart: a comparison, told as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
    ours: Iterable[str],
    theirs: Iterable[str],
    *,
    awaited: Iterable[str] = (),
    beyond: Iterable[str] = (),
) -> list[Finding]:
    """Compare the kinds we have with those the SDK has, but for the named exceptions.

    ``awaited`` kinds are known to be missing, ``beyond`` are known to us alone. An exception that
    is none any more fails too, so that the lists can only shrink.
    """
    mine, known, waiting, own = set(ours), set(theirs), set(awaited), set(beyond)
    told = {
        "is missing": known - mine - waiting,
        "is awaited, though it is there": waiting & mine,
        "is awaited, though the SDK has no such kind": waiting - known,
        "is not known to the SDK": mine - known - own,
        "is ours alone no more": own & known,
        "is said to be ours, and is not": own - mine,
    }
    return sorted(Finding("fails", kind, what) for what, kinds in told.items() for kind in kinds)


def compare_sent(
    kind: str, ours: Fields, theirs: Fields, allowed: Iterable[Difference] = WIRE
) -> list[Finding]:
    """Compare what we send with what the SDK reads.

    Fails: a key that neither the SDK nor the table ``allowed`` has, a key that the SDK requires
    and we lack, literals that are not the SDK's. Warns: an optional key that we lack.
    """
    table = tuple(allowed)
    findings = [
        Finding("fails", kind, f"{key!r} is not known to the SDK")
        for key in ours
        if key not in theirs and not _covered(kind, key, table)
    ]
    for key, field in theirs.items():
        if key not in ours:
            severity: Severity = "fails" if field.required else "warns"
            findings.append(Finding(severity, kind, f"{key!r} is missing"))
    for key, said, known in _literals(ours, theirs):
        findings += _values_told("fails", kind, key, "may not be", said - known)
        findings += _values_told("fails", kind, key, "may also be", known - said)
    return sorted(findings)


def compare_accepted(kind: str, ours: Fields, theirs: Fields) -> list[Finding]:
    """Compare what we take in with what the SDK sends.

    Fails: a key or a literal that the SDK may send and we do not know, a key that we require and
    the SDK does not. Warns: a key or a literal that we take and the SDK does not send.
    """
    findings: list[Finding] = []
    for key in ours.keys() | theirs:
        mine, known = ours.get(key), theirs.get(key)
        if mine is None:
            findings.append(Finding("fails", kind, f"{key!r} is refused"))
        elif known is None:
            findings.append(Finding("warns", kind, f"{key!r} is not known to the SDK"))
        if mine is not None and mine.required and not (known is not None and known.required):
            findings.append(Finding("fails", kind, f"{key!r} is demanded"))
    for key, said, allowed in _literals(ours, theirs):
        findings += _values_told("fails", kind, key, "refuses", allowed - said)
        findings += _values_told("warns", kind, key, "may be, for us alone,", said - allowed)
    return sorted(findings)


def compare_tables(
    compare: Callable[[str, Fields, Fields], list[Finding]],
    ours: Mapping[str, Fields],
    theirs: Mapping[str, list[Fields]],
) -> list[Finding]:
    """Compare all kinds that both tables have; where the SDK has several classes, the nearest."""
    findings: list[Finding] = []
    for kind in sorted(ours.keys() & theirs):
        verdicts = [compare(kind, ours[kind], fields) for fields in theirs[kind]]
        nearest: list[Finding] = min(verdicts, key=_severity)
        findings += nearest
    return findings


def _severity(verdict: list[Finding]) -> tuple[int, int]:
    return len(failures(verdict)), len(verdict)


def failures(findings: Iterable[Finding]) -> list[str]:
    """Return the findings that must not be, as lines."""
    return [str(finding) for finding in findings if finding.severity == "fails"]


def _covered(kind: str, key: str, table: tuple[Difference, ...]) -> bool:
    problem = Problem(Place(key, kind, f".{key}"), UNKNOWN_KEY)
    return any(row.covers(problem) for row in table)


def _literals(ours: Fields, theirs: Fields) -> Iterator[tuple[str, set[Any], set[Any]]]:
    """Yield the keys that both declare as literals, with our values and the SDK's."""
    for key in sorted(ours.keys() & theirs):
        mine, known = _values(ours[key].type), _values(theirs[key].type)
        if mine and known:
            yield key, mine, known


def _values(type_: Any) -> set[Any]:
    """Return the literals of a field, or of the members of a list; none when it takes more."""
    members = [member for member in sdk.members(type_) if member is not type(None)]
    if len(members) == 1 and get_origin(members[0]) is list:
        return _values(get_args(members[0])[0])
    return set(sdk.literals(type_))


def _values_told(
    severity: Severity, kind: str, key: str, verb: str, values: set[Any]
) -> list[Finding]:
    told = ", ".join(sorted(map(repr, values)))
    return [Finding(severity, kind, f"{key!r} {verb} {told}")] if values else []
