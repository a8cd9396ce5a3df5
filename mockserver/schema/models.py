"""Declared shapes as pydantic models: whoever holds a document against one loads them."""

from __future__ import annotations

from types import NoneType
from typing import Any, Final, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model

from mockserver.schema.annotations import is_shape, members, split
from mockserver.schema.base import Json
from mockserver.schema.shape import Shape, keys


class Misfit(NamedTuple):
    """Where a document is not as its shape says, and what is the matter there."""

    steps: tuple[str | int, ...]
    message: str

    @property
    def place(self) -> str:
        """The way to the value, as in ``output.0.type``; empty for the document itself."""
        return ".".join(map(str, self.steps))


_MODELS: Final[dict[type[Shape], type[BaseModel]]] = {}
_ADAPTERS: Final[dict[tuple[type[Shape], str], TypeAdapter[Any]]] = {}


def model_of(shape: type[Shape]) -> type[BaseModel]:
    """Return the pydantic model of a shape: unknown keys are kept, nested shapes are models too."""
    if shape not in _MODELS:
        _MODELS[shape] = _build(shape)
    return _MODELS[shape]


def _build(shape: type[Shape]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (_modelled(key.annotation), ... if key.required else getattr(shape, name, None))
        for name, key in keys(shape).items()
    }
    config = ConfigDict(extra="allow", protected_namespaces=())
    return create_model(shape.__name__, __config__=config, **fields)


def misfits(shape: type[Shape], document: Json) -> list[Misfit]:
    """Return where a document is not as a shape says, nothing for one that fits."""
    return _told(model_of(shape).model_validate, document)


def value_misfits(shape: type[Shape], name: str, value: Any) -> list[Misfit]:
    """Return where the value of one key of a shape is not as the shape says."""
    if (shape, name) not in _ADAPTERS:
        _ADAPTERS[shape, name] = TypeAdapter(_modelled(keys(shape)[name].annotation))
    return _told(_ADAPTERS[shape, name].validate_python, value)


def _told(check: Any, value: Any) -> list[Misfit]:
    try:
        check(value)
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_context=False, include_input=False)
        return [Misfit(error["loc"], error["msg"]) for error in errors]
    return []


def _modelled(annotation: Any) -> Any:
    """Return the annotation with a model in place of every shape."""
    annotation, marks = split(annotation)
    if marks:
        raise TypeError("a shape with marked keys checks more than a model of it could")
    if is_shape(annotation):
        return model_of(annotation)
    if get_origin(annotation) is list:
        return list[_modelled(get_args(annotation)[0])]  # type: ignore[misc]
    choices = members(annotation)
    if choices == (annotation,):
        return annotation
    nothing = (NoneType,) if NoneType in get_args(annotation) else ()
    return Union[*map(_modelled, choices), *nothing]
