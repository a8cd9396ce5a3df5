"""The request that creates a response, and the one that counts its input (api-contract §2.1)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from mockserver.schema.base import Json
from mockserver.schema.checks import document
from mockserver.schema.input import INPUT
from mockserver.schema.limits import Bounds, Choice, Length
from mockserver.schema.settings import (
    CONTEXT_MANAGEMENT,
    CONVERSATION,
    INCLUDE,
    METADATA,
    SERVICE_TIERS,
    AccessPrograms,
    BackgroundOptions,
    CompactCacheOptions,
    ImageSettings,
    Moderation,
    Prompt,
    PromptCacheOptions,
    Reasoning,
    StreamOptions,
)
from mockserver.schema.shape import Shape
from mockserver.schema.text_format import TextConfig
from mockserver.schema.tool_choice import TOOL_CHOICE
from mockserver.schema.tools import TOOL_LIST

DEFAULT_MODEL: Final = "gpt-4o-mini"
"""Answers a request that may leave its model out: one with a stored prompt, or an unchecked one."""


DEFAULT_INPUT: Final = "Hello!"
"""What a request says that says nothing where something is needed, and is mended."""


class CreateResponse(Shape):
    """A checked request; the order of the fields is the order the API checks them in.

    Objects and lists stay the plain documents that were sent. A parameter that is absent or null
    is None; what the API fills in for it is the response's business, not the request's.

    It is made of the parameters given, which have been checked. Numbers that have a fraction are
    floats, also where none was written, as the API echoes them.
    """

    def __init__(self, given: Json) -> None:
        known = self.__dict__
        known.update(given)
        for name in _DECIMAL:
            if known.get(name) is not None:
                known[name] = float(known[name])

    model: str = DEFAULT_MODEL
    input: Annotated[str | list[Json], INPUT] = ""
    previous_response_id: str | None = None
    conversation: Annotated[str | Json | None, CONVERSATION] = None
    prompt: Annotated[Json | None, document(Prompt)] = None
    moderation: Annotated[Json | None, document(Moderation)] = None
    include: Annotated[list[str] | None, INCLUDE] = None
    tools: Annotated[list[Json] | None, TOOL_LIST] = None
    tool_choice: Annotated[str | Json | None, TOOL_CHOICE] = None
    metadata: Annotated[dict[str, str] | None, METADATA] = None
    text: Annotated[Json | None, document(TextConfig)] = None
    temperature: Annotated[float | None, Bounds(0, 2)] = None
    top_p: Annotated[float | None, Bounds(0, 1)] = None
    presence_penalty: Annotated[float | None, Bounds(-2, 2)] = None
    frequency_penalty: Annotated[float | None, Bounds(-2, 2)] = None
    parallel_tool_calls: bool | None = None
    stream: bool | None = None
    stream_options: Annotated[Json | None, document(StreamOptions)] = None
    background: bool | None = None
    background_options: Annotated[Json | None, document(BackgroundOptions)] = None
    max_output_tokens: Annotated[int | None, Bounds(16)] = None
    max_tool_calls: Annotated[int | None, Bounds(1)] = None
    reasoning: Annotated[Json | None, document(Reasoning)] = None
    user: str | None = None
    safety_identifier: Annotated[str | None, Length(0, 128)] = None
    prompt_cache_options: Annotated[Json | None, document(PromptCacheOptions)] = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Annotated[str | None, Choice(("in_memory", "24h"))] = None
    truncation: Annotated[str | None, Choice(("auto", "disabled"))] = None
    instructions: str | None = None
    store: bool | None = None
    service_tier: Annotated[str | None, SERVICE_TIERS] = None
    top_logprobs: Annotated[int | None, Bounds(0, 20)] = None
    context_management: Annotated[list[Json] | None, CONTEXT_MANAGEMENT] = None
    image: Annotated[Json | None, document(ImageSettings)] = None
    access_programs: Annotated[Json | None, document(AccessPrograms)] = None
    client_metadata: Any = None


_DECIMAL: Final = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
"""The parameters that are numbers with a fraction."""


class CountTokens(CreateResponse):
    """A checked request to count input tokens; it may leave its model out (api-contract §1.5)."""

    personality: Annotated[str | None, Length(0, 64)] = None


class CompactResponse(CreateResponse):
    """A checked request to compact a context; its cache has closer bounds (api-contract §1.6)."""

    prompt_cache_options: Annotated[Json | None, document(CompactCacheOptions)] = None
    prompt_cache_key: Annotated[str | None, Length(0, 64)] = None


COUNT_FIELDS: Final = frozenset(
    (
        "conversation",
        "input",
        "instructions",
        "model",
        "parallel_tool_calls",
        "personality",
        "previous_response_id",
        "reasoning",
        "text",
        "tool_choice",
        "tools",
        "truncation",
    )
)
"""The parameters of a request to count tokens."""

COMPACT_FIELDS: Final = frozenset(
    (
        "image",
        "input",
        "instructions",
        "model",
        "previous_response_id",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "service_tier",
    )
)
"""The parameters of a request to compact a context."""
