"""The prompt cache: which beginning of a prompt was seen before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final

import orjson

LEAST: Final = 1024
"""The shortest prefix that is cached, in tokens (api-contract §4)."""
_STEP: Final = 128
_REMEMBERED: Final = 65_536


class PromptCache:
    """The prompts of a namespace, by their prefixes.

    A prompt is a list of segments: the frame (model, key, instructions, tools), then its items.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def account(self, segments: Iterable[tuple[Any, int]]) -> tuple[int, int]:
        """Return the tokens of a prompt that were cached, and those that are cached from now on.

        ``segments`` are JSON values with their tokens. Both numbers are multiples of 128, and 0
        for a prefix of less than 1,024 tokens.
        """
        known = total = 0
        digest = b""
        for value, tokens in segments:
            digest = blake2b(digest + orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()
            total += tokens
            if digest in self._seen:
                known = total
            self._remember(digest)
        cached = _stepped(known)
        return cached, max(_stepped(total) - cached, 0)

    def _remember(self, digest: bytes) -> None:
        self._seen[digest] = None
        self._seen.move_to_end(digest)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)


def _stepped(tokens: int) -> int:
    return tokens // _STEP * _STEP if tokens >= LEAST else 0
