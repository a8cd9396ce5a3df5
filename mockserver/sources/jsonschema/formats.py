"""The ``format`` keyword: which text has a format."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final, TypeAlias

Test: TypeAlias = Callable[[str], bool]

_DATE: Final = r"\d{4}-\d\d-\d\d"
_TIME: Final = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_LABEL: Final = "(?!-)[A-Za-z0-9-]{1,63}(?<!-)"

# RFC 3986 and 3987, apart from the corners: what is here is valid there.
_MARKS: Final = r"[A-Za-z0-9._~!$&'()*+,;=:@/{wide}-]|%[0-9A-Fa-f]{{2}}"
_HOST: Final = r"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=@{wide}-]|%[0-9A-Fa-f]{{2}})*)"
_WIDE: Final = "\u00a0-\ud7ff"


def _whole(pattern: str) -> Test:
    # Compiled by the first text: these patterns are long, and most programs need none of them.
    return lambda text: _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _reference(*, wide: bool, scheme: bool) -> Test:
    """Return the test for a URI, or an IRI if ``wide``, or any reference unless ``scheme``."""
    extra = _WIDE if wide else ""
    mark, host = _MARKS.format(wide=extra), _HOST.format(wide=extra)
    rest = rf"(?:\?(?:{mark}|\?)*)?(?:\#(?:{mark}|\?)*)?"
    tree = rf"//{host}(?::\d*)?(?:/(?:{mark})*)?"
    absolute = rf"[A-Za-z][A-Za-z0-9+.-]*:(?:{tree}|(?!//)(?:{mark})*)"
    relative = rf"{tree}|(?!//)(?![^/?\#]*:)(?:{mark})*"
    return _whole(f"(?:{absolute})" + rest if scheme else f"(?:{absolute}|{relative})" + rest)


def _is_date(text: str) -> bool:
    if not _compiled(_DATE).fullmatch(text):
        return False
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    return _compiled(_TIME).fullmatch(text) is not None


def _is_date_time(text: str) -> bool:
    return text[10:11] in ("T", "t") and _is_date(text[:10]) and _is_time(text[11:])


def _is_ipv4(text: str) -> bool:
    try:
        return bool(IPv4Address(text))
    except ValueError:
        return False


def _is_ipv6(text: str) -> bool:
    try:
        return IPv6Address(text).scope_id is None
    except ValueError:
        return False


def _is_regex(text: str) -> bool:
    try:
        return bool(re.compile(text))
    except (re.error, OverflowError, RecursionError, Warning):
        return False


def _is_hostname(text: str) -> bool:
    return len(text) <= 253 and re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", text) is not None


def _is_idn_hostname(text: str) -> bool:
    # The tables of IDNA are not here: plain names in lower case are all that is sure to be valid.
    return text == text.lower() and "--" not in text and _is_hostname(text)


_DAYS: Final = r"(?:\d+Y)?(?:\d+M)?(?:\d+D)?"
_HOURS: Final = r"(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?"
_POINTER: Final = r"(?:/(?:[^~/]|~[01])*)*"

FORMATS: Final[dict[str, Test]] = {
    "date-time": _is_date_time,
    "date": _is_date,
    "time": _is_time,
    "duration": _whole(rf"P(?:\d+W|(?=[\dT]){_DAYS}{_HOURS})"),
    "email": _whole(r"[^@\s]+@[^@\s]+"),
    "idn-email": _whole(r"[^@\s]+@[^@\s]+"),
    "hostname": _is_hostname,
    "idn-hostname": _is_idn_hostname,
    "ipv4": _is_ipv4,
    "ipv6": _is_ipv6,
    "uuid": _whole(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "uri": _reference(wide=False, scheme=True),
    "uri-reference": _reference(wide=False, scheme=False),
    "iri": _reference(wide=True, scheme=True),
    "iri-reference": _reference(wide=True, scheme=False),
    "uri-template": _whole(
        r"(?:[A-Za-z0-9._~:/?#@!$&()*+,;=-]|%[0-9A-Fa-f]{2}|\{[+#./;?&]?\w+(?:,\w+)*\})*"
    ),
    "json-pointer": _whole(_POINTER),
    "relative-json-pointer": _whole(rf"(?:0|[1-9]\d*)(?:\#|{_POINTER})"),
    "regex": _is_regex,
}
"""The formats that are told apart from any other text; all others accept whatever they get."""


_PERHAPS: Final[dict[str, Test]] = {
    "date-time": lambda text: _is_date_time(text.replace(":60", ":59")),
    "time": lambda text: _is_time(text.replace(":60", ":59")),
    "duration": lambda text: "P" in text,
    "email": lambda text: "@" in text,
    "idn-email": lambda text: "@" in text,
    "hostname": _whole(r"[\w.-]+"),
    "idn-hostname": bool,
    "uuid": lambda text: len(re.sub("[^0-9A-Fa-f]", "", text)) >= 32,
    "uri": lambda text: ":" in text and " " not in text,
    "uri-reference": lambda text: " " not in text,
    "iri": lambda text: ":" in text and " " not in text,
    "iri-reference": lambda text: " " not in text,
    "uri-template": lambda _: True,
    "relative-json-pointer": lambda text: text[:1].isdigit(),
    "regex": lambda text: not text.startswith(("*", "+", "?", ")")),
}
"""Where the tests above are stricter than other validators': what one of those might accept."""


def has_format(text: str, name: str) -> bool:
    """Tell whether the text surely has the format; one that is not known is no constraint."""
    test = FORMATS.get(name)
    return test is None or test(text)


def may_have_format(text: str, name: str) -> bool:
    """Tell whether some validator could find that the text has the format."""
    test = _PERHAPS.get(name)
    return has_format(text, name) or (test is not None and test(text))
