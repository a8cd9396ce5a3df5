"""Scenario flags: the table, what each row takes and refuses, and whose flags win."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.faults import (
    breaks,
    contents,
    cuts,
    errors,
    future,
    heads,
    order,
    silences,
    writing,
)
from mockserver.flags import Flags, Gate, Hold, Mailing, flags_of, parse
from mockserver.flags.outcomes import INCOMPLETE_REASONS
from mockserver.flags.registry import TABLE
from mockserver.flags.table import rewritten
from mockserver.notation import seconds
from mockserver.schema.base import compact
from mockserver.schema.errors import ApiError

README = Path(__file__).parents[2] / "README.md"

EXAMPLES: dict[str, dict[str, Flags]] = {
    "completed": {"completed": Flags(outcome="completed")},
    "failed": {
        "failed": Flags(outcome="failed", detail="server_error"),
        "failed:rate_limit_exceeded": Flags(outcome="failed", detail="rate_limit_exceeded"),
        "failed:server_error:Oh: no%2C no": Flags(
            outcome="failed", detail="server_error", message="Oh: no, no"
        ),
    },
    "incomplete": {
        "incomplete": Flags(outcome="incomplete", detail="max_output_tokens"),
        "incomplete:content_filter": Flags(outcome="incomplete", detail="content_filter"),
    },
    "queued": {
        "queued": Flags(outcome="queued", background=True, queued=Hold()),
        "queued:2polls": Flags(background=True, queued=Hold(polls=2)),
        "queued:1poll": Flags(background=True, queued=Hold(polls=1)),
        "queued:500ms": Flags(background=True, queued=Hold(seconds=0.5)),
    },
    "in_progress": {
        "in_progress": Flags(outcome="in_progress", background=True, in_progress=Hold()),
        "in_progress:3polls": Flags(background=True, in_progress=Hold(polls=3)),
        "in_progress:1s": Flags(background=True, in_progress=Hold(seconds=1.0)),
    },
    "cancelled": {"cancelled": Flags(outcome="cancelled", background=True)},
    "background": {"background": Flags(background=True)},
    "http": {
        "http:503": Flags(http=503),
        "http:429:slow_down": Flags(http=429, http_code="slow_down"),
        'http:429:slow_down:"Easy, now"': Flags(
            http=429, http_code="slow_down", message="Easy, now"
        ),
        "http:500::Oh": Flags(http=500, message="Oh"),
    },
    "retry_after": {
        "retry_after:1": Flags(retry_after=1.0),
        "retry_after:0.5s": Flags(retry_after=0.5),
    },
    "items": {
        "items:message": Flags(items=("message",)),
        "items:reasoning+message": Flags(items=("reasoning", "message")),
    },
    "tool_call": {
        "tool_call": Flags(tool_call=""),
        "tool_call:get_weather": Flags(tool_call="get_weather"),
    },
    "tool_calls": {"tool_calls:3": Flags(tool_calls=3)},
    "text": {
        "text:Hello": Flags(said="Hello"),
        'text:"Hello, \\"you\\" 100%25"': Flags(said='Hello, "you" 100%25'),
        "text:Say%2C hi": Flags(said="Say, hi"),
        'text:He said "hi"': Flags(said='He said "hi"'),
    },
    "refusal": {
        "refusal": Flags(refusal="I'm sorry, but I can't assist with that request."),
        "refusal:Not today%2C no.": Flags(refusal="Not today, no."),
    },
    "tokens": {"tokens:500": Flags(tokens=500)},
    "usage": {
        "usage.input_tokens:9000": Flags(usage=(("input_tokens", 9000),)),
        "usage.output_tokens:0,usage.input_tokens:7": Flags(
            usage=(("input_tokens", 7), ("output_tokens", 0))
        ),
    },
    "delay": {"delay:2s": Flags(delay=2.0)},
    "ttft": {
        "ttft:200ms": Flags(ttft=0.2),
        "ttft:2m": Flags(ttft=120.0),
        "ttft:0": Flags(ttft=0.0),
    },
    "tps": {"tps:50": Flags(tps=50.0), "tps:0.5": Flags(tps=0.5)},
    "jitter": {"jitter:30ms": Flags(jitter=0.03)},
    "seed": {"seed:7": Flags(seed=7), "seed:0": Flags(seed=0)},
    "webhook_duplicate": {
        "webhook_duplicate": Flags(webhook=Mailing(copies=2)),
        "webhook_duplicate:3": Flags(webhook=Mailing(copies=3)),
    },
    "webhook_reorder": {"webhook_reorder": Flags(webhook=Mailing(held=True))},
    "webhook_delay": {
        "webhook_delay:30s,webhook_drop": Flags(webhook=Mailing(delay=30.0, dropped=True))
    },
    "webhook_drop": {"webhook_drop": Flags(webhook=Mailing(dropped=True))},
    "webhook_forged": {"webhook_forged": Flags(webhook=Mailing(forged=True))},
    "after": {"after:2": Flags(gate=Gate(after=2))},
    "times": {"times:0": Flags(gate=Gate(times=0)), "times:2": Flags(gate=Gate(times=2))},
    "every": {"every:3": Flags(gate=Gate(every=3))},
    "p": {
        "p:0.1": Flags(gate=Gate(p=0.1)),
        "p:1,after:1,times:3": Flags(gate=Gate(p=1.0, after=1, times=3)),
    },
    "truncate_arguments": {
        "truncate_arguments": Flags(faults=(contents.TruncateArguments(0),)),
        "truncate_arguments:1": Flags(faults=(contents.TruncateArguments(1),)),
    },
    "null_usage": {"null_usage": Flags(faults=(contents.NullUsage(),))},
    "fail_at": {
        "fail_at:5": Flags(faults=(contents.FailAt(5, "server_error"),)),
        "fail_at:0/slow_down": Flags(faults=(contents.FailAt(0, "slow_down"),)),
    },
    "refuse": {"refuse": Flags(faults=(breaks.Refuse(),))},
    "hang": {
        "hang": Flags(faults=(silences.Hang(86_400.0),)),
        "hang:30s": Flags(faults=(silences.Hang(30.0),)),
    },
    "reset": {
        "reset": Flags(faults=(breaks.Reset(None),)),
        "reset:5": Flags(faults=(breaks.Reset(5),)),
    },
    "cut": {
        "cut:5": Flags(faults=(cuts.Cut(5),)),
        "cut:5,gap:1": Flags(faults=(cuts.Cut(5), order.Gap(1))),
    },
    "cut_inside": {"cut_inside:5": Flags(faults=(cuts.CutInside(5),))},
    "cut_utf8": {
        "cut_utf8": Flags(faults=(cuts.CutUtf8(4),)),
        "cut_utf8:9": Flags(faults=(cuts.CutUtf8(9),)),
    },
    "stall": {
        "stall:5": Flags(faults=(silences.Stall(5, 86_400.0),)),
        "stall:5/10s": Flags(faults=(silences.Stall(5, 10.0),)),
    },
    "slow_close": {
        "slow_close": Flags(faults=(silences.SlowClose(5.0),)),
        "slow_close:2s": Flags(faults=(silences.SlowClose(2.0),)),
    },
    "bad_chunk": {
        "bad_chunk": Flags(faults=(breaks.BadChunk(0),)),
        "bad_chunk:5": Flags(faults=(breaks.BadChunk(5),)),
    },
    "garbage": {"garbage": Flags(faults=(breaks.Garbage(),))},
    "error_nested": {
        "error_nested:5": Flags(faults=(errors.NestedError(5, "server_error"),)),
        "error_nested:5/slow_down": Flags(faults=(errors.NestedError(5, "slow_down"),)),
    },
    "error_flat": {"error_flat:5": Flags(faults=(errors.FlatError(5, "server_error"),))},
    "duplicate": {"duplicate:5": Flags(faults=(order.Duplicate(5),))},
    "reorder": {"reorder:5": Flags(faults=(order.Reorder(5),))},
    "drop": {"drop:5": Flags(faults=(order.Drop(5),))},
    "gap": {"gap:5": Flags(faults=(order.Gap(5),))},
    "unknown_event": {
        "unknown_event": Flags(faults=(future.UnknownEvent(2),)),
        "unknown_event:5": Flags(faults=(future.UnknownEvent(5),)),
    },
    "unknown_item": {"unknown_item": Flags(faults=(future.UnknownItem(),))},
    "unknown_enum": {
        "unknown_enum": Flags(faults=(future.UnknownEnum("service_tier"),)),
        "unknown_enum:status": Flags(faults=(future.UnknownEnum("status"),)),
    },
    "wrong_content_type": {
        "wrong_content_type": Flags(faults=(heads.WrongContentType("text/plain; charset=utf-8"),)),
        "wrong_content_type:text/html": Flags(faults=(heads.WrongContentType("text/html"),)),
    },
    "html": {
        "html": Flags(faults=(heads.Html(502),)),
        "html:200": Flags(faults=(heads.Html(200),)),
    },
    "malformed": {
        "malformed": Flags(faults=(writing.Malformed(0),)),
        "malformed:5": Flags(faults=(writing.Malformed(5),)),
    },
    "comments": {"comments": Flags(faults=(writing.Comments(),))},
    "slice": {
        "slice": Flags(faults=(writing.Slice(1),)),
        "slice:7": Flags(faults=(writing.Slice(7),)),
    },
    "coalesce": {"coalesce": Flags(faults=(writing.Coalesce(),))},
    "bandwidth": {
        "bandwidth:10kbps": Flags(faults=(writing.Bandwidth(10_000.0),)),
        "bandwidth:1.5mbps": Flags(faults=(writing.Bandwidth(1_500_000.0),)),
    },
}
"""How each flag may be written, and what is read."""

_PLACES = ["", ":", ":-1", ":x", ":1.5", ":1000001", ":²"]
"""Ways to write the number of an event that make no sense; most flags need one."""

NONSENSE: dict[str, list[str]] = {
    "completed": ["completed:yes", "completed:"],
    "failed": ["failed:Server Error", "failed:" + "x" * 65, "failed:%00"],
    "incomplete": ["incomplete:length", "incomplete:MAX_OUTPUT_TOKENS"],
    "queued": ["queued:", "queued:2pols", "queued:-1s", "queued:soon", "queued:1.5polls"],
    "in_progress": ["in_progress:", "in_progress:polls", "in_progress:2 polls"],
    "cancelled": ["cancelled:now"],
    "background": ["background:true"],
    "items": ["items", "items:", "items:+", "items:Message", "items:a b"],
    "tool_call": ["tool_call:", "tool_call:two words", "tool_call:" + "x" * 129],
    "tool_calls": ["tool_calls", "tool_calls:0", "tool_calls:many", "tool_calls:129"],
    "text": ["text", "text:", 'text:""'],
    "refusal": [],
    "tokens": ["tokens", "tokens:0", "tokens:-5", "tokens:1000000"],
    "usage": ["usage.tokens:1", "usage.input_tokens", "usage.input_tokens:", "usage.:1"],
    "http": ["http", "http:", "http:200", "http:600", "http:4290", "http:many", "http:4٣٣"],
    "retry_after": ["retry_after", "retry_after:soon", "retry_after:-1", "retry_after:2h"],
    "delay": ["delay", "delay:soon"],
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
    "jitter": ["jitter", "jitter:-1ms"],
    "seed": ["seed", "seed:", "seed:-1", "seed:1.5", "seed:x", "seed:" + "9" * 19, "seed:²"],
    "webhook_duplicate": ["webhook_duplicate:0", "webhook_duplicate:101", "webhook_duplicate:x"],
    "webhook_reorder": ["webhook_reorder:1"],
    "webhook_delay": ["webhook_delay", "webhook_delay:-1s"],
    "webhook_drop": ["webhook_drop:"],
    "webhook_forged": ["webhook_forged:yes"],
    "after": ["after", "after:-1", "after:x"],
    "times": ["times", "times:often"],
    "every": ["every", "every:0"],
    "p": ["p", "p:", "p:1.1", "p:-0.1", "p:10%", "p:often"],
    "truncate_arguments": ["truncate_arguments:x", "truncate_arguments:"],
    "null_usage": ["null_usage:1"],
    "fail_at": ["fail_at", "fail_at:", "fail_at:1/NO"],
    "refuse": ["refuse:1"],
    "hang": ["hang:", "hang:long"],
    "reset": ["reset:", "reset:x"],
    "cut_utf8": ["cut_utf8:", "cut_utf8:x"],
    "stall": ["stall", "stall:5/", "stall:/5s", "stall:5s"],
    "slow_close": ["slow_close:", "slow_close:x"],
    "bad_chunk": ["bad_chunk:", "bad_chunk:x"],
    "garbage": ["garbage:5"],
    "error_nested": ["error_nested", "error_nested:5/", "error_nested:5/A B", "error_nested:x"],
    "error_flat": ["error_flat", "error_flat:/server_error"],
    "unknown_event": ["unknown_event:", "unknown_event:x"],
    "unknown_item": ["unknown_item:file"],
    "unknown_enum": ["unknown_enum:", "unknown_enum:a b"],
    "wrong_content_type": ["wrong_content_type:html", "wrong_content_type:a/b%0D%0Ax:y"],
    "html": ["html:", "html:204", "html:304", "html:600", "html:page"],
    "malformed": ["malformed:", "malformed:x"],
    "comments": ["comments:1"],
    "slice": ["slice:0", "slice:x"],
    "coalesce": ["coalesce:1"],
    "bandwidth": ["bandwidth", "bandwidth:10", "bandwidth:0bps", "bandwidth:10kb", "bandwidth:x"],
} | {
    name: [name + place for place in _PLACES]
    for name in ("cut", "cut_inside", "duplicate", "reorder", "drop", "gap")
}
"""Ways to write each flag that make no sense; a refusal may have any text."""


def test_every_flag_has_examples() -> None:
    """The tables of this file cover the flags there are."""
    assert set(EXAMPLES) == set(NONSENSE) == set(TABLE)


def test_the_readme_s_table_is_the_table_of_flags() -> None:
    """Between the README's marks stands what ``mockserver scenarios --write`` puts there."""
    text = README.read_text(encoding="utf-8")
    assert rewritten(text) == text
    assert all(
        f"| `{flag.usage}` | {flag.help} | `{flag.example}` |" in text for flag in TABLE.values()
    )


@pytest.mark.parametrize("name", TABLE)
def test_the_example_of_a_flag_shows_it(name: str) -> None:
    """Each row's example is read, and has the flag in it."""
    example = TABLE[name].example
    assert parse(example) != Flags()
    assert any(word.startswith(name) for word in example.split(","))


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


@pytest.mark.parametrize(
    "text",
    ["fail", "Failed", "http429", ":failed", "completed failed", "-", "usage:5", "text.x:1"],
)
def test_an_unknown_flag_is_told_with_those_there_are(text: str) -> None:
    """A misspelt flag is a 400 that lists every flag."""
    with pytest.raises(ApiError) as caught:
        parse(text)
    error = caught.value
    assert (error.status, error.code) == (400, "unknown_scenario_flag")
    assert error.param == "mock_scenario"
    assert all(flag.usage in error.message for flag in TABLE.values())


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("faild", "Did you mean 'failed[:CODE[:TEXT]]'?"),
        ("FAILED", "Did you mean 'failed[:CODE[:TEXT]]'?"),
        ("failed=server_error", "Did you mean 'failed[:CODE[:TEXT]]'?"),
        ("usage:5", "Did you mean 'usage.COUNT:NUMBER'?"),
        ("text:Hello, world", "If it belongs to the text of text, put that between quotes."),
        ("http:500::Sorry, we are down", "If it belongs to the text of http, put that"),
        ("cut:5,xyzzy", "'xyzzy'. The flags are:"),
    ],
)
def test_an_unknown_flag_is_told_with_what_was_meant(text: str, hint: str) -> None:
    """The nearest flag there is, and that a text with a comma has quotes."""
    with pytest.raises(ApiError) as raised:
        parse(text)
    assert hint in str(raised.value)


@pytest.mark.parametrize("text", ['text:"Hello', 'text:"Hello" you', 'seed:1,refusal:"a\\"'])
def test_a_quote_has_to_end_before_the_next_flag(text: str) -> None:
    """A quoted value that does not end, or does not end its flag, is told with its place."""
    with pytest.raises(ApiError, match="a quoted value has to end with a quote") as caught:
        parse(text)
    assert (caught.value.status, caught.value.code) == (400, "invalid_scenario_flag")


def test_the_end_of_a_chain_is_the_last_one_named() -> None:
    """Phases are kept beside the end, whatever comes first."""
    flags = parse("queued:2polls,in_progress:1s,completed,failed:server_error")
    assert (flags.queued, flags.in_progress) == (Hold(polls=2), Hold(seconds=1.0))
    assert (flags.outcome, flags.detail) == ("failed", "server_error")
    assert parse("failed:slow_down:Oh,incomplete").message is None


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
        ("text:hi", True),
        ("tool_call", True),
        ("tokens:5", True),
        ("usage.input_tokens:5", True),
        ("queued:1s", True),
        ("delay:1s,jitter:1s", False),
        ("after:1,times:1,every:2,p:0.5", False),
        ("reset,cut:5,html", False),
    ],
)
def test_flags_tell_whether_they_choose_the_answer(text: str, chooses: bool) -> None:
    """Pace, faults and seed leave the answer to others; what says how it ends or is does not."""
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
    assert flags_of(header, metadata, *defaults).seed == expected


@pytest.mark.parametrize(
    "metadata", [None, [], "x", 7, {"mock_scenario": 5}, {"mock_scenario": None}]
)
def test_metadata_that_names_no_flags_leaves_it_to_the_default(metadata: Any) -> None:
    """Whatever stands in the metadata's place, only text under our key is read as flags."""
    assert flags_of(None, metadata, None, "seed:4").seed == 4


def test_an_empty_header_asks_for_no_flags() -> None:
    """A request can free itself of the defaults by an empty header."""
    assert flags_of("", {"mock_scenario": "failed"}, "queued", "failed") == Flags()


def test_sources_are_not_mixed() -> None:
    """The winning source counts alone: flags of the others are not added to it."""
    assert flags_of("tps:5", {"mock_scenario": "failed"}, "ttft:1s") == Flags(tps=5.0)


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
    compact([flags.refusal, flags.http_code, flags.detail, flags.message, flags.said])


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])).filter(lambda text: text.strip()))
def test_a_percent_encoded_refusal_comes_back_as_it_was(text: str) -> None:
    """Every character can be put into a value by percent-encoding it."""
    encoded = "".join(f"%{byte:02X}" for byte in text.encode())
    assert parse(f"refusal:{encoded}").refusal == text
