"""Harmless commands, and what a shell prints for them."""

from __future__ import annotations

import ast
import operator
import re
import shlex
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from mockserver.items.asked import last_wish
from mockserver.items.context import Context

_LONGEST: Final = 200
_FOLDER: Final = "/mnt/data"
_FILES: Final = ("README.md", "data.csv", "main.py", "notes.txt", "report.md", "requirements.txt")
_QUOTED: Final = re.compile(r"`([^`\n]{1,200})`")
_BEYOND: Final = re.compile(r"[|<>;&$\\!~#`\n]")
"""What would need more of a shell than there is here."""
_GLOB: Final = re.compile(r"[*?\[\]{}()]")
_PRINT: Final = re.compile(r"print\((.+)\)")

_OPERATORS: Final[Mapping[type[ast.AST], Callable[[int | float, int | float], int | float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Div: operator.truediv,
}


def pick_commands(ctx: Context) -> list[str]:
    """Return the commands that the user's message quotes, as far as they are harmless, or others.

    A client runs them, so that nothing is among them which could change or reveal a thing.
    """
    quoted = _QUOTED.findall(last_wish(ctx.history))
    wanted = [command for command in quoted if printed(command, "") is not None]
    if wanted:
        return wanted[:3]
    first, second = ctx.random.randint(12, 99), ctx.random.randint(12, 99)
    known = [
        "pwd",
        "ls",
        f"echo {shlex.quote(ctx.words.title(ctx.dice))}",
        f"python3 -c 'print({first} * {second})'",
    ]
    return ctx.random.sample(known, k=ctx.random.randint(1, 2))


def printed(command: str, machine: str) -> str | None:
    """Return what the command prints, or None when that cannot be told.

    ``machine`` names the machine it runs on; the same one always holds the same files.
    """
    outputs = [_printed(part, machine) for part in command.split(" && ")]
    told = [output for output in outputs if output is not None]
    return "".join(told) if len(told) == len(outputs) else None


def _printed(command: str, machine: str) -> str | None:
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if not words or _BEYOND.search(command):
        return None
    program, *arguments = words
    if program in ("python", "python3"):
        return _python(arguments)
    if _GLOB.search(command):
        return None
    if program == "echo" and not (arguments and arguments[0].startswith("-")):
        return " ".join(arguments) + "\n"
    if program == "pwd" and not arguments:
        return f"{_FOLDER}\n"
    return _list(arguments, machine) if program == "ls" else None


def _list(arguments: list[str], machine: str) -> str | None:
    if arguments not in ([], ["-a"], ["-1"], ["."]):
        return None
    rng = Random(machine)
    names = sorted(rng.sample(_FILES, k=rng.randint(2, 4)))
    if arguments == ["-a"]:
        names = [".", "..", *names]
    return "".join(f"{name}\n" for name in names)


def _python(arguments: list[str]) -> str | None:
    """Work out ``-c 'print(...)'`` of a sum or product of plain numbers."""
    if len(arguments) != 2 or arguments[0] != "-c" or len(arguments[1]) > _LONGEST:
        return None
    match = _PRINT.fullmatch(arguments[1].strip())
    if match is None:
        return None
    try:
        return f"{_value(ast.parse(match[1], mode='eval').body)}\n"
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr) -> int | float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value  # type: ignore[return-value]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError("not plain arithmetic")
