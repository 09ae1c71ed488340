"""Everything that the declaration of a layer needs, in one import.

A layer is a class under the decorator `@layer`. The class declares the arguments and the inputs of a module
of PyTorch and infers the shape of its result. Neither this module nor a declaration imports PyTorch.

Example:
    >>> from netspec.layer import POSITIVE, Module, Shape, Solver, inferred, layer, optional
    >>> @layer
    ... class Widen(Module):
    ...     '''Multiplies the number of channels.
    ...
    ...     Shape: (N, C, *) -> (N, factor · C, *)
    ...     Source: `my_modules.Widen`
    ...     '''
    ...
    ...     torch_class = "my_modules.Widen"
    ...     channels: int | None = inferred("the number of channels of the input")
    ...     factor: int = optional(POSITIVE, "the factor by which the number of channels grows", 2)
    ...
    ...     def inferred_arguments(self, *inputs: Shape) -> dict[str, object]:
    ...         return {"channels": inputs[0][1]}
    ...
    ...     def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
    ...         batch, channels, *spatial = inputs[0]
    ...         return (batch, channels * self.factor, *spatial)
    >>> widen, errors = Widen.make({"factor": 3})
    >>> widen.infer(None, (1, 8, 32, 32))
    (1, 24, 32, 32)
"""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.dims import Shape, Size
from netspec.layer.argument_kinds import (
    ANY,
    BOOLEAN,
    DIM,
    INTEGER,
    NON_NEGATIVE,
    NUMBER,
    POSITIVE,
    PROBABILITY,
    SIZE,
    Boolean,
    Choice,
    Integer,
    InvalidValueError,
    Kind,
    ListOf,
    Null,
    Number,
    OneOf,
    PerAxis,
    PerSide,
    SizeValue,
    Text,
)
from netspec.layer.arguments import Argument, inferred, optional, per_axis, required
from netspec.layer.base import ConcreteShape, Function, Layer, Module
from netspec.layer.checks import (
    constant_size,
    require_rank,
    require_spatial,
    resolve_dim,
    resolve_dims,
)
from netspec.layer.registration import layer
from netspec.layer.shape_rules import FieldRule, Origin, ShapeError, Solver, Window

__all__ = [
    "ANY",
    "BOOLEAN",
    "DIM",
    "INTEGER",
    "NON_NEGATIVE",
    "NUMBER",
    "POSITIVE",
    "PROBABILITY",
    "SIZE",
    "Argument",
    "Boolean",
    "Choice",
    "Code",
    "ConcreteShape",
    "FieldRule",
    "Function",
    "Integer",
    "InvalidValueError",
    "Kind",
    "Layer",
    "ListOf",
    "Module",
    "Null",
    "Number",
    "OneOf",
    "Origin",
    "PerAxis",
    "PerSide",
    "Shape",
    "ShapeError",
    "Size",
    "SizeValue",
    "Solver",
    "Text",
    "Window",
    "constant_size",
    "inferred",
    "layer",
    "optional",
    "per_axis",
    "require_rank",
    "require_spatial",
    "required",
    "resolve_dim",
    "resolve_dims",
]
