"""Functions that give a boolean for each element."""

from __future__ import annotations

from typing import ClassVar

from netspec.layer import layer
from netspec.layer.calls import primary
from netspec.layers.torch_functions import ElementFunction


class _Predicate(ElementFunction):
    """A boolean for each element."""

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "bool"


@layer
class IsNan(_Predicate):
    """Computes whether each element is not a number.

    Shape: (*) -> (*), y = (x ≠ x)
    Source: `torch.isnan`
    """

    torch_name = "torch.isnan"


@layer
class IsInf(_Predicate):
    """Computes whether each element is infinite.

    Shape: (*) -> (*), y = (|x| = ∞)
    Source: `torch.isinf`
    """

    torch_name = "torch.isinf"


@layer
class IsFinite(_Predicate):
    """Computes whether each element is finite.

    Shape: (*) -> (*)
    Source: `torch.isfinite`
    """

    torch_name = "torch.isfinite"


@layer
class Signbit(_Predicate):
    """Computes whether the sign of each element is negative.

    Shape: (*) -> (*)
    Source: `torch.signbit`
    """

    torch_name = "torch.signbit"


@layer
class LogicalNot(_Predicate):
    """Negates each element as a boolean.

    Shape: (*) -> (*), y = (x = 0)
    Source: `torch.logical_not`
    """

    torch_name = "torch.logical_not"


@layer
class BitwiseNot(ElementFunction):
    """Inverts the bits of each element; of booleans, each.

    Shape: (*) -> (*), y = ~x
    Source: `torch.bitwise_not`
    """

    torch_name = "torch.bitwise_not"

    elements: ClassVar = {"input": "bits"}

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"~{primary(inputs[0])}"
