"""The Open Responses compliance tests, run as their own command runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mockserver import MockServer

COMMAND = Path(sys.executable).parent / "llm-comply"


@pytest.mark.skipif(not COMMAND.exists(), reason="needs the agents extra")
def test_all_compliance_tests_pass(mockserver: MockServer) -> None:
    """13 of 13."""
    done = subprocess.run(
        [COMMAND, "run", "-u", mockserver.url, "-k", "sk-x", "-m", "gpt-5"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "Results: 13/13 passed" in done.stdout, done.stdout + done.stderr
