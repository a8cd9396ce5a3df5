"""The kinds of input items besides calls to tools: messages, references, replayed thoughts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mockserver.schema.base import Json
from mockserver.schema.checks import document
from mockserver.schema.content import (
    ASSISTANT_CONTENT,
    USER_CONTENT,
    ReasoningText,
    SummaryText,
)
from mockserver.schema.limits import Length, Prefix
from mockserver.schema.shape import Shape
from mockserver.schema.text_format import TextConfig
from mockserver.schema.tools import TOOL_LIST

Status = Literal["in_progress", "completed", "incomplete"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
ItemId = Annotated[str, Length(0, 64)]
"""An id of an item; the API's own are shorter (recorded limit)."""

Tools = Annotated[list[Json], TOOL_LIST]


class InputItem(Shape):
    """What any item may carry: three keys of the API's own that replayed items bring along."""

    created_by: str | None = None
    internal_chat_message_metadata_passthrough: Any = None
    metadata: Any = None


class InputMessage(InputItem):
    """A message from a user, the system or a developer; the type may be left out."""

    type: Literal["message"] | None = None
    content: Annotated[Any, USER_CONTENT]
    id: Annotated[str | None, Length(0, 64), Prefix("msg")] = None
    role: Literal["system", "developer", "user"]
    status: Status | None = None


class AssistantMessage(InputItem):
    """A message from the model, by hand or replayed."""

    type: Literal["message"] | None = None
    content: Annotated[Any, ASSISTANT_CONTENT]
    id: Annotated[str | None, Length(0, 64), Prefix("msg")] = None
    phase: Literal["commentary", "final_answer"] | None = None
    role: Literal["assistant"]
    status: Status | None = None


class ItemReference(InputItem):
    """An item that the API keeps; an id alone is enough."""

    type: Literal["item_reference"] | None = None
    id: ItemId


class Reasoning(InputItem):
    """Replayed reasoning."""

    type: Literal["reasoning"]
    content: list[ReasoningText] | None = None
    encrypted_content: str | None = None
    id: Annotated[str | None, Length(0, 64), Prefix("rs")] = None
    status: Status | None = None
    summary: list[SummaryText]


class Compaction(InputItem):
    """Context in a form that only the API can read."""

    type: Literal["compaction"]
    encrypted_content: str
    id: ItemId | None = None


class CompactionTrigger(InputItem):
    """A wish to compact the context now."""

    type: Literal["compaction_trigger"]
    id: ItemId | None = None


class AdditionalTools(InputItem):
    """Tools offered from this place of the context on."""

    type: Literal["additional_tools"]
    id: ItemId | None = None
    role: Literal["developer"] | None = None
    tools: Tools


class EffortChange(Shape):
    """The reasoning effort from here on."""

    effort: Effort | None = None


class ConfigurationUpdate(InputItem):
    """Settings from this place of the context on."""

    type: Literal["configuration_update"]
    id: ItemId | None = None
    reasoning: EffortChange | None = None
    text: Annotated[Json | None, document(TextConfig)] = None


class Program(InputItem):
    """A replayed program that calls tools."""

    type: Literal["program"]
    call_id: str
    code: str
    fingerprint: str | None = None
    id: ItemId | None = None


class ProgramOutput(InputItem):
    """What a replayed program came to."""

    type: Literal["program_output"]
    call_id: str
    id: ItemId | None = None
    result: str
    status: Status | None = None


class AgentItem(Shape):
    """An item of the multi-agent beta, passed on unread."""

    type: Literal["agent_message", "multi_agent_call", "multi_agent_call_output"]
