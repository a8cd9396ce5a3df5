"""Property names: what they say about the value."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.sources.jsonschema import generate
from mockserver.sources.words import Words

WORDS = Words(seed=1)

TEXTS = {
    "email": r"[\w.]+@example\.(com|org|net)",
    "customerEmail": r"[\w.]+@example\.(com|org|net)",
    "work_email": r"[\w.]+@example\.(com|org|net)",
    "url": r"https://example\.com/\S+",
    "imageURL": r"https://example\.com/\S+",
    "homepage": r"https://example\.com/\S+",
    "hostname": r"[\w-]+\.example\.com",
    "created_at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z",
    "startDate": r"\d{4}-\d\d-\d\d",
    "due": r"\d{4}-\d\d-\d\d",
    "order_id": r"order_[0-9a-z]{8}",
    "userId": r"user_[0-9a-z]{8}",
    "id": r"[0-9a-z]{8}",
    "currency": r"[A-Z]{3}",
    "to_currency": r"[A-Z]{3}",
    "country_code": r"[A-Z]{2}",
    "timezone": r"\w+(/[\w-]+)*",
    "isbn": r"978\d{10}",
    "filename": r"\w+\.txt",
    "path": r"\w+/\w+\.txt",
    "slug": r"\w+(-\w+)+",
    "command": r"echo \w+",
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "ip_address": r"192\.0\.2\.\d+",
    "question": r"[A-Z][\w' ]+\?",
    "search_query": r"[a-z' ]+",
    "latitude": r"-?\d+\.\d{4}",
    "age": r"\d\d",
    "prep_time": r"\d+ minutes",
    "description": r"[A-Z].*\.",
    "city": r"[A-Z].*",
    "first_name": r"[A-Z]\w+",
    "status": r"[A-Za-z']+",
}
NUMBERS = {
    "age": (18, 80),
    "publication_year": (1990, 2026),
    "price": (5, 500),
    "totalAmount": (5, 500),
    "lat": (-60, 70),
    "longitude": (-180, 180),
    "max_results": (1, 20),
    "limit": (1, 20),
    "rating": (1, 5),
    "confidence_score": (0, 100),
    "probability": (0, 1),
    "timeout_ms": (100, 5000),
    "percent": (0, 100),
    "port": (1024, 65535),
    "user_id": (1000, 99999),
}


def value_of(name: str, schema: dict[str, Any], seed: int) -> Any:
    """Make the value of one required property."""
    whole = {"type": "object", "properties": {name: schema}, "required": [name]}
    return generate(whole, Random(seed), WORDS)[name]


@pytest.mark.parametrize("name", TEXTS)
def test_name_guides_text(name: str) -> None:
    """A property gets the text that its name promises."""
    for seed in range(8):
        assert re.fullmatch(TEXTS[name], value_of(name, {"type": "string"}, seed))


@pytest.mark.parametrize("name", NUMBERS)
def test_name_guides_numbers(name: str) -> None:
    """A property gets a number of the size its name promises, whole or not."""
    low, high = NUMBERS[name]
    for kind in ("integer", "number"):
        drawn = [value_of(name, {"type": kind}, seed) for seed in range(20)]
        assert all(low <= value <= high for value in drawn)
        assert len(set(drawn)) > 1


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("email", {"type": "string", "maxLength": 5}),
        ("email", {"type": "string", "pattern": "^[0-9]{4}$"}),
        ("email", {"type": "string", "format": "uuid"}),
        ("city", {"type": "string", "minLength": 200}),
        ("url", {"type": "integer"}),
        ("age", {"type": "integer", "minimum": 500}),
        ("age", {"type": "integer", "maximum": 3}),
        ("price", {"type": "number", "multipleOf": 0.25, "exclusiveMaximum": 1}),
        ("lat", {"type": "number", "minimum": 80, "maximum": 90}),
        ("year", {"type": "integer", "multipleOf": 1000}),
        ("description", {"type": "string", "enum": ["x"]}),
        ("created_at", {"type": "string", "format": "date"}),
    ],
)
def test_name_never_outweighs_the_schema(name: str, schema: dict[str, Any]) -> None:
    """Where name and schema disagree, the schema counts."""
    checker = Draft202012Validator.FORMAT_CHECKER
    for seed in range(8):
        value = value_of(name, schema, seed)
        assert Draft202012Validator(schema, format_checker=checker).is_valid(value)


def test_bounds_narrow_what_the_name_promises() -> None:
    """Within the bounds of the schema a number is still plausible for its name."""
    schema = {"type": "integer", "minimum": 21, "maximum": 1000}
    drawn = [value_of("age", schema, seed) for seed in range(20)]
    assert all(21 <= value <= 80 for value in drawn)


def test_name_guides_the_items_of_an_array() -> None:
    """An array named for its items hands its name down to them."""
    emails = value_of("recipients", {"type": "array", "items": {"type": "string"}}, 1)
    assert emails
    assert all("@" in email for email in emails)


def test_name_guides_through_unions_and_references() -> None:
    """A name counts however the schema comes to the type."""
    schema = {"anyOf": [{"$ref": "#/$defs/text"}, {"type": "null"}]}
    whole = {
        "type": "object",
        "properties": {"email": schema},
        "required": ["email"],
        "$defs": {"text": {"type": "string"}},
    }
    drawn = {generate(whole, Random(seed), WORDS)["email"] for seed in range(20)} - {None}
    assert drawn
    assert all("@" in email for email in drawn)
