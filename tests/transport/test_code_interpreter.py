"""Code interpreter calls, through the public door."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest
from api import Api
from hosted import CODE, added, body, inside, of, said


def run(code: str) -> str:
    """Run a program and return what it prints."""
    out = StringIO()
    with redirect_stdout(out):
        exec(code, {})
    return out.getvalue()


def test_code_prints_its_outputs_when_they_are_included(api: Api) -> None:
    """The logs are what Python prints for the code."""
    request = body(CODE, "What is 3^3?", include=["code_interpreter_call.outputs"])
    call = of(api.create(request), "code_interpreter_call")
    assert list(call) == ["id", "type", "status", "code", "container_id", "outputs"]
    assert call["outputs"] == [{"type": "logs", "logs": "3^3 = 27\n"}]
    assert run(call["code"]) == "3^3 = 27\n"


def test_code_has_no_outputs_when_they_are_not_included(api: Api) -> None:
    """They are null, in a container of a new id."""
    call = of(api.create(body(CODE)), "code_interpreter_call")
    assert call["outputs"] is None
    kind, _, digits = call["container_id"].partition("_")
    assert kind == "cntr"
    assert len(digits) == 48
    assert int(digits, 16)


def test_code_runs_in_the_container_that_the_tool_names(api: Api) -> None:
    """A container's id is taken as it is."""
    tool = {"type": "code_interpreter", "container": "cntr_mine"}
    assert of(api.create(body(tool)), "code_interpreter_call")["container_id"] == "cntr_mine"


def test_code_stays_in_its_container_when_the_conversation_goes_on(api: Api) -> None:
    """The next turn of a chain, and a second call of a turn, use the same one."""
    first = api.create(body(CODE))
    second = api.create(
        body(CODE, previous_response_id=first["id"]),
        "items:code_interpreter_call+code_interpreter_call+message",
    )
    calls = [item for item in (*first["output"], *second["output"]) if "code" in item]
    assert len(calls) == 3
    assert len({call["container_id"] for call in calls}) == 1


def test_a_file_is_cited_when_the_code_writes_one(api: Api) -> None:
    """The annotation spans the link's address, and names the container of the call."""
    response = api.create(body(CODE, "Write 4, 8 and 15 into a CSV file"))
    call, part = of(response, "code_interpreter_call"), said(response)
    [note] = part["annotations"]
    assert list(note) == [
        "type",
        "container_id",
        "end_index",
        "file_id",
        "filename",
        "start_index",
    ]
    assert note["type"] == "container_file_citation"
    assert note["container_id"] == call["container_id"]
    assert note["file_id"].startswith("cfile_")
    path = f"/mnt/data/{note['filename']}"
    assert part["text"][note["start_index"] : note["end_index"]] == f"sandbox:{path}"
    assert f'open("{path}"' in call["code"]
    assert not said(api.create(body(CODE)))["annotations"]


@pytest.mark.parametrize(
    ("include", "outputs"), [([], None), (["code_interpreter_call.outputs"], [])]
)
def test_code_unfolds_as_recorded_when_it_is_streamed(
    api: Api, include: list[str], outputs: Any
) -> None:
    """It opens empty, its code grows, it is interpreted and done."""
    events = api.stream(body(CODE, include=include))
    call = "response.code_interpreter_call"
    assert inside(events, "code_interpreter_call") == [
        f"{call}.in_progress",
        f"{call}_code.delta",
        f"{call}_code.done",
        f"{call}.interpreting",
        f"{call}.completed",
    ]
    opened = added(events, "code_interpreter_call")
    assert (opened["code"], opened["outputs"]) == ("", outputs)
    assert opened["container_id"].startswith("cntr_")


def test_code_is_not_run_when_the_output_ends_in_it(api: Api) -> None:
    """Code cut short is told as far as it goes, and nothing after it."""
    events = api.stream(
        body(CODE, include=["code_interpreter_call.outputs"]),
        "items:code_interpreter_call,incomplete",
    )
    assert inside(events, "code_interpreter_call")[-1] == "response.code_interpreter_call_code.done"
    call = of(events[-1]["response"], "code_interpreter_call")
    assert (call["status"], call["outputs"]) == ("incomplete", None)
