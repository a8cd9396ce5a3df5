"""The pytest plugin, as suites use it: fixtures, marker, options, several workers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from suites import run

CASSETTES = Path(__file__).parents[2] / "cassettes"

ASK = """
import httpx2
import pytest


def ask(server, text="hi", **headers):
    body = {"model": "gpt-4.1", "input": text}
    return httpx2.post(server.url + "/responses", json=body, headers=headers, timeout=20)
"""
"""The beginning of every inner test file."""


def test_a_test_gets_a_server_that_knows_nothing(pytester: pytest.Pytester) -> None:
    """Tests share one server, which has forgotten what the one before did, scenario included."""
    pytester.makepyfile(
        ASK
        + """
import asyncio

SEEN = []


@pytest.mark.parametrize("number", range(3))
def test_fresh(mockserver, number):
    assert mockserver.calls == []
    answer = ask(mockserver)
    assert answer.status_code == 200
    assert [call.path for call in mockserver.calls] == ["/responses"]
    SEEN.append((mockserver.url, answer.content))
    mockserver.scenario("http:500")
    assert ask(mockserver).status_code == 500


def test_same_server_same_answers(mockserver, mockserver_session):
    assert mockserver is mockserver_session
    assert len(set(SEEN)) == 1


def test_in_a_loop(mockserver):
    async def ask():
        async with httpx2.AsyncClient(base_url=mockserver.url) as client:
            body = {"model": "gpt-4.1", "input": "hi"}
            return await client.post("/responses", json=body)

    assert asyncio.run(ask()).status_code == 200
"""
    )
    run(pytester).assert_outcomes(passed=5)


def test_the_marker_sets_up_the_server(pytester: pytest.Pytester) -> None:
    """The marker takes a scenario, cassettes and settings, and the nearest marker wins."""
    pytester.mkdir("cassettes")
    shutil.copy(CASSETTES / "text.yaml", pytester.path / "cassettes" / "text.yaml")
    shutil.copy(CASSETTES / "error.yaml", pytester.path / "beside.yaml")
    pytester.makepyfile(
        ASK
        + """
HELLO = {"model": "gpt-5.4", "input": "Say hello in one sentence."}


def post(server, body):
    return httpx2.post(server.url + "/responses", json=body)


@pytest.mark.mockserver(scenario="http:429,retry_after:2")
def test_scenario(mockserver, mockserver_session):
    answer = ask(mockserver)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert mockserver is mockserver_session


def test_no_scenario_is_left(mockserver):
    assert ask(mockserver).status_code == 200


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_cassette(mockserver, mockserver_session):
    assert mockserver is not mockserver_session
    assert post(mockserver, HELLO).status_code == 200
    assert mockserver.calls[0].answered_by == "cassette"
    miss = post(mockserver, {"model": "gpt-5.4", "input": "Something else."})
    assert miss.status_code == 424
    assert "text.yaml" in miss.json()["error"]["message"]


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_cassette_is_unplayed_again(mockserver):
    assert post(mockserver, HELLO).status_code == 200


@pytest.mark.mockserver(cassette=["text.yaml", "beside.yaml"], assert_all_played=False)
def test_cassettes(mockserver):
    assert len(mockserver.settings.cassettes) == 2
    refused = post(mockserver, {"model": "gpt-4.1", "input": "hi", "temperature": 9})
    assert refused.status_code == 400
    assert mockserver.calls[0].answered_by == "cassette"


IDS = {}


@pytest.mark.mockserver(seed=7)
def test_seed(mockserver):
    assert mockserver.settings.seed == 7
    IDS["seed"] = ask(mockserver).json()["id"]


def test_other_seed(mockserver):
    assert ask(mockserver).json()["id"] != IDS["seed"]


@pytest.mark.mockserver(seed=1, scenario="http:500")
class TestNearest:
    @pytest.mark.mockserver(seed=2)
    def test_merged(self, mockserver):
        assert mockserver.settings.seed == 2
        assert ask(mockserver).status_code == 500

    @pytest.mark.mockserver(scenario="http:404")
    def test_nearer_scenario(self, mockserver):
        assert mockserver.settings.seed == 1
        assert ask(mockserver).status_code == 404
"""
    )
    run(pytester, "--strict-markers").assert_outcomes(passed=9)


def test_a_marker_that_is_misused_is_told_in_a_sentence(pytester: pytest.Pytester) -> None:
    """What the marker does not know is an error that names it and what there is."""
    pytester.makepyfile(
        """
import pytest


@pytest.mark.mockserver("failed")
def test_position(mockserver):
    pass


@pytest.mark.mockserver(sed=7)
def test_setting(mockserver):
    pass


@pytest.mark.mockserver(seed="many")
def test_value(mockserver):
    pass


@pytest.mark.mockserver(scenario="fale")
def test_flag(mockserver):
    pass


@pytest.mark.mockserver(scenario=["failed", {}])
def test_flag_that_is_no_text(mockserver):
    pass


@pytest.mark.mockserver(cassette="gone.yaml")
def test_cassette(mockserver):
    pass


@pytest.mark.mockserver(cassette=5)
def test_cassette_that_is_no_name(mockserver):
    pass


@pytest.mark.mockserver(record_mode="sometimes")
def test_mode(mockserver):
    pass


def test_another_is_not_harmed(mockserver):
    assert mockserver.calls == []
"""
    )
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=8)
    for line in (
        "*UsageError: the mockserver marker takes keyword arguments: mockserver(scenario=None,*",
        "*UsageError: the mockserver marker has no sed; it takes scenario, *assert_all*",
        "*UsageError: the mockserver marker: seed: 'many' is not a whole number of 0 or more",
        "*UsageError: the mockserver marker: scenario: Unknown scenario flag: 'fale'. Did you*",
        "*UsageError: the mockserver marker: scenario: *",
        "*UsageError: cassette 'gone.yaml' is in none of *cassettes*",
        "*UsageError: the mockserver marker: cassette is a name or a list of names, not 5",
        "*UsageError: the mockserver marker: record_mode: 'sometimes' is not one of none, once, *",
    ):
        result.stdout.fnmatch_lines_random([line])


def test_the_environment_is_set_for_the_test_and_restored(pytester: pytest.Pytester) -> None:
    """SDKs find the server through their own variables, which are as before afterwards."""
    pytester.makepyfile(
        """
import os

import pytest
from openai import OpenAI, RateLimitError

NAMES = ("OPENAI_BASE_URL", "OPENAI_API_KEY")
BEFORE = {}


@pytest.fixture(autouse=True, scope="module")
def before():
    os.environ["OPENAI_BASE_URL"] = "http://before.invalid"
    os.environ.pop("OPENAI_API_KEY", None)
    yield
    assert os.environ["OPENAI_BASE_URL"] == "http://before.invalid"


def test_an_answer(mockserver_env):
    assert os.environ["OPENAI_BASE_URL"] == mockserver_env.url
    with OpenAI() as client:
        response = client.responses.create(model="gpt-4.1", input="hi")
    assert response.status == "completed"
    assert mockserver_env.calls[0].body["input"] == "hi"


def test_it_is_as_before():
    assert os.environ["OPENAI_BASE_URL"] == "http://before.invalid"
    assert "OPENAI_API_KEY" not in os.environ


@pytest.mark.mockserver(scenario="http:429,retry_after:1")
def test_a_rate_limit(mockserver_env, mockserver):
    assert mockserver_env is mockserver
    with OpenAI(max_retries=0) as client, pytest.raises(RateLimitError):
        client.responses.create(model="gpt-4.1", input="hi")
"""
    )
    run(pytester).assert_outcomes(passed=3)


def test_fixtures_can_be_overridden(pytester: pytest.Pytester) -> None:
    """A suite sets its own settings and cassette folder by overriding two fixtures."""
    folder = pytester.mkdir("recordings")
    shutil.copy(CASSETTES / "text.yaml", folder / "mine.yaml")
    pytester.makeconftest(
        """
import pytest


@pytest.fixture(scope="session")
def mockserver_config():
    return {"seed": 5, "queued_seconds": 0, "in_progress_seconds": 0, "scenario": "refusal:No."}


@pytest.fixture
def mockserver_cassette_dir(request):
    return request.config.rootpath / "recordings"
"""
    )
    pytester.makepyfile(
        ASK
        + """
def test_config(mockserver):
    assert mockserver.settings.seed == 5
    assert ask(mockserver).json()["output"][0]["content"][0]["refusal"] == "No."


@pytest.mark.mockserver(seed=6)
def test_marker_wins(mockserver):
    assert (mockserver.settings.seed, mockserver.settings.queued_seconds) == (6, 0)


@pytest.mark.mockserver(cassette="mine.yaml", assert_all_played=False)
def test_folder(mockserver):
    assert [path.name for path in mockserver.settings.cassettes] == ["mine.yaml"]


def test_more_servers(make_mockserver, mockserver):
    first, second = make_mockserver(), make_mockserver(seed=9)
    assert [server.settings.seed for server in (first, second)] == [5, 9]
    assert len({server.url for server in (first, second, mockserver)}) == 3
    assert ask(second).status_code == 200
    assert [len(server.calls) for server in (first, second)] == [0, 1]
"""
    )
    run(pytester).assert_outcomes(passed=4)
    seeded = run(pytester, "--mockserver-seed=8", "-k", "test_config or test_marker_wins")
    seeded.assert_outcomes(failed=2, deselected=2)
    seeded.stdout.fnmatch_lines_random(["*assert 8 == 5*", "*(8, 0*) == (6, 0)*"])


def test_workers_have_a_server_each_and_the_same_answers(pytester: pytest.Pytester) -> None:
    """Under xdist every worker has its own server; which worker runs a test changes nothing."""
    pytester.makepyfile(
        ASK
        + """
import os
from pathlib import Path

HERE = Path(__file__).parent


@pytest.mark.parametrize("number", range(8))
def test_it(mockserver, number, worker_id):
    assert mockserver.calls == []
    answer = ask(mockserver)
    assert answer.status_code == 200
    name = f"{worker_id}-{number}-{mockserver.url.split(':')[2].split('/')[0]}"
    (HERE / f"{name}.answer").write_bytes(answer.content)
"""
    )
    run(pytester, "-p", "xdist", "-n", "2").assert_outcomes(passed=8)
    files = list(pytester.path.glob("*.answer"))
    assert len(files) == 8
    assert len({file.read_bytes() for file in files}) == 1
    workers = {file.name.split("-")[0] for file in files}
    assert len({file.stem.split("-")[2] for file in files}) == len(workers)


def test_the_plugin_explains_itself_and_can_be_left_out(pytester: pytest.Pytester) -> None:
    """Marker, fixtures and option show up in pytest's own lists; ``-p no:mockserver`` ends that."""
    markers = pytester.runpytest_subprocess("--markers")
    markers.stdout.fnmatch_lines(["@pytest.mark.mockserver(scenario=None, *"])
    helped = run(pytester, "--help")
    helped.stdout.fnmatch_lines(["*--mockserver-seed=MOCKSERVER_SEED*"])
    pytester.makepyfile("def test_it(mockserver): pass")
    left_out = pytester.runpytest_subprocess("-p", "no:mockserver")
    left_out.assert_outcomes(errors=1)
    left_out.stdout.fnmatch_lines(["*fixture 'mockserver' not found*"])
