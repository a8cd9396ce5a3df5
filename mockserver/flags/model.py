"""The flags of one request, as they were understood."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from mockserver.faults.fault import Fault

METADATA_KEY: Final = "mock_scenario"
"""The key of a request's metadata that holds its flags."""

Outcome = Literal["completed", "failed", "incomplete", "queued", "in_progress", "cancelled"]


class Hold(NamedTuple):
    """How long a phase of a background response lasts: for seconds, or for so many polls.

    With neither it lasts as long as the settings say.
    """

    seconds: float | None = None
    polls: int | None = None


class Gate(NamedTuple):
    """Which of the requests that bring the same flags get them, counted per namespace.

    The first ``after`` pass, then each ``every``-th is taken with the probability ``p``, and
    ``times`` of them at most.
    """

    after: int = 0
    times: int | None = None
    every: int = 1
    p: float | None = None


class Mailing(NamedTuple):
    """What becomes of the webhook of a background response.

    It is sent ``copies`` times, ``delay`` seconds late, after the next one when it is ``held``,
    signed with a wrong secret when it is ``forged``, and not at all when it is ``dropped``.
    """

    copies: int = 1
    delay: float = 0.0
    held: bool = False
    forged: bool = False
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags in force for one request.

    ``outcome``, ``detail`` and ``message`` say how the response ends (an error code or an
    incomplete reason, the text of an error); ``queued`` and ``in_progress`` how long its phases
    last. ``http``, ``http_code`` and ``message`` are an HTTP error instead of an answer,
    ``retry_after`` its header in seconds.

    The output: ``items`` are the kinds it has, ``tool_call`` the tool that it calls (empty for
    any), ``tool_calls`` how many calls, ``refusal`` and ``said`` the text of the message,
    ``tokens`` how many output tokens, ``usage`` the counts that are reported.

    The pace, in seconds: ``delay`` before anything, ``ttft`` to the first token, ``jitter`` at
    most added to every wait; ``tps`` is tokens per second. ``faults`` go wrong on the way, and
    ``webhook`` says what becomes of the webhook.
    ``seed`` replaces the namespace's seed. ``gate`` says which requests get all this, and
    ``idle`` that this one does not.
    """

    outcome: Outcome | None = None
    detail: str | None = None
    message: str | None = None
    background: bool = False
    queued: Hold | None = None
    in_progress: Hold | None = None
    items: tuple[str, ...] = ()
    tool_call: str | None = None
    tool_calls: int | None = None
    refusal: str | None = None
    said: str | None = None
    tokens: int | None = None
    usage: tuple[tuple[str, int], ...] = ()
    http: int | None = None
    http_code: str | None = None
    retry_after: float | None = None
    delay: float | None = None
    ttft: float | None = None
    tps: float | None = None
    jitter: float | None = None
    seed: int | None = None
    gate: Gate | None = None
    faults: tuple[Fault, ...] = ()
    webhook: Mailing | None = None
    idle: bool = False
    text: str = field(default="", compare=False)
    _hash: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Work the hash out once: flags are parsed seldom and looked up by often."""
        values = (getattr(self, each.name) for each in fields(self) if each.compare)
        object.__setattr__(self, "_hash", hash(tuple(values)))

    def __hash__(self) -> int:
        """Return the hash of all that is compared."""
        return self._hash

    @property
    def chooses_answer(self) -> bool:
        """Whether the flags say what the answer is, so that no recording is asked."""
        return any((self.outcome, self.background, self.http, self.usage, self.shapes_output))

    @property
    def shapes_output(self) -> bool:
        """Whether the flags say what the output is."""
        given = (self.tool_call, self.tool_calls, self.refusal, self.said, self.tokens)
        return bool(self.items) or any(value is not None for value in given)

    @property
    def paced(self) -> bool:
        """Whether the answer takes time to be told."""
        return not (self.ttft is None and self.tps is None and self.jitter is None)


NONE: Final = Flags()
"""The flags of a request that asks for nothing."""
