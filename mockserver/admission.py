"""Which flags and which rule are in force for a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockserver.clock import Clock
from mockserver.config import Settings
from mockserver.flags import NONE, Flags, flags_of, parse
from mockserver.namespace import Namespace
from mockserver.records import Records
from mockserver.scenarios import Scenarios
from mockserver.schema.base import Json
from mockserver.schema.errors import MockError
from mockserver.seed import lags

if TYPE_CHECKING:
    from mockserver.rules import Chosen


def gate_key(text: str, sort: str = "create") -> str:
    """Return what requests of a sort are counted under that get these flags."""
    return f"{sort} {text}"


class Admission:
    """What an engine decides about a request before it answers."""

    settings: Settings
    scenarios: Scenarios
    records: Records

    def flags(self, space: Namespace, header: str | None, body: Json) -> Flags:
        """Return the flags in force for a create, which counts as one more with these flags.

        They are those of the header, else of the metadata, else a default.
        """
        flags = flags_of(header, body.get("metadata"), space.scenario, self.settings.scenario)
        return self.admitted(space, flags)

    async def choose(
        self,
        space: Namespace,
        header: str | None,
        body: Json,
        headers: Mapping[str, str],
        records: Records | None = None,
    ) -> tuple[Flags, Chosen | None]:
        """Return the flags in force for a create, and the rule that answers it if one does.

        A request whose own flags choose the answer asks no rule. The flags of a rule come after
        the request's own, and before a default.
        """
        if self.scenarios.of(space) is None:
            return self.flags(space, header, body), None
        own = self.admitted(space, flags_of(header, body.get("metadata")))
        if own.chooses_answer:
            return own, None
        clock = space.clock
        chosen = await self.scenarios.choose(
            space, body, headers, records or self.records, clock.now()
        )
        _check_lasts(space, clock)
        if own.text:
            return own, chosen
        if chosen is not None and chosen.flags:
            ruled = self.admitted(space, parse(chosen.flags), f"rule {chosen.label}")
            return ruled, chosen
        flags = self.flags(space, None, {})
        chooses = chosen is not None and chosen.answers and flags.chooses_answer
        return NONE if chooses else flags, chosen

    def admitted(self, space: Namespace, flags: Flags, sort: str = "create") -> Flags:
        """Return these flags, or none when their gate lets this request of a sort pass."""
        if flags.gate is None:
            return flags
        admitted = space.gates.admit(flags, gate_key(flags.text, sort), space.seed.fraction)
        return flags if admitted else Flags(idle=True, text=flags.text)

    async def delay(self, space: Namespace, flags: Flags, seed: str) -> None:
        """Let the delay pass that the flags put before an answer; ``seed`` draws its jitter.

        Raises MockError when the namespace is cleared meanwhile.
        """
        if flags.delay is not None:
            wait, clock = flags.delay + next(lags(flags.jitter, seed)), space.clock
            await clock.sleep_until(clock.now() + wait)
            _check_lasts(space, clock)


def _check_lasts(space: Namespace, clock: Clock) -> None:
    """Raise MockError for a request that has waited on a clock which a reset took away."""
    if space.clock is not clock:
        raise MockError(
            "The namespace was cleared while this request waited for its answer.",
            "namespace_cleared",
            status=503,
        )
