"""What a request asks of its model that the model cannot do (api-contract §2.4, §9.4)."""

from __future__ import annotations

from typing import Final

from mockserver.catalog import Model, lookup
from mockserver.schema.errors import ApiError
from mockserver.schema.faults import enumerate_quoted
from mockserver.schema.request import CreateResponse

_RESEARCH_TOOLS: Final = ("web_search_preview", "code_interpreter", "mcp", "file_search")
_RESEARCH_SOURCES: Final = ("web_search_preview", "mcp", "file_search")
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


def check_abilities(request: CreateResponse) -> None:
    """Raise the API's error if the model cannot do what is asked of it."""
    model = lookup(request.model)
    check_model(request, model)
    check_effort(request, model)
    check_sampling(request, model)
    check_caching(request, model)
    check_research(request, model)
    check_background(request)


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
