"""The differences that are meant: where the wire departs from the SDK, and what is out of scope."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from mockserver.drift.compare import Finding


class Known(NamedTuple):
    """Differences that need no mending, and why; ``*`` stands for anything."""

    where: str
    what: str
    why: str

    def covers(self, finding: Finding) -> bool:
        """Tell whether a difference is one of these."""
        return fnmatchcase(finding.where, self.where) and fnmatchcase(finding.what, self.what)


_OURS: Final = "* is not known to the SDK"
_MORE: Final = "* may be, for us alone, *"

KNOWN: Final = (
    # What goes out.
    Known("response", "'billing'" + _OURS[1:], "in finished JSON bodies"),
    Known("response", "'store'" + _OURS[1:], "always echoed"),
    Known("response", "'*_penalty'" + _OURS[1:], "always echoed since January 2026"),
    Known("output item custom_tool_call", "'status'" + _OURS[1:], "the listing's class has it"),
    Known("event response.*.delta", "'obfuscation'" + _OURS[1:], "pads a delta to 16 characters"),
    Known("event response.apply_patch_call_*", "is not known to the SDK", "of the wire alone"),
    Known(
        "event response.reasoning_summary_part.done",
        "'status' is missing",
        "told only of a summary that is cut off",
    ),
    # What comes in: the API's validator takes more than the SDK types.
    Known("*", "'metadata'" + _OURS[1:], "brought along by items that are replayed"),
    Known("*", "'created_by'" + _OURS[1:], "brought along by items that are replayed"),
    Known("*", "'internal_chat_*'" + _OURS[1:], "brought along by replayed items"),
    Known("input item *", _MORE, "statuses that output items have, and so replayed ones"),
    Known("input item *", "'status'" + _OURS[1:], "in output items, and so in replayed ones"),
    Known("input item agent_message", "is*", "named by the API's validator"),
    Known("input item multi_agent_*", "is*", "named by the API's validator"),
    Known("input item computer_call_output.output", "'detail'" + _OURS[1:], "echoed by listings"),
    Known("input item configuration_update.text", "'verbosity'" + _OURS[1:], "of the same shape"),
    Known("input item custom_tool_call_output", "'name'" + _OURS[1:], "in output items"),
    Known("input item local_shell_call_output", "'call_id'" + _OURS[1:], "in output items"),
    Known("input item mcp_approval_response", "'request_id'" + _OURS[1:], "of listings"),
    Known("input item message", "'id'" + _OURS[1:], "of messages that are replayed"),
    Known("input item shell_call", "'max_output_length'" + _OURS[1:], "in output items"),
    Known("input item web_search_call", "'results'" + _OURS[1:], "shown where it is included"),
    Known("*", "'function'" + _OURS[1:], "left over from the chat form; it has no effect"),
    Known("tool choice *", "is not known to the SDK", "kinds of tools, named by the validator"),
    Known("tool choice *", "'type'" + _MORE[1:], "one shape for both"),
    Known("tool web_search", "'return_token_budget'" + _OURS[1:], "echoed with every tool"),
    Known("tool web_search", "'search_content_types'" + _OURS[1:], "echoed since July 2026"),
    Known("tool web_search.filters", "'blocked_domains'" + _OURS[1:], "echoed with every tool"),
    # Requests and endpoints.
    Known("body of POST /responses", "'client_metadata'" + _OURS[1:], "recorded"),
    Known("body of POST /responses", "'*_penalty'" + _OURS[1:], "taken and echoed by the API"),
    Known("* of * /responses*", "'stream'" + _OURS[1:], "in the classes of the SDK's two forms"),
    Known("body of *.reasoning", "'generate_summary' is refused", "unknown to the API by now"),
    Known("body of POST /responses/compact", "'service_tier'" + _MORE[1:], "taken in creates"),
    Known("query of GET *", "'before'" + _OURS[1:], "pages backwards"),
    Known("query of GET *", "'conversation_id' is refused", "a part of the path"),
    Known("endpoint GET /responses", "is*", "the WebSocket's, which the SDK opens another way"),
    Known("endpoint DELETE /models/{}", "is missing", "for models that one has tuned"),
)
"""Every row is there for a reason; a row that covers nothing is one too many."""


def unexpected(findings: list[Finding]) -> list[Finding]:
    """Return the differences that no row covers."""
    return [each for each in findings if not any(row.covers(each) for row in KNOWN)]
