"""What judges the server in tests: the SDK's types, the recorded wire and the rules between.

- `check_response`, `check_item`, `check_input_item`, `check_conversation_item`, `check_event`,
  `check_error`, `check_document`: keys, types and values at every level of one document;
- `check_wire`: what every Response has though the SDK's types leave it open;
- `check_stream`: the events of a whole stream against one another;
- `parse_sse`: the bytes of a stream.

Every check returns its findings as lines, none when all is well, so that a test reads
``assert not check_response(document)`` and a failure names what is wrong.
"""

from oracle.differences import RECORDED, WIRE, Difference
from oracle.problem import Problem
from oracle.sse import parse_sse
from oracle.stream import check_stream
from oracle.strict import (
    check_conversation_item,
    check_document,
    check_error,
    check_event,
    check_input_item,
    check_item,
    check_response,
)
from oracle.wire import check_wire

__all__ = [
    "RECORDED",
    "WIRE",
    "Difference",
    "Problem",
    "check_conversation_item",
    "check_document",
    "check_error",
    "check_event",
    "check_input_item",
    "check_item",
    "check_response",
    "check_stream",
    "check_wire",
    "parse_sse",
]
