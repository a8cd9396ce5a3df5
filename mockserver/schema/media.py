"""Pictures and files as a request gives them: from one place, and in a form that can be read."""

from __future__ import annotations

import re
from typing import Any, Final

from mockserver.schema.base import Json
from mockserver.schema.checks import require_one
from mockserver.schema.faults import Fault, wrong_type
from mockserver.schema.limits import Check

_SOURCES: Final = {
    "input_image": ("file_id", "image_url"),
    "input_file": ("file_data", "file_id", "file_url"),
}
"""Where a part may come from."""

_UNSUITABLE: Final = re.compile(r"data:((?:audio|video)/[^;,]*)[;,]")
_DATA: Final = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),?", re.IGNORECASE)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=_\-\s]+")
_WEB: Final = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def check_source(part: Json) -> None:
    """Refuse a picture or a file that comes from nowhere, or from two places."""
    if part["type"] in _SOURCES:
        require_one(part, _SOURCES[part["type"]])


def file_check(strict: bool) -> Check:
    """Refuse sound and film given as a file, as the API was recorded to do."""

    def check(value: Any) -> None:
        if type(value) is not str:
            raise wrong_type("a string", value)
        media = _UNSUITABLE.match(value) if strict else None
        if media is not None:
            raise Fault("invalid_value", lambda path: _unsupported_media(path, media[1]))

    return check


def picture_check(strict: bool) -> Check:
    """Refuse what is neither a web address nor a picture in Base64."""

    def check(value: Any) -> None:
        if type(value) is not str:
            raise wrong_type("an image URL", value)
        found = _unreadable(value) if strict else None
        if found is not None:
            raise Fault("invalid_value", lambda path: f"Invalid '{path}'. Expected {found}")

    return check


def _unreadable(url: str) -> str | None:
    """Return what is wrong with the URL of a picture, None when it can be read."""
    data = _DATA.match(url)
    if data is None:
        fits = _WEB.match(url)
        return None if fits else "a valid URL, but got a value with an invalid format."
    kind, coding = data[1], data[2]
    if not kind.lower().startswith("image/"):
        return f"{_PICTURE}, but got unsupported MIME type '{kind}'."
    if not coding.lower().endswith(";base64"):
        return f"{_PICTURE}, but got a value without the ';base64' separator."
    if data.end() == len(url):
        return f"{_PICTURE}, but got empty base64-encoded bytes."
    if not _BASE64.fullmatch(url, data.end()):
        return f"{_PICTURE}, but got an invalid base64-encoded value."
    return None


_PICTURE: Final = (
    "a base64-encoded data URL with an image MIME type "
    "(e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU=')"
)


def _unsupported_media(path: str, media: str) -> str:
    return (
        f"Invalid file data: '{path}'. Expected a base64-encoded data URL with a valid file MIME "
        "type (e.g. 'data:text/plain;base64,SGVsbG8sIFdvcmxkIQ=='), but got unsupported MIME type "
        f"'{media}'. Please see https://platform.openai.com/docs/assistants/tools/"
        "file-search#supported-files for supported file types."
    )
