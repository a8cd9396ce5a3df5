"""Rules by the marker and the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from suites import run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "scenarios"

RULES = """
rules:
  - name: greeting
    steps:
      - Hello.
      - Goodbye.
"""
ASK = """
import pytest
from json import dumps
from pathlib import Path
from urllib.request import Request, urlopen


def ask(server, text="x"):
    body = dumps({"model": "gpt-4.1", "input": text}).encode()
    headers = {"content-type": "application/json"}
    with urlopen(Request(server.url + "/responses", body, headers)) as answer:
        return answer.read().decode()
"""
TESTS = (
    ASK
    + """

@pytest.mark.mockserver(rules="greeting.yaml", script_done=True)
def test_file(mockserver):
    assert '"Hello."' in ask(mockserver)
    assert '"Goodbye."' in ask(mockserver)

@pytest.mark.mockserver(rules="greeting.yaml", script_done=True)
def test_left(mockserver):
    assert '"Hello."' in ask(mockserver)

@pytest.mark.mockserver(rules={"match": {"input": "x"}, "reply": "mine"})
def test_rule(mockserver):
    assert '"mine"' in ask(mockserver)

@pytest.mark.mockserver(script=["one", {"reply": "two"}], script_done=True, seed=7)
def test_script(mockserver):
    assert '"one"' in ask(mockserver)
    assert '"two"' in ask(mockserver)

@pytest.mark.mockserver(rules=[{"reply": "a"}, {"replies": "b"}])
def test_wrong(mockserver):
    pass

@pytest.mark.mockserver(script=["a", 5])
def test_no_step(mockserver):
    pass

@pytest.mark.mockserver(rules="nowhere.yaml")
def test_absent(mockserver):
    pass

def test_clean(mockserver):
    said = ask(mockserver)
    assert not [text for text in ("Hello.", "mine", "one", "a") if f'"{text}"' in said]
"""
)


def test_the_marker_names_rules_and_scripts(pytester: pytest.Pytester) -> None:
    """Files by the test, rules and steps as they are; what is left of a script fails on demand."""
    pytester.mkdir("fixtures").joinpath("greeting.yaml").write_text(RULES)
    pytester.makepyfile(TESTS)
    result = run(pytester, "-v")
    result.assert_outcomes(passed=4, failed=1, errors=3)
    result.stdout.fnmatch_lines(["*the script is not done:*", "*greeting, step 2 has not been*"])
    result.stdout.fnmatch_lines(["*mockserver marker: rules[[]1].replies: a rule has no 'repl*"])
    result.stdout.fnmatch_lines(["*mockserver marker: script[[]1]: a step is a text or a mapping*"])
    result.stdout.fnmatch_lines(["*rules 'nowhere.yaml' are in none of *"])


def test_scripted_tests_give_the_same_in_any_order(pytester: pytest.Pytester) -> None:
    """Forwards, backwards, and over two workers and four, every answer is the same."""
    pytester.makepyfile(
        test_it=ASK
        + """

@pytest.mark.parametrize("number", range(6))
@pytest.mark.mockserver(script=[{"reply": {"tool_calls": ["f"]}}, "done"], script_done=True)
def test_answers(mockserver, number):
    said = [ask(mockserver, f"x{number % 2}") for _ in "ab"]
    Path(f"said-{number}").write_text("".join(said))
"""
    )
    tests = [f"test_it.py::test_answers[{number}]" for number in range(6)]
    several = ("-p", "xdist", "-n")
    told = []
    for words in (tests, [*tests[::-1], *several, "2"], [*tests, *several, "4"]):
        run(pytester, *words).assert_outcomes(passed=6)
        told.append([pytester.path.joinpath(f"said-{number}").read_text() for number in range(6)])
    assert told[0] == told[1] == told[2]


def check(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockserver", "check", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_check_counts_the_rules_of_good_files() -> None:
    """It ends with 0."""
    done = check(FIXTURES)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{(FIXTURES / 'weather.yaml').as_posix()}: 5 rules\n"


def test_check_names_file_and_line_of_what_is_wrong(tmp_path: Path) -> None:
    """All of them are told, and it ends with 1."""
    (tmp_path / "a.yaml").write_text("rules:\n- reply: x\n  times: never\n")
    (tmp_path / "b.yaml").write_text("rules: [{reply: x}]\n")
    done = check(tmp_path, tmp_path / "c.yaml")
    assert done.returncode == 1
    assert done.stdout == f"{(tmp_path / 'b.yaml').as_posix()}: 1 rule\n"
    first, second = done.stderr.splitlines()
    assert first.startswith(f"{(tmp_path / 'a.yaml').as_posix()}:3: rules[0].times: ")
    assert second.endswith("c.yaml: there is no such file or folder")


def test_a_server_with_broken_rules_does_not_start(tmp_path: Path) -> None:
    """The command says where, and ends with 3."""
    file = tmp_path / "a.yaml"
    file.write_text("rules:\n- reply: {}\n")
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "--scenarios", str(file), "--port", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert f"{file.as_posix()}:2: rules[0].reply: the reply is empty" in done.stderr
