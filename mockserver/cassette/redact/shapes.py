"""What secrets are called and what they look like."""

from __future__ import annotations

import base64
import json
import re
from typing import Final
from urllib.parse import quote

PLACEHOLDER: Final = "[redacted]"
"""Stands for a key, a token or a password: equal for all, so that nothing of it is told."""
SHORTEST_SECRET: Final = 8
"""Fewer characters are no secret: hiding them by value would tear words apart."""

WORDS: Final = frozenset({"secret", "password", "passwd", "passphrase", "credentials"})
"""Those of the names that people and models use for other things than keys to an API."""
SECRET_NAMES: Final = frozenset(
    {"authorization", "proxyauthorization", "apikey", "xapikey", "cookie", "setcookie", "secret"}
    | {"clientsecret", "password", "passwd", "passphrase", "accesstoken", "refreshtoken"}
    | {"idtoken", "authtoken", "bearertoken", "sessiontoken", "privatekey", "secretkey"}
    | {"secretaccesskey", "signingsecret", "webhooksecret", "xapitoken", "credentials"}
)
"""Names, without dashes and case, under which a text is a secret wherever it stands."""
_QUERY_NAMES: Final = SECRET_NAMES | frozenset(
    {"key", "token", "code", "sig", "signature", "xamzsignature", "xamzcredential"}
    | {"xamzsecuritytoken", "awsaccesskeyid", "googleaccessid", "xgoogsignature"}
    | {"xgoogcredential", "subscriptionkey", "sas", "jwt", "auth"}
)

_ALONE: Final = r"(?<![A-Za-z0-9+/_-])"
"""A key stands alone; within a longer word of base64 it is chance (vcr §3.2)."""

SHAPES: Final[tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]] = tuple(
    (marks, re.compile(shape))
    for marks, shape in (
        (
            ("sk-", "sk_", "ek-", "ek_", "rk-", "rk_", "whsec-", "whsec_", "pk_live"),
            _ALONE + r"(?:sk|ek|whsec|rk|pk_live)[-_][A-Za-z0-9_-]{16,}",
        ),
        (
            ("earer ", "EARER "),
            r"(?i:(?<=\bbearer )(?=[^\s]*[0-9])[A-Za-z0-9._~+/=-]{16,})",
        ),
        (("asic ", "ASIC "), r"(?i:(?<=\bbasic )(?=[^\s]*[0-9=])[A-Za-z0-9+/=]{12,})"),
        (
            ("eyJ",),
            r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        ),
        (
            ("__cf_bm=", "_cfuvid="),
            r"(?<=__cf_bm=)(?!\[redacted\])[^;\s\"'\\]+|(?<=_cfuvid=)(?!\[redacted\])[^;\s\"'\\]+",
        ),
        (
            ("ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-"),
            _ALONE + r"(?:gh[opsu]_|github_pat_|glpat-)[A-Za-z0-9_-]{20,}",
        ),
        (("AKIA", "ASIA"), _ALONE + r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        (
            ("xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-"),
            _ALONE + r"xox[abprs]-[A-Za-z0-9-]{16,}",
        ),
        (("AIza",), _ALONE + r"AIza[A-Za-z0-9_-]{35}"),
        (
            ("-----BEGIN ",),
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        ),
    )
)
"""What keys of known makers look like, with the words that such a key holds: those are quick to
look for, in whatever spelling the text around them is."""
MARKS: Final = tuple(mark for marks, _ in SHAPES for mark in marks)
ESCAPES: Final = ("\\u", "\\/")
"""What may spell a name, a mark or a secret in a way of its own in the text of JSON."""
ADDRESS: Final = re.compile(r"://(?:(?!://)[^\s\"'<>\\)}?@])*+[?@]")
"""What begins an address with parameters or a user; many addresses in a row are each read once."""
SERVERS: Final = ("serverurl", "serverlabel")


def is_secret(name: str) -> bool:
    """Tell whether a JSON key, form field or cookie of this name holds a secret."""
    return flat(name) in SECRET_NAMES


def is_secret_parameter(name: str) -> bool:
    """Tell whether a query parameter of this name holds a secret."""
    return flat(name) in _QUERY_NAMES


def spellings(secret: str) -> set[str]:
    """Return the ways in which a text writes a secret: plain, percent-encoded, escaped, base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    found = {secret, quote(raw, safe=""), quote(raw, safe="").replace("%20", "+"), raw.hex()}
    found |= {secret.replace("/", "\\/"), json.dumps(secret)[1:-1]}
    found.add(json.dumps(secret, ensure_ascii=False)[1:-1])
    for skipped in range(3):
        # Only the characters that depend on the secret alone, whatever stands before and after.
        coded = base64.b64encode(b"\0" * skipped + raw).decode().rstrip("=")
        core = coded[(0, 2, 3)[skipped] : len(coded) - (len(raw) + skipped) % 3]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return {form for form in found if len(form) >= SHORTEST_SECRET}


def flat(name: str) -> str:
    """Return a name without case, dashes and underscores."""
    return name.lower().replace("-", "").replace("_", "")
