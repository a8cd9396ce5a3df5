"""Comparisons of what we declare with what the SDK declares, told as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from mockserver.drift.types import Field, Fields, values

Severity: TypeAlias = Literal["fails", "warns"]


@dataclass(frozen=True, order=True)
class Finding:
    """One difference: whether a client may fail over it, where it is, and what it is."""

    severity: Severity
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.what}"


def compare_kinds(area: str, ours: Iterable[str], theirs: Iterable[str]) -> list[Finding]:
    """Compare the kinds we have with those the SDK has; a kind that only we have may be."""
    mine, known = set(ours), set(theirs)
    return [
        *(Finding("fails", f"{area} {kind}", "is missing") for kind in sorted(known - mine)),
        *(
            Finding("warns", f"{area} {kind}", "is not known to the SDK")
            for kind in sorted(mine - known)
        ),
    ]


def compare_sent(where: str, ours: Fields, theirs: Fields) -> list[Finding]:
    """Compare what we send with what the SDK reads.

    Fails: a key that the SDK does not have, a key that it requires and we lack, literals that are
    not the SDK's. Warns: an optional key that we lack.
    """
    findings = [
        Finding("fails", where, f"{key!r} is not known to the SDK")
        for key in ours
        if key not in theirs
    ]
    for key, field in theirs.items():
        if key not in ours:
            severity: Severity = "fails" if field.required else "warns"
            findings.append(Finding(severity, where, f"{key!r} is missing"))
    for key, said, known in _literals(ours, theirs):
        findings += _values_told("fails", where, key, "may not be", said - known)
        findings += _values_told("fails", where, key, "may also be", known - said)
    return sorted(findings)


def compare_accepted(where: str, ours: Fields, theirs: Fields) -> list[Finding]:
    """Compare what we take in with what the SDK sends.

    Fails: a key or a literal that the SDK may send and we do not know, a key that we require and
    the SDK does not. Warns: a key or a literal that we take and the SDK does not send.
    """
    findings: list[Finding] = []
    for key in ours.keys() | theirs:
        mine, known = ours.get(key), theirs.get(key)
        if mine is None:
            findings.append(Finding("fails", where, f"{key!r} is refused"))
        elif known is None:
            findings.append(Finding("warns", where, f"{key!r} is not known to the SDK"))
        if mine is not None and mine.required and not (known is not None and known.required):
            findings.append(Finding("fails", where, f"{key!r} is demanded"))
    for key, said, allowed in _literals(ours, theirs):
        findings += _values_told("fails", where, key, "refuses", allowed - said)
        findings += _values_told("warns", where, key, "may be, for us alone,", said - allowed)
    return sorted(findings)


def compare_tables(
    area: str,
    compare: Callable[[str, Fields, Fields], list[Finding]],
    ours: Mapping[str, Fields],
    theirs: Mapping[str, list[Fields]],
) -> list[Finding]:
    """Compare all kinds that both tables have; where the SDK has several classes, the nearest."""
    findings: list[Finding] = []
    for kind in sorted(ours.keys() & theirs):
        findings += nearest(
            compare(f"{area} {kind}", ours[kind], fields) for fields in theirs[kind]
        )
    return findings


def nearest(verdicts: Iterable[list[Finding]]) -> list[Finding]:
    """Return the mildest of several verdicts."""
    return min(verdicts, key=lambda verdict: (len(failures(verdict)), len(verdict)))


def failures(findings: Iterable[Finding]) -> list[str]:
    """Return the findings that clients may fail over, as lines."""
    return [str(finding) for finding in findings if finding.severity == "fails"]


def _literals(ours: Fields, theirs: Fields) -> Iterator[tuple[str, set[Any], set[Any]]]:
    """Yield the keys that both declare as literals, with our values and the SDK's."""
    for key in sorted(ours.keys() & theirs):
        mine, known = values(ours[key].type), values(theirs[key].type)
        if mine and known:
            yield key, mine, known


def _values_told(
    severity: Severity, where: str, key: str, verb: str, found: set[Any]
) -> list[Finding]:
    told = ", ".join(sorted(map(repr, found)))
    return [Finding(severity, where, f"{key!r} {verb} {told}")] if found else []


__all__ = [
    "Field",
    "Fields",
    "Finding",
    "compare_accepted",
    "compare_kinds",
    "compare_sent",
    "compare_tables",
    "failures",
    "nearest",
]
