"""The report of drift: nothing for the SDK we follow, a line for all that a newer one brings."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any, Literal, TypedDict, Union

import pytest
from openai.types.responses import Response, ResponseFunctionWebSearch
from oracle.wire import KEYS
from pydantic import BaseModel

from mockserver.cli import main
from mockserver.drift import Sdk, report
from mockserver.drift.compare import compare_sent, failures
from mockserver.drift.known import KNOWN, unexpected
from mockserver.drift.report import compared
from mockserver.drift.sdk import Gone
from mockserver.drift.types import Field, fields_of


class Beam(BaseModel):
    """A kind of item and of event that there is not, so far."""

    type: Literal["beam_call"]
    id: str
    status: Literal["completed"] | None = None


class Told(BaseModel):
    """An event type that there is not, so far."""

    type: Literal["response.beam_call.lit"]
    item_id: str


class Settings(TypedDict, total=False):
    """A body with a parameter that there is not, so far."""

    model: str
    beam: bool
    truncation: Literal["auto", "disabled", "middle"]


class Newer(Sdk):
    """The installed SDK with changes: what stands under a name is what a function makes of it."""

    def __init__(self, *gone: str, **changes: Callable[[Any], Any]) -> None:
        super().__init__()
        self._gone, self._changes = gone, changes

    def find(self, module: str, *names: str) -> Any:
        """Return what the SDK has, changed."""
        found = super().find(module, *names)
        if names[-1] in self._gone:
            raise Gone(f"openai.types.{module}.{names[-1]}")
        change = self._changes.get(names[-1])
        return change(found) if change else found

    def endpoints(self) -> set[str]:
        """Return one endpoint more than there are."""
        return super().endpoints() | {"POST /responses/{}/beam"}


def test_there_is_no_drift_when_the_sdk_is_the_one_we_follow() -> None:
    """The pinned SDK knows nothing that we do not, and the reverse, but for what is meant."""
    assert report(Sdk()).lines() == []


def test_a_known_difference_is_known_for_a_reason() -> None:
    """Each row of the table covers something, so that the table can only shrink."""
    findings = list(compared(Sdk()))
    assert [row for row in KNOWN if not any(map(row.covers, findings))] == []
    assert unexpected(findings) == []


def test_each_novelty_is_a_line_when_the_sdk_is_newer() -> None:
    """New items, events, parameters, values and endpoints are all told."""
    newer = Newer(
        ResponseOutputItem=lambda union: Union[union, Beam],  # noqa: UP007
        ResponseStreamEvent=lambda union: Union[union, Told],  # noqa: UP007
        ResponseCreateParamsBase=lambda _: Settings,
    )
    lines = report(newer).lines()
    assert {
        "fails: output item beam_call: is missing",
        "fails: event response.beam_call.lit: is missing",
        "fails: body of POST /responses: 'beam' is refused",
        "fails: body of POST /responses: 'truncation' refuses 'middle'",
        "warns: body of POST /responses: 'tools' is not known to the SDK",
        "fails: endpoint POST /responses/{}/beam: is missing",
    } <= set(lines)
    assert lines == sorted(lines)


def test_a_name_that_is_gone_is_a_line_and_the_rest_is_compared() -> None:
    """An SDK that calls a thing otherwise does not end the comparison."""
    gone = "fails: openai.types.responses.ResponseOutputItem: is gone from the SDK"
    lines = report(Newer("ResponseOutputItem")).lines()
    assert any(line.startswith(gone) for line in lines)
    assert "fails: endpoint POST /responses/{}/beam: is missing" in lines


def test_the_command_prints_the_differences(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No difference is 0; a line for each is 1, and JSON has the same."""
    assert main(["drift"]) == 0
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("mockserver.drift.Sdk", Newer)
    assert main(["drift"]) == 1
    told = capsys.readouterr()
    assert told.out == "fails: endpoint POST /responses/{}/beam: is missing\n"
    assert told.err.startswith("1 difference from openai ")
    assert main(["drift", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["differences"] == [
        {"severity": "fails", "where": "endpoint POST /responses/{}/beam", "what": "is missing"}
    ]


def test_the_command_says_so_when_there_is_no_sdk(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an SDK there is nothing to compare with: exit code 3 and the way to get one."""

    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", missing)
    assert main(["drift"]) == 3
    assert "pip install openai" in capsys.readouterr().err


def test_the_wire_s_keys_cover_the_sdk_s_when_a_response_is_told() -> None:
    """The keys every Response has hold all that the SDK requires."""
    ours = {key: Field(Any, required=True) for key in KEYS | {"access_programs"}}
    findings = compare_sent("response", ours, fields_of(Response))
    assert [line for line in failures(findings) if line.endswith("is missing")] == []


def test_the_sdk_s_classes_are_read_whatever_their_sort() -> None:
    """Models and dictionaries of keys give the same fields; endpoints are read off the source."""
    assert fields_of(ResponseFunctionWebSearch)["action"].required
    assert fields_of(Settings).keys() == {"model", "beam", "truncation"}
    assert {"POST /responses", "GET /models/{}", "DELETE /conversations/{}/items/{}"} <= (
        Sdk().endpoints()
    )
