"""Where a request does not fit together: choice and tools, format and words, schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.schema.request import CreateResponse
from mockserver.schema.strict_schema import root_violation, violation

_FAMILIES: Final = ("web_search", "computer")
"""Hosted tools with several forms, of which a choice may name another one's."""

_UNFIT: Final = (
    ("jpeg", "background", ("opaque", "auto"), "transparent backgrounds are"),
    ("gif", "partial_images", (0,), "partial images are"),
    ("gif", "input_image_mask", (), "masks are"),
    ("gif", "output_compression", (100,), "a compression level is"),
)
"""Output formats of images, and the settings that do not go with them but for some values."""


def check_coherence(request: CreateResponse) -> None:
    """Raise the API's error if the request does not fit together."""
    check_choice(request)
    check_json_word(request)
    check_schemas(request)
    check_pictures(request)


def check_choice(request: CreateResponse) -> None:
    """Raise if ``tool_choice`` names a tool that is not offered, or wants one where none is.

    Tools may also come from the context or from a stored prompt; then nothing is known here.
    """
    choice = request.tool_choice
    if choice is None or choice in ("auto", "none") or _may_bring_tools(request):
        return
    if choice == "required":
        if not request.tools:
            raise _choice(f"Tool choice '{choice}' must be specified with 'tools' parameter.")
    elif isinstance(choice, dict):
        chosen = choice["tools"] if choice["type"] == "allowed_tools" else [choice]
        offered = set(_offered(request.tools or ()))
        for entry in chosen:
            # An MCP server that is named is that one, and not any.
            told = family(_tool_name(entry))
            if told not in offered and ("server_label" in entry or _kind(entry) not in offered):
                raise _choice(f"Tool choice '{_tool_name(entry)}' not found in 'tools' parameter.")


def check_json_word(request: CreateResponse) -> None:
    """Raise if a JSON object is wanted and no input message says so; instructions do not count."""
    form = (request.text or {}).get("format") or {}
    if form.get("type") != "json_object" or _has_context(request):
        return
    if not any("json" in text.lower() for text in _texts(request.input)):
        raise ApiError(
            "Response input messages must contain the word 'json' in some form "
            "to use 'text.format' of type 'json_object'.",
            param="input",
        )


def check_schemas(request: CreateResponse) -> None:
    """Raise if a schema is none the API can enforce (api-contract §11.2).

    Every function takes an object, strict or not; an empty schema counts as one, as recorded.
    """
    for path, tool in _functions(request.tools or (), "tools"):
        schema = tool.get("parameters")
        if schema:
            found = violation(schema) if tool.get("strict") else root_violation(schema)
            if found is not None:
                raise ApiError(
                    f"Invalid schema for function '{tool['name']}': {found}",
                    param=f"{path}.parameters",
                    code="invalid_function_parameters",
                )
    form = (request.text or {}).get("format") or {}
    if form.get("type") == "json_schema" and form.get("strict"):
        found = violation(form["schema"])
        if found is not None:
            raise ApiError(
                f"Invalid schema for response_format '{form['name']}': {found}",
                param="text.format.schema",
                code="invalid_json_schema",
            )


def check_pictures(request: CreateResponse) -> None:
    """Raise if an image is asked for that its format cannot be (the SDK's notes on the tool)."""
    for index, tool in enumerate(request.tools or ()):
        if tool["type"] != "image_generation":
            continue
        for form, key, usual, what in _UNFIT:
            if tool.get("output_format") == form and tool.get(key) not in (None, *usual):
                raise ApiError(
                    f"Invalid value for 'tools[{index}].{key}': {what} not supported with output "
                    f"format '{form}'.",
                    param=f"tools[{index}].{key}",
                    code="invalid_value",
                )


def _choice(message: str) -> ApiError:
    return ApiError(message, param="tool_choice")


def _has_context(request: CreateResponse) -> bool:
    return bool(request.previous_response_id or request.conversation or request.prompt)


def _may_bring_tools(request: CreateResponse) -> bool:
    return _has_context(request) or (
        isinstance(request.input, list)
        and any(
            item.get("type") in ("additional_tools", "tool_search_output") for item in request.input
        )
    )


def _offered(tools: Any) -> Iterator[str]:
    """Yield how a choice may call each tool: by its name, else by its kind."""
    for tool in tools:
        yield family(_tool_name(tool))
        if tool["type"] not in ("function", "custom"):
            yield _kind(tool)
        if tool["type"] == "namespace":
            yield from _offered(tool["tools"])


def _tool_name(tool: Json) -> str:
    kind = tool.get("type")
    key = "server_label" if kind == "mcp" else "name"
    return str(tool.get(key) or kind)


def _kind(tool: Json) -> str:
    return family(str(tool.get("type")))


def family(name: str) -> str:
    """Return one name for all forms of a hosted tool."""
    return next((start for start in _FAMILIES if name.startswith(start)), name)


def _functions(tools: Any, path: str) -> Iterator[tuple[str, Json]]:
    for index, tool in enumerate(tools):
        here = f"{path}[{index}]"
        if tool["type"] == "function":
            yield here, tool
        elif tool["type"] == "namespace":
            yield from _functions(tool["tools"], f"{here}.tools")


def _texts(node: Any) -> Iterator[str]:
    """Yield every string of the input but the keys."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for member in node.values() if isinstance(node, dict) else node:
            yield from _texts(member)
