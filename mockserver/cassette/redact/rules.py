"""What is hidden in a recording, and what stands in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

from mockserver import parsing
from mockserver.cassette.redact import pseudonym
from mockserver.cassette.redact.shapes import (
    ADDRESS,
    ESCAPES,
    MARKS,
    PLACEHOLDER,
    SECRET_NAMES,
    SERVERS,
    SHAPES,
    SHORTEST_SECRET,
    WORDS,
    flat,
    is_secret,
    spellings,
)
from mockserver.config import Settings

_NAMES: Final = (*SECRET_NAMES, *SERVERS)
_SHORTEST_VARIABLE: Final = 12
_VARIABLE: Final = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)


@dataclass(frozen=True)
class Rules:
    """What a recording may not hold, beside what is hidden by default (vcr §3.2).

    ``fields`` are names of headers, cookies, parameters and JSON keys, or dotted paths of keys such
    as ``metadata.email`` where ``*`` is any one key; ``patterns`` match in every text: what they
    cover becomes a pseudonym, equal for equal values, so that matching still works.
    ``replacements`` are texts and what to write for them. ``secrets`` are values that become
    ``[redacted]`` wherever they are, in whatever encoding. ``kept_headers`` are names, in lower
    case, of headers that would be left out as noise; keys in them are hidden all the same.
    ``kept_fields`` are fields that are recorded although their name says that they are secret, such
    as an ``api_key`` that a model hands to a tool.
    """

    fields: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    replacements: tuple[tuple[str, str], ...] = ()
    secrets: frozenset[str] = frozenset()
    kept_headers: frozenset[str] = frozenset()
    kept_fields: tuple[str, ...] = ()

    def knowing(self, secrets: Iterable[str]) -> Self:
        """Return these rules with more values to hide; those too short are left out."""
        known = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET} - {PLACEHOLDER}
        return replace(self, secrets=self.secrets | known) if known - self.secrets else self

    @classmethod
    def of(
        cls,
        *,
        fields: Iterable[str] = (),
        patterns: Iterable[str] = (),
        replacements: Iterable[str] = (),
        kept_headers: Iterable[str] = (),
        kept_fields: Iterable[str] = (),
        secrets: Iterable[str] = (),
    ) -> Self:
        """Return rules written as text; a replacement is ``OLD=NEW``.

        Raise ValueError for a pattern or a replacement that is none.
        """
        pairs = [parsing.replacement(found).partition("=") for found in replacements]
        made = cls(
            fields=tuple(fields),
            patterns=tuple(re.compile(parsing.pattern(found)) for found in patterns),
            replacements=tuple((old, new) for old, _, new in pairs),
            kept_headers=frozenset(map(str.lower, kept_headers)),
            kept_fields=tuple(kept_fields),
        )
        return made.knowing(secrets)

    def may_touch(self, value: str) -> bool:
        """Tell whether text, or JSON written as text, may hold anything to hide; quick to say no.

        What is cut into the deltas of a stream is not seen.
        """
        if self.fields or self.patterns or any(old in value for old, _ in self.replacements):
            return True
        if any(form in value for form in (*ESCAPES, *MARKS, *self._spellings)):
            return True
        bare = flat(value)
        return any(name in bare for name in _NAMES) or ADDRESS.search(value) is not None

    def text(self, value: str) -> str:
        """Hide what a text holds, whatever it means."""
        for old, new in self.replacements:
            value = value.replace(old, new)
        if any(form in value for form in self._spellings):
            value = self._needles.sub(PLACEHOLDER, value)
        for pattern in self.patterns:
            value = pseudonym.within(pattern, value)
        for marks, shape in SHAPES:
            if any(mark in value for mark in marks):
                value = shape.sub(PLACEHOLDER, value)
        return value

    def raw(self, value: bytes) -> bytes:
        """Hide the secrets in bytes that are no text."""
        return self._raw_needles.sub(PLACEHOLDER.encode(), value) if self.secrets else value

    def covers(self, path: tuple[str, ...]) -> bool:
        """Tell whether a field is to get a pseudonym; ``path`` are its keys from the root on."""
        return any(_fits(wanted, path) for wanted in self._covered)

    def hides(self, path: tuple[str, ...], *, told: bool = False) -> bool:
        """Tell whether a field is hidden because of its name, which is the last of ``path``.

        ``told`` says that it stands in JSON within a text, such as the arguments of a call: what a
        model and a tool call a password there is part of what they do.
        """
        if not is_secret(path[-1]) or (told and flat(path[-1]) in WORDS):
            return False
        return not any(_fits(kept, path) for kept in self._kept)

    @cached_property
    def _covered(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(field.lower().split(".")) for field in self.fields)

    @cached_property
    def _kept(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(field.lower().split(".")) for field in self.kept_fields)

    @cached_property
    def _spellings(self) -> tuple[str, ...]:
        found = {form for secret in self.secrets for form in spellings(secret)}
        return tuple(sorted(found, key=len, reverse=True))

    @cached_property
    def _needles(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self._spellings)))

    @cached_property
    def _raw_needles(self) -> re.Pattern[bytes]:
        raw = (form.encode("utf-8", "surrogatepass") for form in self._spellings)
        return re.compile(b"|".join(map(re.escape, raw)))


def chosen(settings: Settings, environment: Mapping[str, str]) -> Rules:
    """Return the rules of a server: what its settings say, and the keys it was started with."""
    return Rules.of(
        fields=settings.redact_field,
        patterns=settings.redact_pattern,
        replacements=settings.redact_replacement,
        kept_headers=settings.keep_header,
        kept_fields=settings.keep_field,
        secrets=secret_variables(environment),
    )


def secret_variables(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the values of those variables whose names say that they are secret."""
    return frozenset(
        value
        for name, value in environment.items()
        if _VARIABLE.search(name) and len(value) >= _SHORTEST_VARIABLE
    )


def _fits(wanted: tuple[str, ...], path: tuple[str, ...]) -> bool:
    if len(wanted) > len(path):
        return False
    ends = path[len(path) - len(wanted) :]
    return all(want in ("*", name.lower()) for want, name in zip(wanted, ends, strict=True))
