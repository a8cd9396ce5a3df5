"""The assertions, for whoever knows the calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Final

from mockserver.journal import Call
from mockserver.verification import conduct
from mockserver.verification.criteria import (
    Criteria,
    check,
    describe,
    differences,
    nearest,
    wanted_text,
)

_TOLERANCE: Final = 0.01
"""Seconds that a wait may fall short of: a client's timer may fire a little early."""


class Verification(ABC):
    """Assertions over the calls of a namespace.

    Criteria are keyword arguments: parts of the call (``method``, ``path``, ``status``, ``stream``,
    ``answered_by``, ``scenario``, ``error``, ``retry``, …), of its request (``model``,
    ``instructions``, ``previous_response_id``, ``metadata``, ``background``), ``text`` that its
    input contains, a ``tool`` on offer, and the ``body``, which may have more keys than the given
    one. A compiled pattern is searched for, a callable is asked. All raise AssertionError, and
    TypeError or ValueError for what they cannot be asked.
    """

    @abstractmethod
    def calls_of(self, namespace: str | None = None) -> list[Call]:
        """Return the calls of a namespace so far, oldest first."""

    def assert_called(
        self, *, times: int | None = None, namespace: str | None = None, **wanted: Any
    ) -> list[Call]:
        """Assert that calls meet the criteria, and exactly so many if ``times``; return them."""
        check(wanted)
        _check_times(times)
        calls = self.calls_of(namespace)
        found = [call for call in calls if not differences(call, wanted)]
        if not found and times != 0:
            raise AssertionError(f"{wanted_text(wanted)} was expected.\n{nearest(calls, wanted)}")
        if times is not None and len(found) != times:
            raise AssertionError(
                _listed(f"{wanted_text(wanted)}: {times} expected, {len(found)} came:", found)
            )
        return found

    def assert_not_called(self, *, namespace: str | None = None, **wanted: Any) -> None:
        """Assert that no call meets the criteria."""
        self.assert_called(times=0, namespace=namespace, **wanted)

    def assert_called_in_order(
        self, *sequence: Criteria, namespace: str | None = None
    ) -> list[Call]:
        """Assert that calls meet the criteria one after another, others between; return them."""
        if not sequence:
            raise TypeError("without criteria any calls are in order; give a mapping for each call")
        for wanted in sequence:
            check(wanted)
        calls = self.calls_of(namespace)
        found: list[Call] = []
        rest = calls
        for number, wanted in enumerate(sequence, 1):
            match = next((call for call in rest if not differences(call, wanted)), None)
            if match is None:
                after = f" after call {found[-1].number}" if found else ""
                near = nearest(rest, wanted) if rest or not found else "It was the last call."
                raise AssertionError(
                    f"step {number}: {wanted_text(wanted)} was expected{after}.\n"
                    f"{near}\n" + _listed("All calls:", calls)
                )
            found.append(match)
            rest = [call for call in rest if call.number > match.number]
        return found

    def assert_tool_outputs_returned(self, namespace: str | None = None) -> None:
        """Assert that the client answered every tool call that it was given."""
        _none(conduct.unanswered, self.calls_of(namespace), "tool calls were left unanswered")

    def assert_retry_after_obeyed(
        self, namespace: str | None = None, *, tolerance: float = _TOLERANCE
    ) -> None:
        """Assert that no request was repeated before its ``retry-after`` was over.

        Times are those of the namespace's clock, in seconds.
        """
        _check_seconds("tolerance", tolerance)
        calls = self.calls_of(namespace)
        _none(lambda all: conduct.hasty_retries(all, tolerance), calls, "retries came too early")

    def assert_streams_read(self, namespace: str | None = None) -> None:
        """Assert that the client stayed until the end of every stream."""
        _none(conduct.unread_streams, self.calls_of(namespace), "streams were not read to the end")

    def assert_polled_no_faster_than(
        self, seconds: float, namespace: str | None = None, *, tolerance: float = _TOLERANCE
    ) -> None:
        """Assert that so many seconds, of the namespace's clock, lay between polls."""
        _check_seconds("seconds", seconds)
        _check_seconds("tolerance", tolerance)
        calls = self.calls_of(namespace)
        _none(lambda all: conduct.hasty_polls(all, seconds, tolerance), calls, "polls were hasty")

    def assert_no_duplicate_submits(self, namespace: str | None = None) -> None:
        """Assert that nothing was asked for again which an equal request had got."""
        _none(conduct.duplicates, self.calls_of(namespace), "requests were submitted twice")


def _check_times(times: Any) -> None:
    """Raise for what is no number of calls, and so could not be met or would count as another."""
    if times is not None and (isinstance(times, bool) or not isinstance(times, int)):
        raise TypeError(f"times is how many calls are expected, such as times=1, not {times!r}")
    if times is not None and times < 0:
        raise ValueError(
            f"times={times} can never be met; write times=0 or assert_not_called for no call, "
            "and leave it out for any number from 1 on"
        )


def _check_seconds(name: str, value: Any) -> None:
    """Raise for what is no length of time."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is a number of seconds, such as {name}=0.5, not {value!r}")
    if not value >= 0:
        raise ValueError(f"{name} is a number of seconds from 0 on, not {value}")


def _none(judge: Any, calls: list[Call], what: str) -> None:
    problems = list(judge(calls))
    if problems:
        raise AssertionError(
            f"{what}:\n"
            + "\n".join(f"  {line}" for line in problems)
            + "\n"
            + _listed("All calls:", calls)
        )


def _listed(title: str, calls: Iterable[Call]) -> str:
    return "\n".join([title, *(f"  {describe(call)}" for call in calls)])
