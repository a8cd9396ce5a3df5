"""The seeded source of ids, stamps and chance: same seed, same bytes."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections import OrderedDict
from hashlib import blake2b
from random import Random
from typing import Final

from mockserver.schema.base import Json

EPOCH: Final = 1_767_225_600
"""Stamps start at 2026-01-01T00:00:00Z, so that they do not depend on the day of the run."""

_DAY: Final = 86_400
_ALPHANUMERIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_REMEMBERED: Final = 65_536
_LAYOUT: Final = re.compile(r"resp_([0-9a-f]{16})[0-9a-f]{34}|conv_[0-9a-f]{32}([0-9a-f]{16})")


class Draw:
    """All chance of one turn; two turns with equal keys draw equal values.

    ``chain`` is the 16 hex digits that the ids of a ``previous_response_id`` chain or of a
    conversation share, taken from the ``parent`` where there is one, and ``stamp`` the unix second
    that goes into them (api-contract §5.3).
    """

    __slots__ = ("chain", "random", "stamp")

    def __init__(self, key: bytes, *, parent: Json | None = None, stamp: int | None = None) -> None:
        self.random = Random(int.from_bytes(key, "big"))
        self.chain = f"{self.random.getrandbits(64):016x}"
        self.stamp = EPOCH + self.random.randrange(_DAY)
        if parent is not None:
            self._follow(parent)
        if stamp is not None:
            self.stamp = stamp

    def _follow(self, parent: Json) -> None:
        """Share the chain of an earlier response or of a conversation, and come after it."""
        match = _LAYOUT.fullmatch(parent["id"])
        if match is not None:
            self.chain = match[1] or match[2]
        ended = parent.get("completed_at") or parent["created_at"]
        self.stamp = int(ended) + 1 + self.random.randrange(4)

    def id(self, prefix: str) -> str:
        """Return an id of the newest layout: prefix, chain, ``00``, time, 24 random hex digits."""
        return f"{prefix}_{self.chain}00{self.stamp:08x}{self.random.getrandbits(96):024x}"

    def early_id(self, prefix: str) -> str:
        """Return an id of the layout that conversations still have: time, random digits, chain."""
        return f"{prefix}_{self.stamp:08x}{self.random.getrandbits(96):024x}{self.chain}"

    def call_id(self) -> str:
        """Return ``call_`` and 24 letters and digits."""
        return "call_" + "".join(self.random.choices(_ALPHANUMERIC, k=24))

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
        self._seen: OrderedDict[bytes, int] = OrderedDict()
        self._requests = Random(self._root)

    def key(self, fingerprint: bytes, *, salt: str = "") -> bytes:
        """Return the key of the next turn with this request; ``salt`` sets other draws apart."""
        seen = blake2b(fingerprint, digest_size=16).digest()
        count = self._seen.pop(seen, 0)
        self._seen[seen] = count + 1
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        material = b"%s|%s|%d|%s" % (self._root, seen, count, salt.encode())
        return blake2b(material, digest_size=16).digest()

    def request_id(self) -> str:
        """Return the ``x-request-id`` of the next answer: ``req_`` and 32 hex digits."""
        return f"req_{self._requests.getrandbits(128):032x}"


def padding(seed: str, size: int = 4096) -> str:
    """Return ``size`` random letters and digits that depend on ``seed`` alone."""
    return "".join(Random(seed).choices(_ALPHANUMERIC, k=size))
