"""Recording through the doors that people use: the command and the pytest plugin."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from suites import run
from test_cli import Process
from test_plugin import ASK

from mockserver import MockServer
from mockserver.cassette import read

TESTS = (
    ASK
    + """
@pytest.mark.mockserver(record_mode="none")
@pytest.mark.parametrize("text", ["a", "../../b", "c" * 300])
def test_recorded(mockserver, text):
    assert ask(mockserver, text).status_code == 200
    assert mockserver.calls[0].answered_by == EXPECTED


class TestGroup:
    @pytest.mark.mockserver(cassette="named.yaml", strict=True)
    def test_named(self, mockserver):
        assert ask(mockserver).status_code == 200
        assert mockserver.calls[0].answered_by == EXPECTED


def test_unmarked(mockserver):
    assert ask(mockserver).status_code == 200
    assert mockserver.calls[0].answered_by == "synthesiser"
"""
)


@pytest.fixture
def upstream() -> Iterator[MockServer]:
    """An API to record from."""
    with MockServer() as server:
        yield server


def suite(pytester: pytest.Pytester, expected: str) -> None:
    """Write the inner suite, whose recorded tests expect to be answered by this."""
    pytester.makepyfile(test_it=TESTS + f"\n\nEXPECTED = {expected!r}\n")


def test_a_suite_is_recorded_and_then_replays_without_an_upstream(
    pytester: pytest.Pytester, upstream: MockServer
) -> None:
    """Tests with cassettes record by the flag, each onto its own; afterwards nothing is needed."""
    suite(pytester, "upstream")
    flags = ("--mockserver-record-mode=once", f"--mockserver-upstream={upstream.url}")
    run(pytester, *flags).assert_outcomes(passed=5)
    assert len(upstream.calls) == 4
    folder = pytester.path / "cassettes"
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))
    assert len(found) == 4
    assert found[0] == "named.yaml"
    assert "test_it/test_recorded[a].yaml" in found
    assert all(len(Path(name).name) < 130 for name in found)
    assert not list(pytester.path.parent.glob("b*"))
    suite(pytester, "cassette")
    run(pytester).assert_outcomes(passed=5)
    run(pytester, *flags).assert_outcomes(passed=5)
    assert len(upstream.calls) == 4


def test_a_suite_is_recorded_anew(pytester: pytest.Pytester, upstream: MockServer) -> None:
    """The mode rewrite asks everything again and leaves one recording of each."""
    suite(pytester, "upstream")
    flag = f"--mockserver-upstream={upstream.url}"
    for _ in range(2):
        run(pytester, "--mockserver-record-mode=rewrite", flag).assert_outcomes(passed=5)
    assert len(upstream.calls) == 8
    assert len(read(pytester.path / "cassettes" / "named.yaml", strict=True)) == 1


def test_a_marker_records_and_the_flag_beats_it(
    pytester: pytest.Pytester, upstream: MockServer
) -> None:
    """A test may name its own mode; on the command line none means none."""
    pytester.makepyfile(
        ASK
        + f"""
@pytest.mark.mockserver(record_mode="once", upstream={upstream.url!r})
def test_it(mockserver):
    assert ask(mockserver).status_code == 200
"""
    )
    run(pytester, "--mockserver-record-mode=none").assert_outcomes(errors=1)
    assert not list(pytester.path.rglob("*.yaml"))
    run(pytester).assert_outcomes(passed=1)
    run(pytester, "--mockserver-record-mode=none").assert_outcomes(passed=1)
    assert len(upstream.calls) == 1


def test_fixtures_say_where_a_cassette_is(pytester: pytest.Pytester, upstream: MockServer) -> None:
    """The folder and the name are fixtures to be overridden."""
    pytester.makepyfile(
        ASK
        + """
from pathlib import Path


@pytest.fixture
def mockserver_cassette_dir(request):
    return request.config.rootpath / "recordings"


@pytest.fixture
def mockserver_cassette_name(request):
    return f"of-{request.node.originalname}.yaml"


@pytest.mark.mockserver(record_mode="once")
def test_it(mockserver):
    ask(mockserver)
"""
    )
    run(pytester, f"--mockserver-upstream={upstream.url}").assert_outcomes(passed=1)
    assert len(read(pytester.path / "recordings" / "of-test_it.yaml")) == 1


def test_verification_fails_the_test_whose_recording_is_out_of_date(
    pytester: pytest.Pytester, upstream: MockServer
) -> None:
    """The test passes on the recording, and its end says how the upstream differs."""
    suite(pytester, "upstream")
    flag = f"--mockserver-upstream={upstream.url}"
    run(pytester, "--mockserver-record-mode=once", flag).assert_outcomes(passed=5)
    suite(pytester, "cassette")
    run(pytester, "--mockserver-record-mode=verify", flag).assert_outcomes(passed=5)
    upstream.scenario("http:404")
    result = run(pytester, "--mockserver-record-mode=verify", flag)
    result.assert_outcomes(passed=5, errors=4)
    result.stdout.fnmatch_lines(["*status: recorded 200, now 404*"])


def test_the_command_records(upstream: MockServer, tmp_path: Path) -> None:
    """The verb records new episodes into a folder and ends with 0."""
    folder = tmp_path / "recordings"
    with Process("record", "--upstream", upstream.url, "--cassettes", str(folder)) as server:
        body = {"model": "gpt-4.1", "input": "hi"}
        assert httpx2.post(f"{server.url}/responses", json=body, timeout=20).status_code == 200
        assert httpx2.post(f"{server.url}/responses", json=body, timeout=20).status_code == 200
        assert len(read(folder / "default.yaml", strict=True)) == 2
        server.send(signal.SIGTERM)
        assert server.process.wait(20) == 0


def test_the_command_says_in_its_exit_code_that_something_was_not_recorded(
    upstream: MockServer, tmp_path: Path
) -> None:
    """The client has its answer, the log the reason, and the exit code is 1."""
    file = tmp_path / "it.yaml"
    with Process("record", "--upstream", upstream.url, "--cassettes", str(file)) as server:
        file.mkdir()  # nothing can be put in its place any more
        body = {"model": "gpt-4.1", "input": "hi"}
        assert httpx2.post(f"{server.url}/responses", json=body, timeout=20).status_code == 200
        server.send(signal.SIGTERM)
        assert server.process.wait(20) == 1
        assert server.process.stderr is not None
        assert "could not be saved" in server.process.stderr.read()


def test_the_command_says_in_its_exit_code_that_something_was_not_played(
    upstream: MockServer, tmp_path: Path
) -> None:
    """With --fail-unused the end names the recordings that nobody asked for, if there are any."""
    file = tmp_path / "it.yaml"
    texts = ("one", "two")
    with MockServer(upstream=upstream.url, record_mode="once", cassettes=(file,)) as server:
        for text in texts:
            httpx2.post(f"{server.url}/responses", json={"model": "gpt-4.1", "input": text})
    for asked, code in ((texts[:1], 1), (texts, 0)):
        with Process("--cassettes", str(file), "--fail-unused") as replaying:
            assert replaying.client is not None
            for text in asked:
                body = {"model": "gpt-4.1", "input": text}
                # In a namespace that is gone at the stop.
                url = replaying.url.removesuffix("/v1")
                found = replaying.client.post(f"{url}/ns/mine/v1/responses", json=body)
                assert found.status_code == 200
                replaying.client.request("DELETE", f"{url}/_mock/namespaces?namespace=mine")
            replaying.send(signal.SIGTERM)
            found_code, _, said = replaying.end()
        assert found_code == code
        assert ("1 of 2 recorded interactions were not played" in said) == (code == 1)
        assert (f"{file.as_posix()}, interaction 2: POST /responses" in said) == (code == 1)


def test_a_test_that_fails_costs_no_recording(
    pytester: pytest.Pytester, upstream: MockServer
) -> None:
    """What a test no longer asks for is dropped when it passes, and stays when it does not."""
    inner = ASK + "@pytest.mark.mockserver(record_mode='none')\ndef test_it(mockserver):\n"
    pytester.makeconftest(
        "import pytest\n\n@pytest.fixture(scope='session')\ndef mockserver_config(request):\n"
        "    dropping = request.config.getoption('--mockserver-record-mode') == 'new_episodes'\n"
        "    return {'drop_unused': True} if dropping else {}\n"
    )
    flag = f"--mockserver-upstream={upstream.url}"
    file = pytester.path / "cassettes" / "test_it" / "test_it.yaml"
    both = "    ask(mockserver, 'one')\n    ask(mockserver, 'two')\n"
    pytester.makepyfile(test_it=inner + both)
    run(pytester, flag, "--mockserver-record-mode=once").assert_outcomes(passed=1)
    for end, passed, left in (("    assert False\n", 0, 2), ("", 1, 1)):
        pytester.makepyfile(test_it=f"{inner}    ask(mockserver, 'one')\n{end}")
        result = run(pytester, flag, "--mockserver-record-mode=new_episodes")
        result.assert_outcomes(passed=passed, failed=1 - passed)
        assert len(read(file, strict=True)) == left


def test_the_command_refuses_to_record_without_an_upstream(tmp_path: Path) -> None:
    """It does not start, and says what is missing."""
    found = subprocess.run(
        [sys.executable, "-m", "mockserver", "record", "--port", "0"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert found.returncode == 3
    assert "--upstream" in found.stderr
    assert not list(tmp_path.iterdir())
