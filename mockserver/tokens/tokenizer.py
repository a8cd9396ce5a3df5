"""Tokenizers: what turns a text into a number of tokens, and the choice of one."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, Protocol

from mockserver.tokens.estimator import Estimator

ENCODING: Final = "o200k_base"
"""The encoding of every model the Responses API serves today; the older ones count much alike."""

_SOURCE: Final = f"https://openaipublic.blob.core.windows.net/encodings/{ENCODING}.tiktoken"
"""Where tiktoken gets the vocabulary; its SHA-1 is the name of the file in tiktoken's cache."""
_DIGEST: Final = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""SHA-256 that tiktoken asks of the file; with any other it deletes the file and downloads."""

_REMEMBERED: Final = 256
"""How many texts have their count kept: the instructions and tools of a test suite, say."""
_LONGEST: Final = 32_768
"""Longest text that is kept, in characters, so that memory stays within a few MiB."""


class Tokenizer(Protocol):
    """Anything that counts the tokens of a text."""

    def count(self, text: str) -> int:
        """Give the number of tokens of ``text``, 0 for an empty one."""


class TokenizerUnavailable(RuntimeError):
    """Exact counting is asked for where tiktoken or its vocabulary is not at hand."""


class Remembering:
    """A tokenizer that counts a text it has seen lately without looking at it again."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer: Final = tokenizer
        self._recall = lru_cache(maxsize=_REMEMBERED)(tokenizer.count)

    def count(self, text: str) -> int:
        """Give what the tokenizer behind gives."""
        return self._recall(text) if len(text) <= _LONGEST else self.tokenizer.count(text)


class Exact:
    """Counts as the API does, with tiktoken and its vocabulary as they lie on this machine.

    Whether they are there is found out at once, but they are loaded for the first text only.

    Raises:
        TokenizerUnavailable: tiktoken or its vocabulary is missing; nothing is ever downloaded.
    """

    def __init__(self) -> None:
        if find_spec("tiktoken") is None:
            raise TokenizerUnavailable("the package tiktoken is not installed")
        path = _vocabulary()
        if not path.is_file():
            raise TokenizerUnavailable(f"its vocabulary {ENCODING} is not at {path}")
        if hashlib.sha256(path.read_bytes()).hexdigest() != _DIGEST:
            raise TokenizerUnavailable(f"{path} is not its vocabulary {ENCODING}")

    def count(self, text: str) -> int:
        """Give the tokens of ``text``; names of special tokens in it count as plain text."""
        return len(self._encode(text))

    @cached_property
    def _encode(self) -> Callable[[str], list[int]]:
        import tiktoken  # optional, and with its vocabulary nearly half a second

        encode: Callable[[str], list[int]] = tiktoken.get_encoding(ENCODING).encode_ordinary
        return encode


def open_tokenizer(kind: Literal["auto", "estimate", "tiktoken"] = "auto") -> Tokenizer:
    """Return the tokenizer of that kind; ``auto`` is the exact one where it works offline.

    Raises:
        TokenizerUnavailable: ``tiktoken`` is asked for and cannot work without a download.
    """
    if kind == "estimate":
        return Remembering(Estimator())
    try:
        return Remembering(Exact())
    except TokenizerUnavailable as problem:
        if kind == "auto":
            return Remembering(Estimator())
        raise TokenizerUnavailable(
            f"Cannot count with tiktoken: {problem}. Install the extra 'tokens', run tiktoken once "
            "with a network (TIKTOKEN_CACHE_DIR names its cache), or count with 'estimate'."
        ) from None


def _vocabulary() -> Path:
    """Give the path at which tiktoken looks for its vocabulary before it downloads."""
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    if folder is None:
        folder = os.path.join(tempfile.gettempdir(), "data-gym-cache")
    if not folder:
        raise TokenizerUnavailable("its cache is switched off by an empty TIKTOKEN_CACHE_DIR")
    return Path(folder) / hashlib.sha1(_SOURCE.encode(), usedforsecurity=False).hexdigest()
