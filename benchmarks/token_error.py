"""How far token counts are from recorded ``usage``: the error over a corpus, as a table.

Run ``python benchmarks/token_error.py [CORPUS]``; without an argument the corpus is the folder that
``MOCKSERVER_CORPUS`` names.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final, Literal, TypeAlias

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from oracle.recordings import Recording, corpus, recordings  # noqa: E402

from mockserver.tokens import (  # noqa: E402
    Tokenizer,
    TokenizerUnavailable,
    count_input,
    count_output,
    open_tokenizer,
)

Side: TypeAlias = Literal["input", "output"]
SIDES: Final[tuple[Side, ...]] = ("input", "output")
KINDS: Final[tuple[Literal["estimate", "tiktoken"], ...]] = ("estimate", "tiktoken")

SETTLED: Final = 1_748_736_000
"""1 June 2025: before it the API put words of its own into prompts, by the hundred with tools."""

SERVED: Final = frozenset(
    {
        "code_interpreter",
        "file_search",
        "image_generation",
        "mcp",
        "programmatic_tool_calling",
        "tool_search",
        "web_search",
        "web_search_preview",
    }
)
"""Tools run by the server, whose findings count as input and are not in the request."""

HELD_OUT: Final = 3
"""One source in so many, chosen by its name, had no part in the fit of the estimate."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A recorded request with the usage that the API reported for it.

    ``spoken`` is ``output_tokens`` without the reasoning tokens; ``silent`` tells that there were
    none, so that ``spoken`` is exact (several models report them in steps of 64).
    """

    source: str
    model: str
    request: dict[str, Any]
    output: list[dict[str, Any]]
    prompted: int
    spoken: int
    silent: bool

    @property
    def items(self) -> list[dict[str, Any]]:
        """The request's input as items."""
        given = self.request["input"]
        return [{"role": "user", "content": given}] if isinstance(given, str) else given

    @property
    def is_text(self) -> bool:
        """Whether the prompt is messages of plain text and nothing else."""
        kinds = {item.get("type", "message") for item in self.items}
        parts = {
            part.get("type")
            for item in self.items
            if isinstance(item.get("content"), list)
            for part in item["content"]
        }
        plain = kinds == {"message"} and not parts & {"input_image", "input_file"}
        return plain and not self.request.get("tools") and not self._format

    @property
    def is_told(self) -> bool:
        """Whether the answer is a message and nothing else but silent reasoning."""
        return {item["type"] for item in self.output} - {"reasoning"} == {"message"}

    @property
    def is_held_out(self) -> bool:
        """Whether the pair's source had no part in the fit."""
        return hashlib.sha256(self.source.encode()).digest()[0] % HELD_OUT == 0

    @property
    def _format(self) -> bool:
        return ((self.request.get("text") or {}).get("format") or {}).get("type") == "json_schema"

    def input_error(self, tokenizer: Tokenizer) -> float:
        """Return counted by reported input tokens, less one."""
        count = count_input(
            tokenizer,
            items=self.items,
            instructions=self.request.get("instructions"),
            tools=self.request.get("tools") or (),
            text_format=(self.request.get("text") or {}).get("format"),
            tool_choice=self.request.get("tool_choice"),
            model=self.model,
        )
        return count / self.prompted - 1

    def output_error(self, tokenizer: Tokenizer) -> float:
        """Return counted by reported output tokens without reasoning, less one."""
        return count_output(tokenizer, self.output, model=self.model) / self.spoken - 1


@dataclass(frozen=True)
class Error:
    """The spread of a set of relative errors: their number, and two quantiles of their size."""

    number: int
    middle: float
    ninetieth: float

    @classmethod
    def of(cls, errors: Iterable[float]) -> Error:
        """Sum up relative errors, of which there must be two at least."""
        sizes = [abs(error) for error in errors]
        return cls(len(sizes), median(sizes), quantiles(sizes, n=10)[-1])


def pairs(folder: Path) -> list[Pair]:
    """Read the pairs of a corpus whose whole prompt is in the request."""
    return list(_pairs(recordings(folder)))


def error_of(found: Iterable[Pair], tokenizer: Tokenizer, side: Side) -> Error:
    """Return the error of one side over pairs; for output only where the report is exact."""
    if side == "input":
        return Error.of(pair.input_error(tokenizer) for pair in found)
    return Error.of(
        pair.output_error(tokenizer) for pair in found if pair.silent and pair.spoken > 0
    )


def _pairs(found: Iterable[Recording]) -> Iterator[Pair]:
    for recording in found:
        request, response = recording.request_body, recording.response or {}
        if isinstance(request, dict) and recording.is_openai and _is_whole(request, response):
            usage = response["usage"]
            reasoning = (usage.get("output_tokens_details") or {}).get("reasoning_tokens") or 0
            yield Pair(
                source=recording.file.split("/")[0],
                model=response.get("model") or request["model"],
                request=request,
                output=response["output"] or _items(recording),
                prompted=usage["input_tokens"],
                spoken=usage["output_tokens"] - reasoning,
                silent=not reasoning,
            )


def _is_whole(request: dict[str, Any], response: dict[str, Any]) -> bool:
    inherits = any(request.get(key) for key in ("previous_response_id", "conversation", "prompt"))
    served = any(str(tool.get("type")) in SERVED for tool in request.get("tools") or ())
    told = request.get("input") and request.get("model")
    counted = (response.get("usage") or {}).get("input_tokens")
    settled = (response.get("created_at") or 0) >= SETTLED
    return bool(told and counted and settled and not inherits and not served)


def _items(recording: Recording) -> list[dict[str, Any]]:
    """Return the items that a stream told one by one, for an answer that does not repeat them."""
    done = (event for event in recording.events if event["type"] == "response.output_item.done")
    return [event["item"] for event in done]


def parts(side: Side) -> dict[str, Callable[[Pair], bool]]:
    """Return the sets of pairs that a table has a line for, by name."""

    def text(pair: Pair) -> bool:
        return pair.is_text if side == "input" else pair.is_told

    return {
        "all": lambda pair: bool(pair.prompted),
        "text only": text,
        "held out": lambda pair: pair.is_held_out,
        "held out, text": lambda pair: pair.is_held_out and text(pair),
    }


def main(folder: Path) -> None:
    """Print the errors of every tokenizer that works here, over all pairs and over parts."""
    found = pairs(folder)
    print(f"{'tokenizer':10} {'side':7} {'pairs':15} {'number':>6} {'median':>7} {'90 %':>7}")
    for kind in KINDS:
        try:
            tokenizer = open_tokenizer(kind)
        except TokenizerUnavailable as problem:
            print(problem)
            continue
        for side in SIDES:
            for name, belongs in parts(side).items():
                error = error_of(filter(belongs, found), tokenizer, side)
                print(
                    f"{kind:10} {side:7} {name:15} {error.number:6} "
                    f"{error.middle:7.1%} {error.ninetieth:7.1%}"
                )


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else corpus()
    if place is None:
        sys.exit("give the corpus folder as an argument or in MOCKSERVER_CORPUS")
    main(place)
