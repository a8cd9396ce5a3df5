"""The report: every difference that is not meant, a line each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mockserver.drift.accepted import Accepting
from mockserver.drift.compare import Finding
from mockserver.drift.declared import compare_items, compare_response, compare_taken
from mockserver.drift.events import compare_events
from mockserver.drift.known import unexpected
from mockserver.drift.requests import compare_endpoints, compare_requests
from mockserver.drift.sdk import Gone, Sdk
from mockserver.schema.base import Json


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and with which SDK."""

    sdk: str
    findings: list[Finding]

    def document(self) -> Json:
        """Return the report as JSON."""
        told = [
            {"severity": each.severity, "where": each.where, "what": each.what}
            for each in self.findings
        ]
        return {"sdk": self.sdk, "differences": told}

    def lines(self) -> list[str]:
        """Return a line for each difference, those first that a client may fail over."""
        return list(map(str, self.findings))


def report(sdk: Sdk) -> Report:
    """Compare everything with an SDK."""
    return Report(sdk.version, unexpected(sorted(compared(sdk))))


def compared(sdk: Sdk) -> Iterator[Finding]:
    """Yield every difference, those that are meant among them."""
    accepting = Accepting()
    comparisons: tuple[Callable[[], list[Finding]], ...] = (
        lambda: compare_items(sdk),
        lambda: compare_events(sdk),
        lambda: compare_response(sdk),
        lambda: compare_taken(sdk, accepting),
        lambda: compare_requests(sdk, accepting.compared),
        lambda: compare_endpoints(sdk),
    )
    for compare in comparisons:
        try:
            yield from compare()
        except Gone as problem:
            yield Finding("fails", str(problem), "is gone from the SDK, so nothing is compared")
