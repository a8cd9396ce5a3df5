"""Citations: what a source adds to the message, and the annotation that points at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from mockserver.schema.base import Json

Cite: TypeAlias = Callable[[str], tuple[str, Json]]
"""Continues a text by what a source says; returns the longer text and its annotation.

The item that found the source leaves it in ``Context.citations``, the message calls it.
"""


def cite_page(page: Json, say: Callable[[], str]) -> Cite:
    """Return a ``url_citation`` that spans the link after a sentence (api-contract §5.2).

    ``page`` has ``title``, ``domain`` and ``url``.
    """

    def cite(text: str) -> tuple[str, Json]:
        url = f"{page['url']}?utm_source=openai"
        text = f"{text.rstrip('.')}. {say().rstrip('.')} "
        link = f"([{page['domain']}]({url}))"
        return f"{text}{link}.", {
            "type": "url_citation",
            "end_index": len(text) + len(link),
            "start_index": len(text),
            "title": page["title"],
            "url": url,
        }

    return cite


def cite_file(result: Json, said: str) -> Cite:
    """Return a ``file_citation`` that points before the full stop of a sentence.

    ``result`` has ``file_id`` and ``filename``; nothing of the mark is in the text.
    """

    def cite(text: str) -> tuple[str, Json]:
        text = f"{text} {said}"
        return text, {
            "type": "file_citation",
            "file_id": result["file_id"],
            "filename": result["filename"],
            "index": len(text) - 1,
        }

    return cite


def cite_container_file(container_id: str, file_id: str, path: str) -> Cite:
    """Return a ``container_file_citation`` that spans the address of a download link."""

    def cite(text: str) -> tuple[str, Json]:
        filename = path.rpartition("/")[2]
        text = f"{text} [Download {filename}]("
        address = f"sandbox:{path}"
        return f"{text}{address})", {
            "type": "container_file_citation",
            "container_id": container_id,
            "end_index": len(text) + len(address),
            "file_id": file_id,
            "filename": filename,
            "start_index": len(text),
        }

    return cite
