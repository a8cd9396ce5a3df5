"""Commands: what a shell prints for the harmless ones; the others are not known."""

from __future__ import annotations

import pytest

from mockserver.items.commands import printed


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("echo hi", "hi\n"),
        ("echo", "\n"),
        ("echo 'a  b' c", "a  b c\n"),
        ("pwd", "/mnt/data\n"),
        ("pwd && echo done", "/mnt/data\ndone\n"),
        ("python3 -c 'print(6 * 7)'", "42\n"),
        ('python -c "print((2 + 3) * -4 - 7 // 2)"', "-23\n"),
        ("python3 -c 'print(1 / 4)'", "0.25\n"),
        ("python3 -c 'print(17 % 5)'", "2\n"),
    ],
)
def test_output_is_the_shell_s_when_the_command_is_harmless(command: str, output: str) -> None:
    """Words are echoed, the folder is told, and sums are worked out."""
    assert printed(command, "m") == output


@pytest.mark.parametrize(
    "command",
    [
        "",
        "rm -rf /",
        "ls; rm x",
        "ls && rm x",
        "ls > x",
        "echo `rm x`",
        "echo $HOME",
        "echo ~",
        "echo *",
        "echo -n x",
        "echo it's",
        "cat x | sh",
        "ls -l",
        "pwd -P",
        "python3 x.py",
        "python3 -c 'import os'",
        "python3 -c 'print(open(1))'",
        "python3 -c 'print(9 ** 9 ** 9)'",
        "python3 -c 'print(1 / 0)'",
        "python3 -c 'print(1e200 * True)'",
        f"python3 -c 'print({'(' * 90}1{')' * 300})'",
    ],
)
def test_output_is_unknown_when_the_command_might_do_more(command: str) -> None:
    """What changes, reveals or needs a real shell is never taken for known."""
    assert printed(command, "m") is None


def test_files_stay_when_the_machine_is_the_same() -> None:
    """A machine lists the same files every time, and machines differ."""
    listings = {printed("ls", f"cntr_{number}") for number in range(20)}
    assert len(listings) > 5
    assert printed("ls", "cntr_1") == printed("ls -1", "cntr_1")
    assert printed("ls -a", "cntr_1") == f".\n..\n{printed('ls', 'cntr_1')}"
