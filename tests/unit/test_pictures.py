"""Pictures: every format decodes to the very bands that were painted."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from random import Random
from xml.etree import ElementTree

import pytest
from PIL import Image

from mockserver.items.pictures import Picture, encode, paint
from mockserver.items.pictures.picture import CLEAR, Colour

SIZES = [(1024, 1024), (1536, 864), (1, 1), (17, 33), (50, 15), (16, 4096)]


def decoded(data: bytes) -> Image.Image:
    """Read a file with a decoder that is not ours."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def samples(picture: Picture) -> Iterator[tuple[tuple[int, int], Colour, bool]]:
    """Yield places at the corners and in the midst of each band, its colour, and if it is inner."""
    top = 0
    for colour, rows in picture.bands:
        for across in {0, picture.width // 3, picture.width - 1}:
            yield (across, top), colour, False
            yield (across, top + rows - 1), colour, False
            yield (across, top + rows // 2), colour, rows > 16
        top += rows


@pytest.mark.parametrize("share", [1, 0.5, 0], ids=["whole", "half", "blank"])
@pytest.mark.parametrize("transparent", [False, True], ids=["opaque", "transparent"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("form", ["png", "webp", "gif"])
def test_a_picture_is_exact_when_the_format_loses_nothing(
    form: str, size: tuple[int, int], transparent: bool, share: float
) -> None:
    """Size, colours and opacity come back as they were, whole pictures and drafts."""
    picture = paint(Random(str(size)), *size, transparent=transparent).draft(share)
    image = decoded(encode(picture, form))
    assert (image.format or "").lower() == form
    assert image.size == size == (picture.width, picture.height)
    pixels = image.convert("RGBA")
    for place, colour, _ in samples(picture):
        found = pixels.getpixel(place)
        assert isinstance(found, tuple)
        assert found == colour if colour != CLEAR else found[3] == 0


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_jpeg_is_nearly_exact_when_far_from_edges(size: tuple[int, int], seed: int) -> None:
    """The size comes back, and colours within what the format's colour space rounds away."""
    picture = paint(Random(seed), *size)
    image = decoded(encode(picture, "jpeg"))
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert image.size == size
    for place, colour, inner in samples(picture):
        found = image.getpixel(place)
        assert isinstance(found, tuple)
        if inner or len(picture.bands) == 1:
            assert all(abs(ours - theirs) <= 3 for ours, theirs in zip(found, colour, strict=False))


@pytest.mark.parametrize(("frames", "duration"), [(1, 200), (9, 200), (30, 45)])
def test_a_gif_has_its_frames_when_it_moves(frames: int, duration: int) -> None:
    """There are as many frames as asked for, each differs, and is shown for its time."""
    picture = paint(Random(3), 640, 480)
    image = decoded(encode(picture, "gif", frames=frames, duration=duration))
    assert getattr(image, "n_frames", 1) == frames
    seen = set()
    for number in range(frames):
        image.seek(number)
        assert image.info["duration"] == round(duration / 10) * 10
        seen.add(image.convert("RGB").tobytes())
    assert len(seen) == frames


def test_an_svg_draws_every_band_that_can_be_seen() -> None:
    """The rectangles have the bands' places, sizes and colours."""
    picture = paint(Random(4), 300, 200, transparent=True)
    root = ElementTree.fromstring(encode(picture, "svg"))
    assert (root.get("width"), root.get("height")) == ("300", "200")
    [(red, green, blue, _)] = [colour for colour, _ in picture.bands if colour != CLEAR]
    [area] = list(root)
    above = picture.bands[0][1]
    assert (area.get("y"), area.get("width")) == (str(above), "300")
    assert area.get("height") == str(picture.bands[1][1])
    assert area.get("fill") == f"#{red:02x}{green:02x}{blue:02x}"


@pytest.mark.parametrize("form", ["png", "webp", "gif", "jpeg", "svg"])
def test_a_file_is_small_when_the_picture_is_of_the_usual_size(form: str) -> None:
    """A square picture takes less than 10 KB as base64, all its frames included."""
    assert len(encode(paint(Random(5), 1024, 1024), form, frames=9)) * 4 / 3 < 10_000


def test_a_draft_grows_into_the_picture() -> None:
    """Painting all of it is the picture itself, and less of it is another one of its size."""
    picture = paint(Random(6), 64, 480)
    assert encode(picture.draft(1), "png") == encode(picture, "png")
    stages = [picture.draft(share) for share in (0, 0.3, 0.6, 1)]
    assert len({encode(stage, "png") for stage in stages}) == 4
    assert {stage.height for stage in stages} == {480}
