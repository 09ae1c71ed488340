"""Functions that round each element, and that simplify its value."""

from __future__ import annotations

from netspec.layer import INTEGER, NUMBER, Null, OneOf, layer, optional
from netspec.layer.calls import keywords
from netspec.layers.torch_functions import ElementFunction


@layer
class Floor(ElementFunction):
    """Rounds each element down.

    Shape: (*) -> (*), y = ⌊x⌋
    Source: `torch.floor`
    """

    torch_name = "torch.floor"
    arithmetic = True


@layer
class Ceil(ElementFunction):
    """Rounds each element up.

    Shape: (*) -> (*), y = ⌈x⌉
    Source: `torch.ceil`
    """

    torch_name = "torch.ceil"
    arithmetic = True


@layer
class Trunc(ElementFunction):
    """Rounds each element toward zero.

    Shape: (*) -> (*)
    Source: `torch.trunc`
    """

    torch_name = "torch.trunc"
    arithmetic = True


@layer
class Frac(ElementFunction):
    """Computes the fractional part of each element.

    Shape: (*) -> (*), y = x − trunc(x)
    Source: `torch.frac`
    """

    torch_name = "torch.frac"
    floating = True


@layer
class Sign(ElementFunction):
    """Computes the sign of each element.

    Shape: (*) -> (*), y = −1, 0 or 1
    Source: `torch.sign`
    """

    torch_name = "torch.sign"


@layer
class Round(ElementFunction):
    """Rounds each element to the nearest integer, or to a number of decimals.

    Shape: (*) -> (*)
    Note: A number halfway between two is rounded to the even one.
    Source: `torch.round`
    """

    torch_name = "torch.round"
    arithmetic = True

    decimals: int = optional(INTEGER, "the number of decimals; negative to round to tens", 0)

    def element(self, name: str) -> str:
        return "floating" if self.decimals else super().element(name)

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.round({inputs[0]}{keywords(self, arguments, 'decimals')})"


@layer
class Square(ElementFunction):
    """Squares each element.

    Shape: (*) -> (*), y = x²
    Source: `torch.square`
    """

    torch_name = "torch.square"
    saved_inputs = True

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "int64" if dtypes[0] == "bool" else dtypes[0]


@layer
class NanToNum(ElementFunction):
    """Replaces elements that are not finite by numbers.

    Shape: (*) -> (*)
    Note: The default for an infinite element is the largest number of the element type.
    Source: `torch.nan_to_num`
    """

    torch_name = "torch.nan_to_num"
    saved_inputs = True

    nan: float = optional(NUMBER, "the value for elements that are not a number", 0.0)
    posinf: float | None = optional(OneOf(NUMBER, Null()), "the value for positive infinity", None)
    neginf: float | None = optional(OneOf(NUMBER, Null()), "the value for negative infinity", None)

    def write(self, *inputs: str, **arguments: str) -> str:
        return (
            f"torch.nan_to_num({inputs[0]}{keywords(self, arguments, 'nan', 'posinf', 'neginf')})"
        )
