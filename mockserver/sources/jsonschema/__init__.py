"""Seeded values for JSON Schemas."""

from mockserver.sources.jsonschema.plan import generate
from mockserver.sources.jsonschema.regex.pattern import Pattern
from mockserver.sources.jsonschema.regex.tree import PatternError
from mockserver.sources.jsonschema.unsatisfiable import UnsatisfiableSchema

__all__ = ["Pattern", "PatternError", "UnsatisfiableSchema", "generate"]
