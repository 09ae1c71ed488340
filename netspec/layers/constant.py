"""Tensors that do not come from an input: learned ones, and fixed ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from netspec.dims import Shape
from netspec.layers.arguments import POSITIVE, Kind, Many, optional, required
from netspec.layers.base import Axes, Layer, Origin, Solver, layer

INITIALIZERS = (
    "constant_", "dirac_", "eye_", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_",
    "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_",
    "zeros_",
)  # fmt: skip
"""The functions of `torch.nn.init` that fill a tensor."""


class Initializer(Kind):
    """A function of `torch.nn.init`, alone or as `{fn: …}` with its arguments."""

    wanted = "a function of torch.nn.init such as zeros_, or {fn: normal_, std: 0.02}"
    words = frozenset(INITIALIZERS)
    text = True

    def accept(self, value: object) -> Any:
        fn = value.get("fn") if isinstance(value, Mapping) else value
        if fn not in INITIALIZERS:
            raise self.refuse(value)
        return value


class Numbers(Kind):
    """A number, or a list of such of equal length, nested as deep as there are axes."""

    wanted = "a number, or lists of numbers of equal length"

    def accept(self, value: object) -> Any:
        if self.shape(value) is None:
            raise self.refuse(value)
        return value

    def shape(self, value: object) -> Axes | None:
        """The shape of the tensor that it is, or None for what is none."""
        if isinstance(value, bool | int | float):
            return () if math.isfinite(value) else None
        if not isinstance(value, list | tuple) or not value:
            return None
        inner = {self.shape(v) for v in value}
        one = inner.pop()
        return None if inner or one is None else (len(value), *one)


NUMBERS = Numbers()


class _Source(Layer):
    """A tensor that belongs to the model, and that nothing flows into."""

    inputs = ()
    flows = False

    @property
    def shape_of(self) -> Axes:
        """Its shape."""
        raise NotImplementedError

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return self.shape_of


@layer
class Parameter(_Source):
    """A tensor that is learned, such as the class token of a vision transformer.

    Shape: nothing -> shape
    Source: `torch.nn.Parameter`. Its name in the `state_dict` is the step's.
    """

    shape: tuple[int, ...] = required(Many(POSITIVE), "its shape")
    init: Any = optional(Initializer(), "how it starts, in the terms of `torch.nn.init`", "zeros_")

    @property
    def shape_of(self) -> Axes:
        return self.shape

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        return {"": self.shape}

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("argument", "shape")


@layer
class Constant(_Source):
    """A tensor of given numbers, which is neither learned nor saved.

    Shape: nothing -> as deep as the lists are nested
    Source: `torch.tensor`, as a buffer with `persistent=False`
    """

    value: Any = required(NUMBERS, "the numbers, in lists nested as deep as there are axes")

    @property
    def shape_of(self) -> Axes:
        shape = NUMBERS.shape(self.value)
        assert shape is not None
        return shape

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("argument", "value")

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        kinds = set(map(type, _leaves(self.value)))
        return "float32" if float in kinds else "int64" if int in kinds else "bool"


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [leaf for v in value for leaf in _leaves(v)]
    return [value]
