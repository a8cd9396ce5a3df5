"""Messages: what the model says, or that it will not."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal

from mockserver.items.base import Item
from mockserver.items.context import Context
from mockserver.items.logprobs import fake_logprobs
from mockserver.items.speech import Speech
from mockserver.items.steps import Parts, Text
from mockserver.schema.base import Json, compact

_WORDS: Final = {"low": 14, "medium": 32, "high": 90}


class Message(Item):
    """An assistant message of text or refusal parts (api-contract §5.1 row 1, §5.2)."""

    kind: ClassVar = "message"
    prefix: ClassVar = "msg"
    steps: ClassVar = (
        Parts(
            "content",
            "content_index",
            "response.content_part",
            {
                "output_text": (
                    Text("response.output_text", "text", logprobs=True, notes="annotations"),
                    Speech(),
                ),
                # Refusal deltas are the ones that carry no padding (api-contract §8.5).
                "refusal": (Text("response.refusal", "refusal", padded=False),),
            },
        ),
    )

    type: Literal["message"]
    status: Literal["in_progress", "completed", "incomplete"]
    content: list[Any]
    phase: Literal["commentary", "final_answer"] | None = None
    role: Literal["assistant"] = "assistant"

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Say something: a refusal, data for the asked format, or prose that cites its sources."""
        item: Json = {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "content": [cls._part(ctx)],
        }
        if ctx.model.phase:
            item["phase"] = "final_answer"
        item["role"] = "assistant"
        return item

    @classmethod
    def _part(cls, ctx: Context) -> Json:
        if ctx.flags.refusal is not None:
            return {"type": "refusal", "refusal": ctx.flags.refusal}
        text, annotations = cls._text(ctx)
        logprobs = fake_logprobs(ctx, text)
        return {
            "type": "output_text",
            "annotations": annotations,
            "logprobs": logprobs,
            "text": text,
        }

    @classmethod
    def _text(cls, ctx: Context) -> tuple[str, list[Json]]:
        if ctx.flags.said is not None:
            return ctx.flags.said, []
        settings = ctx.request.text or {}
        form = settings.get("format") or {}
        if form.get("type") == "json_schema":
            return compact(ctx.generate(form["schema"])).decode(), []
        if form.get("type") == "json_object":
            return compact(cls._object(ctx)).decode(), []
        words = _WORDS.get(settings.get("verbosity") or "medium", _WORDS["medium"])
        text = ctx.words.text(ctx.dice, words=words)
        return cls._cite(ctx, text) if ctx.citations else (text, [])

    @staticmethod
    def _object(ctx: Context) -> Json:
        """Return a small object, which is all that ``json_object`` promises."""
        return {"answer": ctx.words.sentence(ctx.dice), "confidence": ctx.random.randint(50, 99)}

    @staticmethod
    def _cite(ctx: Context, text: str) -> tuple[str, list[Json]]:
        """Let each source found add what it says, and its annotation."""
        annotations: list[Json] = []
        for cite in ctx.citations:
            text, annotation = cite(text)
            annotations.append(annotation)
        return text, annotations
