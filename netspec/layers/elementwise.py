"""Functions of each element that are no activations."""

from __future__ import annotations

from typing import ClassVar

from netspec.layer import NUMBER, Code, Function, Null, OneOf, ShapeError, layer, optional
from netspec.layer.calls import keywords, primary


class _Elementwise(Function):
    """A function of each element without arguments."""

    category = "elementwise"
    function: ClassVar[str]

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{self.function}({inputs[0]})"


@layer
class Abs(_Elementwise):
    """Computes the absolute value of each element.

    Shape: (*) -> (*), y = |x|
    Source: `torch.abs`
    """

    torch_name = "torch.abs"

    saved_inputs = True
    arithmetic = True
    function = "torch.abs"


@layer
class Neg(_Elementwise):
    """Negates each element.

    Shape: (*) -> (*), y = −x
    Source: `torch.neg`
    """

    torch_name = "torch.neg"

    arithmetic = True

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"-{primary(inputs[0])}"


@layer
class Sqrt(_Elementwise):
    """Computes the square root of each element.

    Shape: (*) -> (*), y = √x
    Source: `torch.sqrt`
    """

    torch_name = "torch.sqrt"

    saved_result = True
    fractional = True
    function = "torch.sqrt"


@layer
class Rsqrt(_Elementwise):
    """Computes the reciprocal of the square root of each element.

    Shape: (*) -> (*), y = 1 / √x
    Source: `torch.rsqrt`
    """

    torch_name = "torch.rsqrt"

    saved_result = True
    fractional = True
    function = "torch.rsqrt"


@layer
class Exp(_Elementwise):
    """Computes the exponential of each element.

    Shape: (*) -> (*), y = eˣ
    Source: `torch.exp`
    """

    torch_name = "torch.exp"

    saved_result = True
    fractional = True
    function = "torch.exp"


@layer
class Log(_Elementwise):
    """Computes the natural logarithm of each element.

    Shape: (*) -> (*), y = ln x
    Source: `torch.log`
    """

    torch_name = "torch.log"

    saved_inputs = True
    fractional = True
    function = "torch.log"


@layer
class Clamp(Function):
    """Clamps each element to an interval.

    Shape: (*) -> (*), y = min(max(x, min), max)
    Source: `torch.clamp`
    """

    torch_name = "torch.clamp"

    category = "elementwise"
    saved_inputs = True
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Clamp, min: 0, max: 6}
    """

    min: float | None = optional(OneOf(NUMBER, Null()), "the lower bound; null for none", None)
    max: float | None = optional(OneOf(NUMBER, Null()), "the upper bound; null for none", None)

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return met(dtypes[0], self.min, self.max)

    def validate(self) -> None:
        if self.min is None and self.max is None:
            raise ShapeError(
                Code.MISSING_ARGUMENT, "`Clamp` requires min or max", label="missing min and max"
            )

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.clamp({inputs[0]}{keywords(self, arguments, 'min', 'max')})"


def met(dtype: str, *numbers: float | None) -> str:
    """The element type of a tensor combined with numbers, which only change its category.

    >>> met("float16", 2.5), met("int32", 2.5), met("bool", 2)
    ('float16', 'float32', 'int64')
    """
    if "float" in dtype:
        return dtype
    if any(isinstance(number, float) for number in numbers):
        return "float32"
    return "int64" if dtype == "bool" else dtype
