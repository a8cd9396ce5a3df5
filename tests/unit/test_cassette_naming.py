"""Path tricks in the names of namespaces and tests stay inside the folder of the cassettes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.cassette import CassetteError
from mockserver.cassette.naming import cassette_path

ROOT = Path("cassettes")
TRICKS = (
    *("../x", "../../etc/passwd", "/etc/passwd", "a/../../b", "..", ".", "", "/", "~root/x"),
    *("a\\..\\..\\b", "C:\\x", "x\0y", "CON", "nul.txt", "a/COM1", "a:b", "x" * 300, "é" * 200),
    *("trailing.", ".hidden", "a\nb", "\ud800", "...", "$HOME", "a|b", "*", "a b"),
)


@pytest.mark.parametrize(
    "name", ["default", "test_a", "tests/test_a/test_b[gpt-5]", "käse", "v1.2"]
)
def test_an_ordinary_name_is_its_own_file(name: str) -> None:
    """What every file system takes is left as it is; slashes make folders."""
    assert cassette_path(ROOT, name) == ROOT / f"{name}.yaml"


def test_a_name_with_the_suffix_gets_no_second_one() -> None:
    """A cassette may be named with or without its ending."""
    assert cassette_path(ROOT, "a.yaml") == ROOT / "a.yaml"


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_stays_inside_the_folder(tmp_path: Path, name: str) -> None:
    """The file can be written, lies below the folder and is not hidden."""
    path = cassette_path(tmp_path, name)
    assert path.resolve().is_relative_to(tmp_path.resolve())
    assert not any(part.startswith(".") for part in path.relative_to(tmp_path).parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")


def test_names_that_differ_get_files_that_differ() -> None:
    """No two tests share a cassette because their names had to be changed."""
    paths = {str(cassette_path(ROOT, name)).lower() for name in (*TRICKS, "a_b", "x" * 301, "_")}
    assert len(paths) == len(TRICKS) + 3


@given(st.text())
def test_any_name_gives_a_file_below_the_folder(name: str) -> None:
    """Whatever characters a name has, its path has no step up and no empty part."""
    parts = cassette_path(ROOT, name).relative_to(ROOT).parts
    assert len(parts) == name.count("/") + 1
    assert ".." not in parts


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A folder that is a link to elsewhere is not written through."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "out").symlink_to(tmp_path)
    with pytest.raises(CassetteError, match="a link leads out of it"):
        cassette_path(tmp_path / "root", "out/a")
