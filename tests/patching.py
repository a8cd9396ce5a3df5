"""A folder of files that takes patches as a client's editor does, and objects to what fits not."""

from __future__ import annotations

from typing import Any


class Folder(dict[str, str]):
    """Files by path; ``take`` does what an ``apply_patch_call`` asks for."""

    def take(self, operation: dict[str, Any]) -> None:
        """Create, update or delete a file; raise AssertionError when that cannot be done."""
        kind, path = operation["type"], operation["path"]
        assert (path in self) is (kind != "create_file"), f"{kind} {path}"
        if kind == "delete_file":
            assert set(operation) == {"type", "path"}
            del self[path]
            return
        lines = operation["diff"].split("\n")
        assert lines.pop() == "", "the last line does not end"
        if kind == "create_file":
            assert all(line.startswith("+") for line in lines)
            self[path] = "".join(line[1:] + "\n" for line in lines)
        else:
            self[path] = _update(self[path], lines)


def _update(text: str, diff: list[str]) -> str:
    """Apply hunks from top to bottom, each where its kept and dropped lines stand first."""
    assert diff[0] == "@@"
    told, rest = "", text
    for hunk in "\n".join(diff).split("@@\n")[1:]:
        lines = hunk.removesuffix("\n").split("\n")
        assert all(line[:1] in "+- " and line for line in lines)
        old = "".join(line[1:] + "\n" for line in lines if line[0] != "+")
        new = "".join(line[1:] + "\n" for line in lines if line[0] != "-")
        assert old != new
        before, found, rest = ("\n" + rest).partition("\n" + old)
        assert found, f"{old!r} is not there"
        told += (before + "\n")[1:] + new
    return told + rest
