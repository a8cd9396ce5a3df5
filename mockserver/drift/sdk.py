"""The SDK that is installed beside us; it is loaded when it is asked for, and only then."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from typing import Any, Final

_NAME: Final = "openai"
_RESOURCES: Final = (
    "responses.responses",
    "responses.input_items",
    "responses.input_tokens",
    "conversations.conversations",
    "conversations.items",
    "models",
    "webhooks.webhooks",
    "webhooks.event_types",
)
_METHODS: Final = {
    "_post": "POST",
    "_get": "GET",
    "_get_api_list": "GET",
    "_delete": "DELETE",
    "_patch": "PATCH",
    "_put": "PUT",
}


class SdkMissing(Exception):
    """There is no SDK to compare with."""


class Gone(Exception):
    """The SDK has no such name any more."""


class Sdk:
    """The installed ``openai`` package, read and never called."""

    def __init__(self) -> None:
        try:
            self._package = importlib.import_module(_NAME)
        except ImportError as problem:
            raise SdkMissing(
                f"the SDK is not installed beside mockserver ({problem}); "
                f"install it with: pip install {_NAME}"
            ) from None

    @property
    def version(self) -> str:
        """The SDK's version."""
        return str(self._package.__version__)

    def find(self, module: str, *names: str) -> Any:
        """Return something of a module of ``types``; raise Gone when it is not there."""
        where = f"{_NAME}.types.{module}"
        try:
            found: Any = importlib.import_module(where)
            for name in names:
                found = getattr(found, name)
        except (ImportError, AttributeError):
            raise Gone(".".join((where, *names))) from None
        return found

    def endpoints(self) -> set[str]:
        """Return the endpoints that its resources call, such as ``GET /models/{}``."""
        found: set[str] = set()
        for name in _RESOURCES:
            try:
                module = importlib.import_module(f"{_NAME}.resources.{name}")
            except ImportError:
                raise Gone(f"{_NAME}.resources.{name}") from None
            found.update(_calls(ast.parse(inspect.getsource(module))))
        return found


def _calls(tree: ast.AST) -> Iterator[str]:
    """Yield the endpoint of each request that a module's source makes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            method, path = _METHODS.get(node.func.attr), _path(node.args[0])
            if method and path:
                yield f"{method} {path}"


def _path(node: ast.expr) -> str | None:
    """Return the path an argument spells, a plain string or a template, its names left out."""
    if isinstance(node, ast.Call) and node.args:
        return _path(node.args[0])
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return None
    parts = node.value.split("/")
    return "/".join("{}" if part.startswith("{") else part for part in parts)
