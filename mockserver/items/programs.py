"""Small Python programs, together with what they print."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias

_NUMBER: Final = re.compile(r"(?<![\w.])\d{1,4}(?![\w.]*\d)")
_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Program:
    """Source text, what running it prints, and the path of the file it writes, if any."""

    code: str
    logs: str
    path: str | None = None


_Numbers: TypeAlias = Sequence[int]


def write_program(question: str, rng: Random) -> Program:
    """Return a program for a question: of the sort it names, with the numbers in it.

    The output is computed alongside; nothing is ever run.
    """
    numbers = [int(found) for found in _NUMBER.findall(question)][:_MOST]
    while len(numbers) < 2:
        numbers.append(rng.randint(2, 40))
    named = [write for words, write in _SORTS.items() if re.search(words, question.lower())]
    write = named[0] if named else rng.choice([*_SORTS.values()][1:])
    return write(numbers)


def _table(numbers: _Numbers) -> Program:
    path = "/mnt/data/table.csv"
    rows = list(enumerate(numbers, start=1))
    code = f"""\
import csv

rows = {rows}
with open("{path}", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["number", "value"])
    writer.writerows(rows)
print("rows written:", len(rows))
"""
    return Program(code, f"rows written: {len(rows)}\n", path)


def _factorial(numbers: _Numbers) -> Program:
    number = min(numbers[0], 50)
    code = f"import math\n\nn = {number}\nprint(f'{{n}}! = {{math.factorial(n)}}')\n"
    return Program(code, f"{number}! = {math.factorial(number)}\n")


def _power(numbers: _Numbers) -> Program:
    base, exponent = numbers[0], min(numbers[1], 50)
    code = f'result = {base} ** {exponent}\nprint("{base}^{exponent} =", result)\n'
    return Program(code, f"{base}^{exponent} = {base**exponent}\n")


def _fibonacci(numbers: _Numbers) -> Program:
    count = max(1, min(numbers[0], 30))
    series = [0, 1]
    while len(series) < count:
        series.append(series[-2] + series[-1])
    code = f"""\
series = [0, 1]
while len(series) < {count}:
    series.append(series[-2] + series[-1])
print(series[:{count}])
"""
    return Program(code, f"{series[:count]}\n")


def _primes(numbers: _Numbers) -> Program:
    limit = max(10, min(max(numbers), 200))
    primes = [n for n in range(2, limit + 1) if all(n % d for d in range(2, math.isqrt(n) + 1))]
    code = f"""\
import math

limit = {limit}
primes = [n for n in range(2, limit + 1) if all(n % d for d in range(2, math.isqrt(n) + 1))]
print(len(primes), "primes up to", limit)
print(primes)
"""
    return Program(code, f"{len(primes)} primes up to {limit}\n{primes}\n")


def _interest(numbers: _Numbers) -> Program:
    amount, years = numbers[0] * 100, max(1, min(numbers[1], 10))
    code = f"""\
balance = {amount}.0
for year in range(1, {years + 1}):
    balance *= 1.04
    print(f"year {{year}}: {{balance:.2f}}")
"""
    balance, lines = float(amount), []
    for year in range(1, years + 1):
        balance *= 1.04
        lines.append(f"year {year}: {balance:.2f}\n")
    return Program(code, "".join(lines))


def _statistics(numbers: _Numbers) -> Program:
    values = list(numbers)
    code = f"""\
values = {values}
print("sum:", sum(values))
print("mean:", round(sum(values) / len(values), 2))
print("largest:", max(values))
"""
    mean = round(sum(values) / len(values), 2)
    return Program(code, f"sum: {sum(values)}\nmean: {mean}\nlargest: {max(values)}\n")


_SORTS: Final[Mapping[str, Callable[[_Numbers], Program]]] = {
    r"csv|file|table|chart|plot|download|spreadsheet": _table,
    r"factorial|\d!": _factorial,
    r"power|\^|\*\*": _power,
    r"fibonacci": _fibonacci,
    r"prime": _primes,
    r"interest|invest|saving": _interest,
    r"sum|mean|average|add|total": _statistics,
}
"""Programs by the words of the question that ask for them; only the first writes a file."""
