"""The Response object: every field the SDK types, and those that only the wire has."""

from __future__ import annotations

from typing import Any, Literal

from mockserver.schema.base import Json
from mockserver.schema.shape import Wire


class InputTokensDetails(Wire):
    """How much of the input came from the cache, or went into it."""

    cached_tokens: int
    cache_write_tokens: int = 0
    cache_write_tokens_details: Json | None = None


class OutputTokensDetails(Wire):
    """How much of the output was thinking."""

    reasoning_tokens: int


class Usage(Wire):
    """Tokens read and written; the total is their sum (api-contract §4)."""

    input_tokens: int
    input_tokens_details: InputTokensDetails | None = None
    output_tokens: int
    output_tokens_details: OutputTokensDetails | None = None
    total_tokens: int


class ResponseError(Wire):
    """Why a response failed; the wire also knows codes that the types do not (§3.4)."""

    code: str
    message: str
    type: str | None = None
    param: str | None = None
    misalignment: Json | None = None


class IncompleteDetails(Wire):
    """Why a response was cut short."""

    reason: str | None = None


class Conversation(Wire):
    """The conversation that a response belongs to."""

    id: str


class OutputItem(Wire):
    """What every output item has; its kind's own class knows the rest."""

    type: str


class Response(Wire):
    """A response as it crosses the wire (api-contract §3.2).

    Only what the server itself reads is required, since recordings of all ages are read with it.
    """

    id: str
    object: Literal["response"]
    created_at: float
    status: Literal["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"]
    background: bool | None = None
    billing: Json | None = None
    conversation: Conversation | None = None
    completed_at: float | None = None
    error: ResponseError | None = None
    frequency_penalty: float | None = None
    incomplete_details: IncompleteDetails | None = None
    instructions: str | list[Json] | None = None
    max_output_tokens: int | None = None
    max_tool_calls: int | None = None
    model: str
    moderation: Json | None = None
    output: list[OutputItem]
    parallel_tool_calls: bool | None = None
    presence_penalty: float | None = None
    previous_response_id: str | None = None
    prompt: Json | None = None
    prompt_cache_diagnostics: Json | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: Json | None = None
    prompt_cache_retention: str | None = None
    reasoning: Json | None = None
    safety_identifier: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    temperature: float | None = None
    text: Json | None = None
    tool_choice: Any = None
    tool_usage: Json | None = None
    tools: list[Json] | None = None
    top_logprobs: int | None = None
    top_p: float | None = None
    truncation: str | None = None
    usage: Usage | None = None
    user: str | None = None
    metadata: Json | None = None
    access_programs: Json | None = None
    image: Json | None = None
    input_transformations: list[Json] | None = None
