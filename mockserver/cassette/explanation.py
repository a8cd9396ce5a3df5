"""The search for why a request finds nothing: what is recorded instead, and how it differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mockserver.cassette import redact
from mockserver.cassette.canonical import Canonical
from mockserver.cassette.differences import differences, unified
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.matching import Matching
from mockserver.cassette.miss import Miss, Near, Reason
from mockserver.cassette.nearest import Nearest
from mockserver.cassette.request import Request

_NEAREST: Final = 3
_DIFFERENCES: Final = 4
_DIFF_LINES: Final = 60
_PLACES: Final = 5


def explain(
    request: Request,
    interactions: Sequence[Interaction],
    equal: Sequence[Interaction],
    nearest: Nearest,
    problems: Sequence[CassetteError],
    *,
    matching: Matching,
) -> Miss:
    """Say why a request, as ``matching`` prepared it, finds nothing.

    ``interactions`` are all there are, ``equal`` those with the request's fingerprint, ``nearest``
    knows the likeness of every one, ``problems`` are the files that could not be read.
    """
    secrets = redact.secrets_of(request.headers)
    wanted = redact.request(request.canonical, secrets)
    reason = _reason(request.canonical, interactions, equal, nearest, problems)
    near: tuple[Near, ...] = ()
    diff: tuple[str, ...] = ()
    if reason == "body_differs":
        ranked = nearest.ranked(request.canonical, _NEAREST)
        found = [(share, interactions[position]) for share, position in ranked]
        compared = _Compared(request, wanted, secrets, matching)
        near = tuple(compared.near(share, interaction) for share, interaction in found)
        diff = compared.diff(found[0][1])
    return Miss(
        reason=reason,
        request=_line(request, wanted, secrets),
        summary=redact.text(_summary(reason, request.canonical, equal, nearest), secrets),
        nearest=near,
        diff=diff,
        problems=tuple(redact.text(str(problem), secrets) for problem in problems[:_PLACES]),
        rule=redact.text(matching.told(), secrets),
    )


def _reason(
    wanted: Canonical,
    interactions: Sequence[Interaction],
    equal: Sequence[Interaction],
    nearest: Nearest,
    problems: Sequence[CassetteError],
) -> Reason:
    if not interactions:
        return "cassette_damaged" if problems else "no_cassette"
    if equal:
        return "already_played"
    return "body_differs" if nearest.at(wanted.method, wanted.path) else "no_path"


def _summary(
    reason: Reason, wanted: Canonical, equal: Sequence[Interaction], nearest: Nearest
) -> str:
    endpoint = f"{wanted.method} {wanted.path}"
    if reason == "already_played":
        places = ", ".join(_place(interaction) for interaction in equal[:_PLACES])
        more = f" and {len(equal) - _PLACES} more" if len(equal) > _PLACES else ""
        return f"This session has already played all that match: {places}{more}."
    if reason == "body_differs":
        count = len(nearest.at(wanted.method, wanted.path))
        return f"{count} recorded for {endpoint}, none equal to this request."
    if reason == "no_path":
        known = ", ".join(nearest.endpoints(wanted.method, wanted.path, _PLACES))
        return f"Nothing is recorded for {endpoint}. Recorded are: {known}."
    if reason == "cassette_damaged":
        return "No cassette could be read."
    return "No interaction is loaded."


@dataclass(frozen=True, slots=True)
class _Compared:
    """The request that found nothing, to be held against recorded ones; ``wanted`` is redacted."""

    asked: Request
    wanted: Canonical
    secrets: tuple[str, ...]
    matching: Matching

    def near(self, likeness: float, interaction: Interaction) -> Near:
        """Say how a recorded interaction differs."""
        recorded = self.matching.prepared(Request.recorded(interaction))
        found = list(differences(self._redacted(recorded), self.wanted))
        refusals = self.matching.refusals(recorded, self.asked)
        return Near(
            _place(interaction),
            likeness,
            tuple(found[:_DIFFERENCES]),
            len(found) > _DIFFERENCES,
            tuple(redact.text(refusal, self.secrets) for refusal in refusals),
            hidden=next((each.where for each in found if each.hidden), ""),
        )

    def diff(self, interaction: Interaction) -> tuple[str, ...]:
        """Return a unified diff, cut where it gets too long to be read."""
        recorded = self._redacted(self.matching.prepared(Request.recorded(interaction)))
        lines = unified(recorded, self.wanted, _place(interaction))
        more = len(lines) - _DIFF_LINES
        return (*lines[:_DIFF_LINES], *([f"… and {more} more lines"] if more > 0 else []))

    def _redacted(self, recorded: Request) -> Canonical:
        # What the recording holds is hidden too: a cassette may have been shared in error.
        secrets = (*self.secrets, *redact.secrets_of(recorded.headers))
        return redact.request(recorded.canonical, secrets)


def _line(request: Request, wanted: Canonical, secrets: tuple[str, ...]) -> str:
    query = "&".join(f"{name}={value}" for name, value in wanted.query)
    path = redact.path(request.path, secrets)
    return f"{wanted.method} {path}{'?' if query else ''}{query}"


def _place(interaction: Interaction) -> str:
    return f"{interaction.file}, interaction {interaction.number}"
