"""What came of one upstream answer, byte by byte and when."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from aiohttp import ClientResponse

from mockserver import __version__
from mockserver.cassette import CassetteError, encoding, normalise
from mockserver.cassette.exchange import Exchange, Headers

LIMIT: Final = 64 * 2**20
"""Most bytes of a body that are kept for the cassette (vcr §3.1)."""
_ENCODED: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(slots=True, kw_only=True)
class Capture:
    """One request as it was sent, and the answer so far.

    ``sent`` is the moment of sending in seconds of the clock that ``add`` is told of; ``day`` is
    the day of the recording. ``overflowed`` says that the body grew too large to be kept.
    """

    method: str
    uri: str
    request_headers: Headers
    request_body: bytes
    sent: float
    day: str
    status: int = 0
    reason: str = ""
    headers: Headers = ()
    overflowed: bool = False
    _chunks: list[bytes] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)
    _moments: list[float] = field(default_factory=list)

    def receive(self, answer: ClientResponse) -> None:
        """Take the head of the answer."""
        self.status, self.reason = answer.status, answer.reason or ""
        self.headers = tuple(answer.headers.items())

    def add(self, chunk: bytes, moment: float) -> None:
        """Take the next bytes of the body as they came off the wire."""
        if self.overflowed:
            return
        end = (self._ends[-1] if self._ends else 0) + len(chunk)
        if end > LIMIT:
            self.overflowed = True
            self._chunks.clear()
            return
        self._chunks.append(chunk)
        self._ends.append(end)
        self._moments.append(moment)

    def exchange(self) -> Exchange:
        """Return the whole as an exchange: the body plain, with the pace it came at."""
        raw = b"".join(self._chunks)
        body, headers = self._plain(raw)
        found = Exchange(
            method=self.method,
            uri=self.uri,
            request_headers=self.request_headers,
            request_body=self.request_body,
            status=self.status,
            reason=self.reason,
            headers=headers,
            body=body,
        )
        return replace(found, replay=self._pace(found)) if len(body) == len(raw) else found

    def _plain(self, raw: bytes) -> tuple[bytes, Headers]:
        """Undo an encoding that the upstream used although it was asked not to."""
        names = [value for name, value in self.headers if name.lower() == "content-encoding"]
        encodings = [word.strip().lower() for word in ",".join(names).split(",") if word.strip()]
        named = [name for name in encodings if name != "identity"]
        if not encoding.NAMES.issuperset(named):
            return raw, self.headers  # without the header nobody could read the body
        try:
            body = encoding.decode(raw, named, textual=False)
        except CassetteError:
            return raw, self.headers
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in _ENCODED)
        return body, kept

    def _pace(self, found: Exchange) -> dict[str, object] | None:
        """Return the milliseconds before each event (vcr §2.3); None for a body without any."""
        try:
            frames = normalise.interaction(found, "", 0, _ignore).frames()
        except CassetteError:
            return None
        moments, end = [], 0
        for frame in frames:
            end = min(end + len(frame), len(found.body))
            moments.append(self._moments[bisect_left(self._ends, end)] - self.sent)
        if not moments:
            return None
        times = " ".join(map(str, _steps(moments)))
        by = f"mockserver {__version__}"
        return {"t": times, "events": len(moments), "recorded": self.day, "by": by}


def _steps(moments: Sequence[float]) -> list[int]:
    """Return the whole milliseconds between moments; rounding errors do not add up."""
    marks = [0, *(round(max(moment, 0.0) * 1000) for moment in moments)]
    return [max(after - before, 0) for before, after in pairwise(marks)]


def _ignore(sentence: str) -> None:
    """Take no note: whoever reads the cassette is told."""
