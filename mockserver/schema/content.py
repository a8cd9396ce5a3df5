"""Content parts: what messages and tool outputs are made of, and the annotations of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from mockserver.schema.base import Json
from mockserver.schema.checks import array_check, checker, tagged
from mockserver.schema.faults import missing, unsupported_value, wrong_type
from mockserver.schema.limits import Check, Named, Tagged, Using
from mockserver.schema.media import check_source, file_check, picture_check
from mockserver.schema.shape import Shape


class CacheBreakpoint(Shape):
    """A place up to which the prompt is worth caching."""

    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | None = None


class InputText(Shape):
    """Text from the caller."""

    type: Literal["input_text"]
    text: str
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputImage(Shape):
    """A picture by URL, data URL or file id."""

    type: Literal["input_image"]
    detail: Literal["low", "high", "auto", "original"] | None = None
    file_id: str | None = None
    image_url: Annotated[str | None, Using(picture_check)] = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputFile(Shape):
    """A document by data URL, file id or URL."""

    type: Literal["input_file"]
    detail: Literal["auto", "low", "high"] | None = None
    file_data: Annotated[str | None, Using(file_check)] = None
    file_id: str | None = None
    file_url: str | None = None
    filename: str | None = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class Audio(Shape):
    """Encoded sound."""

    data: str
    format: Literal["mp3", "wav"]


class InputAudio(Shape):
    """Sound from the caller; known to the API's validator, not to the SDK (api-contract §7.2)."""

    type: Literal["input_audio"]
    input_audio: Audio


class TopLogprob(Shape):
    """How likely one candidate of a token was."""

    token: str
    bytes: list[int] | None = None
    logprob: float


class Logprob(TopLogprob):
    """How likely a token was, with its rivals."""

    top_logprobs: list[TopLogprob] | None = None


class UrlCitation(Shape):
    """A web page that a stretch of the text draws on."""

    type: Literal["url_citation"]
    end_index: int
    start_index: int
    title: str
    url: str


class FileCitation(Shape):
    """A searched file that the text draws on."""

    type: Literal["file_citation"]
    file_id: str
    filename: str | None = None
    index: int


class ContainerFileCitation(Shape):
    """A file in a container that a stretch of the text names."""

    type: Literal["container_file_citation"]
    container_id: str
    end_index: int
    file_id: str
    filename: str | None = None
    start_index: int


class FilePath(Shape):
    """A file that the text names."""

    type: Literal["file_path"]
    file_id: str
    index: int


ANNOTATIONS: Final[Mapping[str, type[Shape]]] = {
    "file_citation": FileCitation,
    "url_citation": UrlCitation,
    "container_file_citation": ContainerFileCitation,
    "file_path": FilePath,
}

ANNOTATION: Final = tagged(ANNOTATIONS)
"""Mark of an annotation of any kind."""


class OutputText(Shape):
    """Text from the model."""

    type: Literal["output_text"]
    annotations: list[Annotated[Json, ANNOTATION]] | None = None
    logprobs: list[Logprob] | None = None
    text: str


class Refusal(Shape):
    """The model's explanation why it does not answer."""

    type: Literal["refusal"]
    refusal: str


class SummaryText(Shape):
    """A paragraph of the summary of a reasoning item."""

    type: Literal["summary_text"]
    text: str


class ReasoningText(Shape):
    """The reasoning itself, as open-weight models give it."""

    type: Literal["reasoning_text"]
    text: str


class ComputerScreenshot(Shape):
    """What the screen shows after a computer action."""

    type: Literal["computer_screenshot"]
    file_id: str | None = None
    image_url: Annotated[str, Named("an image URL")] | None = None
    detail: Literal["low", "high", "auto", "original"] | None = None


class EncryptedContent(Shape):
    """Content that only the API can read."""

    type: Literal["encrypted_content"]
    encrypted_content: str


CONTENT_PARTS: Final[Mapping[str, type[Shape]]] = {
    "input_text": InputText,
    "input_image": InputImage,
    "input_audio": InputAudio,
    "output_text": OutputText,
    "refusal": Refusal,
    "input_file": InputFile,
    "computer_screenshot": ComputerScreenshot,
    "summary_text": SummaryText,
    "encrypted_content": EncryptedContent,
    "reasoning_text": ReasoningText,
}

_PRINTED: Final = tuple(kind for kind in CONTENT_PARTS if kind != "reasoning_text")
"""The kinds the API lists for a part it does not know at all, in its order (api-contract §9.4)."""

_FROM_USERS: Final = ("input_text", "input_image", "input_file", "scoped_content", "input_audio")
_FROM_ASSISTANTS: Final = ("output_text", "refusal")
_FROM_TOOLS: Final = ("input_text", "input_image", "input_file")

_CONTENT: Final = "one of an array of objects or string"
_OUTPUT: Final = "one of a string or array of objects"


def _part_check(allowed: tuple[str, ...], strict: bool) -> Check:
    """Return the check of one part: is it known, does it belong here, is it whole."""

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise wrong_type("an object", value)
        kind = value.get("type")
        if kind is None:
            raise missing("type")
        if type(kind) is not str:
            raise unsupported_value("", _PRINTED).under("type")
        model = CONTENT_PARTS.get(kind)
        if strict and kind not in allowed:
            if model is None:
                raise unsupported_value(kind, _PRINTED).under("type")
            raise unsupported_value(kind, allowed)
        if model is not None:
            checker(model, strict)(value)
            if strict:
                check_source(value)

    return check


def _text_or_parts(allowed: tuple[str, ...], name: str) -> Using:
    def make(strict: bool) -> Check:
        parts = array_check(_part_check(allowed, strict), name)

        def check(value: Any) -> None:
            if type(value) is not str:
                parts(value)

        return check

    parts = {kind: CONTENT_PARTS[kind] for kind in allowed if kind in CONTENT_PARTS}
    return Using(make, lambda: str | list[Annotated[Json, Tagged(parts)]])


USER_CONTENT: Final = _text_or_parts(_FROM_USERS, _CONTENT)
"""Mark of a string or parts that users, systems and developers write."""

ASSISTANT_CONTENT: Final = _text_or_parts(_FROM_ASSISTANTS, _CONTENT)
"""Mark of a string or parts that the model has written."""

TOOL_OUTPUT: Final = _text_or_parts(_FROM_TOOLS, _OUTPUT)
"""Mark of a string or parts that answer a tool call."""
