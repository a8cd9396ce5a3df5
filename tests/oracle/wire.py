"""What every Response on the wire has, though the SDK's types leave it open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from oracle.problem import MISSING, UNKNOWN_KEY, WRONG_TYPE, WRONG_VALUE, Problem

Document: TypeAlias = dict[str, Any]

KEYS: Final = frozenset(
    {
        "id",
        "object",
        "created_at",
        "status",
        "background",
        "completed_at",
        "error",
        "frequency_penalty",
        "incomplete_details",
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "model",
        "moderation",
        "output",
        "parallel_tool_calls",
        "presence_penalty",
        "previous_response_id",
        "prompt_cache_key",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "service_tier",
        "store",
        "temperature",
        "text",
        "tool_choice",
        "tool_usage",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "usage",
        "user",
        "metadata",
    }
)
"""The keys that every Response has had since July 2026 (wire-vs-spec §1)."""

NESTED_KEYS: Final = {
    "text": ("format", "verbosity"),
    "reasoning": ("context", "effort", "summary"),
    "tool_usage": ("image_gen", "web_search"),
}
ENDED: Final = frozenset({"completed", "incomplete", "failed", "cancelled"})
CUT_SHORT: Final = frozenset({"message", "function_call", "custom_tool_call"})
"""Kinds that say ``incomplete`` when the response was cut within them."""

PREFIXES: Final = {
    "message": "msg_",
    "reasoning": "rs_",
    "function_call": "fc_",
    "custom_tool_call": "ctc_",
    "web_search_call": "ws_",
    "file_search_call": "fs_",
    "code_interpreter_call": "ci_",
    "image_generation_call": "ig_",
    "computer_call": "cu_",
    "local_shell_call": "lsh_",
    "shell_call": "sh_",
    "shell_call_output": "sho_",
    "apply_patch_call": "apc_",
    "mcp_list_tools": "mcpl_",
    "mcp_call": "mcp_",
    "mcp_approval_request": "mcpr_",
    "tool_search_call": "tsc_",
    "tool_search_output": "tso_",
    "compaction": "cmp_",
    "program": "cm_",
    "program_output": "cmo_",
}
"""How the ids of each kind start, as recorded (api-contract §5.1)."""


def check_wire(response: Document, *, event: bool = False) -> list[Problem]:
    """Check what the API always sends in a Response; return one line per problem.

    ``event`` says that the response is told by a stream's event, where ``billing`` never is.
    The rules are those of api-contract §3.2, §3.3, §4, §5 and §14.3; types are not checked again.
    """
    return [
        *_keys(response),
        *_values_by_status(response, event=event),
        *_times(response),
        *_usage(response),
        *_items(response),
    ]


def _keys(response: Document) -> Iterator[Problem]:
    for key in sorted(KEYS - response.keys()):
        yield Problem.of(key, MISSING)
    for key, members in NESTED_KEYS.items():
        for member in members:
            if member not in (response.get(key) or ()):
                yield Problem.of(f"{key}.{member}", MISSING)
    form = (response.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema":
        for key in sorted({"description", "name", "schema", "strict"} - form.keys()):
            yield Problem.of(f"text.format.{key}", MISSING)
    if "output_text" in response:
        yield Problem.of("output_text", UNKNOWN_KEY, "clients compute it")


def _values_by_status(response: Document, *, event: bool) -> Iterator[Problem]:
    """Hold the fields that depend on the status against the table of api-contract §3.3."""
    status = response.get("status")
    expected = {
        "completed_at": status == "completed",
        "error": status == "failed",
        "incomplete_details": status == "incomplete",
        "usage": status in ("completed", "incomplete"),
    }
    for key, given in expected.items():
        if (response.get(key) is not None) is not given:
            yield Problem.of(key, WRONG_VALUE, f"{response.get(key)!r} when {status}")
    if status not in ENDED and response.get("output") != []:
        yield Problem.of("output", WRONG_VALUE, f"not empty when {status}")
    if status in ("queued", "cancelled") and response.get("background") is not True:
        yield Problem.of("background", WRONG_VALUE, f"not true when {status}")
    billed = not event and status in ("completed", "incomplete")
    if ("billing" in response) is not billed:
        yield Problem.of("billing", MISSING if billed else UNKNOWN_KEY, f"when {status}")
    if status == "failed" and set(response.get("error") or ()) != {"code", "message"}:
        yield Problem.of("error", WRONG_VALUE, f"{response.get('error')!r}")


def _times(response: Document) -> Iterator[Problem]:
    started, ended = response.get("created_at"), response.get("completed_at")
    for key, value in (("created_at", started), ("completed_at", ended)):
        if value is not None and type(value) is not int:
            yield Problem.of(key, WRONG_TYPE, "not an integer")
    if started is not None and ended is not None and ended < started:
        yield Problem.of("completed_at", WRONG_VALUE, "before created_at")


def _usage(response: Document) -> Iterator[Problem]:
    """Hold the token counts against each other (api-contract §4)."""
    usage = response.get("usage")
    if usage is None:
        return
    read, written = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
    limits = {
        "input_tokens_details.cached_tokens": read,
        "input_tokens_details.cache_write_tokens": read,
        "output_tokens_details.reasoning_tokens": written,
    }
    for path, limit in limits.items():
        owner, key = path.split(".")
        count = (usage.get(owner) or {}).get(key)
        if count is None:
            yield Problem.of(f"usage.{path}", MISSING)
        elif not 0 <= count <= limit:
            yield Problem.of(f"usage.{path}", WRONG_VALUE, f"{count} of {limit}")
    if usage.get("total_tokens") != read + written:
        yield Problem.of("usage.total_tokens", WRONG_VALUE, f"not {read} + {written}")


def _items(response: Document) -> Iterator[Problem]:
    output = response.get("output") or []
    seen: set[str] = set()
    for index, item in enumerate(output):
        path = f"output[{index}]"
        # A steered response ends between two items (api-contract §13.4).
        steered = (response.get("incomplete_details") or {}).get("reason") == "steered"
        last = index == len(output) - 1 and not steered
        yield from _identity(item, path, seen)
        yield from _parts(item, path)
        yield from _item_status(item, path, str(response.get("status")), last=last)


def _identity(item: Document, path: str, seen: set[str]) -> Iterator[Problem]:
    """Check an item's id and, where its kind is a call, the id that its answer refers to."""
    if item.get("type") == "local_shell_call_output":
        return  # its id is the one by which the call is answered (api-contract §7.1)
    prefix = PREFIXES.get(str(item.get("type")), "")
    if not str(item.get("id")).startswith(prefix):
        yield Problem.of(f"{path}.id", WRONG_VALUE, f"{item.get('id')!r} is not {prefix}…")
    answers = str(item.get("type")).endswith("_output")
    for name in ("id",) if answers or item.get("call_id") is None else ("id", "call_id"):
        if item.get(name) in seen:
            yield Problem.of(f"{path}.{name}", WRONG_VALUE, f"{item[name]!r} is used twice")
        seen.add(str(item.get(name)))


def _parts(item: Document, path: str) -> Iterator[Problem]:
    """Check the keys that a message's text always has, and a reasoning item never."""
    if item.get("type") == "reasoning" and "status" in item:
        yield Problem.of(f"{path}.status", UNKNOWN_KEY, "reasoning items have none on the wire")
    for index, part in enumerate(item.get("content") or ()):
        if part.get("type") == "output_text":
            for key in ("annotations", "logprobs"):
                if not isinstance(part.get(key), list):
                    yield Problem.of(f"{path}.content[{index}].{key}", MISSING)


def _item_status(item: Document, path: str, status: str, *, last: bool) -> Iterator[Problem]:
    cut = item.get("status") == "incomplete"
    if item.get("type") in CUT_SHORT and status == "incomplete" and last and not cut:
        yield Problem.of(f"{path}.status", WRONG_VALUE, "the last item of a cut response is cut")
    if cut and status == "completed":
        yield Problem.of(f"{path}.status", WRONG_VALUE, "cut in a completed response")
    if (
        item.get("type") == "message"
        and status == "completed"
        and item.get("status") != "completed"
    ):
        yield Problem.of(f"{path}.status", WRONG_VALUE, f"{item.get('status')!r} when completed")
