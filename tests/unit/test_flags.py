"""Scenario flags: the table, what each row takes and refuses, and whose flags win."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.flags import INCOMPLETE_REASONS, TABLE, Flags, parse, seconds
from mockserver.schema.base import compact
from mockserver.schema.errors import ApiError

README = Path(__file__).parents[2] / "README.md"

EXAMPLES: dict[str, dict[str, Flags]] = {
    "completed": {"completed": Flags(outcome="completed")},
    "failed": {
        "failed": Flags(outcome="failed", detail="server_error"),
        "failed:rate_limit_exceeded": Flags(outcome="failed", detail="rate_limit_exceeded"),
    },
    "incomplete": {
        "incomplete": Flags(outcome="incomplete", detail="max_output_tokens"),
        "incomplete:content_filter": Flags(outcome="incomplete", detail="content_filter"),
    },
    "queued": {"queued": Flags(outcome="queued", background=True)},
    "in_progress": {"in_progress": Flags(outcome="in_progress", background=True)},
    "cancelled": {"cancelled": Flags(outcome="cancelled", background=True)},
    "background": {"background": Flags(background=True)},
    "items": {
        "items:message": Flags(items=("message",)),
        "items:reasoning+message": Flags(items=("reasoning", "message")),
    },
    "refusal": {
        "refusal": Flags(refusal="I'm sorry, but I can't assist with that request."),
        "refusal:Not today%2C no.": Flags(refusal="Not today, no."),
    },
    "http": {
        "http:503": Flags(http=503),
        "http:429:slow_down": Flags(http=429, http_code="slow_down"),
    },
    "retry_after": {
        "retry_after:1": Flags(retry_after=1.0),
        "retry_after:0.5s": Flags(retry_after=0.5),
    },
    "ttft": {
        "ttft:200ms": Flags(ttft=0.2),
        "ttft:2m": Flags(ttft=120.0),
        "ttft:0": Flags(ttft=0.0),
    },
    "tps": {"tps:50": Flags(tps=50.0), "tps:0.5": Flags(tps=0.5)},
    "seed": {"seed:7": Flags(seed=7), "seed:0": Flags(seed=0)},
}
"""How each flag may be written, and what is read."""

NONSENSE: dict[str, list[str]] = {
    "completed": ["completed:yes", "completed:"],
    "failed": ["failed:Server Error", "failed:" + "x" * 65, "failed:%00"],
    "incomplete": ["incomplete:length", "incomplete:MAX_OUTPUT_TOKENS"],
    "queued": ["queued:1s"],
    "in_progress": ["in_progress:1s"],
    "cancelled": ["cancelled:now"],
    "background": ["background:true"],
    "items": ["items", "items:", "items:+", "items:Message", "items:a b"],
    "refusal": [],
    "http": ["http", "http:", "http:200", "http:600", "http:4290", "http:many", "http:4٣٣"],
    "retry_after": ["retry_after", "retry_after:soon", "retry_after:-1", "retry_after:2h"],
    "ttft": [
        "ttft",
        "ttft:",
        "ttft:1%2C5s",
        "ttft:-200ms",
        "ttft:1e3",
        "ttft:25000h",
        "ttft:86401",
    ],
    "tps": ["tps", "tps:", "tps:0", "tps:0.0", "tps:-1", "tps:fast", "tps:1e9", "tps:0.0001"],
    "seed": ["seed", "seed:", "seed:-1", "seed:1.5", "seed:x", "seed:" + "9" * 19, "seed:²"],
}
"""Ways to write each flag that make no sense; a refusal may have any text."""


def test_every_flag_has_examples() -> None:
    """The tables of this file cover the flags there are."""
    assert set(EXAMPLES) == set(NONSENSE) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_a_flag_stands_in_the_readme_s_table_with_its_help(name: str) -> None:
    """The README shows every flag as it is written, with what it does."""
    flag = TABLE[name]
    assert f"| `{flag.usage}` | {flag.help} |\n" in README.read_text(encoding="utf-8")


def test_the_readme_s_table_has_no_flag_that_does_not_exist() -> None:
    """The rows of the README's table are the table, no more, and in its order."""
    text = README.read_text(encoding="utf-8").partition("| flag | what happens |")[2]
    rows = [line for line in text.partition("\n\n")[0].splitlines() if line.startswith("| `")]
    assert rows == [f"| `{flag.usage}` | {flag.help} |" for flag in TABLE.values()]


@pytest.mark.parametrize(
    ("text", "flags"), [pair for pairs in EXAMPLES.values() for pair in pairs.items()]
)
def test_a_flag_is_read_in_each_of_its_forms(text: str, flags: Flags) -> None:
    """A flag alone is read, and with blanks around it as well."""
    assert parse(text) == parse(f" {text} ,") == flags


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in NONSENSE.items() for text in texts]
)
def test_a_flag_refuses_nonsense_by_name(name: str, text: str) -> None:
    """A value that makes no sense is a 400 that names the flag and how it is written."""
    with pytest.raises(ApiError) as caught:
        parse(text)
    error = caught.value
    assert (error.status, error.type) == (400, "invalid_request_error")
    assert (error.param, error.code) == ("mock_scenario", "invalid_scenario_flag")
    assert error.message.startswith(f"Invalid scenario flag '{name}': ")
    assert f"It is written {TABLE[name].usage}: {TABLE[name].help}." in error.message


@pytest.mark.parametrize("text", ["fail", "Failed", "http429", ":failed", "completed failed", "-"])
def test_an_unknown_flag_is_told_with_those_there_are(text: str) -> None:
    """A misspelt flag is a 400 that lists every flag."""
    with pytest.raises(ApiError) as caught:
        parse(text)
    error = caught.value
    assert (error.status, error.code) == (400, "unknown_scenario_flag")
    assert error.param == "mock_scenario"
    assert all(flag.usage in error.message for flag in TABLE.values())


def test_flags_combine() -> None:
    """Flags that say different things hold together; of two that say the same, the last wins."""
    flags = parse("failed:server_error,background,ttft:1s,tps:5,seed:3")
    assert flags == Flags(
        outcome="failed", detail="server_error", background=True, ttft=1.0, tps=5.0, seed=3
    )
    assert parse("seed:1,seed:2").seed == 2


def test_nothing_written_means_no_flags() -> None:
    """Empty text, blanks and stray commas are no flags."""
    assert parse("") == parse(" , ,") == Flags()


@pytest.mark.parametrize("reason", INCOMPLETE_REASONS)
def test_every_reason_to_be_incomplete_can_be_asked_for(reason: str) -> None:
    """Each reason that the API has for an incomplete response is a value of the flag."""
    assert parse(f"incomplete:{reason}").detail == reason


@pytest.mark.parametrize(
    ("text", "chooses"),
    [
        ("", False),
        ("ttft:1s,tps:4,seed:2,retry_after:1", False),
        ("completed", True),
        ("failed", True),
        ("background", True),
        ("refusal", True),
        ("http:500", True),
    ],
)
def test_flags_tell_whether_they_choose_the_answer(text: str, chooses: bool) -> None:
    """Pace and seed leave the answer to others; an outcome, a refusal or an error do not."""
    assert parse(text).chooses_answer is chooses


SOURCES: list[tuple[str | None, Any, str | None, str | None]] = [
    ("seed:1", {"mock_scenario": "seed:2"}, "seed:3", "seed:4"),
    (None, {"mock_scenario": "seed:2"}, "seed:3", "seed:4"),
    (None, {"other": "seed:2"}, "seed:3", "seed:4"),
    (None, None, None, "seed:4"),
    (None, None, None, None),
]


@pytest.mark.parametrize(("place", "sources"), list(enumerate(SOURCES, 1)))
def test_the_nearest_source_wins(place: int, sources: tuple[Any, ...]) -> None:
    """The header beats the metadata, which beats the namespace, which beats the setting."""
    header, metadata, *defaults = sources
    expected = place if place <= 4 else None
    assert Flags.of(header, metadata, *defaults).seed == expected


@pytest.mark.parametrize(
    "metadata", [None, [], "x", 7, {"mock_scenario": 5}, {"mock_scenario": None}]
)
def test_metadata_that_names_no_flags_leaves_it_to_the_default(metadata: Any) -> None:
    """Whatever stands in the metadata's place, only text under our key is read as flags."""
    assert Flags.of(None, metadata, None, "seed:4").seed == 4


def test_an_empty_header_asks_for_no_flags() -> None:
    """A request can free itself of the defaults by an empty header."""
    assert Flags.of("", {"mock_scenario": "failed"}, "queued", "failed") == Flags()


def test_sources_are_not_mixed() -> None:
    """The winning source counts alone: flags of the others are not added to it."""
    assert Flags.of("tps:5", {"mock_scenario": "failed"}, "ttft:1s") == Flags(tps=5.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("200ms", 0.2), ("1.5s", 1.5), ("2m", 120.0), ("3", 3.0), ("0", 0.0), ("86400", 86400.0)],
)
def test_a_duration_is_read_in_its_unit(text: str, expected: float) -> None:
    """Milliseconds, seconds and minutes have their letters; a bare number is seconds."""
    assert seconds(text) == pytest.approx(expected)


_FLAGLIKE = st.lists(
    st.one_of(
        st.sampled_from([text for texts in EXAMPLES.values() for text in texts]),
        st.builds("{}:{}".format, st.sampled_from(sorted(TABLE)), st.text()),
        st.text(),
    )
).map(",".join)


@given(st.one_of(st.text(), _FLAGLIKE))
@example("refusal:\udcff")
@example("refusal:%ED%A0%80")
@example("tps:" + "9" * 400)
@example("ttft:" + "9" * 400)
def test_any_text_gives_flags_or_the_api_s_error(text: str) -> None:
    """Whatever is sent, it is read or refused in words that can be sent back as JSON."""
    try:
        flags, error = parse(text), None
    except ApiError as problem:
        flags, error = Flags(), problem
    if error is not None:
        assert (error.status, error.param) == (400, "mock_scenario")
        assert error.code in ("unknown_scenario_flag", "invalid_scenario_flag")
        compact(error.body())
    assert flags.ttft is None or 0 <= flags.ttft <= 86_400
    assert flags.retry_after is None or 0 <= flags.retry_after <= 86_400
    assert flags.tps is None or 0.001 <= flags.tps < 1e10
    assert flags.http is None or 400 <= flags.http <= 599
    compact([flags.refusal, flags.http_code, flags.detail])


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])).filter(lambda text: text.strip()))
def test_a_percent_encoded_refusal_comes_back_as_it_was(text: str) -> None:
    """Every character can be put into a value by percent-encoding it."""
    encoded = "".join(f"%{byte:02X}" for byte in text.encode())
    assert parse(f"refusal:{encoded}").refusal == text
