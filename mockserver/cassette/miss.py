"""Why no recorded interaction answers a request, told so that it can be mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mockserver.cassette.differences import Difference

Reason: TypeAlias = Literal[
    "no_cassette", "cassette_damaged", "no_path", "body_differs", "already_played"
]

STATUS: Final = 424
"""HTTP status of the answer to a miss: official clients do not retry it (vcr §0, decision 6)."""

_MEND: Final[dict[Reason, str]] = {
    "no_cassette": "name a cassette or a folder of cassettes, or record one (record mode 'once').",
    "cassette_damaged": "mend or delete the file, or record it again (record mode 'rewrite').",
    "no_path": "check the client's base URL, or record this call (record mode 'new_episodes').",
    "body_differs": "make the test send what was recorded, say what does not count (--ignore-body "
    "PATH, --match-on), or record this request too (record mode 'new_episodes', or 'rewrite' when "
    "the old recording is out of date).",
    "already_played": "record one interaction per call (record mode 'new_episodes'), allow "
    "repeats (--repeat last or cycle), or give each test a session of its own.",
}
_HIDE_TOO: Final = (
    "hide on replay what was hidden when it was recorded, by the same --redact-field, "
    "--redact-pattern and --redact-replacement. If that is not it, "
)


@dataclass(frozen=True, slots=True)
class Near:
    """A recorded interaction that is much like the request.

    ``likeness`` is the share of equal JSON leaves and words, 0 to 1; ``differences`` are the first
    few, and ``more`` says that there are others. ``refusals`` say what other criteria and the
    user's own matchers have against it. ``hidden`` is where the first pseudonym stands that was
    recorded for a value which was sent as it is, or empty.
    """

    place: str
    likeness: float
    differences: tuple[Difference, ...]
    more: bool
    refusals: tuple[str, ...] = ()
    hidden: str = ""

    def told(self) -> list[str]:
        """Return the lines that say why it is not the one."""
        lines = [*self.refusals, *map(str, self.differences)]
        return [
            *(lines or ["differs only in secrets, which are not shown"]),
            *(["and more"] if self.more else []),
            *([f"{self.hidden}: what was recorded is hidden there"] if self.hidden else []),
        ]


@dataclass(frozen=True, slots=True)
class Miss:
    """A request that nothing answers; holds no secret.

    ``request`` is ``METHOD /path?query``; ``summary`` says what the reason means here; ``diff`` are
    the lines of a unified diff against the first of ``nearest``; ``rule`` is a sentence on what is
    compared, unless that is the default.
    """

    reason: Reason
    request: str
    summary: str
    nearest: tuple[Near, ...] = ()
    diff: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    rule: str = ""

    @property
    def code(self) -> str:
        """The error code of the answer: cassette_miss, already_played or cassette_damaged."""
        special = self.reason in ("already_played", "cassette_damaged")
        return self.reason if special else "cassette_miss"

    @property
    def mend(self) -> str:
        """What to do."""
        hidden = any(near.hidden for near in self.nearest)
        return (_HIDE_TOO if hidden else "") + _MEND[self.reason]

    def text(self) -> str:
        """Return the whole report, for an answer, a log or a test failure."""
        lines = [f"No recorded interaction answers {self.request} ({self.reason}).", self.summary]
        lines += [self.rule] if self.rule else []
        if self.nearest:
            lines += ["", "Nearest recorded interactions:"]
        for rank, near in enumerate(self.nearest, 1):
            lines.append(f"  {rank}. {near.place} ({near.likeness:.0%} alike)")
            lines += [f"       {line}" for line in near.told()]
        if self.diff:
            lines += ["", "Difference to the nearest (- recorded, + sent):", *self.diff]
        if self.problems:
            lines += ["", "Cassettes that could not be read:"]
            lines += [f"  {problem}" for problem in self.problems]
        return "\n".join([*lines, "", f"To mend it: {self.mend}"])
