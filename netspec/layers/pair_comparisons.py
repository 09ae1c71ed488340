"""Comparisons, logical and bitwise operations on two tensors, or on a tensor and a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netspec.layer import BOOLEAN, INTEGER, Null, OneOf, Shape, layer, optional
from netspec.layers.pair_operations import Pair, PairOrOther


class _Comparison(PairOrOther):
    """A boolean for each pair of elements."""

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        return "bool"


class _Logical(Pair):
    """A boolean for each pair of booleans."""

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        return "bool"


class _Bitwise(PairOrOther):
    """An operation on the bits of integers, or on booleans."""

    other: int | None = optional(
        OneOf(INTEGER, BOOLEAN, Null()), "the number that takes the place of the second input", None
    )

    elements: ClassVar = {"input": "bits", "other": "bits"}


@layer
class Eq(_Comparison):
    """Computes whether each element is equal to that of the second input.

    Shape: (*), (*) -> (*), y = (x = z); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.eq`
    """

    torch_name = "torch.eq"
    sign = "=="


@layer
class Ne(_Comparison):
    """Computes whether each element is unequal to that of the second input.

    Shape: (*), (*) -> (*), y = (x ≠ z); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.ne`
    """

    torch_name = "torch.ne"
    sign = "!="


@layer
class Lt(_Comparison):
    """Computes whether each element is less than that of the second input.

    Shape: (*), (*) -> (*), y = (x < z); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.lt`
    """

    torch_name = "torch.lt"
    sign = "<"


@layer
class Le(_Comparison):
    """Computes whether each element is less than or equal to that of the second input.

    Shape: (*), (*) -> (*), y = (x ≤ z); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.le`
    """

    torch_name = "torch.le"
    sign = "<="


@layer
class Gt(_Comparison):
    """Computes whether each element is greater than that of the second input.

    Shape: (*), (*) -> (*), y = (x > z); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.gt`
    """

    torch_name = "torch.gt"
    sign = ">"


@layer
class Ge(_Comparison):
    """Computes whether each element is greater than or equal to that of the second input.

    Shape: (*), (*) -> (*), y = (x ≥ z); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.ge`
    """

    torch_name = "torch.ge"
    sign = ">="


@layer
class LogicalAnd(_Logical):
    """Computes the logical and of the inputs, element-wise.

    Shape: (*), (*) -> (*); the shapes broadcast
    Note: Numbers other than 0 are true.
    Source: `torch.logical_and`
    """

    torch_name = "torch.logical_and"


@layer
class LogicalOr(_Logical):
    """Computes the logical or of the inputs, element-wise.

    Shape: (*), (*) -> (*); the shapes broadcast
    Note: Numbers other than 0 are true.
    Source: `torch.logical_or`
    """

    torch_name = "torch.logical_or"


@layer
class LogicalXor(_Logical):
    """Computes the exclusive or of the inputs, element-wise.

    Shape: (*), (*) -> (*); the shapes broadcast
    Note: Numbers other than 0 are true.
    Source: `torch.logical_xor`
    """

    torch_name = "torch.logical_xor"


@layer
class BitwiseAnd(_Bitwise):
    """Computes the bitwise and of the inputs; of booleans, the logical and.

    Shape: (*), (*) -> (*); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.bitwise_and`
    """

    torch_name = "torch.bitwise_and"
    sign = "&"


@layer
class BitwiseOr(_Bitwise):
    """Computes the bitwise or of the inputs; of booleans, the logical or.

    Shape: (*), (*) -> (*); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.bitwise_or`
    """

    torch_name = "torch.bitwise_or"
    sign = "|"


@layer
class BitwiseXor(_Bitwise):
    """Computes the bitwise exclusive or of the inputs; of booleans, the logical exclusive or.

    Shape: (*), (*) -> (*); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.bitwise_xor`
    """

    torch_name = "torch.bitwise_xor"
    sign = "^"


@layer
class BitwiseLeftShift(_Bitwise):
    """Shifts the bits of each element to the left.

    Shape: (*), (*) -> (*); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.bitwise_left_shift`
    """

    torch_name = "torch.bitwise_left_shift"
    sign = "<<"
    takes_booleans = False


@layer
class BitwiseRightShift(_Bitwise):
    """Shifts the bits of each element to the right.

    Shape: (*), (*) -> (*); the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.bitwise_right_shift`
    """

    torch_name = "torch.bitwise_right_shift"
    sign = ">>"
    takes_booleans = False
