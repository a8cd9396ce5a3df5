"""A cassette that is being recorded: what is added is cleaned, checked and safely on disk."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mockserver.cassette import redact, saving, scan, special, writer
from mockserver.cassette.contents import Contents, Entry, Key, Mode, key
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.redact import Rules

RECORDING: Final[frozenset[Mode]] = frozenset({"once", "new_episodes", "all", "rewrite"})
"""The record modes that write."""
SUFFIXES: Final = (".yaml", ".yml")

_SHOWN: Final = 3
_FULL: Final = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", None))


class NotSaved(CassetteError):
    """An interaction that is not on disk; what was there before is whole."""


class SecretFound(NotSaved):
    """An interaction that still holds a secret after cleaning, and is not written."""


@dataclass(slots=True)
class _Batch:
    """Interactions that go to disk together; ``done`` gets None, or what went wrong."""

    done: asyncio.Future[str | None]
    entries: list[Entry] = field(default_factory=list)


class Recording:
    """One cassette that interactions are added to, for use in one event loop.

    ``problems`` say, without any secret, what could not be recorded. Raise CassetteError at once
    when the file cannot be written, is damaged, or is not named as YAML.
    """

    def __init__(
        self,
        path: Path,
        *,
        mode: Mode = "new_episodes",
        rules: Rules = redact.DEFAULT,
    ) -> None:
        self.path = path
        self.mode = mode
        self.rules = rules
        self.problems: list[str] = []
        self._slots = 0
        self._settled = 0
        self._spared: set[Key | None] = set()
        self._saves = 0
        self._tasks: set[asyncio.Task[Exchange]] = set()
        self._batch: _Batch | None = None
        self._saver: asyncio.Task[None] | None = None
        self._contents: Contents | None = None
        if mode in RECORDING:
            self._contents = _opened(path, mode)

    @property
    def records(self) -> bool:
        """Whether ``add`` takes anything: not when the mode or a file that was there forbids it."""
        return self._contents is not None

    @property
    def saves(self) -> int:
        """How often the file has been written."""
        return self._saves

    def reserve(self) -> int:
        """Return a slot for a request that has just come in: the order in the file is theirs."""
        self._slots += 1
        return self._slots

    async def add(self, exchange: Exchange, slot: int | None = None) -> Exchange:
        """Record an exchange; return it as it was kept, once it is safely on disk.

        ``slot`` comes from ``reserve``. Being cancelled does not stop the recording. Raise NotSaved
        when it cannot be written, SecretFound when it would tell a secret.
        """
        task = asyncio.create_task(self._add(exchange, slot or self.reserve()))
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    async def skip(self, exchange: Exchange) -> None:
        """Note an exchange that is not to be recorded: what answers its request stays."""
        kept = await asyncio.to_thread(redact.clean, exchange, self.rules)
        self._spared.add(key(kept))
        self._settled += 1

    async def close(self) -> None:
        """Finish what was begun, and try once more what could not be saved."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._contents is not None and self._contents.pending:
            problem = await self._save([])
            if problem:
                self._report(problem)

    async def drop_unused(self, used: Container[Interaction]) -> int:
        """Leave out what was there at the start and is not in ``used``; return how many went.

        To be called last. Raise NotSaved, the file as it was, when a request was not recorded,
        since the recording that it was to replace may be wanted still, and when the file cannot be
        written.
        """
        contents, lost = self._contents, self._slots - self._settled
        if contents is None:
            return 0
        try:
            if lost:
                raise NotSaved(f"unused interactions stay, because {lost} were not recorded")
            return await asyncio.to_thread(contents.drop, used, self._spared)
        except OSError as error:
            why = f"unused interactions stay: {error.strerror or error.errno}"
            raise NotSaved(why, path=self.path) from None
        except CassetteError as error:
            error.locate(path=self.path)
            raise

    async def _add(self, exchange: Exchange, slot: int) -> Exchange:
        try:
            if not self.records:
                raise NotSaved(f"nothing is recorded in mode {self.mode!r}", path=self.path)
            kept, entry = await asyncio.to_thread(self._prepared, exchange, slot)
            problem = await self._queue(entry)
            if problem:
                raise NotSaved(problem, path=self.path)
            self._settled += 1
        except CassetteError as error:
            error.locate(path=self.path)
            self._report(str(error))
            raise
        except Exception as error:  # whatever it says may hold what the exchange holds
            told = NotSaved(f"not recorded: {type(error).__name__}; report this", path=self.path)
            self._report(str(told))
            raise told from None
        return kept

    def _prepared(self, exchange: Exchange, slot: int) -> tuple[Exchange, Entry]:
        """Clean an exchange, write it down, and look for secrets in what was written."""
        secrets = self.rules.secrets | redact.secrets_in(exchange)
        kept = redact.clean(exchange, self.rules)
        chunk = writer.chunk(kept)
        found = scan.find(writer.join([chunk]), secrets)
        if found:
            places = "; ".join(map(str, found[:_SHOWN]))
            raise SecretFound(
                f"the interaction is not recorded, because it holds {places}; hide it with a rule "
                "(--redact-field, --redact-pattern)"
            )
        return kept, Entry(chunk, slot, key(kept))

    async def _queue(self, entry: Entry) -> str | None:
        """Have an entry saved with all others that wait while the file is being written."""
        if self._batch is None:
            self._batch = _Batch(asyncio.get_running_loop().create_future())
        batch = self._batch
        batch.entries.append(entry)
        if self._saver is None:
            self._saver = asyncio.create_task(self._save_batches())
        return await batch.done

    async def _save_batches(self) -> None:
        while self._batch is not None:
            batch, self._batch = self._batch, None
            batch.done.set_result(await self._save(batch.entries))
        self._saver = None

    async def _save(self, entries: list[Entry]) -> str | None:
        """Save entries; return what went wrong."""
        if self._contents is None:
            return None
        try:
            await asyncio.to_thread(self._contents.save, entries)
        except OSError as error:
            mend = "; make room for it" if error.errno in _FULL else ""
            return f"the cassette could not be saved: {error.strerror or error.errno}{mend}"
        except CassetteError as error:
            return f"the cassette could not be saved: {error.message}"
        self._saves += 1
        return None

    def _finished(self, task: asyncio.Task[Exchange]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # told already; whoever waited for it may be gone

    def _report(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def _opened(path: Path, mode: Mode) -> Contents | None:
    """Make sure that a cassette can be written; None when it was there and stays as it is."""
    if path.suffix.lower() not in SUFFIXES:
        raise CassetteError("cassettes are recorded as YAML; name the file .yaml", path=path)
    special.refuse(path)
    if mode == "once" and path.exists() and path.read_bytes().strip():
        return None
    path = path.resolve()  # what a link names is replaced, not the link
    saving.prepare(path)
    try:
        return Contents(path, mode)
    except OSError as error:
        raise CassetteError(f"the file cannot be read: {error.strerror}", path=path) from None
