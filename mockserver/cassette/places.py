"""Where a value stands in the text of a YAML or JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import yaml

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def line_of(text: str, steps: Sequence[str | int]) -> int | None:
    """Return the line, from 1 on, of the value that keys and positions lead to.

    A step that leads nowhere ends the way: the line is that of what was reached. ``text`` must
    have been read before, which is what guards against hostile documents. None for JSON that is
    not YAML.
    """
    try:
        # Outside of strings, which cannot hold one, a tab of JSON is a blank.
        node = yaml.compose(text.replace("\t", " "), Loader=_LOADER)
    except (yaml.YAMLError, RecursionError):
        return None
    mark = getattr(node, "start_mark", None)
    for step in steps:
        found = _member(node, step)
        if found is None:
            break
        mark, node = found
    return None if mark is None else int(mark.line) + 1


def _member(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """Return the mark and the node of a mapping's or a list's member."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == step:
                return key.start_mark, value
    elif isinstance(node, yaml.SequenceNode) and step in range(len(node.value)):
        return node.value[int(step)].start_mark, node.value[int(step)]
    return None
