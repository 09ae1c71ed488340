"""Which element types an input may have: floating-point numbers, whole ones, or a mask."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.layer.base import Layer
from netspec.record import record

_FLOATING = frozenset({"float16", "bfloat16", "float32", "float64"})
_WHOLE = frozenset({"int64", "int32", "int16", "int8", "uint8"})
_UNSIGNED = frozenset({"uint8"})
_KNOWN = _FLOATING | _WHOLE | {"bool", "complex64", "complex128"}


@record(frozen=True, slots=True)
class ElementKind:
    """A kind of elements: their types, their name in messages, and the fix."""

    dtypes: frozenset[str]
    description: str
    declare: str = ""


KINDS = {
    "floating": ElementKind(_FLOATING, "floating-point numbers"),
    "numbers": ElementKind(_FLOATING | _WHOLE, "numbers, not booleans"),
    "averaged": ElementKind(_FLOATING | {"int64"}, "floating-point numbers or int64"),
    "signed": ElementKind(
        _FLOATING | _WHOLE - _UNSIGNED, "signed numbers if the interval starts below 0"
    ),
    "bits": ElementKind(_WHOLE | {"bool"}, "integers or booleans", "int64"),
    "int64": ElementKind(frozenset({"int64"}), "int64", "int64"),
    "boolean": ElementKind(frozenset({"bool"}), "booleans", "bool"),
    "bool or floating": ElementKind(_FLOATING | {"bool"}, "floating-point numbers or booleans"),
    "integer": ElementKind(frozenset({"int64", "int32"}), "integers", "int64"),
    "mask": ElementKind(
        _FLOATING | {"bool"}, "a mask of floating-point numbers or booleans", "bool"
    ),
}


@record(frozen=True, slots=True)
class Misfit:
    """An input whose elements are of another kind than the layer works on."""

    place: int
    message: str
    """The requirement, as the beginning of a sentence."""
    declare: str
    """The dtype that an input of the network would be declared with, if it is one."""


def misfit(layer: Layer, dtypes: Sequence[str]) -> Misfit | None:
    """The first input of a layer whose elements are of another kind than it works on."""
    if not layer.elements and dtypes.count("float32") == len(dtypes):
        return None  # as nearly always: only what a layer declares itself may reject these
    names = layer.inputs[:1] * len(dtypes) if layer.variadic else (layer.taken or layer.inputs)
    for index, (name, dtype) in enumerate(zip(names, dtypes, strict=False)):
        kind = KINDS.get(layer.element(name))
        if kind is not None and dtype in _KNOWN - kind.dtypes:
            which = "" if len(layer.inputs) < 2 else f" as `{name}`"
            message = f"`{type(layer).__name__}` requires {kind.description}{which}"
            return Misfit(index, message, kind.declare)
    return None


def integer_helps(layer: Layer, dtype: str) -> list[str]:
    """What to do where a layer over floating-point numbers reads an input of integers."""
    name = layer.inputs[0] if layer.inputs else ""
    if dtype not in _WHOLE or layer.element(name) != "floating":
        return []
    embedding = "embed the integers with `Embedding` first"
    return [embedding, "or declare the input with `dtype: float32`, if they are quantities"]
