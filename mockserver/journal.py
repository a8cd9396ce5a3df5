"""The journal: one entry for each call, with what answered it; bounded, secrets redacted."""

from __future__ import annotations

import builtins
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, Self
from urllib.parse import parse_qsl, urlencode

Answered = Literal["synthesiser", "cassette", "upstream", "state", "scenario", "rule", "error"]


@dataclass(slots=True)
class Call:
    """One call as it came in, and how it was answered.

    ``number`` counts the calls of a namespace from 1. ``path`` is without its base prefix
    (``/responses``), ``body`` the JSON object of the request, ``method`` ``WS`` for a create over a
    WebSocket. ``status`` is the HTTP status of the answer (None while it lasts, and when the client
    left first), ``answered_by`` what gave it, ``recording`` the cassette interaction that did
    (``file#number``), ``rule`` the rule or step that took it or failed on it, ``error`` the code or
    type of an error, ``retry`` the client's own retry count, ``retry_after`` the seconds that the
    answer told it to wait. ``scenario`` are the flags in force, ``faults`` those of them that went
    wrong with the answer on its way, in order. ``miss`` says why no recording fits, where one had
    to; ``differences`` how the upstream's answer differs in shape from the recording (verify mode).

    ``started`` and ``ended`` are moments of the namespace's clock in seconds (``ended`` None while
    it lasts). ``events`` and ``bytes`` were sent: events of a stream, bytes of a body. ``finished``
    says that the answer was sent to its end, ``disconnected`` that the client left before. ``asks``
    are the call ids of the tool calls that the answer has for the client. ``headers`` are those of
    the request, ``size`` its bytes; in what ``shown`` returns, secrets are redacted.
    """

    method: str
    path: str
    query: str
    body: dict[str, Any] | None = None
    stream: bool = False
    status: int | None = None
    answered_by: Answered | None = None
    response_id: str | None = None
    error: str | None = None
    retry: int = 0
    scenario: str | None = None
    miss: str | None = None
    differences: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    number: int = 0
    started: float = 0.0
    ended: float | None = None
    events: int = 0
    bytes: int = 0
    finished: bool = False
    disconnected: bool = False
    recording: str | None = None
    rule: str | None = None
    retry_after: float | None = None
    asks: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    size: int = 0

    def note_sent(self, data: builtins.bytes, *, events: bool = True) -> None:
        """Count a part of the body, and the events that end in it where it is a stream's."""
        self.bytes += len(data)
        if events:
            self.events += data.count(b"\n\n") or data.count(b"\r\n\r\n")

    def note_fault(self, name: str) -> None:
        """Note a fault, once however often it plays."""
        if name not in self.faults:
            self.faults += (name,)

    def shown(self) -> Self:
        """Return the call as others may see it: a copy in which every secret is redacted."""
        # Loaded when a test first looks: a server that nobody asks starts without it.
        from mockserver.cassette import redact

        secrets = redact.secrets_of(self.headers)
        values = {name: getattr(self, name) for name in _FIELDS}
        values["path"] = redact.path(self.path, secrets)
        values["query"] = _query(self.query, secrets)
        values["body"] = redact.document(self.body, secrets)
        values["headers"] = redact.fields(self.headers, secrets)
        return type(self)(**values)

    def document(self) -> dict[str, Any]:
        """Return the call as JSON, as ``shown``; ``read`` is the inverse."""
        shown = self.shown()
        return {name: getattr(shown, name) for name in _FIELDS}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Return the call of a JSON object; keys of a newer server are passed over."""
        values = {name: value for name, value in document.items() if name in _FIELDS}
        for name in ("asks", "differences", "faults"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


def _query(query: str, secrets: tuple[str, ...]) -> str:
    """Return a query as it came, or written anew when it held a secret."""
    if not query:
        return query
    from mockserver.cassette import redact
    from mockserver.cassette.canonical import Canonical

    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    shown = redact.request(Canonical("", "", pairs, None, False), secrets).query
    return query if shown == pairs else urlencode(shown, safe="[]")


_FIELDS: Final = tuple(entry.name for entry in fields(Call))


class Journal:
    """The latest calls of a namespace, oldest first: so many at most, and so many bytes of them."""

    __slots__ = ("_bytes", "_calls", "_count", "_max_bytes", "_max_count")

    def __init__(self, *, max_count: int = 1_000, max_bytes: int = 64 * 2**20) -> None:
        self._max_count = max_count
        self._max_bytes = max_bytes
        self._calls: deque[Call] = deque()
        self._count = 0
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls.copy())

    @property
    def count(self) -> int:
        """How many calls there were, those forgotten past the bounds included."""
        return self._count

    def append(self, call: Call) -> None:
        """Note a call, and forget the oldest ones past the bounds."""
        self._count += 1
        call.number = self._count
        self._calls.append(call)
        self._bytes += call.size
        if len(self._calls) > self._max_count or self._bytes > self._max_bytes:
            self._trim()

    def weigh(self, call: Call, size: int) -> None:
        """Note how many bytes a request has that is read only now."""
        if call.number > self._count - len(self._calls):
            call.size = size
            self._bytes += size
            if self._bytes > self._max_bytes:
                self._trim()

    def clear(self) -> None:
        """Forget all calls, and count from 1 again."""
        self._calls.clear()
        self._count = self._bytes = 0

    def shown(self) -> list[Call]:
        """Return all calls as others may see them, oldest first."""
        return [call.shown() for call in self]

    def _trim(self) -> None:
        calls = self._calls
        while calls and (len(calls) > self._max_count or self._bytes > self._max_bytes):
            self._bytes -= calls.popleft().size
