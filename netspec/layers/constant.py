"""Tensors that do not depend on an input: learned and constant ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from netspec.layer import (
    BOOLEAN,
    POSITIVE,
    Code,
    ConcreteShape,
    InvalidValueError,
    Kind,
    Layer,
    ListOf,
    Null,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    required,
)
from netspec.layers.element_types import DTYPE
from netspec.layers.initializers import INITIALIZERS
from netspec.layers.promotion import is_floating


class InitializerArgument(Kind):
    """A function of `torch.nn.init`, alone or as `{fn: …}` with its arguments."""

    expected = "a function of torch.nn.init such as zeros_, or {fn: normal_, std: 0.02}"
    words = frozenset(INITIALIZERS)
    text = True
    initializes = True

    def accept(self, value: object) -> Any:
        mapping = dict(value) if isinstance(value, Mapping) else {"fn": value}
        fn = mapping.pop("fn", None)
        known = INITIALIZERS.get(fn) if isinstance(fn, str) else None
        if known is None or not set(known.required) <= mapping.keys() <= known.arguments.keys():
            raise self.reject(value)
        for name, argument in mapping.items():
            try:
                mapping[name] = known.arguments[name].accept(argument)
            except InvalidValueError as rejected:
                raise InvalidValueError(
                    f"{self.expected}; `{name}` is {rejected.expected}"
                ) from None
        return {"fn": fn, **mapping} if mapping else fn


class Numbers(Kind):
    """A number, or a list of such of equal length, nested as deep as there are axes."""

    expected = "a number, or lists of numbers of equal length"

    def accept(self, value: object) -> Any:
        if self.shape(value) is None:
            raise self.reject(value)
        return value

    def shape(self, value: object) -> ConcreteShape | None:
        """The shape of the tensor, or None for a value that is not a tensor."""
        if isinstance(value, bool | int | float):
            return () if math.isfinite(value) else None
        if not isinstance(value, list | tuple) or not value:
            return None
        inner = {self.shape(v) for v in value}
        one = inner.pop()
        return None if inner or one is None else (len(value), *one)


NUMBERS = Numbers()


class TensorSource(Layer):
    """A tensor that belongs to the model, and that nothing flows into."""

    category = "tensor"
    inputs = ()
    flows = False

    @property
    def shape_of(self) -> ConcreteShape:
        """Its shape."""
        raise NotImplementedError

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return self.shape_of


@layer
class Parameter(TensorSource):
    """Adds a learned tensor, such as the class token of a vision transformer.

    Shape: nothing -> shape
    Note: The name of the step is its name in the `state_dict`.
    Source: `torch.nn.Parameter`
    """

    torch_name = "torch.nn.Parameter"
    example = """
        inputs: {tokens: [N, 196, 64]}
        body:
          - pos: {op: Parameter, shape: [1, 196, 64]}
          - {op: Add, from: [tokens, pos]}
    """

    shape: tuple[int, ...] = required(ListOf(POSITIVE), "the shape of the tensor")
    later = ("requires_grad",)
    init: Any = optional(
        InitializerArgument(), "the initialization, a function of `torch.nn.init`", "zeros_"
    )

    requires_grad: bool = optional(
        BOOLEAN, "whether the tensor is learned; false to keep it as it is initialized", True
    )

    def validate(self) -> None:
        fn = self.init["fn"] if isinstance(self.init, dict) else self.init
        known = INITIALIZERS[fn]
        if not known.fewest_axes <= len(self.shape) <= known.most_axes:
            raise ShapeError(
                Code.INIT,
                f"`{fn}` cannot fill a {len(self.shape)}-D parameter",
                argument="init",
                label=f"requires at least {known.fewest_axes} dimensions",
            )

    @property
    def shape_of(self) -> ConcreteShape:
        return self.shape

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        return {"": self.shape}

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("argument", "shape")


@layer
class Constant(TensorSource):
    """Adds a tensor of constants, which is not learned.

    Shape: nothing -> a dimension for each level of nested lists
    Note: It is a buffer. With `dtype`, it keeps that element type when the module is converted, as by
        `module.bfloat16()`.
    Source: `torch.tensor`
    """

    torch_name = "torch.tensor"

    example = """
        inputs: {image: [N, 3, H, W]}
        body:
          - mean: {op: Constant, value: [[[0.5]], [[0.4]], [[0.3]]]}
          - {op: Sub, from: [image, mean]}
    """

    later = ("dtype", "persistent")
    value: Any = required(NUMBERS, "the elements, as lists nested once for each dimension")
    dtype: Any = optional(
        OneOf(DTYPE, Null()),
        "the element type, which conversions of the module keep; null for that of the elements",
        None,
    )
    persistent: bool = optional(BOOLEAN, "whether the tensor is saved in the `state_dict`", False)

    def validate(self) -> None:
        if self.dtype is None or is_floating(self.dtype) or self.dtype == "bool":
            return
        for number in _leaves(self.value):
            if not -(2**63) <= number < 2**63 or (self.dtype == "uint8" and number > 255):
                raise ShapeError(
                    Code.BAD_ARGUMENT,
                    f"{number} is no value of {self.dtype}",
                    argument="value",
                    label=f"beyond the range of {self.dtype}",
                )

    def buffers(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        return {"": self.shape_of} if self.persistent else {}

    @property
    def shape_of(self) -> ConcreteShape:
        shape = NUMBERS.shape(self.value)
        assert shape is not None
        return shape

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("argument", "value")

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        if self.dtype is not None:
            return str(self.dtype)
        kinds = set(map(type, _leaves(self.value)))
        return "float32" if float in kinds else "int64" if int in kinds else "bool"


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [leaf for v in value for leaf in _leaves(v)]
    return [value]
