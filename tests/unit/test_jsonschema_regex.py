"""Patterns: text that matches, and matching that ends."""

from __future__ import annotations

import re
from random import Random
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.sources.jsonschema import Pattern, PatternError

MANY = 10**9

PATTERNS = [
    "", "^$", "abc", "^abc$", "a|b|c", "^(foo|bar|bazaar)$", "[a-z]+", "^[A-Z]{2}[0-9]{2}$",
    r"^\d{3}-\d{4}$", r"^\w+@\w+\.(com|org)$", r"^\+?[1-9]\d{1,14}$", r"^\S+ \S+$", "^[^,;]+$",
    r"^#?([a-f0-9]{6}|[a-f0-9]{3})$", r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$", ".", "^.{3,5}$",
    r"^(?:[01]\d|2[0-3]):[0-5]\d$", r"^v?\d+\.\d+\.\d+(-[\w.]+)?$", "^(ab|cde)*$", "x{3,}",
    r"\bword\b", r"^(?!foo)[a-z]{3}$", r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,}$", "(?i)^Hello$",
    r"^(['\"]).*\1$", r"^(?P<tag>[a-z]+)</(?P=tag)>$", "(?s)^a.b$", r"^\s*$", r"^[\s\S]*$",
    r"[^\x00-\x7f]", "^[а-яё]+$", "[一-龯]{2}", r"^\D+$", r"^[^\d\s]{4}$", "(a*)*b", "^(a?){9}$",
    "^[]a]$", r"^[\]\-\\]$", r"^a{2}?b+?$", "(?m)^x$", r"^\t\n$", "^(?:)$", "^€{2}$",
]  # fmt: skip

ECMASCRIPT = {
    r"^\p{L}+$": "Zoë",
    r"^\p{Lu}\p{Ll}{2,}$": "Zoë",
    r"^\P{L}+$": "123",
    r"^[\p{L}\p{N}_-]{3,8}$": "é_9",
    r"^\p{Script=Cyrillic}+$": "мир",
    r"^\pL\pN$": "a1",
    r"^(?<year>\d{4})-\k<year>$": "1999-1999",
    r"^\u{1F600}$": "😀",
    r"^[^]$": "\n",
    r"^\cJ$": "\n",
    r"^a[]?b$": "ab",
}

SPARSE = st.sampled_from(
    ["a", "b", "ab", "[ab]", "[^a]", ".", r"\d", r"\w", r"\s", "^", "$", r"\b", r"\B", "c?", "-"]
)
TREES = st.recursive(
    SPARSE,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda both: f"(?:{both[0]}|{both[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?"])).map(
            lambda both: f"(?:{both[0]}){both[1]}"
        ),
        st.tuples(st.sampled_from(["(?=", "(?!"]), inner).map(lambda both: f"{both[0]}{both[1]})"),
    ),
    max_leaves=7,
)


@pytest.mark.parametrize("source", PATTERNS)
def test_text_matches_the_pattern(source: str) -> None:
    """What is written for a pattern matches it, by Python's judgement and by ours."""
    pattern, found = Pattern(source), 0
    for seed in range(20):
        text = pattern.write(Random(seed), low=0, high=MANY, mixed=seed > 9)
        assert text is not None
        assert pattern.found_in(text) == bool(re.search(source, text))
        found += pattern.found_in(text)
    assert found > (0 if "(?" in source else 19)


@pytest.mark.parametrize("source", [each for each in PATTERNS if "(?" not in each])
def test_text_has_the_length_asked_for(source: str) -> None:
    """Every text lies within the bounds, and None says that none does."""
    pattern = Pattern(source)
    for low, high in ((0, 2), (3, 3), (4, 6), (7, 9), (40, 50)):
        for seed in range(4):
            text = pattern.write(Random(seed), low=low, high=high)
            assert text is None or low <= len(text) <= high or "\\1" in source


def test_every_length_there_is_can_be_written() -> None:
    """Lengths are not hoped for but worked out: seven from threes and twos, but never one."""
    pattern = Pattern("^(ab|cde)+$")
    texts = {length: pattern.write(Random(1), low=length, high=length) for length in range(1, 30)}
    assert texts.pop(1) is None
    assert all(text and len(text) == length for length, text in texts.items())
    assert Pattern("^(aa)*$").write(Random(1), low=7, high=7) is None


def test_padding_fills_up_around_what_matches() -> None:
    """A pattern that is not tied to both ends can be part of a longer text."""
    for source in ("[0-9]{3}", "^[0-9]{3}", "[0-9]{3}$"):
        text = Pattern(source).write_padded(Random(1), low=30, high=40)
        assert text is not None
        assert 30 <= len(text) <= 40
        assert re.search(source, text)
    assert Pattern("^[0-9]{3}$").write_padded(Random(1), low=30, high=40) is None


@pytest.mark.parametrize("source", ECMASCRIPT)
def test_pattern_of_ecmascript_is_understood(source: str) -> None:
    """What Python cannot read is read as ECMAScript, to match and to write."""
    pattern = Pattern(source)
    assert pattern.found_in(ECMASCRIPT[source])
    assert not pattern.found_in("x~")
    text = pattern.write(Random(1), low=0, high=MANY)
    assert text is not None
    assert pattern.found_in(text)


@pytest.mark.parametrize(
    "source",
    ["([", "a{2,1}", "(?P<a>", r"\p{Emoji}", r"\p{Script=Klingon}", "(" * 400 + ")" * 400,
     "a" * 6000, "a{99999999999}", r"^(a+)+(b+)+\1$", r"(a)?(?(1)b|c)", "(?<=a+)(b)\\1", "a++"],
)  # fmt: skip
def test_pattern_raises_when_it_cannot_be_used(source: str) -> None:
    """What is wrong, too large or unsupported is refused with a reason."""
    with pytest.raises(PatternError, match=r"\w"):
        Pattern(source)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(source=TREES, text=st.text("aabbc1 \n-", max_size=9))
def test_matching_agrees_with_python(source: str, text: str) -> None:
    """Our matcher finds what Python's finds, and nothing else."""
    assert Pattern(source).found_in(text) == bool(re.search(source, text))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("^(a+)+$", "a" * 60 + "!"),
        ("^(a|a|a)*$", "a" * 60 + "!"),
        ("(x+x+)+y", "x" * 200),
        ("^(((((a*)*)*)*)*)*$", "a" * 200 + "b"),
        ("(.*)(.*)(.*)(.*)(.*)(.*)z", "a" * 300),
        ("^(?:a?){60}a{60}$", "a" * 60),
    ],
)
def test_matching_ends_soon_whatever_the_pattern(source: str, text: str) -> None:
    """Patterns that make a backtracking matcher hang take a moment."""
    start = perf_counter()
    Pattern(source).found_in(text)
    assert perf_counter() - start < 1


@pytest.mark.parametrize(
    "source",
    ["(a{1000}){1000}", "^((a{1000}){1000}){1000}$", "((((((a*)*)*)*)*)*)*", "(a|ab|abc)*" * 40,
     "[a-z]?" * 800, "(" * 40 + "a" + "{9})" * 40],
)  # fmt: skip
def test_writing_ends_soon_whatever_the_pattern(source: str) -> None:
    """Patterns whose texts are without number or measure are written or refused in a moment."""
    start = perf_counter()
    try:
        text = Pattern(source).write(Random(1), low=0, high=MANY)
    except PatternError:
        text = None
    assert text is None or len(text) < 5000
    assert perf_counter() - start < 2


def test_work_is_told_to_those_who_count_it() -> None:
    """Matching and writing say how much work they were."""
    spent: list[int] = []
    pattern = Pattern("^(ab|cde)+$")
    pattern.write(Random(1), low=0, high=50, spend=spent.append)
    pattern.found_in("abab", spent.append)
    assert len(spent) == 2
    assert all(steps > 0 for steps in spent)
