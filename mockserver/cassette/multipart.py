"""A multipart form as data, so that two uploads compare without their random boundary."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, Final

_BOUNDARY: Final = re.compile(rb"--([^\r\n]{1,70})\r?\n")
_PARAMETER: Final = re.compile(r'\b(name|filename)="([^"]*)"')


def form(body: bytes) -> dict[str, Any] | None:
    """Return the parts sorted by name under one key, or None when the body is no form."""
    opening = _BOUNDARY.match(body)
    if opening is None:
        return None
    delimiter = b"--" + opening.group(1)
    parts = []
    for piece in (b"\r\n" + body).split(b"\r\n" + delimiter)[1:]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        if blank:
            parts.append(_part(head, content))
    if not parts:
        return None
    return {"multipart/form-data": sorted(parts, key=lambda part: str(part["name"]))}


def _part(head: bytes, content: bytes) -> dict[str, Any]:
    parameters = dict(_PARAMETER.findall(head.decode("utf-8", "replace")))
    part: dict[str, Any] = {"name": parameters.get("name", "")}
    if "filename" in parameters:
        part["filename"] = parameters["filename"]
    try:
        part["content"] = content.decode()
    except UnicodeDecodeError:
        part["content"] = f"{len(content)} bytes, {blake2b(content, digest_size=8).hexdigest()}"
    return part
