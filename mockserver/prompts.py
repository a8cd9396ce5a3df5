"""Stored prompts: templates that a request names instead of writing them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from mockserver.parsing import json_file
from mockserver.schema.base import Json

_VARIABLE: Final = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")


Absent = Callable[[str], Json]
"""Returns a template in place of one that is not there, or raises ApiError."""


class Prompts:
    """The templates of a server by id, each with its ``messages`` and, if it likes, a ``model``.

    ``absent`` is asked for those that are not there.
    """

    def __init__(self, absent: Absent, templates: Mapping[str, Json] | None = None) -> None:
        self._absent = absent
        self._templates = templates or {}

    @classmethod
    def load(cls, path: Path | None, absent: Absent) -> Prompts:
        """Read a JSON file of templates; raise ValueError naming what is wrong with it."""
        if path is None:
            return cls(absent)
        document = json_file(path, "prompts by id")
        for name, template in document.items():
            if not isinstance(template, dict) or not isinstance(template.get("messages"), list):
                raise ValueError(f"{path}: {name}: a prompt is an object with a list of messages")
        return cls(absent, document)

    def model(self, prompt: Json) -> str | None:
        """Return the model of a template, which a request may leave out then."""
        model: str | None = self._find(prompt).get("model")
        return model

    def messages(self, prompt: Json) -> list[Json]:
        """Return a template's messages with the request's variables put in.

        Raises the API's 404 for an id or a version that is not there (api-contract §9.4).
        """
        variables = prompt.get("variables") or {}
        return [_fill(message, variables) for message in self._find(prompt)["messages"]]

    def _find(self, prompt: Json) -> Json:
        template = self._templates.get(prompt["id"])
        version = prompt.get("version")
        if template is None or version not in (None, template.get("version", "1")):
            return self._absent(prompt["id"])
        return template


def _fill(message: Json, variables: Mapping[str, Any]) -> Json:
    content = message.get("content") or ""
    parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
    return {
        "type": "message",
        "role": message.get("role", "developer"),
        "content": [filled for part in parts for filled in _filled(part, variables)],
    }


def _filled(part: Json, variables: Mapping[str, Any]) -> list[Json]:
    """Return a part with its variables replaced; a picture or file stands beside the text."""
    if part.get("type") != "input_text":
        return [part]
    beside: list[Json] = []

    def value(match: re.Match[str]) -> str:
        given = variables.get(match[1], match[0])
        if isinstance(given, str):
            return given
        if given.get("type") == "input_text":
            return str(given.get("text", ""))
        beside.append(given)
        return ""

    return [{**part, "text": _VARIABLE.sub(value, part["text"])}, *beside]
