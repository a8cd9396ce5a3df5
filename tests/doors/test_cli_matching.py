"""The rule of matching on the command line."""

from __future__ import annotations

import pytest

from mockserver import MockServer, cli
from mockserver.exits import USAGE


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--match-on", "method,bodys"), "match_on: there is no matcher 'bodys'; there are method"),
        (("--match-on", "no_such_module:f"), "'no_such_module:f' cannot be imported"),
        (("--ignore-body", "a...b"), "ignore_body: the path 'a...b' cannot be read from '...b' on"),
        (("--normalise", "json:gone"), "'json:gone' cannot be imported as module:function"),
    ],
)
def test_a_rule_that_cannot_be_is_wrong_usage(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says what is wrong and how it is written, and does not start."""
    assert cli.main(["serve", *words]) == USAGE
    assert told in capsys.readouterr().err


def test_a_rule_that_cannot_be_keeps_a_server_from_starting() -> None:
    """In Python the same sentence comes as a ValueError."""
    with pytest.raises(ValueError, match="there is no matcher 'bodys'"):
        MockServer(strict=True, match_on=["bodys"]).start()
