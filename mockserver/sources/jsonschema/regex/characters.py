"""Sets of characters: categories, Unicode properties, and which members to write."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from mockserver.sources.jsonschema.regex.tree import Chars, PatternError

Test: TypeAlias = Callable[[str], bool]

PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F)))
_SAMPLES: Final = 64
_SURROGATES: Final = range(0xD800, 0xE000)

# Where to look for members of a set that has none in ASCII: a stretch of each common script.
_ELSEWHERE: Final = "".join(
    map(chr, [*range(0xA0, 0x180), *range(0x391, 0x3CA), *range(0x410, 0x450)])
) + "".join(map(chr, [*range(0x5D0, 0x5EB), *range(0x627, 0x64B), *range(0x905, 0x93A)]))
_FARTHER: Final = "".join(
    map(chr, [*range(0xE01, 0xE2F), *range(0x3041, 0x3097), *range(0x30A1, 0x30F7)])
) + "".join(map(chr, [*range(0x4E00, 0x4E80), *range(0xAC00, 0xAC80), *range(0x2000, 0x2070)]))
_CONTROLS: Final = "\n\t\r\v\f" + "".join(map(chr, [*range(0x01, 0x09), *range(0x0E, 0x20), 0x7F]))

_CATEGORIES: Final[dict[str, Test]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
}
_LONG_NAMES: Final = {
    "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Mark": "M",
    "Number": "N", "Decimal_Number": "Nd", "Punctuation": "P", "punct": "P", "Symbol": "S",
    "Separator": "Z", "Space_Separator": "Zs", "Other": "C", "Control": "Cc",
}  # fmt: skip
_NAMED: Final[dict[str, Test]] = {
    "Any": lambda _: True,
    "ASCII": str.isascii,
    "Alphabetic": str.isalpha,
    "Alpha": str.isalpha,
    "Uppercase": str.isupper,
    "Lowercase": str.islower,
    "White_Space": str.isspace,
}
_SCRIPTS: Final = {"Han": "CJK"} | {
    name: name.upper()
    for name in (
        "Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Devanagari", "Thai", "Hiragana",
        "Katakana", "Hangul", "Armenian", "Georgian",
    )
}  # fmt: skip


def category(name: str, *, ascii_only: bool) -> Test:
    """Return the test for a category such as ``CATEGORY_NOT_DIGIT``."""
    wanted = _CATEGORIES.get(name.replace("_NOT_", "_"))
    if wanted is None:
        raise PatternError(f"the category {name} is not supported")
    test: Test = wanted
    if ascii_only:
        test = _both(wanted, str.isascii)
    return _not(test) if "_NOT_" in name else test


def unicode_property(name: str) -> Test:
    r"""Return the test for what stands between the braces of ``\p{…}``."""
    key, _, value = name.partition("=")
    if value and key in ("Script", "sc", "Script_Extensions", "scx"):
        if value not in _SCRIPTS:
            raise PatternError(f"the script {value!r} is not supported")
        return _script(_SCRIPTS[value])
    if value and key not in ("General_Category", "gc"):
        raise PatternError(f"the property {name!r} is not supported")
    short = _LONG_NAMES.get(value or key, value or key)
    if short in _NAMED:
        return _NAMED[short]
    if short[:1] not in tuple("LMNPSZC") or len(short) > 2:
        raise PatternError(f"the property {name!r} is not supported")
    return lambda char: unicodedata.category(char).startswith(short)


def one_of(
    tests: Iterable[Test],
    ranges: Iterable[tuple[int, int]],
    *,
    negated: bool = False,
    any_case: bool = False,
) -> Chars:
    """Return the set of what a test or a range holds, or of everything else when ``negated``."""
    tests, ranges = tuple(tests), tuple(ranges)
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1] and not (tests or negated or any_case):
        return _only(chr(ranges[0][0]))

    def holds(char: str) -> bool:
        code = ord(char)
        return any(low <= code <= high for low, high in ranges) or any(t(char) for t in tests)

    def holds_any_case(char: str) -> bool:
        return any(holds(form) for form in {char, *_cases(char)})

    test: Test = holds_any_case if any_case else holds
    return _chars(_not(test) if negated else test, () if negated else ranges)


def _only(char: str) -> Chars:
    return Chars(lambda other: other == char, "" if ord(char) in _SURROGATES else char)


def _chars(test: Test, ranges: Iterable[tuple[int, int]]) -> Chars:
    for pool in (PRINTABLE, *(_stretch(*each) for each in ranges), _ELSEWHERE, _FARTHER, _CONTROLS):
        samples = "".join(filter(test, pool))
        if samples:
            return Chars(test, samples)
    return Chars(test, "")


def _stretch(low: int, high: int) -> str:
    codes = range(low, min(high, low + _SAMPLES) + 1)
    return "".join(chr(code) for code in codes if code not in _SURROGATES)


def _cases(char: str) -> list[str]:
    return [form for form in (char.lower(), char.upper()) if len(form) == 1]


def _script(prefix: str) -> Test:
    return lambda char: unicodedata.name(char, "").startswith(prefix)


def _not(test: Test) -> Test:
    return lambda char: not test(char)


def _both(one: Test, other: Test) -> Test:
    return lambda char: one(char) and other(char)
