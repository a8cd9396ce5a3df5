"""What made-up files hold: a few lines in the manner of their kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from mockserver.items.context import Context

_COMMENTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("py", "rb", "sh", "tf", "toml", "yaml", "yml"), "# {}"),
    **dict.fromkeys(("c", "cpp", "cs", "go", "h", "java", "js", "jsx"), "// {}"),
    **dict.fromkeys(("kt", "php", "rs", "scala", "swift", "ts", "tsx"), "// {}"),
    **dict.fromkeys(("html", "vue", "xml"), "<!-- {} -->"),
    **dict.fromkeys(("lua", "sql"), "-- {}"),
    **dict.fromkeys(("cfg", "ini"), "; {}"),
    "css": "/* {} */",
    "json": "",
}
"""How each kind of file marks a comment; JSON has none, so that its line stays blank."""


def draft(ctx: Context, path: str) -> list[str]:
    """Return the lines of a new file."""
    title, ending = ctx.words.title(ctx.dice), _ending(path)
    if ending == "py":
        return [f'"""{ctx.words.sentence(ctx.dice)}"""', "", f"print({title!r})"]
    if ending == "json":
        return ["{", f'  "title": {json.dumps(title)}', "}"]
    if ending == "md":
        return [f"# {title}", "", ctx.words.sentence(ctx.dice)]
    return [remark(ctx, path)]


def remark(ctx: Context, path: str) -> str:
    """Return a line that may be added to a file of this kind."""
    return _COMMENTS.get(_ending(path), "{}").format(ctx.words.sentence(ctx.dice))


def _ending(path: str) -> str:
    return path.rpartition(".")[2].lower()
