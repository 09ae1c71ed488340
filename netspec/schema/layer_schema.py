"""The arguments of layers as JSON Schema: for completion, and to reject invalid values.

Where text is an expression, any text is let through: an editor cannot compute it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from inspect import cleandoc
from typing import Any

from netspec.layer.argument_kinds import (
    Boolean,
    Choice,
    Integer,
    Kind,
    ListOf,
    Null,
    Number,
    OneOf,
    PerAxis,
    PerSide,
    SizeValue,
    Text,
    show,
)
from netspec.layer.arguments import Argument
from netspec.layer.base import Layer
from netspec.layers.constant import InitializerArgument
from netspec.layers.documentation import torch_name
from netspec.layers.initializers import INITIALIZERS
from netspec.schema.step_models import KINDS

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COMPUTED: Schema = {"type": "string", "pattern": "^="}
_KEYS_OF_A_STEP = sorted(KINDS["op"])


def layer_schema(layer: type[Layer]) -> Schema:
    """The keys of a step in addition to the op of this layer."""
    joins = layer.variadic or len(layer.inputs) > 1
    schema: Schema = {
        "description": described(layer),
        "properties": {
            **{key: True for key in _KEYS_OF_A_STEP if joins or key != "branches"},
            **{
                name: argument_schema(layer, declared) for name, declared in layer.arguments.items()
            },
        },
        "additionalProperties": False,
    }
    if required := [name for name, declared in layer.arguments.items() if declared.required]:
        schema["required"] = required
    return schema


def described(layer: type[Layer]) -> str:
    """The summary of a layer, from its class."""
    return cleandoc(layer.__doc__ or "")


def argument_schema(layer: type[Layer], declared: Argument) -> Schema:
    """One argument: its values, its sentence, its default, and its name in torch."""
    description = f"{declared.doc[:1].upper()}{declared.doc[1:]}. "
    if declared.inferred:
        description += "Inferred from the input. "
    elif declared.required:
        description += "Required. "
    else:
        description += f"Default: {show(declared.default)}. "
    schema = values(declared.kind) | {
        "description": f"{description}In torch: {_in_torch(layer, declared)}."
    }
    if not declared.required and declared.default is not None:
        schema["default"] = declared.default
    return schema


def _in_torch(layer: type[Layer], declared: Argument) -> str:
    name = torch_name(layer)
    return f"`{declared.name}` of `{name}`" if name else f"`{declared.name}`"


def values(kind: Kind) -> Schema:
    """The values of a kind, and the text that may represent one."""
    exact = _exact(kind)
    if not exact:
        return {}
    return any_of([*exact, _COMPUTED if kind.text else _TEXT])


def initializer_schema() -> Schema:
    """A function of `torch.nn.init`: by its name alone, or with its arguments."""
    alone = [fn for fn, takes in INITIALIZERS.items() if not takes.required]
    return {"anyOf": [{"enum": alone}, *map(_with_arguments, INITIALIZERS)]}


def _with_arguments(fn: str) -> Schema:
    takes = INITIALIZERS[fn]
    return {
        "type": "object",
        "description": f"`torch.nn.init.{fn}` with its arguments.",
        "required": ["fn", *takes.required],
        "properties": {
            "fn": {"const": fn},
            **{name: values(kind) for name, kind in takes.arguments.items()},
        },
        "additionalProperties": False,
    }


def any_of(choices: list[Schema]) -> Schema:
    """One of several values, each listed once."""
    distinct = [c for k, c in enumerate(choices) if c not in choices[:k]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _exact(kind: Kind) -> list[Schema]:
    """The values of a kind that are no expressions; none for a kind that is not known here."""
    write = _WRITERS.get(type(kind))
    return write(kind) if write else []


def _whole(kind: Any) -> list[Schema]:
    return [{"type": "integer"} | _bounds(minimum=kind.least, maximum=kind.most)]


def _number(kind: Any) -> list[Schema]:
    bounds = _bounds(minimum=kind.least, maximum=kind.most, exclusiveMinimum=kind.above)
    return [{"type": "number"} | bounds]


def _bounds(**bounds: float | None) -> Schema:
    return {k: v for k, v in bounds.items() if v is not None and math.isfinite(v)}


def _per_axis(kind: Any) -> list[Schema]:
    return [*_exact(kind.each), _list(kind.each, kind.axes)]


def _per_side(kind: Any) -> list[Schema]:
    return [*_exact(kind.each), _list(kind.each, 2 * kind.axes)]


def _many(kind: Any) -> list[Schema]:
    if kind.exactly is not None:
        return [_list(kind.each, kind.exactly)]
    return [_list(kind.each) | ({"minItems": kind.fewest} if kind.fewest else {})]


def _list(each: Kind, count: int | None = None) -> Schema:
    schema: Schema = {"type": "array", "items": values(each)}
    return schema if count is None else schema | {"minItems": count, "maxItems": count}


def _either(kind: Any) -> list[Schema]:
    """The values of all kinds; an unknown kind accepts anything."""
    each = [_exact(k) for k in kind.kinds]
    return [choice for choices in each for choice in choices] if all(each) else []


_WRITERS: dict[type[Kind], Callable[[Any], list[Schema]]] = {
    Integer: _whole,
    Number: _number,
    Boolean: lambda _: [{"type": "boolean"}],
    Choice: lambda kind: [{"enum": list(kind.order)}],
    PerAxis: _per_axis,
    PerSide: _per_side,
    OneOf: _either,
    Null: lambda _: [{"type": "null"}],
    ListOf: _many,
    SizeValue: lambda kind: _exact(kind.fixed),
    Text: lambda _: [_TEXT],
    InitializerArgument: lambda _: [{"$ref": "#/$defs/Initialization"}],
}
"""The schema of each kind of value. A kind without an entry accepts anything."""
