"""The parameters of a request that are objects of their own (api-contract §2.1)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from mockserver.schema.checks import array_check, checker
from mockserver.schema.content import InputFile, InputImage, InputText
from mockserver.schema.faults import (
    enumerate_quoted,
    long_property_name,
    too_long,
    too_many_properties,
    unsupported_value,
    wrong_type,
)
from mockserver.schema.limits import Bounds, Check, Choice, Length, Using
from mockserver.schema.scalars import choice_check, one_of
from mockserver.schema.shape import Shape

INCLUDES: Final = Choice(
    (
        "file_search_call.results",
        "web_search_call.results",
        "web_search_call.action.sources",
        "message.input_image.image_url",
        "computer_call_output.output.image_url",
        "code_interpreter_call.outputs",
        "reasoning.encrypted_content",
        "message.output_text.logprobs",
    )
)
"""What may be included beyond the usual (api-contract §2.2)."""

SERVICE_TIERS: Final = Choice(
    ("auto", "default", "fast", "flex", "priority"), also=("scale", "ultrafast")
)
"""The tiers that the API prints, and the further ones of the SDK (api-contract §2.1)."""

_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_MOST_ENTRIES: Final = 16
_LONGEST_KEY: Final = 64
_LONGEST_VALUE: Final = 512


def _effort(strict: bool) -> Check:
    """Return the check of an effort; the API names its type in two ways (api-contract §9.4)."""

    def check(value: Any) -> None:
        if type(value) is int:
            raise wrong_type("one of 'minimal', 'low', 'medium', or 'high'", value)
        if type(value) is not str:
            listed = enumerate_quoted(_EFFORTS, "or")
            raise wrong_type(f"one of one of {listed} or integer", value)
        if strict and value not in _EFFORTS:
            raise unsupported_value(value, _EFFORTS)

    return check


def _metadata(strict: bool) -> Check:
    """Return the check of a map of strings: at most 16, each key and value of limited length."""

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise wrong_type("a metadata object", value)
        if strict and len(value) > _MOST_ENTRIES:
            raise too_many_properties(len(value), _MOST_ENTRIES)
        for key, entry in value.items():
            if strict and len(key) > _LONGEST_KEY:
                raise long_property_name(key, _LONGEST_KEY)
            if type(entry) is not str:
                raise wrong_type("a string", entry).under(key)
            if strict and len(entry) > _LONGEST_VALUE:
                raise too_long("string", len(entry), _LONGEST_VALUE).under(key)

    return check


def _include(strict: bool) -> Check:
    name = f"an array of {one_of(INCLUDES.values)}"
    return array_check(choice_check(INCLUDES, strict), name)


def _conversation(strict: bool) -> Check:
    """Return the check of a conversation's id, alone or in an object."""
    reference = checker(ConversationRef, strict)

    def check(value: Any) -> None:
        if type(value) is dict:
            reference(value)
        elif type(value) is not str:
            raise wrong_type("one of a string or object", value)

    return check


def _context_management(strict: bool) -> Check:
    entries = checker(ContextManagement, strict)
    return array_check(entries, "an array of objects", (Length(1),), strict)


_EFFORT: Final = Using(_effort, lambda: Annotated[str, Choice(_EFFORTS)])

INCLUDE: Final = Using(_include, lambda: list[Annotated[str, INCLUDES]])
"""Mark of a list of things to include."""

CONVERSATION: Final = Using(_conversation, lambda: str | ConversationRef)
"""Mark of a conversation by id."""

CONTEXT_MANAGEMENT: Final = Using(
    _context_management, lambda: Annotated[list[ContextManagement], Length(1)]
)
"""Mark of a list of rules for the context."""

METADATA: Final = Using(
    _metadata,
    lambda: Annotated[
        dict[str, Annotated[str, Length(0, _LONGEST_VALUE)]], Length(0, _MOST_ENTRIES)
    ],
)
"""Mark of a map of short strings."""


class Reasoning(Shape):
    """How hard to think, and what to tell of it; ``generate_summary`` is no longer known."""

    context: Literal["auto", "current_turn", "all_turns"] | None = None
    effort: Annotated[str | None, _EFFORT] = None
    mode: str | None = None
    summary: Literal["concise", "detailed", "auto"] | None = None


class StreamOptions(Shape):
    """How to stream."""

    include_obfuscation: bool | None = None


class BackgroundOptions(Shape):
    """When a background response has to be there."""

    completion_window: Literal["soonest", "2h", "8h"] | None = None
    continuation_id: str | None = None


class ConversationRef(Shape):
    """A conversation by its id."""

    id: str


class ContextManagement(Shape):
    """When to compact the context."""

    type: str
    compact_threshold: Annotated[int | None, Bounds(1000)] = None


class Prompt(Shape):
    """A stored prompt with values for its variables."""

    id: str
    variables: dict[str, str | InputText | InputImage | InputFile] | None = None
    version: str | None = None


class PromptCacheOptions(Shape):
    """How to cache the prompt."""

    comparison_response_id: str | None = None
    mode: Literal["implicit", "explicit"] | None = None
    prewarm: bool | None = None
    ttl: Literal["30m", "12h"] | None = None


class CompactCacheOptions(Shape):
    """How to cache the prompt of a request that compacts a context."""

    mode: Literal["implicit", "explicit"] | None = None
    ttl: Literal["30m"] | None = None


class ModerationStep(Shape):
    """Whether to score or to block."""

    mode: Literal["score", "block"]


class ModerationPolicy(Shape):
    """What to do with the input and with the output."""

    input: ModerationStep | None = None
    output: ModerationStep | None = None


class Moderation(Shape):
    """Moderation of the turn."""

    model: str
    policy: ModerationPolicy | None = None


class ImageSettings(Shape):
    """How to treat pictures in the context."""

    context_compression: Literal["auto", "enabled", "disabled"] | None = None


class AccessPrograms(Shape):
    """Which programme the request runs under."""

    cyber: Literal["standard", "daybreak_blue", "daybreak_red"] | None = None
