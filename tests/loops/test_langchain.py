"""LangChain on the Responses API against the server, end to end."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from mockserver import MockServer

langchain_openai = pytest.importorskip("langchain_openai", reason="needs the agents extra")

pytestmark = pytest.mark.filterwarnings("ignore")


class Report(BaseModel):
    """The weather somewhere."""

    city: str
    degrees: int


class GetWeather(BaseModel):
    """Get the weather in a city."""

    city: str


@pytest.fixture
def model(mockserver: MockServer) -> Any:
    """LangChain's chat model on the Responses API, pointed at the server."""
    return langchain_openai.ChatOpenAI(
        model="gpt-5.4",
        base_url=mockserver.url,
        api_key="x",
        use_responses_api=True,
        max_retries=0,
    )


def test_a_message_comes_with_usage(model: Any) -> None:
    """Text, id and token counts arrive."""
    message = model.invoke("hi")
    assert message.text
    assert message.usage_metadata["total_tokens"] > 0
    assert message.response_metadata["status"] == "completed"


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_loop_ends(model: Any, streamed: bool) -> None:
    """A tool call, its output, and the message after it."""
    from langchain_core.messages import HumanMessage, ToolMessage

    bound = model.bind_tools([GetWeather])

    def ask(messages: list[Any]) -> Any:
        if not streamed:
            return bound.invoke(messages)
        chunks = list(bound.stream(messages))
        whole = chunks[0]
        for chunk in chunks[1:]:
            whole += chunk
        return whole

    history: list[Any] = [HumanMessage("What is the weather?")]
    first = ask(history)
    (call,) = first.tool_calls
    assert call["name"] == "GetWeather"
    assert set(call["args"]) == {"city"}
    history += [first, ToolMessage("18 degrees", tool_call_id=call["id"])]
    second = ask(history)
    assert not second.tool_calls
    assert second.text


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output_is_parsed(model: Any, method: str) -> None:
    """Both ways of asking for structure give the object."""
    structured = model.with_structured_output(Report, method=method)
    assert isinstance(structured.invoke("Report."), Report)


def test_a_stream_joins_to_its_text(model: Any) -> None:
    """Chunks arrive one by one and join to a message with usage."""
    chunks = list(model.stream("hi"))
    assert len(chunks) > 3
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert whole.text
    assert whole.usage_metadata["output_tokens"] > 0


async def test_the_asynchronous_side_works_too(model: Any) -> None:
    """``ainvoke`` and ``astream`` speak to the same server."""
    assert (await model.ainvoke("hi")).text
    assert [chunk async for chunk in model.astream("hi")]
