"""Patches: files that the model creates, changes and deletes through the client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from mockserver.items.asked import last_call, last_wish, leave
from mockserver.items.base import Item
from mockserver.items.context import Context
from mockserver.items.draft import draft, remark
from mockserver.items.steps import Keep, Place, Text
from mockserver.items.v4a import creation, update
from mockserver.schema.base import Json

if TYPE_CHECKING:
    from mockserver.items.workspace import Workspace

_DIFF: Final = Text("response.apply_patch_call_operation_diff", "diff")
_MOST: Final = 50
"""Paths of a request that are looked at."""
_RENAME: Final = re.compile(
    r"\b(?:rename|replace|change)\s+[`'\"]?(\w{1,64})(?:\(\))?[`'\"]?\s+(?:to|with|by)\s+"
    r"[`'\"]?(\w{1,64})",
    re.I,
)


class Diff:
    """Tells the diff of the operation, where it has one (wire-vs-spec §4)."""

    def open(self, thing: Json) -> Json:
        """Empty the diff."""
        operation: Json = thing.get("operation") or {}
        return {"operation": {**operation, **_DIFF.open(operation)}}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield the diff's deltas and the whole."""
        if "diff" in thing["operation"]:
            yield from _DIFF.unfold(thing["operation"], place)

    def cut(self, thing: Json, keep: Keep) -> Json:
        """Shorten the diff."""
        operation = thing["operation"]
        changes = _DIFF.cut(operation, keep) if "diff" in operation else {}
        return {"operation": {**operation, **changes}}


class ApplyPatchCall(Item):
    """A change of one file (api-contract §5.1 row 17)."""

    kind: ClassVar = "apply_patch_call"
    prefix: ClassVar = "apc"
    tools: ClassVar = ("apply_patch",)
    answer: ClassVar = "apply_patch_call_output"
    steps: ClassVar = (Diff(),)

    type: Literal["apply_patch_call"]
    status: Literal["in_progress", "completed"]
    call_id: str
    operation: dict[str, Any]
    caller: dict[str, Any] | None = None
    created_by: str | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Change a file that the user names, so that the diff fits what is known of it."""
        item: Json = {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "call_id": ctx.draw.call_id(),
            "operation": _operation(ctx),
        }
        return leave(ctx, item)

    @classmethod
    def cut(cls, item: Json, keep: Keep) -> Json:
        """Return the call as it is when the output ends inside it: it knows no ``incomplete``."""
        return {**super().cut(item, keep), "status": "in_progress"}


class ApplyPatchCallOutput(Item):
    """Whether the change went through (api-contract §5.1 row 18)."""

    kind: ClassVar = "apply_patch_call_output"
    prefix: ClassVar = "apco"
    opening_status: ClassVar = "completed"

    type: Literal["apply_patch_call_output"]
    status: Literal["completed", "failed"]
    call_id: str
    output: str | None = None
    caller: dict[str, Any] | None = None
    created_by: str | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Tell that the last call's change went through, if there is one."""
        call = last_call(ctx, ApplyPatchCall.kind) or {}
        operation = call.get("operation") or {"type": "update_file", "path": "notes.md"}
        done = {"create_file": "Created", "delete_file": "Deleted"}.get(operation["type"])
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "call_id": call.get("call_id") or ctx.draw.call_id(),
            "output": f"{done or 'Updated'} {operation['path']}",
        }

    @classmethod
    def cut(cls, item: Json, keep: Keep) -> Json:
        """Return the output as it is: there is nothing of it that the model writes."""
        return item


def _operation(ctx: Context) -> Json:
    from mockserver.items.workspace import Mention, Workspace, mentions  # many patterns

    space = Workspace.of(ctx.history)
    named = list(islice(mentions(ctx.history), _MOST))
    clear = [mention for mention in named if mention.operation]
    guesses = [*clear, *named, *(Mention(path, "update_file") for path in space.files)]
    for mention in guesses:
        path = space.find(mention.path)
        if mention.operation != "delete_file":
            return _write(ctx, space, path, mention.operation)
        if path not in space.gone:
            return {"type": "delete_file", "path": path}
    name = "-".join(re.findall(r"\w+", ctx.words.title(ctx.dice).lower()))
    return _write(ctx, space, f"{name}.md", None)


def _write(ctx: Context, space: Workspace, path: str, operation: str | None) -> Json:
    """Return the creation of a file, or a change of one that is there."""
    there = path in space.files or (operation == "update_file" and path not in space.gone)
    if not there:
        diff = creation(draft(ctx, path))
        return {"type": "create_file", "diff": diff, "path": path}
    lines = space.files.get(path) or []
    edits = _renamed(ctx, lines) or _added(ctx, lines, path)
    return {"type": "update_file", "diff": update(lines, edits), "path": path}


def _renamed(ctx: Context, lines: list[str]) -> dict[int, list[str]]:
    """Return the lines that hold a word which the user wants changed, with the new one."""
    match = _RENAME.search(last_wish(ctx.history))
    if match is None or match[1] == match[2]:
        return {}
    old, new = re.compile(rf"\b{match[1]}\b"), match[2]
    return {
        index: [old.sub(lambda _: new, line)]
        for index, line in enumerate(lines)
        if old.search(line)
    }


def _added(ctx: Context, lines: list[str], path: str) -> dict[int, list[str]]:
    """Return a remark after the last line; without one, it alone, which any file takes."""
    new = remark(ctx, path)
    return {len(lines) - 1: [lines[-1], new]} if lines else {0: [new]}
