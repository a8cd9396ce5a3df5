"""Mutation replay: a case for each change, and a report of what the client survived."""

from __future__ import annotations

import pytest
from samples import CASSETTES, request
from suites import run

CLIENT = """
    import json
    import httpx2
    import pytest

    BODY = {"model": "gpt-4.1", "input": "hi", "stream": True}

    def ask(url, body=BODY):
        return httpx2.post(url + "/responses", json=body).text

    def types(text):
        lines = [line for line in text.splitlines() if line.startswith("data: ")]
        return [json.loads(line[6:])["type"] for line in lines]
"""


def play(pytester: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    """Run tests that begin with the client."""
    pytester.makepyfile(test_it=CLIENT + tests)
    return run(pytester, *arguments)


SORTED = """
    @pytest.mark.mockserver_mutations(request=BODY, only=["cut", "unknown_event", "null_usage"])
    def test_reader(mockserver, mockserver_mutation):
        told = types(ask(mockserver.url))
        assert told[-1] == "response.completed"
"""


def test_each_change_is_a_case_and_the_report_says_which_were_survived(
    pytester: pytest.Pytester,
) -> None:
    """A reader that wants the last event survives what it does not know, and no cut."""
    result = play(pytester, SORTED)
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] > 5
    assert outcomes["passed"] == outcomes["failed"] + 1
    cuts, total = outcomes["failed"], outcomes["failed"] + outcomes["passed"]
    result.stdout.fnmatch_lines(
        [
            "*= mockserver mutations =*",
            f"test_it.py::test_reader: survived {total - cuts} of {total}",
            f"  cut 0/{cuts}, unknown_event {cuts}/{cuts}, null_usage 1/1",
            "  not survived: turn1-cut-0 (turn 1, before response.created)",
            "  not survived: turn1-cut-2 (turn 1, before response.output_item.added of message)",
        ]
    )
    result.stdout.no_fnmatch_line("*never met*")


def test_workers_report_together(pytester: pytest.Pytester) -> None:
    """What each of them finds out is in one report, under one test."""
    result = play(pytester, SORTED, "-p", "xdist", "-n", "2")
    outcomes = result.parseoutcomes()
    cuts, total = outcomes["failed"], outcomes["failed"] + outcomes["passed"]
    assert cuts > 5
    result.stdout.fnmatch_lines(
        [
            f"test_it.py::test_reader: survived {total - cuts} of {total}",
            "  not survived: turn1-cut-*",
        ]
    )
    assert len([line for line in result.outlines if "not survived: turn1-cut-" in line]) == cuts


def test_a_client_that_tries_again_survives_a_recorded_conversation(
    pytester: pytest.Pytester,
) -> None:
    """The second attempt meets the recording whole, and turns that are not changed stay green."""
    (pytester.path / "cassettes").mkdir()
    text = (CASSETTES / "stream.yaml").read_text(encoding="utf-8")
    (pytester.path / "cassettes" / "talk.yaml").write_text(text, encoding="utf-8")
    tests = f"""
    BODY = {dict(request("stream"))!r}

    @pytest.mark.mockserver_mutations("talk", only=["fail_at"])
    def test_patient(mockserver_env):
        for _ in range(2):
            if types(ask(mockserver_env.url, BODY))[-1:] == ["response.completed"]:
                return
        pytest.fail("it never ended")
    """
    result = play(pytester, tests)
    assert set(result.parseoutcomes()) == {"passed"}
    count = result.parseoutcomes()["passed"]
    result.stdout.fnmatch_lines([f"test_it.py::test_patient: survived {count} of {count}"])


def test_what_was_never_met_and_what_is_known_is_told(pytester: pytest.Pytester) -> None:
    """Who stops before the changed turn survived nothing; a known case may fail, and must."""
    tests = """
    @pytest.mark.mockserver_mutations(request=[BODY, BODY], only=["null_usage"])
    def test_short(mockserver):
        ask(mockserver.url)

    @pytest.mark.mockserver_mutations(request=BODY, only=["null_usage"], known=["turn1-null_usage"])
    def test_known(mockserver):
        assert '"usage":{' in ask(mockserver.url)

    @pytest.mark.mockserver_mutations(request=BODY, only=["null_usage"], known=["turn1-null_usage"])
    def test_mended(mockserver):
        ask(mockserver.url)

    def test_without(mockserver, mockserver_mutation):
        assert mockserver_mutation is None
        assert types(ask(mockserver.url))[-1] == "response.completed"
    """
    result = play(pytester, tests)
    result.assert_outcomes(passed=3, xfailed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "test_it.py::test_short: survived 1 of 1",
            "  never met: turn2-null_usage",
            "test_it.py::test_known: survived 0 of 1",
        ]
    )
    result.stdout.no_fnmatch_line("*test_without*")


def test_the_seed_of_the_marker_counts(pytester: pytest.Pytester) -> None:
    """The conversation is the one that the test's own server will make up."""
    tests = """
    @pytest.mark.mockserver(seed=7)
    @pytest.mark.mockserver_mutations(request=BODY, only=["drop"])
    def test_it(mockserver, mockserver_mutation):
        text = ask(mockserver.url)
        place = int(mockserver_mutation.fault.partition(":")[2])
        numbers = [json.loads(line[6:])["sequence_number"] for line in text.splitlines()
                   if line.startswith("data: ")]
        assert sorted({*numbers, place}) == list(range(len(numbers) + 1))
    """
    result = play(pytester, tests)
    assert set(result.parseoutcomes()) == {"passed"}
    result.stdout.no_fnmatch_line("*never met*")


REFUSED = [
    ("", "mockserver", "takes either cassettes or a request"),
    ("'talk', request=BODY", "mockserver", "takes either cassettes or a request"),
    ("'none'", "mockserver", "cassette 'none' of the mockserver_mutations marker is in none of *"),
    ("'no_talk'", "mockserver", "no_talk.yaml*"),
    ("'empty'", "mockserver", "there is no response on *empty.yaml"),
    ("request=BODY", "tmp_path", "needs the mockserver fixture"),
    ("request=BODY, every=1", "mockserver", "has no every: *"),
    ("request=BODY, only=['fall']", "mockserver", "has no sort fall; there are cut, *"),
    ("request=BODY, known=['turn9-cut-1']", "mockserver", "knows turn9-cut-1, which is no case"),
    ("request={'model': 5}", "mockserver", "Missing required parameter: 'input'."),
    ("request='hi'", "mockserver", "a request is a mapping with model and input, not 'hi'"),
    ("5", "mockserver", "takes names of cassettes, not 5: *"),
    ("request=BODY, only='fall'", "mockserver", "has no sort fall; there are cut, *"),
    ("request=BODY, known='nil'", "mockserver", "knows nil, which is no case"),
    (
        "request=BODY, only='truncate_arguments'",
        "mockserver",
        "makes no case: this conversation has no truncate_arguments, but *",
    ),
]


def test_a_marker_that_makes_no_sense_is_told_in_a_sentence(pytester: pytest.Pytester) -> None:
    """The run stops at collection, and says what the marker takes, without a trace."""
    pytester.makefile(".yaml", talk="interactions: []", no_talk="{", empty="interactions: []")
    tests = """
    @pytest.mark.mockserver_mutations({})
    def test_it({}):
        pass
    """
    files = {
        f"test_{number:02}": CLIENT + tests.format(marker, fixture)
        for number, (marker, fixture, _) in enumerate(REFUSED)
    }
    pytester.makepyfile(**files)
    result = run(pytester)
    result.assert_outcomes(errors=len(REFUSED))
    result.stdout.fnmatch_lines([f"*{told}" for _, _, told in REFUSED])
    result.stdout.no_fnmatch_line("*exception occurred*")


def test_a_scenario_beside_mutations_is_refused(pytester: pytest.Pytester) -> None:
    """Two scenarios for one request would make neither sense."""
    tests = """
    @pytest.mark.mockserver(scenario="failed")
    @pytest.mark.mockserver_mutations(request=BODY, only=["null_usage"])
    def test_it(mockserver):
        pass
    """
    result = play(pytester, tests)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*takes no scenario*"])


def test_without_mutations_there_is_no_report(pytester: pytest.Pytester) -> None:
    """A run of other tests ends as ever."""
    result = play(pytester, "    def test_it(mockserver): pass")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*mockserver mutations*")
