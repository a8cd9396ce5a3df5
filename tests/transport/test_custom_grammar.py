"""Custom tools with a grammar: what is passed to them keeps it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from api import Api
from lark import Lark

from mockserver import MockServer

Document = dict[str, Any]

MODEL = "gpt-4.1"

ARITHMETIC = r"""
start: expr
expr: term (SP ADD SP term)* -> add
| term
term: factor (SP MUL SP factor)* -> mul
| factor
factor: INT
SP: " "
ADD: "+"
MUL: "*"
%import common.INT
"""
QUERY = r"""
start: "SELECT"i columns "FROM"i NAME where? ";"
columns: NAME ("," NAME)*
where: "WHERE"i NAME ("=" | ">") (NUMBER | STRING)
NAME: /[a-z_][a-z0-9_]*/
STRING: /'[^']*'/
NUMBER: /[0-9]+/
%import common.WS
%ignore WS
"""
NESTED = r"""
start: value
?value: object | array | ESCAPED_STRING | SIGNED_NUMBER | "true" | "false" | "null"
array: "[" [value ("," value)*] "]"
object: "{" [pair ("," pair)*] "}"
pair: ESCAPED_STRING ":" value
%import common (ESCAPED_STRING, SIGNED_NUMBER, WS)
%ignore WS
"""
PATCH = r"""
start: "*** Begin" LF hunk+ "*** End" LF?
hunk: "*** File: " filename LF line+
filename: /(.+)/
line: ("+" | "-" | " ") /(.*)/ LF -> change
%import common.LF
"""


def tool(definition: str, syntax: str = "lark", name: str = "c") -> Document:
    grammar = {"type": "grammar", "syntax": syntax, "definition": definition}
    return {"type": "custom", "name": name, "format": grammar}


def body(*tools: Document, **more: Any) -> Document:
    return {"model": MODEL, "input": "hi", "tools": list(tools), **more}


def inputs(api: Api, *tools: Document, times: int = 12) -> list[str]:
    """Return what the tool is called with, each time another text."""
    return [
        api.create(body(*tools), f"seed:{seed}")["output"][-1]["input"] for seed in range(times)
    ]


@pytest.mark.parametrize(
    ("definition", "aliases"),
    [(ARITHMETIC, True), (QUERY, False), (NESTED, False)],
    ids=["arithmetic", "query", "nested"],
)
def test_the_input_parses_when_the_grammar_is_lark(
    api: Api, definition: str, aliases: bool
) -> None:
    """Every text is of the grammar, and they are not all the same."""
    readable = re.sub(r"-> \w+", "", definition) if aliases else definition
    parser = Lark(readable)
    texts = inputs(api, tool(definition))
    assert all(parser.parse(text) for text in texts)
    assert len(set(texts)) > 4


def test_the_input_is_a_patch_when_terminals_may_be_empty(api: Api) -> None:
    """A grammar that Lark's own lexers refuse, because a terminal may match nothing, is kept."""
    line = r"[+\- ].*\n"
    patch = re.compile(rf"\*\*\* Begin\n(\*\*\* File: .+\n({line})+)+\*\*\* End\n?")
    texts = inputs(api, tool(PATCH))
    assert [text for text in texts if not patch.fullmatch(text)] == []


def test_the_input_matches_when_the_grammar_is_a_regular_expression(api: Api) -> None:
    """Every text matches from its beginning to its end."""
    pattern = r"(?P<month>January|May) \d{1,2}(st|th), \d{4}"
    assert all(re.fullmatch(pattern, text) for text in inputs(api, tool(pattern, "regex")))


def test_texts_are_equal_when_two_servers_have_one_seed() -> None:
    """Text of a grammar depends on nothing but the seed and the request."""
    with MockServer() as one, MockServer() as other, Api(one.url) as mine, Api(other.url) as theirs:
        assert inputs(mine, tool(QUERY), times=3) == inputs(theirs, tool(QUERY), times=3)


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ("start: missing", "missing"),
        ("no grammar at all", "line 1"),
        ('start: "a" loop\nloop: "b" loop', "No text of finite length"),
        ("start: /(/", "cannot be read"),
        ("start: A\n%import .secrets.A", "can be imported"),
        ("start: A\n%import unheard_of.A", "unheard_of"),
        ("start: A\n%declare A", "No text of finite length"),
    ],
)
def test_a_grammar_is_refused_when_it_cannot_be_read(
    api: Api, definition: str, reason: str
) -> None:
    """The error names the definition, also of a tool that would not be called."""
    free = {"type": "custom", "name": "free"}
    error = api.refused(body(free, tool(definition, name="bad")))
    assert (error["status"], error["param"]) == (400, "tools[1].format.definition")
    assert "'bad'" in error["message"]
    assert reason in error["message"]


def test_a_pattern_is_refused_when_no_text_matches_it(api: Api) -> None:
    """What cannot be written is an error of the definition, in a namespace too."""
    member = tool("a(?!b)b", "regex")
    space = {"type": "namespace", "name": "ns", "description": "d", "tools": [member]}
    error = api.refused(body(space))
    assert error["param"] == "tools[0].tools[0].format.definition"
    terminal = api.refused(body(tool("start: /a(?!b)b/")))
    assert terminal["param"] == "tools[0].format.definition"
