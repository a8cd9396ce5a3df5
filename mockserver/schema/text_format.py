"""The ``text`` parameter: verbosity, and the format that the answer's text takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from mockserver.schema.base import Json
from mockserver.schema.checks import tagged
from mockserver.schema.limits import Length, Pattern
from mockserver.schema.shape import Shape


class PlainText(Shape):
    """Text as the model likes."""

    type: Literal["text"]


class JsonObject(Shape):
    """Any JSON object."""

    type: Literal["json_object"]


class JsonSchema(Shape):
    """JSON that keeps a schema, strictly or at best effort (api-contract §11)."""

    type: Literal["json_schema"]
    name: Annotated[str, Length(1, 64), Pattern("^[a-zA-Z0-9_-]+$")]
    schema_: dict[str, Any]
    description: str | None = None
    strict: bool | None = None


TEXT_FORMATS: Final[Mapping[str, type[Shape]]] = {
    "json_object": JsonObject,
    "text": PlainText,
    "json_schema": JsonSchema,
}
"""The formats in the order the API prints them."""

TEXT_FORMAT: Final = tagged(TEXT_FORMATS)
"""Mark of a format of any kind."""


class TextConfig(Shape):
    """The ``text`` parameter (api-contract §2.1)."""

    format: Annotated[Json | None, TEXT_FORMAT] = None
    verbosity: Literal["low", "medium", "high"] | None = None
