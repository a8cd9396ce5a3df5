"""Suites inside of tests: pytest in a process of its own, as users of the plugin run it."""

from __future__ import annotations

import pytest


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run the files there are, with our plugin alone and warnings as errors."""
    with pytest.MonkeyPatch.context() as patch:
        # The plugins of a machine can be many, and then are most of what a run costs.
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        plugins = ("-p", "no:cacheprovider", "-p", "mockserver.pytest_plugin")
        return pytester.runpytest_subprocess(*plugins, "-W", "error", "-ra", *arguments)
