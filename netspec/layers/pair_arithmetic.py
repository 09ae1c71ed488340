"""Arithmetic on two tensors, or on a tensor and a number."""

from __future__ import annotations

from netspec.layer import layer
from netspec.layers.pair_operations import Pair, PairOrOther


@layer
class FloorDivide(PairOrOther):
    """Divides the first input by the second and rounds down, element-wise.

    Shape: (*), (*) -> (*), y = ⌊x / z⌋; the shapes broadcast
    Note: PyTorch computes no gradient through it. A number `other` takes the place of the second input.
    Source: `torch.floor_divide`
    """

    torch_name = "torch.floor_divide"
    saved_inputs = True
    takes_booleans = False
    sign = "//"


@layer
class Remainder(PairOrOther):
    """Computes the remainder of a division that rounds down, element-wise.

    Shape: (*), (*) -> (*), y = x − z · ⌊x / z⌋; the shapes broadcast
    Note: It has the sign of the second input. A number `other` takes the place of the second input.
    Source: `torch.remainder`
    """

    torch_name = "torch.remainder"
    takes_booleans = False
    sign = "%"

    def saves_input(self, index: int) -> bool:
        return self.other is None


@layer
class Fmod(PairOrOther):
    """Computes the remainder of a division that rounds toward zero, element-wise.

    Shape: (*), (*) -> (*), y = x − z · trunc(x / z); the shapes broadcast
    Note: It has the sign of the first input. A number `other` takes the place of the second input.
    Source: `torch.fmod`
    """

    torch_name = "torch.fmod"
    takes_booleans = False

    def saves_input(self, index: int) -> bool:
        return self.other is None


@layer
class Atan2(Pair):
    """Computes the angle of each pair of elements, from −π to π.

    Shape: (*), (*) -> (*), y = arctan(x / z); the shapes broadcast
    Source: `torch.atan2`
    """

    torch_name = "torch.atan2"
    saved_inputs = True
    fractional = True


@layer
class Hypot(Pair):
    """Computes the hypotenuse of each pair of elements.

    Shape: (*), (*) -> (*), y = √(x² + z²); the shapes broadcast
    Source: `torch.hypot`
    """

    torch_name = "torch.hypot"
    saved_inputs = True
    saved_result = True
    needs_floating = True


@layer
class Copysign(PairOrOther):
    """Gives each element the sign of that of the second input.

    Shape: (*), (*) -> (*), y = |x| · sign z; the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.copysign`
    """

    torch_name = "torch.copysign"
    saved_inputs = True
    saved_result = True
    fractional = True

    def saves_input(self, index: int) -> bool:
        return index == 0


@layer
class LogAddExp(Pair):
    """Computes the logarithm of the sum of the exponentials of the inputs.

    Shape: (*), (*) -> (*), y = ln(eˣ + eᶻ); the shapes broadcast
    Source: `torch.logaddexp`
    """

    torch_name = "torch.logaddexp"
    saved_inputs = True
    needs_floating = True


@layer
class Xlogy(PairOrOther):
    """Multiplies the first input by the logarithm of the second; 0 where the first is 0.

    Shape: (*), (*) -> (*), y = x · ln z; the shapes broadcast
    Note: A number `other` takes the place of the second input.
    Source: `torch.xlogy`
    """

    torch_name = "torch.xlogy"
    saved_inputs = True
    fractional = True


@layer
class Fmax(Pair):
    """Computes the element-wise maximum of the inputs; a number where one of two is not a number.

    Shape: (*), (*) -> (*); the shapes broadcast
    Source: `torch.fmax`
    """

    torch_name = "torch.fmax"
    saved_inputs = True


@layer
class Fmin(Pair):
    """Computes the element-wise minimum of the inputs; a number where one of two is not a number.

    Shape: (*), (*) -> (*); the shapes broadcast
    Source: `torch.fmin`
    """

    torch_name = "torch.fmin"
    saved_inputs = True
