"""Derivations: the rules are kept, and every derivation comes to an end."""

from __future__ import annotations

from random import Random

import pytest

from mockserver.items.derivation import Rules, Symbol, Way

X = Symbol("X", terminal=True)
Y = Symbol("Y", terminal=True)


def rule(name: str) -> Symbol:
    return Symbol(name, terminal=False)


def names(symbols: list[Symbol]) -> str:
    return "".join(symbol.name for symbol in symbols)


def test_terminals_come_in_the_order_of_the_rules() -> None:
    """A sequence keeps its order, rules within it included."""
    rules = Rules({"start": [(X, rule("pair"), X)], "pair": [(Y, X)]})
    assert names(rules.derive("start", Random(0))) == "XYXX"


def test_every_way_is_taken_when_chance_has_it() -> None:
    """The ways to write a rule are all used, the empty one too."""
    rules = Rules({"start": [(X,), (Y,), ()]})
    assert {names(rules.derive("start", Random(seed))) for seed in range(30)} == {"X", "Y", ""}


@pytest.mark.parametrize("branches", [1, 2, 5, 20])
def test_a_derivation_ends_when_a_rule_multiplies_itself(branches: int) -> None:
    """However fast it grows, the shortest way is taken in the end."""
    rules = Rules({"start": [(rule("start"),) * branches, (X,)]})
    for seed in range(20):
        derived = rules.derive("start", Random(seed))
        assert 1 <= len(derived) <= 1 + 48 * branches
        assert set(derived) == {X}


def test_ways_without_an_end_are_not_taken() -> None:
    """A way that leads nowhere is left out, and so is a rule that has no other."""
    endless: list[Way] = [(X, rule("loop"))]
    rules = Rules({"start": [(rule("loop"),), (Y,), (rule("unknown"),)], "loop": endless})
    assert "start" in rules
    assert "loop" not in rules
    assert {names(rules.derive("start", Random(seed))) for seed in range(20)} == {"Y"}


def test_a_rule_ends_when_only_a_deep_way_does() -> None:
    """The shortest text is found through any number of rules."""
    depth = 3_000
    deep: dict[str, list[Way]] = {f"r{step}": [(rule(f"r{step + 1}"),)] for step in range(depth)}
    rules = Rules({**deep, f"r{depth}": [(X,)]})
    assert names(rules.derive("r0", Random(0))) == "X"
