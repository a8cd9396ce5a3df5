"""Image generation: the server paints, and shows how far it is."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, ClassVar, Final, Literal

from mockserver.items.base import Item
from mockserver.items.context import Context
from mockserver.items.partial_images import SQUARE, PartialImages, picture_of, size_of
from mockserver.items.question import clipped, has_image, question
from mockserver.items.steps import Keep, phases
from mockserver.schema.base import Json

_MOST_FRAMES: Final = 100
_TOKENS: Final = {"low": 272, "medium": 1056, "high": 4160, "xhigh": 6240, "max": 8320}
"""What a square image of each quality costs; the last two are inferred."""
_SEEN: Final = 194
"""What a square image to be edited costs."""


class ImageGenerationCall(Item):
    """An image made, or another one changed (api-contract §5.1 row 10)."""

    kind: ClassVar = "image_generation_call"
    prefix: ClassVar = "ig"
    tools: ClassVar = ("image_generation",)
    steps: ClassVar = (
        *phases("image_generation_call", "in_progress", "generating"),
        PartialImages(),
        *phases("image_generation_call", "completed"),
    )

    type: Literal["image_generation_call"]
    status: Literal["in_progress", "completed", "generating", "failed"]
    action: Literal["generate", "edit", "auto"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    error: dict[str, Any] | None = None
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | None = None
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] | None = None
    result: str | None
    revised_prompt: str | None = None
    size: str | None = None
    svg_usage: dict[str, Any] | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Paint in the size, format and background asked for."""
        from mockserver.items.pictures import encode  # of no use without the tool

        form = tool.get("output_format") or "png"
        # JPEG cannot be transparent, and what the model chooses by itself is recorded as opaque.
        clear = tool.get("background") == "transparent" and form != "jpeg"
        width, height = size_of(tool.get("size"))
        item: Json = {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "action": _action(ctx, tool),
            "background": "transparent" if clear else "opaque",
            "output_format": form,
            "quality": _given(tool, "quality", "high"),
            "result": None,
            "revised_prompt": _revised(ctx),
            "size": f"{width}x{height}",
        }
        frames = min(max(1, tool.get("frame_count") or 9), _MOST_FRAMES)
        duration = tool.get("frame_duration_ms") or 200
        image = encode(picture_of(item), form, frames=frames, duration=max(0, duration))
        item["result"] = b64encode(image).decode()
        if form == "svg":
            item["svg_usage"] = _svg_usage(ctx, tool, item["result"])
        return item

    @classmethod
    def open(cls, item: Json) -> Json:
        """Return the bare item: nothing of the image is known yet (wire-vs-spec §3)."""
        return {
            "id": item["id"],
            "type": item["type"],
            "status": cls.opening_status,
            "result": None,
        }

    @classmethod
    def cut(cls, item: Json, keep: Keep) -> Json:
        """Return the item as left in the making: it has no status for an unfinished image."""
        return item | {"status": "generating", "result": None}

    @classmethod
    def meter(cls, item: Json, tool_usage: Json) -> None:
        """Count prompt and image, by the image's size and quality."""
        if item.get("result") is None:
            return
        width, height = size_of(item.get("size"))
        square = width * height / (SQUARE[0] * SQUARE[1])
        prompt = len(item.get("revised_prompt") or "") // 4 + 1
        seen = _SEEN if item.get("action") == "edit" else 0
        made = max(1, round(_TOKENS.get(str(item.get("quality")), _TOKENS["high"]) * square))
        _add(tool_usage["image_gen"], "input", image=seen, text=prompt)
        _add(tool_usage["image_gen"], "output", image=made, text=0)


def _add(usage: Json, side: str, *, image: int, text: int) -> None:
    usage[f"{side}_tokens"] += image + text
    usage[f"{side}_tokens_details"]["image_tokens"] += image
    usage[f"{side}_tokens_details"]["text_tokens"] += text
    usage["total_tokens"] += image + text


def _given(tool: Json, key: str, default: str) -> str:
    """Return a setting of the tool; one left to the model is the default."""
    value = tool.get(key)
    return default if value in (None, "auto") else str(value)


def _action(ctx: Context, tool: Json) -> str:
    """Return what is done: as asked, else an edit when there is an image to go by."""
    seen = bool(tool.get("input_image_mask")) or has_image(ctx.history)
    return _given(tool, "action", "edit" if seen else "generate")


def _revised(ctx: Context) -> str:
    """Return the prompt as the model passes it on: what was asked, and how it is carried out."""
    asked = clipped(question(ctx.history), 300) or ctx.words.title(ctx.dice)
    return f"{asked.rstrip('.!?')}. Flat bands of colour, from top to bottom."


def _svg_usage(ctx: Context, tool: Json, result: str) -> Json:
    """Return what writing the SVG took of its author, who is the model itself by default."""
    read, written = 400, len(result) // 4
    return {
        "input_tokens": read,
        "model": (tool.get("svg") or {}).get("model") or ctx.model.snapshot,
        "output_tokens": written,
        "reasoning_tokens": 0,
        "total_tokens": read + written,
    }
