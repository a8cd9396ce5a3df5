"""Input tokens of images and files."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from mockserver.tokens import count_item

CHAT = "gpt-4o"


class Words:
    """Counts the words of a text."""

    def count(self, text: str) -> int:
        """Give the number of words."""
        return len(text.split())


WORDS = Words()


def picture(width: int, height: int) -> str:
    """A data URI with the head of a PNG."""
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return "data:image/png;base64," + base64.b64encode(head).decode()


def image(**fields: Any) -> dict[str, Any]:
    """A user's message that is one image."""
    return {"role": "user", "content": [{"type": "input_image", **fields}]}


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        ("gpt-4o-mini-2024-07-18", (640, 480), 2833 + 2 * 5667),
        ("gpt-4.1-2025-04-14", (1, 1), 85 + 170),
        ("gpt-4o", (2048, 4096), 85 + 6 * 170),
        ("gpt-5", (100, 100), 70 + 140),
        ("o4-mini-2025-04-16", (640, 480), 516 + 2),
        ("gpt-4.1-nano", (540, 360), 502 + 2),
        ("gpt-5.5", (9000, 9000), 3000 + 2),
    ],
)
def test_image_costs_by_its_size(model: str, size: tuple[int, int], tokens: int) -> None:
    """Images count by tiles or patches; the first, second, fifth and sixth sums are recorded."""
    item = image(image_url=picture(*size))
    assert count_item(WORDS, item, model=model) == 4 + tokens


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("gif", b"GIF89a" + struct.pack("<HH", 640, 480)),
        ("jpeg", b"\xff\xd8\xff\xe0\x00\x04JF\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640)),
    ],
)
def test_image_size_is_read_from(kind: str, raw: bytes) -> None:
    """GIF and JPEG tell their size too."""
    url = f"data:image/{kind};base64,{base64.b64encode(raw).decode()}"
    sizes = {count_item(WORDS, image(image_url=each), model=CHAT) for each in (url, picture(9, 9))}
    assert sizes == {4 + 85 + 2 * 170, 4 + 85 + 170}


def test_image_costs_a_usual_sum_when_its_size_is_unknown() -> None:
    """An image behind a URL or a file id, or one that cannot be read, still costs something."""
    unknown = [
        image(image_url="https://example.com/cat.png"),
        image(file_id="file-abc"),
        image(image_url="data:image/png;base64,!"),
        image(image_url="data:image/png;base64,A"),
        image(image_url="data:image/webp;base64,AAAA"),
        image(),
    ]
    assert {count_item(WORDS, item, model=CHAT) for item in unknown} == {4 + 255}
    assert count_item(WORDS, image(detail="low"), model=CHAT) == 4 + 85


def test_file_costs_its_text_when_it_is_plain() -> None:
    """A text file counts by its text, any other a usual sum that does not grow with its bytes."""

    def cost(data: str) -> int:
        part = {"type": "input_file", "filename": "notes", "file_data": data}
        return count_item(WORDS, {"role": "user", "content": [part]})

    text = base64.b64encode(b"word " * 100).decode()
    assert cost(f"data:text/plain;base64,{text}") - cost("data:text/plain;base64,") == 100
    assert cost(f"data:application/pdf;base64,{text}") == cost("data:application/pdf;base64,AAAA")
    assert cost("data:text/plain;base64,A") == cost("data:application/pdf;base64,AAAA")


def test_sound_costs_a_usual_sum() -> None:
    """A clip costs the same whatever its bytes."""
    costs = {
        count_item(
            WORDS,
            {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": data}}]},
        )
        for data in ("AAAA", "A A A A")
    }
    assert len(costs) == 1
    assert costs.pop() > 4
