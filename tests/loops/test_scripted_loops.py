"""Agents under a script: three turns with tool calls, one failure and one retry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from mockserver import MockServer

pytestmark = pytest.mark.filterwarnings("ignore")

WEATHER = Path(__file__).parents[2] / "fixtures" / "scenarios" / "weather.yaml"
SAID = "In Rome: 18 degrees in Rome."
STEPS = [f"weather loop, step {number}" for number in ("1", "2 (rate limit)", "3", "4")]


class GetWeather(BaseModel):
    """Get the weather in a city."""

    city: str


@pytest.fixture
def scripted(mockserver: MockServer) -> MockServer:
    """The server with the weather script."""
    mockserver.rules(WEATHER)
    return mockserver


def check(server: MockServer) -> None:
    """Every step was used in its order, and the failure was met by one retry."""
    server.assert_script_done("weather loop")
    assert [call.rule for call in server.calls] == STEPS
    assert [call.status for call in server.calls] == [200, 429, 200, 200]
    assert [call.retry for call in server.calls] == [0, 0, 1, 0]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("chained", [False, True])
async def test_openai_agents_goes_through_the_script(
    scripted: MockServer, streamed: bool, chained: bool
) -> None:
    """Two tool calls, a rate limit between them, and the final text; twice the very same."""
    agents = pytest.importorskip("agents", reason="needs the agents extra")

    @agents.function_tool
    def get_weather(city: str) -> str:
        """Return the weather in a city."""
        return f"18 degrees in {city}"

    agents.set_tracing_disabled(True)
    outcomes = []
    for _ in range(2):
        scripted.clear()
        scripted.rules(WEATHER)
        client = AsyncOpenAI(base_url=scripted.url, api_key="x", max_retries=1)
        model = agents.OpenAIResponsesModel(model="gpt-5.4", openai_client=client)
        agent = agents.Agent(name="a", model=model, tools=[get_weather])
        options: dict[str, Any] = {"auto_previous_response_id": True} if chained else {}
        if streamed:
            result = agents.Runner.run_streamed(agent, "The weather, please.", **options)
            async for _event in result.stream_events():
                pass
        else:
            result = await agents.Runner.run(agent, "The weather, please.", **options)
        assert result.final_output == SAID
        check(scripted)
        outcomes.append([response.response_id for response in result.raw_responses])
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("streamed", [False, True])
def test_langchain_goes_through_the_script(scripted: MockServer, streamed: bool) -> None:
    """The same three turns, with the history sent anew each time."""
    langchain_openai = pytest.importorskip("langchain_openai", reason="needs the agents extra")
    from langchain_core.messages import HumanMessage, ToolMessage

    model = langchain_openai.ChatOpenAI(
        model="gpt-5.4",
        base_url=scripted.url,
        api_key="x",
        use_responses_api=True,
        max_retries=1,
    )
    bound = model.bind_tools(
        [{"type": "function", "name": "get_weather", "parameters": GetWeather.model_json_schema()}]
    )

    def ask(messages: list[Any]) -> Any:
        if not streamed:
            return bound.invoke(messages)
        first, *rest = bound.stream(messages)
        for chunk in rest:
            first += chunk
        return first

    history: list[Any] = [HumanMessage("The weather, please.")]
    cities = []
    while calls := (answer := ask(history)).tool_calls:
        (call,) = calls
        cities.append(call["args"]["city"])
        result = f"18 degrees in {call['args']['city']}"
        history += [answer, ToolMessage(result, tool_call_id=call["id"])]
    assert cities == ["Oslo", "Rome"]
    assert answer.text == SAID
    check(scripted)
