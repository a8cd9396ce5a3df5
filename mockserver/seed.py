"""The seeded source of ids, stamps and chance: same seed, same bytes."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import blake2b
from random import Random
from typing import Final, Protocol, TypeAlias

from mockserver.schema.base import Json

EPOCH: Final = 1_767_225_600
"""Stamps start at 2026-01-01T00:00:00Z, so that they do not depend on the day of the run."""

VARIANTS: Final = 16
"""How many different answers a request gets."""

_DAY: Final = 86_400
_ALPHANUMERIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_REMEMBERED: Final = 65_536
_LAYOUT: Final = re.compile(r"resp_([0-9a-f]{16})[0-9a-f]{34}|conv_[0-9a-f]{32}([0-9a-f]{16})")


_LETTERS: Final = bytes(_ALPHANUMERIC.encode()[byte % 62] for byte in range(256))
"""A letter or digit for every byte; that some come a little more often does not show."""


class Chance(Protocol):
    """Numbers by chance, as far as picking from a pool needs them."""

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        ...


class Dice:
    """Chance that is there at once: to seed a ``Random`` costs more than the rest of a turn.

    ``key`` holds the first bits; when they are used up, its hash has the next.
    """

    __slots__ = ("_bits", "_key", "_left")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._bits = int.from_bytes(key, "big")
        self._left = 8 * len(key)

    def getrandbits(self, count: int) -> int:
        """Return a number of ``count`` bits, 512 at most."""
        if self._left < count:
            self._key = blake2b(self._key).digest()
            self._bits = int.from_bytes(self._key, "big")
            self._left = 512
        self._left -= count
        number = self._bits >> self._left
        self._bits ^= number << self._left
        return number

    def below(self, bound: int) -> int:
        """Return a number from 0 up to a small bound."""
        return self.getrandbits(32) % bound

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        return self.getrandbits(32) * 2**-32


Place: TypeAlias = tuple[bytes, bytes, int]
"""A seed's root, a request's fingerprint and which of the answers to it comes next."""
Issued: TypeAlias = tuple[str | None, str]
"""An id that was drawn, after its prefix, which is None for a call id."""


class Draw:
    """All chance of one turn; two turns with equal keys draw equal values.

    ``chain`` is the 16 hex digits that the ids of a ``previous_response_id`` chain or of a
    conversation share, taken from the ``parent`` where there is one, and ``stamp`` the unix second
    that goes into them (api-contract §5.3). Those and the ids, which are ``issued`` in this order,
    come from ``key``. What is said comes from ``content``, which is the key where none is given:
    picks from ``dice``, all else from ``random``. ``place`` is set where the answer depends on it
    alone.
    """

    __slots__ = (
        "_at",
        "_content",
        "_dice",
        "_digits",
        "_random",
        "chain",
        "issued",
        "place",
        "stamp",
    )

    def __init__(
        self,
        key: bytes,
        *,
        content: bytes = b"",
        parent: Json | None = None,
        stamp: int | None = None,
    ) -> None:
        self._digits = digits = blake2b(key).hexdigest()
        self._at = 26
        self._content = content or key
        self._dice: Dice | None = None
        self._random: Random | None = None
        self.issued: list[Issued] = []
        self.place: Place | None = None
        self.chain = digits[:16]
        if parent is not None:
            self._follow(parent)
        else:
            self.stamp = EPOCH + int(digits[16:24], 16) % _DAY
        if stamp is not None:
            self.stamp = stamp

    @property
    def dice(self) -> Dice:
        """What picks are made with, at next to no cost."""
        if self._dice is None:
            self._dice = Dice(blake2b(self._content).digest())
        return self._dice

    @property
    def random(self) -> Random:
        """The turn's full random source, seeded when it is first asked for."""
        if self._random is None:
            self._random = Random(self._content)
        return self._random

    def _follow(self, parent: Json) -> None:
        """Share the chain of an earlier response or of a conversation, and come after it."""
        match = _LAYOUT.fullmatch(parent["id"])
        if match is not None:
            self.chain = match[1] or match[2]
        ended = parent.get("completed_at") or parent["created_at"]
        self.stamp = int(ended) + 1 + int(self._digits[24], 16) % 4

    def _next(self, count: int) -> str:
        """Return so many hex digits, 126 at most, that nobody had yet."""
        start = self._at
        if start + count > 128:
            self._digits = blake2b(self._digits.encode()).hexdigest()
            start = 0
        self._at = end = start + count
        return self._digits[start:end]

    def id(self, prefix: str) -> str:
        """Return an id of the newest layout: prefix, chain, ``00``, time, 24 random hex digits."""
        drawn = f"{prefix}_{self.chain}00{self.stamp:08x}{self._next(24)}"
        self.issued.append((prefix, drawn))
        return drawn

    def early_id(self, prefix: str) -> str:
        """Return an id of the layout that conversations still have: time, random digits, chain."""
        return f"{prefix}_{self.stamp:08x}{self._next(24)}{self.chain}"

    def call_id(self) -> str:
        """Return ``call_`` and 24 letters and digits."""
        drawn = f"call_{bytes.fromhex(self._next(48)).translate(_LETTERS).decode()}"
        self.issued.append((None, drawn))
        return drawn

    def token(self, size: int = 256) -> str:
        """Return an opaque value that looks like a Fernet token of ``size`` payload bytes."""
        return "gAAAAA" + urlsafe_b64encode(self.random.randbytes(size)).decode()


class Seed:
    """Gives each turn of a namespace its key, from the request and how often it was seen."""

    __slots__ = ("_requests", "_root", "_seen")

    def __init__(self, value: int = 0, namespace: str = "") -> None:
        self._root = f"mockserver|{value}|{namespace}".encode()
        self.reset()

    def reset(self) -> None:
        """Forget what was seen, so that the same requests get the same answers again."""
        self._seen: dict[bytes, int] = {}
        self._requests = Random(self._root)

    def keys(self, fingerprint: bytes, *, salt: str = "") -> tuple[bytes, bytes]:
        """Return the key of the next turn with this request, and that of what it says.

        What is said comes round: a request that comes again and again gets as many answers as
        there are ``VARIANTS``, each time with ids of its own. ``salt`` sets other draws apart.
        """
        count = self._seen.pop(fingerprint, 0)
        self._seen[fingerprint] = count + 1
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        content = b"%s|%s|%s|%d" % (self._root, fingerprint, salt.encode(), count % VARIANTS)
        return b"%s|%d" % (content, count), content

    def place(self, fingerprint: bytes) -> Place:
        """Return what the next turn with this request will say, which two turns may share."""
        return self._root, fingerprint, self._seen.get(fingerprint, 0) % VARIANTS

    def has_seen(self, fingerprint: bytes) -> bool:
        """Tell whether there was a turn with this request."""
        return fingerprint in self._seen

    def request_id(self) -> str:
        """Return the ``x-request-id`` of the next answer: ``req_`` and 32 hex digits."""
        return f"req_{self._requests.getrandbits(128):032x}"

    def fraction(self, salt: str) -> float:
        """Return a number from 0 to below 1 that depends on seed, namespace and salt alone."""
        return Dice(blake2b(self._root + salt.encode()).digest()).random()


def lags(jitter: float | None, seed: str) -> Iterator[float]:
    """Yield waits of up to ``jitter`` seconds without end, which depend on ``seed`` alone."""
    chance = Dice(blake2b(f"{seed}|jitter".encode()).digest())
    while True:
        yield chance.random() * jitter if jitter else 0.0


def padding(seed: str, size: int = 4096) -> str:
    """Return ``size`` random letters and digits that depend on ``seed`` alone."""
    return Random(seed).randbytes(size).translate(_LETTERS).decode()
