"""Patches: they fit the files that the conversation shows, and say what the user asks."""

from __future__ import annotations

from typing import Any

import pytest
from api import Api, types
from patching import Folder

Document = dict[str, Any]

PATCH: Document = {"type": "apply_patch"}
FIB = "def fib(n):\n    if n <= 1:\n        return n\n    return fib(n - 1) + fib(n - 2)\n"
SHOWN = f"<BEGIN_FILES>\n===== lib/fib.py\n{FIB}<END_FILES>\n\n"


def patch(api: Api, wish: str) -> Document:
    """Return the operation of the one call that a wish is answered with."""
    (call,) = api.create({"model": "gpt-5.1", "input": wish, "tools": [PATCH]})["output"]
    operation: Document = call["operation"]
    return operation


def test_a_patch_renames_when_the_file_is_shown(api: Api) -> None:
    """The diff is the one that the API gave for this very request in August 2026."""
    operation = patch(api, SHOWN + "Rename fib() to fibonacci() in lib / fib.py only.")
    folder = Folder({"lib/fib.py": FIB})
    folder.take(operation)
    assert folder["lib/fib.py"] == FIB.replace("fib", "fibonacci")
    assert operation["diff"] == (
        "@@\n-def fib(n):\n+def fibonacci(n):\n     if n <= 1:\n         return n\n"
        "-    return fib(n - 1) + fib(n - 2)\n+    return fibonacci(n - 1) + fibonacci(n - 2)\n"
    )


@pytest.mark.parametrize(
    ("wish", "path", "kind"),
    [
        ("Create a new file named NOTES.md about owls.", "NOTES.md", "create_file"),
        ("Please write tests into `tests/test_a.py`.", "tests/test_a.py", "create_file"),
        ("In src/data.json, fix the title.", "src/data.json", "update_file"),
        ("Don't delete a.py. Update b.ts instead.", "b.ts", "update_file"),
        ("Delete the file old/a.py, then go on.", "old/a.py", "delete_file"),
        ("Remove the unused import from a.py.", "a.py", "create_file"),
        ("Read https://example.com/a.html and /etc/x.cfg; add c.css!", "c.css", "create_file"),
        (SHOWN + "Make it faster.", "lib/fib.py", "update_file"),
    ],
)
def test_a_patch_is_of_the_file_named_when_one_is(
    api: Api, wish: str, path: str, kind: str
) -> None:
    """Path and operation follow from the words of the request, and the patch applies."""
    operation = patch(api, wish)
    assert (operation["type"], operation["path"]) == (kind, path)
    Folder({} if kind == "create_file" else {path: FIB}).take(operation)


def test_patches_fit_each_other_when_more_are_forced(api: Api) -> None:
    """Each patch of a loop fits what the ones before left, but for those that failed."""
    folder = Folder()
    body: Document = {"model": "gpt-5.1", "tools": [PATCH], "tool_choice": PATCH}
    response = api.create({**body, "input": "Create notes.md."})
    for turn in range(5):
        (call,) = response["output"]
        status = "failed" if turn in (0, 3) else "completed"
        if status == "completed":
            folder.take(call["operation"])
        answer = {"type": "apply_patch_call_output", "call_id": call["call_id"], "status": status}
        response = api.create({**body, "input": [answer], "previous_response_id": response["id"]})
    assert list(folder) == ["notes.md"]
    assert folder["notes.md"].count("\n") == 5


def test_a_diff_is_told_in_deltas_when_there_is_one(api: Api) -> None:
    """Deltas of the operation add up to its diff; a deletion has none to tell."""
    body: Document = {"model": "gpt-5.1", "tools": [PATCH]}
    diff = [f"response.apply_patch_call_operation_diff.{move}" for move in ("delta", "done")]
    events = api.stream({**body, "input": "Create a.md."})
    added, *inside, done = events[2:-1]
    assert types(inside) == diff
    assert added["item"]["operation"] == {"type": "create_file", "diff": "", "path": "a.md"}
    assert inside[-1]["diff"] == done["item"]["operation"]["diff"] != ""
    assert len(types(api.stream({**body, "input": "Delete a.md."}))) == 5
