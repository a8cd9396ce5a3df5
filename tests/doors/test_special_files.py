"""Pipes and other paths that lead to no file: refused by name wherever one is named."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockServer
from mockserver.cassette import read
from mockserver.cli import main

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes"),
    pytest.mark.timeout(20),  # what reads a pipe that nobody writes to waits for ever
]
ROOT = Path(__file__).parents[2]
RECORD: dict[str, Any] = {"upstream": "http://127.0.0.1:9"}


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe that nobody writes to."""
    path = tmp_path / "pipe.yaml"
    os.mkfifo(path)
    return path


def replying(pipe: Path) -> Path:
    """Return a file of rules that answers with a recording of the pipe."""
    file = pipe.with_name("rules.yaml")
    file.write_text(f"rules: [{{reply: {{cassette: {pipe.name}}}}}]\n")
    return file


@pytest.mark.parametrize(
    "settings",
    [
        lambda pipe: {"cassettes": (pipe,)},
        lambda pipe: {"cassettes": (pipe,), "record_mode": "once", **RECORD},
        lambda pipe: {"cassettes": (pipe,), "record_mode": "all", **RECORD},
        lambda pipe: {"scenarios": (pipe,)},
        lambda pipe: {"scenarios": (replying(pipe),)},
    ],
    ids=["replay", "once", "all", "rules", "reply"],
)
def test_a_server_does_not_wait_for_a_pipe(
    settings: Callable[[Path], dict[str, Any]], pipe: Path
) -> None:
    """The start fails, and the error names the path and what to do."""
    with pytest.raises(Exception, match=r"pipe\.yaml: this is a pipe.* into a file"):
        MockServer(**settings(pipe)).start()


@pytest.mark.parametrize("verb", ["list", "show", "check", "redact", "stats", "upgrade"])
def test_a_verb_does_not_wait_for_a_pipe(
    verb: str, pipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a problem of that path, in the exit code too."""
    assert main(["cassette", verb, str(pipe)]) == 1
    assert "pipe.yaml: this is a pipe" in "".join(capsys.readouterr())


def test_a_device_is_refused_and_a_link_to_a_file_is_not(tmp_path: Path) -> None:
    """What counts is where a path leads."""
    with pytest.raises(ValueError, match="null: this is a device"):
        MockServer(scenarios=(Path(os.devnull),)).start()
    (tmp_path / "it.yaml").write_text("interactions: []\nversion: 1\n")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "it.yaml")
    assert read(tmp_path / "link.yaml") == []


def test_a_verb_reads_what_a_command_writes() -> None:
    """A shell's ``<(…)`` is a pipe that somebody writes to."""
    command = f"{sys.executable} -m mockserver cassette show <(cat cassettes/text.yaml)"
    shown = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "POST" in shown.stdout
