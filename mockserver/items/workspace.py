"""The files that a conversation speaks of, as far as it shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mockserver.items.asked import last_wish, text_of
from mockserver.items.v4a import apply, lines_of
from mockserver.schema.base import Json

_SHOWN: Final = re.compile(
    r"^={3,}[ \t]+(?P<path>[^\s=]+)[ \t=]*\n(?P<body>.*?)(?=^={3,}[ \t]|^<[ ]*END|\Z)", re.M | re.S
)
"""A file in the form of the API's guide: ``===== path``, and its lines up to the next mark."""
_WORD: Final = re.compile(r"[\w./:@\\-]+")
_NO_PATH: Final = re.compile(r"[:@\\]|^/|\.\.|//")
_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+|\n")
_NEARBY: Final = 200
"""Characters around a path that are searched for what is to become of it."""
_NEGATION: Final = re.compile(r"\b(?:not|never|without)\b|n['’]t\b", re.I)
_DELETE: Final = re.compile(r"\b(?:delete|remove)\s+(?:(?:the|this|old|file)\s+)*[`'\"(]?$", re.I)
_VERB: Final = re.compile(
    r"\b(?:(?P<create_file>create|add|write|new|make|generate)"
    r"|(?P<update_file>update|change|edit|rename|replace|fix|modify))\b",
    re.I,
)
_ENDING: Final = re.compile(
    r"\w\.(?:c|cfg|cpp|cs|css|csv|go|h|html|ini|java|jsx?|json|kt|lua|md|php|py|rb|rs|rst|scala|sh"
    r"|sql|swift|tf|toml|tsx?|txt|vue|xml|ya?ml)$",
    re.I,
)
"""Endings by which a word is known to be a path."""


class Mention(NamedTuple):
    """A file that a request names, and the operation on it that it asks for, as far as it does."""

    path: str
    operation: str | None


@dataclass
class Workspace:
    """The files by their paths: their lines, or None where these are not known; and those gone."""

    files: dict[str, list[str] | None] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, history: Sequence[Json]) -> Workspace:
        """Return the files that messages show and patches make, as they are now."""
        answers = (item for item in history if item.get("type") == "apply_patch_call_output")
        failed = {item.get("call_id") for item in answers if item.get("status") == "failed"}
        space = cls()
        for item in history:
            for match in _SHOWN.finditer(text_of(item)):
                space.files[match["path"]] = lines_of(match["body"])
            if item.get("type") == "apply_patch_call" and item.get("call_id") not in failed:
                space.patch(item.get("operation") or {})
        return space

    def patch(self, operation: Json) -> None:
        """Do what a patch does (api-contract §5.1 row 17)."""
        path, diff = str(operation.get("path")), str(operation.get("diff") or "")
        if operation.get("type") == "delete_file":
            self.files.pop(path, None)
            self.gone.add(path)
            return
        old = [] if operation.get("type") == "create_file" else self.files.get(path)
        self.files[path] = None if old is None else apply(old, diff)
        self.gone.discard(path)

    def find(self, path: str) -> str:
        """Return the known path that is meant, which may be told without its folder."""
        if path in self.files:
            return path
        ends = [known for known in self.files if known.endswith(f"/{path}")]
        return ends[0] if len(ends) == 1 else path


def mentions(history: Sequence[Json]) -> Iterator[Mention]:
    """Yield the files that the user's last message names, but for those that are to stay."""
    for sentence in _SENTENCE.split(_SHOWN.sub("", last_wish(history))):
        for match in () if _NEGATION.search(sentence) else _WORD.finditer(sentence):
            word = match[0].strip(".:").removeprefix("./")
            if _is_path(word):
                start = match.start()
                before = sentence[max(0, start - _NEARBY) : start]
                yield Mention(word, _operation(before, sentence[start : start + _NEARBY]))


def _is_path(word: str) -> bool:
    """Tell whether a word is the path of a file below the folder one is in."""
    return len(word) <= _NEARBY and bool(_ENDING.search(word)) and not _NO_PATH.search(word)


def _operation(before: str, after: str) -> str | None:
    """Return what the words around a path ask for; the nearest verb before it counts most."""
    if _DELETE.search(before):
        return "delete_file"
    verbs = [match.lastgroup for match in _VERB.finditer(before)][-1:]
    return next(iter(verbs or [match.lastgroup for match in _VERB.finditer(after)]), None)
