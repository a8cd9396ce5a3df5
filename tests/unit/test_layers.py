"""Imports point one way, and heavy or foreign modules stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "mockserver"

LAYERS = (
    {"certificates", "exits", "parsing"},
    {"catalog", "clock", "config"},
    {"jsonpath", "loading", "notation", "schema"},
    {"allocator", "faults"},
    {"caching", "cassette", "dialects", "flags", "limits", "prompts", "seed", "tokens"},
    {"recall"},
    {"items"},
    {"journal", "streaming", "upstream"},
    {"rules"},
    {"counting", "history", "lifecycle", "namespace"},
    {"conversation", "inclusion", "polling", "sources", "spaces", "store", "verification"},
    {"absence"},
    {"conversations", "handle", "webhooks"},
    {"invention", "records", "remote"},
    {"following", "scenarios"},
    {"admission", "replaying", "standing", "turns"},
    {"engine"},
    {"leniency", "mutations"},
    {"control", "lanes"},
    {"openapi"},
    {"web"},
    {"drift"},
    {"server"},
    {"errands", "pytest_survival", "standalone", "verbs"},
    {"cli", "pytest_mutations", "pytest_remote", "pytest_replay"},
    {"pytest_script"},
    {"__main__", "pytest_plugin"},
)
"""From the ground up; a module imports only from lines above its own."""

RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

ONLY = {
    "aiohttp": {"web", "server", "upstream", "webhooks"},
    "faker": {"sources"},
    "openai": set(),
    "vcr": {"cassette"},
    "yaml": {"cassette"},
}
"""Which of our modules may import a package at all."""


def _modules() -> list[Path]:
    return sorted(
        path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem != "__init__"
    )


@cache
def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _home(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_layers_below_its_own(path: Path) -> None:
    """No module imports from its own layer's siblings or from a layer above."""
    home = _home(path)
    assert home in RANK, f"{home} has no layer yet: name it in LAYERS"
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "mockserver" and len(parts) > 1 and parts[1] in RANK and parts[1] != home:
            assert RANK[parts[1]] < RANK[home], f"{home} imports {name}"


@pytest.mark.parametrize("package", ONLY)
def test_a_package_is_imported_only_where_it_belongs(package: str) -> None:
    """Each foreign package with a home of its own is imported nowhere else."""
    users = {
        _home(path)
        for path in _modules()
        if any(name.split(".")[0] == package for name in _imports(path))
    }
    assert users <= ONLY[package]


def test_importing_the_server_loads_nothing_heavy() -> None:
    """The server's import names neither the SDK, nor vcrpy, nor Faker, nor yaml."""
    code = "import sys, mockserver.server; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"openai", "vcr", "faker", "yaml", "tiktoken", "rstr"} & set(loaded)


def test_a_server_that_starts_loads_no_other_verb() -> None:
    """The command line does without what its other verbs do."""
    code = "import sys, mockserver.cli, mockserver.standalone; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"mockserver.errands", "mockserver.verbs", "mockserver.drift"} & set(loaded)


def test_importing_the_package_or_the_plugin_loads_no_server() -> None:
    """The package and the pytest plugin cost next to nothing until they are used."""
    code = "import sys, mockserver, mockserver.pytest_plugin; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"aiohttp", "pydantic", "orjson"} & set(loaded)


def test_webhooks_are_sent_by_one_module() -> None:
    """Of the modules of webhooks only the client imports an HTTP library."""
    users = {
        path.stem
        for path in (PACKAGE / "webhooks").glob("*.py")
        if any(name.split(".")[0] in ("aiohttp", "yarl") for name in _imports(path))
    }
    assert users == {"post"}
