"""What a request asks of its model or of itself that cannot be had (api-contract §2.4, §9.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.catalog import Model, lookup
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.schema.faults import enumerate_quoted
from mockserver.schema.request import CreateResponse
from mockserver.schema.strict_schema import root_violation, violation

_RESEARCH_TOOLS: Final = ("web_search_preview", "code_interpreter", "mcp", "file_search")
_RESEARCH_SOURCES: Final = ("web_search_preview", "mcp", "file_search")
_FAMILIES: Final = ("web_search", "computer")
_LOGPROBS: Final = "message.output_text.logprobs"


def check_model(request: CreateResponse, model: Model) -> None:
    """Raise if the model is not there for this API, or its name is empty."""
    if not request.model:
        raise ApiError.model_not_found(request.model)
    if not model.served:
        raise ApiError(
            f"The requested model '{request.model}' is not supported with the Responses API.",
            param="model",
            code="model_not_found",
        )


def check_effort(request: CreateResponse, model: Model) -> None:
    """Raise if the model does not reason, or not this hard; an unknown model is believed."""
    effort = (request.reasoning or {}).get("effort")
    if effort is None:
        return
    if not model.reasons and model.known:
        raise _unsupported("reasoning.effort", code="unsupported_parameter")
    if model.reasons and effort not in model.efforts:
        listed = enumerate_quoted(model.efforts, "and")
        raise ApiError(
            f"Unsupported value: '{effort}' is not supported with the '{request.model}' model. "
            f"Supported values are: {listed}.",
            param="reasoning.effort",
            code="unsupported_value",
        )


def check_sampling(request: CreateResponse, model: Model) -> None:
    """Raise if a model that reasons is to sample otherwise than it does, or to tell logprobs."""
    if model.samples((request.reasoning or {}).get("effort")):
        return
    for name, usual in (
        ("temperature", (1,)),
        ("top_p", (1, model.top_p)),
        ("presence_penalty", (0,)),
        ("frequency_penalty", (0,)),
    ):
        value = getattr(request, name)
        if value is not None and value not in usual:
            raise _unsupported(name)
    if request.include and _LOGPROBS in request.include:
        raise _no_logprobs("include")
    if request.top_logprobs:
        raise _no_logprobs("top_logprobs")


def check_caching(request: CreateResponse, model: Model) -> None:
    """Raise if the model keeps its cache longer than asked for."""
    if model.only_24h and request.prompt_cache_retention == "in_memory":
        raise ApiError(
            "This model is compatible only with 24h extended prompt caching",
            param="prompt_cache_retention",
            code="invalid_parameter",
        )


def check_research(request: CreateResponse, model: Model) -> None:
    """Raise if a deep research model is offered other tools than it uses, or no source."""
    if not model.research:
        return
    kinds = {tool["type"] for tool in request.tools or ()}
    if not kinds.issubset(_RESEARCH_TOOLS):
        listed = enumerate_quoted(_RESEARCH_TOOLS, "and")
        raise ApiError(f"Deep research models only support the {listed} tools.", param="tools")
    if kinds.isdisjoint(_RESEARCH_SOURCES) and not request.prompt:
        listed = enumerate_quoted(_RESEARCH_SOURCES, "or")
        raise ApiError(
            f"Deep research models require at least one of {listed} tools.", param="tools"
        )


def check_background(request: CreateResponse) -> None:
    """Raise if a late background response is asked for in a way that rules it out (inferred)."""
    window = (request.background_options or {}).get("completion_window")
    if window not in ("2h", "8h"):
        return
    for wrong, reason in (
        (not request.background, "requires 'background' to be true"),
        (request.stream, "is not supported with 'stream'"),
        (request.service_tier not in (None, "auto", "default"), "requires the standard tier"),
    ):
        if wrong:
            raise ApiError(
                f"Unsupported value: 'background_options.completion_window' {window} {reason}.",
                param="background_options.completion_window",
                code="unsupported_value",
            )


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
            if _family(_tool_name(entry)) not in offered and _kind(entry) not in offered:
                raise _choice(f"Tool choice '{_tool_name(entry)}' not found in 'tools' parameter.")


def check_json_word(request: CreateResponse) -> None:
    """Raise if a JSON object is wanted and no input message says so; instructions do not count."""
    form = (request.text or {}).get("format") or {}
    if form.get("type") != "json_object" or _has_context(request):
        return
    if "json" not in "".join(_texts(request.input)).lower():
        raise ApiError(
            "Response input messages must contain the word 'json' in some form "
            "to use 'text.format' of type 'json_object'.",
            param="input",
        )


def check_schemas(request: CreateResponse) -> None:
    """Raise if a schema is none the API can enforce (api-contract §11.2)."""
    for path, tool in _functions(request.tools or (), "tools"):
        schema = tool.get("parameters")
        if schema is not None:
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


def check_abilities(request: CreateResponse) -> None:
    """Raise the API's error if the model or the request itself cannot do what is asked."""
    model = lookup(request.model)
    check_model(request, model)
    check_effort(request, model)
    check_sampling(request, model)
    check_caching(request, model)
    check_research(request, model)
    check_background(request)
    check_choice(request)
    check_json_word(request)
    check_schemas(request)


def _unsupported(name: str, *, code: str | None = None) -> ApiError:
    return ApiError(
        f"Unsupported parameter: '{name}' is not supported with this model.", param=name, code=code
    )


def _no_logprobs(name: str) -> ApiError:
    return ApiError(
        "logprobs are not supported with reasoning models.",
        param=name,
        code="unsupported_parameter",
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
        yield _family(_tool_name(tool))
        if tool["type"] not in ("function", "custom"):
            yield _kind(tool)
        if tool["type"] == "namespace":
            yield from _offered(tool["tools"])


def _tool_name(tool: Json) -> str:
    kind = tool.get("type")
    key = "server_label" if kind == "mcp" else "name"
    return str(tool.get(key) or kind)


def _kind(tool: Json) -> str:
    return _family(str(tool.get("type")))


def _family(name: str) -> str:
    """Return one name for all forms of a hosted tool: a choice may name another one's."""
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
