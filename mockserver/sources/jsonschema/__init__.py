"""Seeded values for JSON Schemas."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mockserver.sources.jsonschema.unsatisfiable import UnsatisfiableSchema

if TYPE_CHECKING:
    from mockserver.sources.jsonschema.plan import generate
    from mockserver.sources.jsonschema.regex.pattern import Pattern
    from mockserver.sources.jsonschema.regex.tree import PatternError

__all__ = ["Pattern", "PatternError", "UnsatisfiableSchema", "generate"]

_HOMES = {"Pattern": "regex.pattern", "PatternError": "regex.tree", "generate": "plan"}


def __getattr__(name: str) -> Any:
    """Resolve a name on first use: the generator has thirty modules, and few requests need it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mockserver.sources.jsonschema' has no attribute {name!r}")
    return getattr(import_module(f"mockserver.sources.jsonschema.{_HOMES[name]}"), name)
