"""Mutation replay in pytest: the report of which changes the clients survived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

PROPERTY: Final = "mockserver_mutation"
"""Name of the property of a report that says which change its test was run with."""

PLAYED: Final = "mockserver_mutation_played"
"""Name of the property that says whether the client met the change."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which changes the clients survived."""
    cases = _cases([each for reports in terminalreporter.stats.values() for each in reports])
    if not cases:
        return
    terminalreporter.section("mockserver mutations")
    for test in dict.fromkeys(test for test, _ in cases):
        for line in _lines(test, [case for (name, _), case in cases.items() if name == test]):
            terminalreporter.line(line)


def _cases(reports: Sequence[Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is known of each change: its sort, its place, its outcome."""
    cases: dict[tuple[str, str], dict[str, Any]] = {}
    for report in reports:
        properties = dict(getattr(report, "user_properties", ()))
        if PROPERTY not in properties:
            continue
        test, id, sort, about = properties[PROPERTY]
        case = cases.setdefault((test, id), {"id": id, "sort": sort, "about": about, "ok": True})
        if report.outcome != "passed":
            case["ok"] = False
        if PLAYED in properties:
            case["played"] = properties[PLAYED]
    return cases


def _lines(test: str, cases: list[dict[str, Any]]) -> Iterator[str]:
    met = [case for case in cases if case.get("played", True)]
    survived = sum(case["ok"] for case in met)
    yield f"{test}: survived {survived} of {len(met)}"
    sorts = dict.fromkeys(case["sort"] for case in met)
    if sorts:
        yield "  " + ", ".join(_share(sort, met) for sort in sorts)
    for case in met:
        if not case["ok"]:
            yield f"  not survived: {case['id']} ({case['about']})"
    if missed := [case["id"] for case in cases if not case.get("played", True)]:
        yield f"  never met: {', '.join(missed)}"


def _share(sort: str, cases: list[dict[str, Any]]) -> str:
    ours = [case["ok"] for case in cases if case["sort"] == sort]
    return f"{sort} {sum(ours)}/{len(ours)}"
