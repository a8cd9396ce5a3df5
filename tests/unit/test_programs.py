"""Programs: what they are said to print is what Python prints."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random

import pytest

from mockserver.items.programs import Program, write_program

QUESTIONS = [
    "",
    "What is 3^3?",
    "Factorial of 7, please",
    "the factorial of 9999",
    "2**4096",
    "The first 12 fibonacci numbers, and 0 more",
    "fibonacci 0",
    "primes up to 9000",
    "primes below 1",
    "Invest 250 for 4 years, at what interest?",
    "What is the mean of 1, 2.5, 3, 0042 and 17?",
    "the sum of " + ", ".join(map(str, range(40))),
    "Make a CSV table of 4, 8 and 15",
]


def printed(program: Program, folder: Path) -> str:
    """Run the program, its files in a folder of the test's."""
    out = StringIO()
    with redirect_stdout(out):
        exec(compile(program.code.replace("/mnt/data", str(folder)), "program", "exec"), {})
    return out.getvalue()


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_program_prints_its_logs_when_it_is_run(question: str, tmp_path: Path) -> None:
    """Whatever is asked and drawn, the logs are the output, and short."""
    for seed in range(25):
        program = write_program(question, Random(seed))
        assert printed(program, tmp_path) == program.logs
        assert 0 < len(program.logs) < 1000
        assert (program.path is not None) is (list(tmp_path.iterdir()) != [])


def test_a_program_is_of_the_sort_and_numbers_that_are_asked_for() -> None:
    """The question's own numbers are what is reckoned with."""
    assert write_program("What is 3^3?", Random(1)).logs == "3^3 = 27\n"
    assert write_program("Factorial of 5", Random(1)).logs == "5! = 120\n"
    assert write_program("mean of 4 and 8", Random(1)).logs == "sum: 12\nmean: 6.0\nlargest: 8\n"


def test_programs_differ_when_nothing_is_asked() -> None:
    """Chance picks among several sorts, and among numbers."""
    assert len({write_program("", Random(seed)).code for seed in range(30)}) > 15
