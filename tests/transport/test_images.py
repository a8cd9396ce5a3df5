"""Images, through the public door."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest
from api import Api
from hosted import CODE, PAINT, Document, added, body, inside, of
from PIL import Image


def picture(data: str) -> Image.Image:
    """Decode an image."""
    image = Image.open(BytesIO(b64decode(data, validate=True)))
    image.load()
    return image


FORMS = [
    (form, background)
    for form in ("png", "webp", "jpeg", "gif")
    for background in ("transparent", "opaque", "auto")
    if (form, background) != ("jpeg", "transparent")
]


@pytest.mark.parametrize(("form", "background"), FORMS)
@pytest.mark.parametrize("size", ["1024x1024", "1536x1024", "640x1280"])
def test_an_image_is_what_the_tool_asks_for(
    api: Api, form: str, background: str, size: str
) -> None:
    """The bytes decode in the format, size and background that the item tells."""
    tool = {**PAINT, "output_format": form, "background": background, "size": size}
    item = of(api.create(body({**tool, "quality": "low"})), "image_generation_call")
    image = picture(item["result"])
    assert (image.format or "").lower() == form == item["output_format"]
    assert f"{image.width}x{image.height}" == size == item["size"]
    clear = background == "transparent"
    assert item["background"] == ("transparent" if clear else "opaque")
    assert (min(image.convert("RGBA").getchannel("A").getextrema()) == 0) is clear
    assert item["quality"] == "low"


@pytest.mark.parametrize(
    ("form", "key", "value"),
    [
        ("jpeg", "background", "transparent"),
        ("gif", "partial_images", 1),
        ("gif", "input_image_mask", {"file_id": "file-1"}),
        ("gif", "output_compression", 50),
    ],
)
def test_an_image_is_refused_that_its_format_cannot_be(
    api: Api, form: str, key: str, value: Any
) -> None:
    """A setting that does not go with the format is told by its place; others take it."""
    tool = {**PAINT, "size": "64x64", key: value}
    error = api.refused(body({**tool, "output_format": form}))
    assert (error["status"], error["param"], error["code"]) == (
        400,
        f"tools[0].{key}",
        "invalid_value",
    )
    assert f"output format '{form}'" in error["message"]
    api.create(body({**tool, "output_format": "webp"}))
    api.create(body({**PAINT, "size": "64x64", "output_format": form}))


@pytest.mark.parametrize("size", [None, "auto"])
def test_an_image_is_a_small_square_png_when_nothing_is_asked_for(
    api: Api, size: str | None
) -> None:
    """What is left to the model is told as what it chose, in the wire's order of keys."""
    item = of(api.create(body({**PAINT, "size": size}, "Draw an otter.")), "image_generation_call")
    assert {key: value for key, value in item.items() if key not in ("id", "result")} == {
        "type": "image_generation_call",
        "status": "completed",
        "action": "generate",
        "background": "opaque",
        "output_format": "png",
        "quality": "high",
        "revised_prompt": "Draw an otter. Flat bands of colour, from top to bottom.",
        "size": "1024x1024",
    }
    assert list(item)[:4] == ["id", "type", "status", "action"]
    assert picture(item["result"]).size == (1024, 1024)
    assert len(item["result"]) < 10_000


def test_an_svg_tells_what_its_author_took(api: Api) -> None:
    """The result is an SVG document, and the item tells the tokens and model behind it."""
    tool = {**PAINT, "output_format": "svg", "svg": {"model": "gpt-5.4"}}
    item = of(api.create(body(tool)), "image_generation_call")
    root = ElementTree.fromstring(b64decode(item["result"]))
    assert root.get("width") == "1024"
    usage = item["svg_usage"]
    assert usage["model"] == "gpt-5.4"
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


@pytest.mark.parametrize(
    ("given", "frames", "duration"),
    [({}, 9, 200), ({"frame_count": 4, "frame_duration_ms": 80}, 4, 80)],
)
def test_a_gif_moves_as_the_tool_asks(
    api: Api, given: Document, frames: int, duration: int
) -> None:
    """It has the frames and durations asked for, else the API's default ones."""
    tool = {**PAINT, "output_format": "gif", **given}
    image = picture(of(api.create(body(tool)), "image_generation_call")["result"])
    assert getattr(image, "n_frames", 1) == frames
    assert image.info["duration"] == duration


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_an_image_grows_when_partial_images_are_asked_for(api: Api, count: int) -> None:
    """As many partial images are streamed, all decode, all differ, and the last is the result."""
    tool = {**PAINT, "partial_images": count, "output_format": "webp", "size": "512x512"}
    events = api.stream(body(tool))
    call = "response.image_generation_call"
    assert inside(events, "image_generation_call") == [
        f"{call}.in_progress",
        f"{call}.generating",
        *[f"{call}.partial_image"] * count,
        f"{call}.completed",
    ]
    looks = [event for event in events if event["type"].endswith("partial_image")]
    assert [look["partial_image_index"] for look in looks] == list(range(count))
    assert len({look["partial_image_b64"] for look in looks}) == count
    item = of(events[-1]["response"], "image_generation_call")
    for look in looks:
        assert picture(look["partial_image_b64"]).size == (512, 512)
        keys = ("background", "output_format", "quality", "size")
        assert [look[key] for key in keys] == [item[key] for key in keys]
    assert [look["partial_image_b64"] for look in looks[-1:]] == [item["result"]] * (count > 0)


@pytest.mark.parametrize(("form", "count"), [("png", 1), ("gif", 0)])
def test_an_image_is_shown_once_when_the_tool_does_not_say(api: Api, form: str, count: int) -> None:
    """One partial image is recorded then, the finished one; a GIF has none."""
    events = api.stream(body({**PAINT, "output_format": form}))
    opened = added(events, "image_generation_call")
    kind = "image_generation_call"
    assert opened == {"id": opened["id"], "type": kind, "status": "in_progress", "result": None}
    looks = [event for event in events if event["type"].endswith("partial_image")]
    item = of(events[-1]["response"], "image_generation_call")
    assert [look["partial_image_b64"] for look in looks] == [item["result"]] * count


def test_an_image_is_edited_when_there_is_one_to_go_by(api: Api) -> None:
    """An image in the message or made before is edited, unless the tool says otherwise."""
    first = api.create(body(PAINT))
    made = of(first, "image_generation_call")
    seen = [
        {
            "role": "user",
            "content": [{"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}],
        }
    ]
    again = [
        {"type": "image_generation_call", "id": made["id"]},
        {"role": "user", "content": "bluer"},
    ]
    assert made["action"] == "generate"
    for request in (
        body(PAINT, previous_response_id=first["id"]),
        body(PAINT, again),
        body(PAINT, seen),
        body({**PAINT, "action": "edit"}),
    ):
        assert of(api.create(request), "image_generation_call")["action"] == "edit"
    request = body({**PAINT, "action": "generate"}, previous_response_id=first["id"])
    assert of(api.create(request), "image_generation_call")["action"] == "generate"


def test_an_image_is_metered_by_size_and_quality(api: Api) -> None:
    """The usage is told apart from the model's, adds up, and grows with the image."""
    usages = [
        api.create(body({**PAINT, "quality": quality, "size": size}))["tool_usage"]["image_gen"]
        for quality, size in [("low", "1024x1024"), ("low", "1536x1024"), ("high", "1536x1024")]
    ]
    made = [usage["output_tokens_details"]["image_tokens"] for usage in usages]
    assert made == [272, 408, 6240]
    for usage in usages:
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        assert usage["input_tokens"] == sum(usage["input_tokens_details"].values()) > 0
    other = api.create(body(CODE))["tool_usage"]["image_gen"]
    assert other["total_tokens"] == 0


def test_an_image_is_not_finished_when_the_output_ends_in_it(api: Api) -> None:
    """It is left as being generated, without a result, and costs nothing."""
    events = api.stream(body(PAINT), "items:image_generation_call,incomplete")
    call = "response.image_generation_call"
    assert inside(events, "image_generation_call") == [f"{call}.in_progress", f"{call}.generating"]
    response = events[-1]["response"]
    item = of(response, "image_generation_call")
    assert (item["status"], item["result"]) == ("generating", None)
    assert response["tool_usage"]["image_gen"]["total_tokens"] == 0
