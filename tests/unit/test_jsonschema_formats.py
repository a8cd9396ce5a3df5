"""Formats: text that has one, and telling whether text has it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.sources.jsonschema import UnsatisfiableSchema, generate
from mockserver.sources.jsonschema.formats import FORMATS, has_format, may_have_format
from mockserver.sources.jsonschema.samples import BRIEF, WRITERS
from mockserver.sources.words import Words

WORDS = Words(seed=1)
CHECKER = Draft202012Validator.FORMAT_CHECKER

STRETCHING = (
    "email",
    "hostname",
    "uri",
    "uri-reference",
    "iri",
    "json-pointer",
    "byte",
    "password",
)

NEARLY = {
    "date-time": ["2026-01-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02 03:04:05Z",
                  "2026-01-02T24:00:00Z", "2026-01-02t03:04:05.5+01:00", "0000-01-01T00:00:00Z"],
    "date": ["2026-01-02", "2026-1-2", "2026-02-29", "2024-02-29", "20260102"],
    "time": ["03:04:05Z", "03:04:05", "23:59:60Z", "03:04Z", "03:04:05+25:00"],
    "duration": ["P1D", "PT1H", "P", "PT", "P1DT", "P1W", "P1W2D", "PT1.5S", "P1M2Y"],
    "email": ["a@b", "a", "@", "a@b@c", "a b@c"],
    "hostname": ["a", "a.b", "-a", "a-", "a..b", "a" * 64, "a_b", "a.", ".".join(["a" * 60] * 5)],
    "idn-hostname": ["a.b", "A.b", "ab--c", "xn--a", "bücher.example"],
    "ipv4": ["1.2.3.4", "1.2.3", "256.1.1.1", "01.2.3.4", "1.2.3.4/8"],
    "ipv6": ["::1", "1::2::3", "fe80::1%eth0", "::ffff:1.2.3.4", "12345::"],
    "uuid": ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08aa9811eab4aa73b441d16380",
             "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}"],
    "uri": ["http://a/b?c#d", "a:b", "/a", "http://[::1]/", "http://a b", "http://a:b/", "%zz:",
            "mailto:a@b", "http://a/%41", "http://a/%4", "http://ü/", "1a:b", "http://a/[b]"],
    "uri-reference": ["/a", "a", "", "//a/b", "a:b", "?q", "#f", "a b", "1:b", "./a:b", "\\a"],
    "iri": ["http://ü/ö", "/ü", "http://a b", "http://ü/%41"],
    "iri-reference": ["/ü", "ü", "", "ü:b", "a b"],
    "uri-template": ["/{id}", "/{id", "/id}", "/{?a,b}", "/{+a}", "/a b", "{}"],
    "json-pointer": ["", "/a", "a", "/a~1b", "/a~2b", "/~"],
    "relative-json-pointer": ["0", "1/a", "0#", "01", "-1", "1#a", "", "2/a~2"],
    "regex": ["a", "(", "[", "a{2,1}", "^a$"],
}  # fmt: skip


def text(seed: int = 1, **keywords: Any) -> str:
    """Make a string for the keywords."""
    made: str = generate({"type": "string", **keywords}, Random(seed), WORDS)
    return made


@pytest.mark.parametrize("name", WRITERS)
def test_text_has_the_format(name: str) -> None:
    """Text of every format passes, and is not always the same."""
    drawn = {text(seed, format=name) for seed in range(30)}
    assert len(drawn) > 2
    for each in drawn:
        assert has_format(each, name)
        assert CHECKER.conforms(each, name)


@pytest.mark.parametrize("name", STRETCHING)
@pytest.mark.parametrize("length", [30, 60, 120, 200])
def test_text_is_stretched_when_it_must_be_long(name: str, length: int) -> None:
    """Formats without a natural length reach the one that is asked for."""
    made = text(format=name, minLength=length)
    assert len(made) >= length
    assert CHECKER.conforms(made, name)


@pytest.mark.parametrize("name", BRIEF)
def test_text_is_brief_when_there_is_little_room(name: str) -> None:
    """The shortest text of a format is found when nothing else fits."""
    made = text(format=name, maxLength=len(BRIEF[name]))
    assert len(made) <= len(BRIEF[name])
    assert CHECKER.conforms(made, name)


@pytest.mark.parametrize("name", ["uuid", "date", "date-time", "ipv4"])
def test_error_when_a_format_has_another_length(name: str) -> None:
    """A format whose text cannot be so long, or so short, is an error, not a wrong value."""
    for bounds in ({"minLength": 99}, {"maxLength": 1}):
        with pytest.raises(UnsatisfiableSchema, match=name):
            text(format=name, **bounds)


def test_unknown_format_is_no_constraint() -> None:
    """A format nobody knows leaves the text as it would be without."""
    assert len(text(format="shoe-size", minLength=3, maxLength=4)) in (3, 4)


def test_format_that_the_pattern_alone_can_meet() -> None:
    """When the text of a format does not match, text that matches may have the format."""
    assert text(format="date", pattern="^1999-1[0-2]-0[1-9]$").startswith("1999-1")
    assert text(format="ipv4", pattern=r"^10\.0\.0\.[1-9]$").startswith("10.0.0.")


@pytest.mark.parametrize("name", NEARLY)
def test_format_is_never_seen_where_there_is_none(name: str) -> None:
    """What we take for the format, a validator of others takes for it as well."""
    ours = {each for each in NEARLY[name] if has_format(each, name)}
    assert ours
    assert ours < set(NEARLY[name])
    assert all(CHECKER.conforms(each, name) for each in ours)


@pytest.mark.parametrize("name", NEARLY)
def test_format_is_never_ruled_out_where_there_is_one(name: str) -> None:
    """What surely lacks the format by our judgement lacks it by that of others as well."""
    without = [each for each in NEARLY[name] if not may_have_format(each, name)]
    assert not any(CHECKER.conforms(each, name) for each in without)


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_judged_as_others_judge_it(name: str) -> None:
    """Text that is nearly of the format is taken for it, or not, only where others agree."""
    pool = NEARLY.get(name, ["a@b"])

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(st.sampled_from(pool), st.integers(0, 30), st.sampled_from(list("a0:/-.#%~{}[]Z +ü@")))
    def judge(base: str, place: int, char: str) -> None:
        changed = base[:place] + char + base[place + 1 :]
        assert has_format(changed, name) <= CHECKER.conforms(changed, name)
        assert CHECKER.conforms(changed, name) <= may_have_format(changed, name)

    judge()


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"uri-template", "regex"}))
def test_text_without_a_format_is_without_doubt(name: str) -> None:
    """Where a format is forbidden, the text is one that no validator takes for it."""
    made = generate({"type": "string", "not": {"format": name}}, Random(1), WORDS)
    assert not may_have_format(made, name)
    assert not CHECKER.conforms(made, name)
