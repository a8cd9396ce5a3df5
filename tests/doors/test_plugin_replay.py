"""Recordings and the outcome of a test, as suites see them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from suites import run

CASSETTES = Path(__file__).parents[2] / "cassettes"

ASK = """
import httpx2
import pytest

HELLO = {"model": "gpt-5.4", "input": "Say hello in one sentence."}


def ask(url, body=HELLO):
    return httpx2.post(url + "/responses", json=body, timeout=20)
"""
"""The beginning of every inner test file."""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """A suite with two cassettes: one of one interaction, one of two."""
    folder = pytester.mkdir("cassettes")
    for name in ("text.yaml", "tool_loop.yaml"):
        shutil.copy(CASSETTES / name, folder / name)
    return pytester


def test_a_failure_shows_the_misses_of_its_own_test(suite: pytest.Pytester) -> None:
    """The section has the reason, the difference and the mend; other tests' misses stay away."""
    suite.makepyfile(
        ASK
        + """
@pytest.mark.mockserver(cassette="text.yaml", strict=True, assert_all_played=False)
def test_passes_with_a_miss(mockserver):
    assert ask(mockserver.url, {"input": "MISS OF ANOTHER TEST"}).status_code == 424


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_fails(mockserver):
    asked = {"model": "gpt-5.4", "input": "Say hello in two sentences."}
    assert ask(mockserver.url_for("some"), asked).status_code == 200


def test_fails_without_a_miss(mockserver):
    assert ask(mockserver.url).status_code == 500
"""
    )
    result = run(suite, "-p", "no:logging")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*mockserver: no recorded interaction matched*",
            "No recorded interaction answers POST /ns/some/v1/responses (body_differs).",
            "*text.yaml, interaction 1 (*alike)",
            '-  "input": "Say hello in one sentence.",',
            '+  "input": "Say hello in two sentences.",',
            "To mend it: *",
        ]
    )
    assert "MISS OF ANOTHER TEST" not in result.stdout.str()
    assert result.stdout.str().count("mockserver: no recorded interaction matched") == 1


def test_the_section_holds_the_test_s_own_misses_alone(suite: pytest.Pytester) -> None:
    """A miss of the test before, on a server that both use, is not shown again."""
    suite.makepyfile(
        ASK
        + """
@pytest.fixture(scope="module")
def shared(make_mockserver):
    return make_mockserver(strict=True)


def test_passes(shared):
    assert ask(shared.url, {"input": "MISS OF THE FIRST"}).status_code == 424
    assert "no_cassette" in shared.calls[0].miss


def test_fails(shared):
    assert ask(shared.url, {"input": "MISS OF THE SECOND"}).status_code == 200


def test_fails_otherwise(shared):
    assert not shared.misses
"""
    )
    result = run(suite, "-p", "no:logging")
    result.assert_outcomes(passed=1, failed=2)
    _, *sections = result.stdout.str().split("mockserver: no recorded interaction matched")
    assert len(sections) == 1
    assert sections[0].partition("____")[0].count("(no_cassette)") == 1


def test_a_recording_that_nobody_asked_for_fails_the_test(suite: pytest.Pytester) -> None:
    """The failure names file, interaction and request; a test that fails anyway keeps its own."""
    suite.makepyfile(
        ASK
        + """
@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_all_played(mockserver):
    assert ask(mockserver.url).status_code == 200


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_all_played_by_another_namespace(mockserver):
    assert ask(mockserver.url_for("some")).status_code == 200


@pytest.mark.mockserver(cassette="tool_loop.yaml")
def test_unplayed(mockserver):
    pass


@pytest.mark.mockserver(cassette="tool_loop.yaml", assert_all_played=False)
def test_switched_off(mockserver):
    pass


@pytest.mark.mockserver(cassette="text.yaml", scenario="http:500")
def test_scenario(mockserver):
    assert ask(mockserver.url).status_code == 500


@pytest.mark.mockserver(cassette=".", strict=True)
def test_a_folder_is_a_library(mockserver):
    assert ask(mockserver.url).status_code == 200


@pytest.mark.mockserver(cassette=".", strict=True, assert_all_played=True)
def test_a_folder_when_asked_for(mockserver):
    assert ask(mockserver.url).status_code == 200


@pytest.mark.mockserver(cassette="text.yaml")
def test_own_failure(mockserver):
    assert mockserver.calls == "OWN"


@pytest.mark.mockserver(cassette="text.yaml")
@pytest.mark.xfail(reason="expected", strict=True)
def test_expected_failure(mockserver):
    pass
"""
    )
    result = run(suite)
    result.assert_outcomes(passed=5, failed=3, xfailed=1)
    result.stdout.fnmatch_lines_random(
        [
            "2 of 2 recorded interactions were not played:",
            "*tool_loop.yaml, interaction 1: POST /responses",
            "*tool_loop.yaml, interaction 2: POST /responses",
            "To mend it: *assert_all_played=False*",
            "*assert * == 'OWN'*",
        ]
    )
    # Where CI is set, pytest's summary tells every failure once more, on a line of its own name.
    told = [line for line in result.outlines if line.endswith("were not played:")]
    assert len([line for line in told if not line.startswith("FAILED")]) == 2


def test_the_rule_of_matching_comes_by_marker_and_config(suite: pytest.Pytester) -> None:
    """Suites choose criteria, ignored values and functions of their own, in Python."""
    suite.makeconftest(
        """
import pytest


@pytest.fixture(scope="session")
def mockserver_config():
    return {"strict": True, "ignore_body": ["**.input"]}
"""
    )
    suite.makepyfile(
        ASK
        + """
OTHER = {"model": "gpt-5.4", "input": "Something else."}


def same_model(recorded, asked):
    return recorded.document["model"] == asked.document["model"]


@pytest.mark.mockserver(cassette="text.yaml")
def test_config(mockserver):
    assert ask(mockserver.url, OTHER).status_code == 200


@pytest.mark.mockserver(cassette="text.yaml", ignore_body=(), match_on=["method", same_model])
def test_function(mockserver):
    assert ask(mockserver.url, {"model": "gpt-4.1"}).status_code == 424
    assert ask(mockserver.url, OTHER).status_code == 200


@pytest.mark.mockserver(cassette="text.yaml", ignore_body=())
def test_default(mockserver):
    assert ask(mockserver.url, OTHER).status_code == 424
    assert ask(mockserver.url).status_code == 200
"""
    )
    run(suite).assert_outcomes(passed=3)
