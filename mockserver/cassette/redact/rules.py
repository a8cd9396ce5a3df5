"""What is hidden in a recording, and what stands in its place."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Final, Self
from urllib.parse import quote

PLACEHOLDER: Final = "[redacted]"
"""Stands for a key, a token or a password: equal for all, so that nothing of it is told."""

SHORTEST_SECRET: Final = 8
"""Fewer characters are no secret: hiding them by value would tear words apart."""

_SHORTEST_VARIABLE: Final = 12
_VARIABLE: Final = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)
_PSEUDONYM: Final = re.compile(r"redacted-[0-9a-f]{8}")
_NUMBERS: Final = 80808080 * 10**8
"""Pseudonyms of numbers lie in the hundred million from here on, where nobody counts."""

_SECRET_NAMES: Final = frozenset(
    {"authorization", "proxyauthorization", "apikey", "xapikey", "cookie", "setcookie", "secret"}
    | {"clientsecret", "password", "passwd", "passphrase", "accesstoken", "refreshtoken"}
    | {"idtoken", "authtoken", "bearertoken", "sessiontoken", "privatekey", "secretkey"}
    | {"secretaccesskey", "signingsecret", "webhooksecret", "xapitoken", "credentials"}
)
"""Names, without dashes and case, under which a text is a secret wherever it stands."""
_QUERY_NAMES: Final = _SECRET_NAMES | frozenset(
    {"key", "token", "code", "sig", "signature", "xamzsignature", "xamzcredential"}
    | {"xamzsecuritytoken", "awsaccesskeyid", "googleaccessid", "xgoogsignature"}
    | {"xgoogcredential", "subscriptionkey", "sas", "jwt", "auth"}
)

_SHAPES: Final = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:sk|ek|whsec|rk|pk_live|sk_live)[-_][A-Za-z0-9_-]{16,}"
    r"|(?i:(?<=\bbearer )(?=[^\s]*[0-9])[A-Za-z0-9._~+/=-]{16,})"
    r"|(?i:(?<=\bbasic )(?=[^\s]*[0-9=])[A-Za-z0-9+/=]{12,})"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|(?<=__cf_bm=)[^;\s\"'\\]+|(?<=_cfuvid=)[^;\s\"'\\]+"
    r"|(?<![A-Za-z0-9+/_-])(?:ghp|gho|ghs|ghu|github_pat|glpat)[-_][A-Za-z0-9_-]{20,}"
    r"|(?<![A-Za-z0-9+/_-])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9+/_-])xox[abprs]-[A-Za-z0-9-]{16,}"
    r"|(?<![A-Za-z0-9+/_-])AIza[A-Za-z0-9_-]{35}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)


@dataclass(frozen=True)
class Rules:
    """What a recording may not hold, beside what is hidden by default (vcr §3.2).

    ``fields`` are names of headers, cookies, parameters and JSON keys, or dotted paths of keys such
    as ``metadata.email`` where ``*`` is any one key; ``patterns`` match in every text: what they
    cover becomes a pseudonym, equal for equal values, so that matching still works.
    ``replacements`` are texts and what to write for them. ``secrets`` are values that become
    ``[redacted]`` wherever they are, in whatever encoding. ``kept_headers`` are names, in lower
    case, of headers that would be left out as noise; keys in them are hidden all the same.
    """

    fields: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    replacements: tuple[tuple[str, str], ...] = ()
    secrets: frozenset[str] = frozenset()
    kept_headers: frozenset[str] = frozenset()

    def knowing(self, secrets: Iterable[str]) -> Self:
        """Return these rules with more values to hide; those too short are left out."""
        known = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET} - {PLACEHOLDER}
        return replace(self, secrets=self.secrets | known) if known - self.secrets else self

    def text(self, value: str) -> str:
        """Hide what a text holds, whatever it means."""
        for old, new in self.replacements:
            value = value.replace(old, new)
        if self.secrets:
            value = self._needles.sub(PLACEHOLDER, value)
        for pattern in self.patterns:
            value = pattern.sub(lambda match: pseudonym(match.group()), value)
        return _SHAPES.sub(PLACEHOLDER, value)

    def raw(self, value: bytes) -> bytes:
        """Hide the secrets in bytes that are no text."""
        return self._raw_needles.sub(PLACEHOLDER.encode(), value) if self.secrets else value

    def covers(self, path: tuple[str, ...]) -> bool:
        """Tell whether a field is to get a pseudonym; ``path`` are its keys from the root on."""
        return any(_fits(wanted, path) for wanted in self._paths)

    @cached_property
    def _paths(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(field.lower().split(".")) for field in self.fields)

    @cached_property
    def _needles(self) -> re.Pattern[str]:
        found = {form for secret in self.secrets for form in spellings(secret)}
        return re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True))))

    @cached_property
    def _raw_needles(self) -> re.Pattern[bytes]:
        return re.compile(self._needles.pattern.encode())


def secret_variables(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the values of those variables whose names say that they are secret."""
    return frozenset(
        value
        for name, value in environment.items()
        if _VARIABLE.search(name) and len(value) >= _SHORTEST_VARIABLE
    )


def is_secret(name: str) -> bool:
    """Tell whether a JSON key, form field or cookie of this name holds a secret."""
    return _flat(name) in _SECRET_NAMES


def is_secret_parameter(name: str) -> bool:
    """Tell whether a query parameter of this name holds a secret."""
    return _flat(name) in _QUERY_NAMES


def pseudonym(value: str) -> str:
    """Return what stands for a text: always the same for the same text, and for itself itself."""
    if not value or value == PLACEHOLDER or _PSEUDONYM.fullmatch(value):
        return value
    return f"redacted-{_digest(value):08x}"


def number_pseudonym(value: int | float) -> int | float:
    """Return the whole number that stands for a number."""
    if _NUMBERS <= value < _NUMBERS + 10**8:
        return value
    return _NUMBERS + _digest(repr(value)) % 10**8


def spellings(secret: str) -> set[str]:
    """Return the ways in which a text writes a secret: plain, percent-encoded, escaped, base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    found = {secret, quote(raw, safe=""), quote(raw, safe="").replace("%20", "+"), raw.hex()}
    found |= {secret.replace("/", "\\/"), secret.encode("unicode_escape").decode()}
    for skipped in range(3):
        # Only the characters that depend on the secret alone, whatever stands before and after.
        coded = base64.b64encode(b"\0" * skipped + raw).decode().rstrip("=")
        core = coded[(0, 2, 3)[skipped] : len(coded) - (len(raw) + skipped) % 3]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return {form for form in found if len(form) >= SHORTEST_SECRET}


def _flat(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _digest(text: str) -> int:
    return int.from_bytes(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4, person=b"redacted").digest()
    )


def _fits(wanted: tuple[str, ...], path: tuple[str, ...]) -> bool:
    if len(wanted) > len(path):
        return False
    ends = path[len(path) - len(wanted) :]
    return all(want in ("*", name.lower()) for want, name in zip(wanted, ends, strict=True))
