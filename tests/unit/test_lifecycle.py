"""The life of a response: what it looks like at every moment, and when its events are due."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.lifecycle import ENDED, Plan, end, status, timeline, view
from mockserver.streaming.streamer import TERMINAL

Document = dict[str, Any]


def finished(outcome: str = "completed", words: int = 6) -> Document:
    """Return a finished response with a message of so many words."""
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": "word " * words}
    message = {
        "id": "msg_1",
        "type": "message",
        "status": "completed",
        "content": [part],
        "role": "assistant",
    }
    failed = outcome == "failed"
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": outcome,
        "background": True,
        "completed_at": 2 if outcome == "completed" else None,
        "error": {"code": "server_error", "message": "no"} if failed else None,
        "incomplete_details": {"reason": "content_filter"} if outcome == "incomplete" else None,
        "output": [] if failed else [message],
        "service_tier": "default",
        "usage": None if failed else {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
    }


def plan(**options: Any) -> Plan:
    """Return a plan that is queued from 10 to 12 and in progress until 16, unless told else."""
    usual = {"response": finished(), "started": 10.0, "queued": 2.0, "in_progress": 4.0}
    return Plan(**{**usual, "background": True, **options})


def told(plan: Plan) -> list[tuple[float, str]]:
    """Return the moments and types of a plan's events."""
    return [(moment, event["type"]) for moment, event in timeline(plan)]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (10.0, "queued"),
        (11.999, "queued"),
        (12.0, "in_progress"),
        (15.999, "in_progress"),
        (16.0, "completed"),
        (1e9, "completed"),
    ],
)
def test_a_background_response_goes_through_its_phases(now: float, expected: str) -> None:
    """It is queued, then in progress, then what it ends as; each phase begins at its moment."""
    assert status(plan(), now) == expected


@pytest.mark.parametrize("outcome", ["completed", "failed", "incomplete"])
def test_a_background_response_ends_as_it_was_made(outcome: str) -> None:
    """Whatever the outcome, it shows at the end and not before."""
    made = plan(response=finished(outcome))
    assert [status(made, now) for now in (15.9, 16.0)] == ["in_progress", outcome]
    assert view(made, 16.0)["output"] == made.response["output"]


@pytest.mark.parametrize("now", [10.0, 13.0])
def test_a_response_that_is_not_over_shows_nothing_of_its_end(now: float) -> None:
    """While queued and in progress, output is empty, and end, usage and tier are open (§3.3)."""
    shown = view(plan(), now)
    assert shown["status"] == status(plan(), now)
    assert (shown["output"], shown["usage"], shown["completed_at"]) == ([], None, None)
    assert shown["service_tier"] == "auto"
    assert "billing" not in shown
    assert [key for key in shown if key != "billing"] == list(finished())


@pytest.mark.parametrize(("outcome", "bills"), [("completed", 1), ("incomplete", 1), ("failed", 0)])
def test_a_finished_body_tells_who_pays(outcome: str, bills: int) -> None:
    """Billing stands behind ``background`` in bodies of what was worked out (wire-vs-spec §1)."""
    keys = list(view(plan(response=finished(outcome)), 20.0))
    assert keys.count("billing") == bills
    assert not bills or keys.index("billing") == keys.index("background") + 1


@pytest.mark.parametrize(("queued", "in_progress"), [(None, 4.0), (0.0, None)])
def test_an_endless_phase_never_ends(queued: float | None, in_progress: float | None) -> None:
    """A response that is held stays as it is, and tells only what leads up to it."""
    held = plan(queued=queued, in_progress=in_progress)
    state = "queued" if queued is None else "in_progress"
    assert {status(held, now) for now in (10.0, 1e6, 1e12)} == {state}
    assert end(held) == math.inf
    assert told(held)[-1] == (10.0, f"response.{state}")


@pytest.mark.parametrize("queued", [0.0, None])
def test_a_held_response_can_be_cancelled(queued: float | None) -> None:
    """A cancellation ends even what would last for ever."""
    held = plan(queued=queued, in_progress=None, cancelled=50.0)
    assert end(held) == 50.0
    assert status(held, 49.9) in ("queued", "in_progress")
    assert status(held, 50.0) == "cancelled"
    assert told(held)[-1] == (50.0, "response.failed")


@pytest.mark.parametrize("moment", [10.0, 11.0, 12.0, 13.0, 15.9])
def test_a_cancelled_response_keeps_nothing(moment: float) -> None:
    """From its cancellation on it is cancelled, with no output and no usage (§3.3)."""
    made = plan(cancelled=moment)
    if moment > 10.0:
        assert status(made, moment - 0.1) in ("queued", "in_progress")
    for now in (moment, 16.0, 1e6):
        shown = view(made, now)
        assert (shown["status"], shown["output"], shown["usage"]) == ("cancelled", [], None)
        assert "billing" not in shown


@pytest.mark.parametrize("moment", [10.0, 11.0, 12.0, 13.0, 15.9])
def test_a_cancelled_stream_tells_what_was_due_and_ends_as_failed(moment: float) -> None:
    """Events due by the cancellation stay told, then the cancelled response ends the stream."""
    events = list(timeline(plan(cancelled=moment)))
    *before, (last, failed) = events
    assert last == moment
    assert (failed["type"], failed["response"]["status"]) == ("response.failed", "cancelled")
    whole = [pair for pair in timeline(plan()) if pair[0] <= moment]
    assert before == whole
    assert failed["sequence_number"] == len(before)


def test_a_cancelled_stream_may_just_end() -> None:
    """When told so, no event marks the cancellation."""
    events = told(plan(cancelled=13.0, cancelled_stream="end"))
    assert not TERMINAL & {name for _, name in events}
    assert events[-1][0] <= 13.0


def test_a_run_of_no_length_that_is_cancelled_still_opens_its_stream() -> None:
    """With phases of zero seconds a cancelled stream has its created event and one end."""
    made = plan(queued=0.0, in_progress=0.0, cancelled=10.0)
    names = [name for _, name in told(made)]
    assert names[0] == "response.created"
    assert [name for name in names if name in TERMINAL] == ["response.failed"]
    assert status(made, 10.0) == "cancelled"


def test_events_fill_the_time_in_progress() -> None:
    """Without a pace of its own, a background stream is spread evenly over its phase."""
    moments = [moment for moment, _ in timeline(plan())]
    assert moments[:3] == [10.0, 10.0, 12.0]
    gaps = [later - earlier for earlier, later in pairwise(moments[2:])]
    assert gaps == pytest.approx([gaps[0]] * len(gaps))
    assert moments[-1] == 16.0


def test_a_foreground_response_is_there_at_once() -> None:
    """Without background and pace, all of it is due at the start."""
    made = plan(background=False)
    assert made.instant
    assert end(made) == 10.0
    assert {moment for moment, _ in timeline(made)} == {10.0}
    assert status(made, 10.0) == "completed"


def test_the_first_token_takes_its_time() -> None:
    """The stream opens at once; items begin after ``ttft``."""
    made = plan(background=False, ttft=1.5)
    events = told(made)
    assert not made.instant
    assert [moment for moment, _ in events[:2]] == [10.0, 10.0]
    assert {moment for moment, _ in events[2:]} == {11.5}
    assert end(made) == 11.5


def test_deltas_come_at_the_pace_asked_for() -> None:
    """Between two deltas lies the time of one token, and the end waits for the last."""
    made = plan(background=False, ttft=1.0, tps=4.0)
    deltas = [moment for moment, name in told(made) if name.endswith(".delta")]
    assert deltas == pytest.approx([11.25 + 0.25 * n for n in range(len(deltas))])
    assert end(made) == pytest.approx(deltas[-1])


def test_a_pace_in_the_background_counts_from_the_end_of_the_queue() -> None:
    """A paced background response is queued first and then takes as long as its pace says."""
    made = plan(ttft=1.0, tps=10.0)
    deltas = sum(name.endswith(".delta") for _, name in told(made))
    assert status(made, 11.9) == "queued"
    assert end(made) == pytest.approx(12.0 + 1.0 + deltas / 10.0)


def test_a_paced_response_that_is_held_stays_in_progress() -> None:
    """Its events are told at their pace; only the end never comes."""
    held = plan(queued=0.0, in_progress=None, tps=10.0)
    assert status(held, 1e9) == "in_progress"
    assert not TERMINAL & {name for _, name in told(held)}
    assert any(name == "response.output_item.done" for _, name in told(held))


_SECONDS = st.floats(0, 100)
_PLANS = st.builds(
    plan,
    response=st.builds(
        finished, st.sampled_from(["completed", "failed", "incomplete"]), st.integers(0, 9)
    ),
    started=st.floats(0, 1e6),
    background=st.booleans(),
    queued=st.none() | _SECONDS,
    in_progress=st.none() | _SECONDS,
    ttft=st.none() | _SECONDS,
    tps=st.none() | st.floats(0.001, 1e4),
    cancelled_stream=st.sampled_from(["failed", "end"]),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw plans, among them ones that are cancelled at a moment before their end."""
    made = draw(_PLANS)
    if made.background and draw(st.booleans()):
        longest = end(made) - made.started
        share = draw(st.floats(0, 1, exclude_max=True))
        cancelled = made.started + share * min(longest, 1000.0)
        if cancelled < end(made) or longest == 0:
            made.cancelled = cancelled
    return made


@given(plans(), st.booleans())
def test_a_timeline_never_goes_back_and_is_numbered_without_gaps(
    made: Plan, obfuscation: bool
) -> None:
    """Moments only grow, numbers count from 0, nothing comes after the end."""
    events = list(timeline(made, obfuscation=obfuscation))
    moments = [moment for moment, _ in events]
    assert moments == sorted(moments)
    assert moments[0] == made.started
    assert moments[-1] <= end(made)
    assert [event["sequence_number"] for _, event in events] == list(range(len(events)))


@given(plans())
def test_a_timeline_ends_once_and_at_the_end(made: Plan) -> None:
    """The last event, and no other, is terminal; it comes when the response is over."""
    *before, (moment, last) = timeline(made)
    assert not [event for _, event in before if event["type"] in TERMINAL]
    silent = made.cancelled is not None and made.cancelled_stream == "end"
    if end(made) == math.inf or silent:
        assert last["type"] not in TERMINAL
    else:
        assert last["type"] in TERMINAL
        assert moment == end(made)
        assert last["response"]["status"] == status(made, moment)


@given(plans(), st.data())
def test_a_view_is_terminal_when_the_end_has_come(made: Plan, data: st.DataObject) -> None:
    """A background response is over exactly from its end on, and then never changes."""
    made.background = True
    over = end(made)
    around = [] if over == math.inf else [over, math.nextafter(over, 0), over + 1]
    now = data.draw(st.sampled_from(around or [made.started]) | st.floats(made.started, 1e7))
    shown = view(made, now)
    assert (shown["status"] in ENDED) == (now >= over)
    if shown["status"] in ENDED:
        assert view(made, now + 1e6) == shown


@given(plans())
def test_events_agree_with_the_view(made: Plan) -> None:
    """At the moment of an event, the response is at least as far as the event says."""
    made.background = True
    order = ["queued", "in_progress"]
    for moment, event in timeline(made):
        if "response" in event and event["response"]["status"] in order:
            state = status(made, moment)
            told = event["response"]["status"]
            assert state in ENDED or order.index(state) >= order.index(told)


@given(plans())
def test_a_plan_survives_the_store(made: Plan) -> None:
    """A plan read back from its document tells the same life."""
    again = Plan(**orjson.loads(orjson.dumps(made.document())))
    assert again == made
    assert list(timeline(again)) == list(timeline(made))
