"""What an engine has recorded, and what it replays in which namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.cassette.used import Used
from mockserver.config import Settings
from mockserver.conversations import Conversations
from mockserver.history import as_items
from mockserver.lifecycle import Plan
from mockserver.namespace import Namespace
from mockserver.records import Records
from mockserver.schema.base import Json
from mockserver.schema.validation import servable_input
from mockserver.sources.opening import hiding
from mockserver.spaces import Spaces

if TYPE_CHECKING:
    from mockserver.cassette import Interaction
    from mockserver.sources.cassette import Cassettes
    from mockserver.sources.recorder import Recorder
    from mockserver.sources.verification import Verifier


class Replaying:
    """What an engine does with recordings."""

    settings: Settings
    spaces: Spaces
    records: Records
    conversations: Conversations
    cassettes: Cassettes | None
    used: Used
    recorder: Recorder | None
    verifier: Verifier | None
    _own: dict[str, Cassettes]

    @property
    def problems(self) -> list[str]:
        """What was not recorded, and which answers differ from their recordings."""
        recorded = [] if self.recorder is None else self.recorder.problems
        return [*recorded, *([] if self.verifier is None else self.verifier.found)]

    def sources(self, space: Namespace) -> Cassettes | None:
        """Return the recordings that a namespace replays, if any."""
        if space.library is None:
            return self.cassettes
        own = self._own.get(space.name)
        if own is None or own.library is not space.library:
            self._forget(space.name)
            from mockserver.sources.cassette import Cassettes

            own = Cassettes(space.library, hiding(self.settings), self.used)
            self._own[space.name] = own
        return own

    def _forget(self, name: str) -> None:
        """Let go of the recordings that a namespace had of its own, but not of their use."""
        if self._own.pop(name, None) is not None:
            self.used.let_go()

    @property
    def replayed(self) -> list[Cassettes]:
        """All recordings that are replayed: those of the settings, those of namespaces."""
        return [*([] if self.cassettes is None else [self.cassettes]), *self._own.values()]

    def strict(self, space: Namespace) -> bool:
        """Tell whether a namespace has nothing made up."""
        return self.settings.strict if space.strict is None else space.strict

    def refuses(self, space: Namespace) -> bool:
        """Tell whether nothing but recordings may answer in a namespace."""
        return self.strict(space) and self.sources(space) is not None

    async def remember(
        self,
        space: Namespace,
        response: Json,
        input: Any,
        *,
        streamed: bool = False,
        phased: bool = False,
    ) -> Plan:
        """Put a replayed response on record, so that it can be fetched, resumed and continued.

        It is over at once; a background one that is ``phased`` is queued and in progress first.
        """
        plan = Plan(
            response=response,
            started=space.clock.now(),
            background=bool(response.get("background")),
            streamed=streamed,
            queued=self.settings.queued_seconds if phased else 0.0,
            in_progress=self.settings.in_progress_seconds if phased else 0.0,
        )
        await self.records.keep(space.name, plan, input)
        await self.conversations.adopt(space.name, response, as_items(servable_input(input)))
        return plan

    def unplayed(self) -> list[Interaction]:
        """Return the recorded interactions that no namespace has been answered with."""
        if self.cassettes is None:
            return []
        spaces = [space for space in self.spaces if space.library is None]
        return self.cassettes.library.unplayed(*(space.played for space in spaces))
