"""Where the real wire departs from the SDK's types: the whole list, each row with its reason."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from openai.types.shared import ErrorObject
from pydantic import BaseModel

from oracle.problem import MISSING, UNKNOWN_KEY, UNKNOWN_KIND, WRONG_VALUE, Problem
from oracle.sdk import Model


class Keepalive(BaseModel):
    """The heartbeat event of long silences."""

    type: Literal["keepalive"]
    sequence_number: int


class NestedError(BaseModel):
    """The error event as the wire nests it."""

    type: Literal["error"]
    error: ErrorObject
    sequence_number: int


class DiffDelta(BaseModel):
    """A piece of the diff that a patch call makes."""

    type: Literal["response.apply_patch_call_operation_diff.delta"]
    delta: str
    item_id: str
    output_index: int
    sequence_number: int


class DiffDone(BaseModel):
    """The whole diff of a patch call."""

    type: Literal["response.apply_patch_call_operation_diff.done"]
    diff: str
    item_id: str
    output_index: int
    sequence_number: int


@dataclass(frozen=True)
class Difference:
    """One departure: where it shows (``*`` stands for anything but ``/``), its kind, and why.

    ``where`` matches the end of a problem's chain of tags, or all of it when it starts with ``/``.
    A row with a ``model`` gives the fields of a whole event that the SDK has otherwise or not.
    """

    where: str
    kind: str
    why: str
    model: Model | None = None

    def covers(self, problem: Problem) -> bool:
        """Tell whether a problem is this difference."""
        return problem.kind == self.kind and bool(_pattern(self.where).fullmatch(problem.where))


@functools.cache
def _pattern(where: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in where.removeprefix("/").split("*"))
    anchor = "" if where.startswith("/") else "(?:.*/)?"
    return re.compile(anchor + "[^/]*".join(parts))


WIRE: Final[tuple[Difference, ...]] = (
    Difference("response.store", UNKNOWN_KEY, "always echoed"),
    Difference("response.frequency_penalty", UNKNOWN_KEY, "always echoed since January 2026"),
    Difference("response.presence_penalty", UNKNOWN_KEY, "always echoed since January 2026"),
    Difference("/response.billing", UNKNOWN_KEY, "in finished JSON bodies, never in events"),
    Difference("response.error.code", WRONG_VALUE, "the API uses more codes than the SDK lists"),
    Difference("web_search*.return_token_budget", UNKNOWN_KEY, "echoed with every tool"),
    Difference("web_search*.search_content_types", UNKNOWN_KEY, "echoed since July 2026"),
    Difference("image_generation.n", UNKNOWN_KEY, "echoed since October 2025"),
    Difference(
        "custom_tool_call.status", UNKNOWN_KEY, "the SDK has it in the listing's class only"
    ),
    Difference("file_search_call.results[].vector_store_id", UNKNOWN_KEY, "in every result"),
    Difference(
        "response.output_item.added/web_search_call.action",
        MISSING,
        "reasoning models have not chosen an action yet",
    ),
    Difference("response.*.delta.obfuscation", UNKNOWN_KEY, "pads a delta to 16 characters"),
    Difference(
        "response.output_text.*logprobs[].bytes", UNKNOWN_KEY, "as in items, where the SDK has it"
    ),
    Difference("error", UNKNOWN_KIND, "nested on the wire, flat in the SDK", NestedError),
    Difference("keepalive", UNKNOWN_KIND, "heartbeat", Keepalive),
    Difference(
        "response.apply_patch_call_operation_diff.delta", UNKNOWN_KIND, "diff, growing", DiffDelta
    ),
    Difference(
        "response.apply_patch_call_operation_diff.done", UNKNOWN_KIND, "diff, whole", DiffDone
    ),
)
"""What a server that behaves like the API shows, and so what the checks allow (wire-vs-spec)."""

RECORDED: Final[tuple[Difference, ...]] = (
    Difference("response.access_programs", MISSING, "sent only since September 2026"),
    Difference(
        "response.usage.input_tokens_details.cache_write_tokens", MISSING, "sent since July 2026"
    ),
    Difference("/response.output_text", UNKNOWN_KEY, "written into the recording by a JS client"),
    Difference("message.metadata", UNKNOWN_KEY, "answers a request's client_metadata"),
    Difference("reasoning.metadata", UNKNOWN_KEY, "answers a request's client_metadata"),
    Difference("*_call.metadata", UNKNOWN_KEY, "answers a request's client_metadata"),
    Difference(
        "*.internal_chat_message_metadata_passthrough",
        UNKNOWN_KEY,
        "answers a request's client_metadata",
    ),
    Difference("web_search_call.action", MISSING, "in items cut short"),
    Difference("search.sources[].type", UNKNOWN_KIND, "sources that are an API, without a URL"),
    Difference("image_generation_call.result", MISSING, "absent until there is one"),
)
"""What recordings show besides, and a server should not."""


def unexplained(problems: Iterable[Problem], allowed: Iterable[Difference] = WIRE) -> list[Problem]:
    """Return the problems that no row of a table covers."""
    table = tuple(allowed)
    return [problem for problem in problems if not any(row.covers(problem) for row in table)]
