"""Counted tokens stay near the ``usage`` that the API reported in recorded traffic."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from oracle.recordings import corpus
from token_error import Pair, Side, error_of, pairs

from mockserver.tokens import TokenizerUnavailable, open_tokenizer

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def recorded() -> list[Pair]:
    """Requests with the usage reported for them."""
    folder = corpus()
    if folder is None:
        pytest.skip("MOCKSERVER_CORPUS names no corpus")
    return pairs(folder)


@pytest.mark.parametrize(
    ("side", "middle", "ninetieth"), [("input", 0.035, 0.12), ("output", 0.08, 0.4)]
)
def test_estimate_is_near_recorded_usage(
    recorded: list[Pair], side: Side, middle: float, ninetieth: float
) -> None:
    """Half of all estimates are within a few per cent of what the API reported."""
    error = error_of(recorded, open_tokenizer("estimate"), side)
    assert error.number > 500
    assert error.middle <= middle
    assert error.ninetieth <= ninetieth


@pytest.mark.parametrize(("side", "middle"), [("input", 0.04), ("output", 0.08)])
def test_estimate_holds_for_sources_that_it_was_not_fitted_on(
    recorded: list[Pair], side: Side, middle: float
) -> None:
    """The fit carries over to projects that had no part in it."""
    others = [pair for pair in recorded if pair.is_held_out]
    error = error_of(others, open_tokenizer("estimate"), side)
    assert error.number > 100
    assert error.middle <= middle


def test_prompt_of_plain_text_is_exact_when_its_texts_are_counted_exactly(
    recorded: list[Pair],
) -> None:
    """Nearly every recorded prompt of messages costs its tokens and our frames, to the token."""
    try:
        exact = open_tokenizer("tiktoken")
    except TokenizerUnavailable as problem:
        pytest.skip(str(problem))
    error = error_of([pair for pair in recorded if pair.is_text], exact, "input")
    assert error.number > 300
    assert error.ninetieth == 0
    assert error_of(recorded, exact, "input").middle == 0
    assert error_of(recorded, exact, "output").middle == 0
