"""What the name of a property says about its value."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Final, TypeAlias

from mockserver.sources.jsonschema.vocabulary import KIND_OF, SPAN_OF, Span
from mockserver.sources.words import Words

Guide: TypeAlias = Callable[[Random, Words], str]


def _phrase(rng: Random, words: Words) -> str:
    return words.title(rng).lower()


def _question(rng: Random, words: Words) -> str:
    return words.title(rng).capitalize() + "?"


def _joined(mark: str) -> Guide:
    return lambda rng, words: mark.join(words.title(rng).lower().split())


def _file(rng: Random, words: Words) -> str:
    return f"{words.word(rng)}.txt"


def _path(rng: Random, words: Words) -> str:
    return f"{words.word(rng)}/{words.word(rng)}.txt"


def _code(rng: Random, _: Words) -> str:
    return "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=6))


def _duration(rng: Random, _: Words) -> str:
    return f"{rng.randint(1, 12) * 5} minutes"


def _ip(rng: Random, _: Words) -> str:
    return f"192.0.2.{rng.randint(1, 254)}"


def _uuid(rng: Random, _: Words) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _echo(rng: Random, words: Words) -> str:
    # Someone may run what a mock answers: a command that does nothing is the only safe one.
    return f"echo {words.word(rng)}"


_OTHERS: Final[dict[str, Guide]] = {
    "query": _phrase, "q": _phrase, "search": _phrase, "keywords": _phrase, "term": _phrase,
    "queries": _phrase, "question": _question, "questions": _question, "slug": _joined("-"),
    "file": _file, "filename": _file, "file_name": _file, "path": _path, "filepath": _path,
    "directory": lambda rng, words: words.word(rng), "folder": lambda rng, words: words.word(rng),
    "code": _code, "sku": _code, "symbol": lambda rng, _: _code(rng, _)[:4], "token": _code,
    "password": lambda rng, _: _code(rng, _) + "".join(rng.choices("abcdefgh", k=6)),
    "duration": _duration, "prep_time": _duration, "cook_time": _duration, "ip": _ip,
    "ip_address": _ip, "uuid": _uuid, "guid": _uuid, "cmd": _echo, "command": _echo,
    "script": _echo, "sql": lambda _rng, _words: "SELECT 1",
}  # fmt: skip

_PERSONS: Final = frozenset(
    ("user", "person", "customer", "contact", "author", "owner", "employee", "patient")
)


@lru_cache(maxsize=4096)
def text_guide(name: str) -> Guide | None:
    """Return what makes text for a property of that name; None when the name says nothing."""
    parts = _parts(name)
    if parts and parts[-1] == "id":
        return _identifier("_".join(parts[:-1]))
    if parts and parts[-1] in ("name", "names"):
        return _named(parts[:-1])
    for known in _endings(parts):
        if known in _OTHERS:
            return _OTHERS[known]
        if known in KIND_OF:
            return _fake(KIND_OF[known])
        if known in SPAN_OF:
            return _number(SPAN_OF[known])
    return None


@lru_cache(maxsize=4096)
def number_guide(name: str) -> Span | None:
    """Return the span of numbers likely for a property of that name, None when it says nothing."""
    return next((SPAN_OF[each] for each in _endings(_parts(name)) if each in SPAN_OF), None)


def _parts(name: str) -> list[str]:
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name[:200])
    return [part.lower() for part in found]


def _endings(parts: list[str]) -> list[str]:
    """Return the whole name, then its last two parts, then its last: the more said the better."""
    return list(dict.fromkeys("_".join(parts[-length:]) for length in (len(parts), 2, 1) if parts))


def _fake(kind: str) -> Guide:
    return lambda rng, words: words.fake(rng, kind)


def _identifier(what: str) -> Guide:
    prefix = f"{what}_" if what else ""
    return lambda rng, _: prefix + "".join(rng.choices("0123456789abcdefghjkmnpqrstvwxyz", k=8))


def _named(what: list[str]) -> Guide:
    """Return what makes names of something: of people when nothing says of what."""
    known = KIND_OF.get("_".join([*what, "name"])) or (KIND_OF.get(what[-1]) if what else "name")
    if known and what and what[-1] in _PERSONS:
        known = "username" if known == "username" and "user" in what else "name"
    if what and what[-1] == "file":
        return _file
    return _fake(known or "title")


def _number(span: Span) -> Guide:
    return lambda rng, _: f"{rng.uniform(span.low, span.high):.{span.decimals}f}"
