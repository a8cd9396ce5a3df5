"""V4A diffs: what is made applies, and what was made by others is understood."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from patching import Folder

from mockserver.items.v4a import apply, creation, lines_of, update

LINES = st.lists(st.sampled_from(["a", "b", "", " c", "@@", "+d", "-e", "*** f"]), max_size=12)


@given(LINES, st.data())
def test_an_update_makes_the_edits_when_it_is_applied(
    lines: list[str], data: st.DataObject
) -> None:
    """Repeated and odd lines do not lead the diff astray, in our reading and in a client's."""
    numbers = st.integers(0, max(0, len(lines) - 1))
    news = st.lists(st.sampled_from(["x", "a", "@@ y"]), min_size=1, max_size=3)
    edits = data.draw(st.dictionaries(numbers, news, min_size=1, max_size=3))
    wanted = [new for index, line in enumerate(lines) for new in edits.get(index, [line])]
    diff = update(lines, edits)
    assert apply(lines, diff) == (wanted or edits[0])
    if lines and wanted != lines and not any("@@" in line for line in (*lines, *wanted)):
        folder = Folder(f="".join(line + "\n" for line in lines))
        folder.take({"type": "update_file", "path": "f", "diff": diff})
        assert lines_of(folder["f"]) == wanted


@given(LINES)
def test_a_creation_makes_the_file_when_it_is_applied(lines: list[str]) -> None:
    """A new file has the lines of its diff."""
    assert apply([], creation(lines)) == lines


def test_a_diff_shows_three_lines_around_an_edit_when_there_are_more() -> None:
    """Edits far apart have hunks of their own, near ones share one."""
    lines = [f"line {number}" for number in range(30)]
    diff = update(lines, {10: ["x"], 20: ["y"], 21: ["line 21", "z"]})
    assert diff.splitlines() == [
        *("@@", " line 7", " line 8", " line 9", "-line 10", "+x", " line 11", " line 12"),
        *(" line 13", "@@", " line 17", " line 18", " line 19", "-line 20", "+y", " line 21"),
        *("+z", " line 22", " line 23", " line 24"),
    ]


def test_a_hunk_is_sought_after_its_anchor_when_it_names_one() -> None:
    """The line after ``@@`` says where to begin; without it in the file nothing fits."""
    lines = ["def f():", "    pass", "def g():", "    pass"]
    diff = "@@ def g():\n-    pass\n+    return 1\n"
    assert apply(lines, diff) == [*lines[:3], "    return 1"]
    assert apply(lines[:2], diff) is None


def test_a_diff_fits_not_when_its_lines_are_elsewhere() -> None:
    """Kept and dropped lines must stand in the file, in this order."""
    assert apply(["a", "b"], "@@\n b\n-a\n") is None
    assert apply(["a", "b"], "@@\n-b\n+c\n@@\n-a\n") is None
