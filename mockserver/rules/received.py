"""A request to create a response, as rules look at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import takewhile
from typing import Any

from mockserver.schema.base import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request with what it goes on from.

    ``body`` is the request's JSON object as it was sent, checked or not; ``items`` its own input
    as items and ``inherited`` those that came before them. ``headers`` have names in lower case.
    ``ancestors`` are the ids of the response that it continues and of those before, the latest
    first, where a script asks which conversation it is.
    """

    body: Json
    items: list[Json] = field(default_factory=list)
    inherited: list[Json] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    ancestors: tuple[str, ...] = ()

    @property
    def model(self) -> str:
        """The model's name as it was sent, empty without one."""
        model = self.body.get("model")
        return model if isinstance(model, str) else ""

    @property
    def input(self) -> str:
        """All text of the request's own input: messages, and the outputs of tools."""
        return "\n".join(text for item in self.items for text in _texts(item))

    @property
    def message(self) -> str:
        """The text of the user's last message."""
        for item in reversed([*self.inherited, *self.items]):
            if item.get("role") == "user":
                return "\n".join(_texts(item))
        return ""

    @property
    def instructions(self) -> list[str]:
        """The instructions, and the texts of system and developer messages."""
        given = self.body.get("instructions")
        items = [*self.inherited, *self.items]
        said = ["\n".join(_texts(i)) for i in items if i.get("role") in ("system", "developer")]
        return [given, *said] if isinstance(given, str) and given else said

    @property
    def tools(self) -> list[str]:
        """The names of the tools on offer; the type, and an MCP server's label, of hosted ones."""
        return list(_tool_names(self.body.get("tools")))

    @property
    def results(self) -> list[Json]:
        """The outputs of tools with which the input ends, in its order."""
        found: list[Json] = []
        for item in reversed(self.items):
            if not str(item.get("type", "")).endswith("_output"):
                break
            found.insert(0, item)
        return found

    @property
    def tool_results(self) -> list[str]:
        """The texts of the outputs of tools with which the input ends."""
        return ["\n".join(_texts(item)) for item in self.results]

    @property
    def answered(self) -> list[str]:
        """The names of the tools whose outputs the input ends with; types where there is none."""
        items = [*self.inherited, *self.items]
        calls = {_call_id(item): item["name"] for item in items if item.get("name")}
        kinds = (str(result["type"]).removesuffix("_output") for result in self.results)
        return [
            str(calls.get(_call_id(result)) or kind)
            for result, kind in zip(self.results, kinds, strict=True)
        ]

    @property
    def conversation(self) -> str | None:
        """The id of the conversation object that it names, if any."""
        named = self.body.get("conversation")
        id_ = named.get("id") if isinstance(named, dict) else named
        return id_ if isinstance(id_, str) else None

    @property
    def is_retry(self) -> bool:
        """Whether the client's library says that it sends this anew by itself."""
        return self.headers.get("x-stainless-retry-count", "0") != "0"

    @property
    def opening(self) -> bytes:
        """What the conversation begins with, as a digest: the items before the model's first."""
        items = takewhile(lambda item: not _made_by_model(item), (*self.inherited, *self.items))
        told = [(item.get("role") or item.get("type"), list(_texts(item))) for item in items]
        return blake2b(repr(told).encode("utf-8", "surrogatepass"), digest_size=16).digest()

    @property
    def turn(self) -> int:
        """Which turn of the model's this is: one more than the answers there are already.

        What the model made, uninterrupted by the client's items, is one answer.
        """
        turns, speaking = 1, False
        for item in (*self.inherited, *self.items):
            made = _made_by_model(item)
            turns += made and not speaking
            speaking = made
        return turns


def _call_id(item: Json) -> str | None:
    """Return the id of a call, of the call itself and not of what answers it."""
    call_id = item.get("call_id")
    return call_id if isinstance(call_id, str) else None


def _texts(item: Json) -> Iterator[str]:
    """Yield the texts of a message, or of a tool's output."""
    content = item.get("content") if "role" in item else item.get("output")
    if isinstance(content, str):
        yield content
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict):
            told = (part.get(key) for key in ("text", "refusal", "stdout", "stderr"))
            yield from (text for text in told if isinstance(text, str))


def _tool_names(tools: Any) -> Iterator[str]:
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict):
            names = (tool.get("name"), tool.get("server_label"))
            kind = tool.get("type")
            given = [name for name in names if isinstance(name, str)]
            yield from given
            if isinstance(kind, str) and (not given or kind not in ("function", "custom")):
                yield kind
            yield from _tool_names(tool.get("tools"))


def _made_by_model(item: Json) -> bool:
    """Tell whether an item is of the model's making, and not of the client's."""
    kind = str(item.get("type", ""))
    if kind == "message":
        return item.get("role") == "assistant"
    return kind == "reasoning" or kind.endswith(("_call", "_request"))
