"""Loops of the OpenAI Agents SDK against the server, end to end."""

from __future__ import annotations

from typing import Any

import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from mockserver import MockServer

agents = pytest.importorskip("agents", reason="needs the agents extra")

pytestmark = pytest.mark.filterwarnings("ignore")


class Report(BaseModel):
    """What the structured agent ends with."""

    city: str
    degrees: int


@agents.function_tool
def get_weather(city: str) -> str:
    """Return the weather in a city."""
    return f"18 degrees in {city}"


@pytest.fixture
def model(mockserver: MockServer) -> Any:
    """The Responses model of the Agents SDK, pointed at the server."""
    agents.set_tracing_disabled(True)
    client = AsyncOpenAI(base_url=mockserver.url, api_key="x", max_retries=0)
    return agents.OpenAIResponsesModel(model="gpt-5.4", openai_client=client)


def kinds(result: Any) -> list[str]:
    return [type(item).__name__ for item in result.new_items]


async def test_a_loop_calls_its_tool_and_ends_with_a_message(
    model: Any, mockserver: MockServer
) -> None:
    """The tool runs with the arguments that were made up; two turns suffice."""
    agent = agents.Agent(name="a", model=model, tools=[get_weather])
    result = await agents.Runner.run(agent, "What is the weather?")
    assert kinds(result) == ["ToolCallItem", "ToolCallOutputItem", "MessageOutputItem"]
    assert result.new_items[1].output.startswith("18 degrees in ")
    assert isinstance(result.final_output, str)
    assert len(mockserver.calls) == 2


async def test_a_streamed_loop_gives_the_same_items(model: Any) -> None:
    """Streamed, the loop runs the same way."""
    agent = agents.Agent(name="a", model=model, tools=[get_weather])
    result = agents.Runner.run_streamed(agent, "What is the weather?")
    types = [event.type async for event in result.stream_events()]
    assert "raw_response_event" in types
    assert kinds(result) == ["ToolCallItem", "ToolCallOutputItem", "MessageOutputItem"]


async def test_structured_output_is_parsed(model: Any) -> None:
    """An agent with an output type ends with an object of it."""
    agent = agents.Agent(name="a", model=model, output_type=Report)
    result = await agents.Runner.run(agent, "Report.")
    assert isinstance(result.final_output, Report)


async def test_a_handoff_reaches_the_other_agent(model: Any) -> None:
    """A handoff is a function call; the agent it names ends the run."""
    specialist = agents.Agent(name="specialist", model=model)
    triage = agents.Agent(name="triage", model=model, handoffs=[specialist])
    result = await agents.Runner.run(triage, "Help me.")
    assert result.last_agent.name == "specialist"
    assert kinds(result)[:2] == ["HandoffCallItem", "HandoffOutputItem"]


async def test_a_conversation_goes_on_by_previous_response_id(model: Any) -> None:
    """The next run continues what the server remembers."""
    agent = agents.Agent(name="a", model=model)
    first = await agents.Runner.run(agent, "one")
    second = await agents.Runner.run(agent, "two", previous_response_id=first.last_response_id)
    assert second.last_response_id != first.last_response_id


@pytest.mark.mockserver(scenario="failed:server_error")
async def test_a_failure_reaches_the_caller(model: Any) -> None:
    """A failed stream raises in the loop."""
    agent = agents.Agent(name="a", model=model)
    result = agents.Runner.run_streamed(agent, "one")
    with pytest.raises(Exception, match="server had an error"):
        async for _ in result.stream_events():
            pass
