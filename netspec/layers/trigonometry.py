"""Trigonometric functions of each element."""

from __future__ import annotations

from netspec.layer import layer
from netspec.layers.torch_functions import ElementFunction


@layer
class Sin(ElementFunction):
    """Computes the sine of each element.

    Shape: (*) -> (*), y = sin x
    Source: `torch.sin`
    """

    torch_name = "torch.sin"
    saved_inputs = True
    fractional = True


@layer
class Cos(ElementFunction):
    """Computes the cosine of each element.

    Shape: (*) -> (*), y = cos x
    Source: `torch.cos`
    """

    torch_name = "torch.cos"
    saved_inputs = True
    fractional = True


@layer
class Tan(ElementFunction):
    """Computes the tangent of each element.

    Shape: (*) -> (*), y = tan x
    Source: `torch.tan`
    """

    torch_name = "torch.tan"
    saved_result = True
    fractional = True


@layer
class Asin(ElementFunction):
    """Computes the arcsine of each element.

    Shape: (*) -> (*), y = arcsin x
    Source: `torch.asin`
    """

    torch_name = "torch.asin"
    saved_inputs = True
    fractional = True


@layer
class Acos(ElementFunction):
    """Computes the arccosine of each element.

    Shape: (*) -> (*), y = arccos x
    Source: `torch.acos`
    """

    torch_name = "torch.acos"
    saved_inputs = True
    fractional = True


@layer
class Atan(ElementFunction):
    """Computes the arctangent of each element.

    Shape: (*) -> (*), y = arctan x
    Source: `torch.atan`
    """

    torch_name = "torch.atan"
    saved_inputs = True
    fractional = True


@layer
class Sinh(ElementFunction):
    """Computes the hyperbolic sine of each element.

    Shape: (*) -> (*), y = sinh x
    Source: `torch.sinh`
    """

    torch_name = "torch.sinh"
    saved_inputs = True
    fractional = True


@layer
class Cosh(ElementFunction):
    """Computes the hyperbolic cosine of each element.

    Shape: (*) -> (*), y = cosh x
    Source: `torch.cosh`
    """

    torch_name = "torch.cosh"
    saved_inputs = True
    fractional = True


@layer
class Asinh(ElementFunction):
    """Computes the inverse hyperbolic sine of each element.

    Shape: (*) -> (*), y = arsinh x
    Source: `torch.asinh`
    """

    torch_name = "torch.asinh"
    saved_inputs = True
    fractional = True


@layer
class Acosh(ElementFunction):
    """Computes the inverse hyperbolic cosine of each element.

    Shape: (*) -> (*), y = arcosh x
    Source: `torch.acosh`
    """

    torch_name = "torch.acosh"
    saved_inputs = True
    fractional = True


@layer
class Atanh(ElementFunction):
    """Computes the inverse hyperbolic tangent of each element.

    Shape: (*) -> (*), y = artanh x
    Source: `torch.atanh`
    """

    torch_name = "torch.atanh"
    saved_inputs = True
    fractional = True


@layer
class Sinc(ElementFunction):
    """Computes the normalized sinc of each element.

    Shape: (*) -> (*), y = sin(πx) / (πx)
    Source: `torch.sinc`
    """

    torch_name = "torch.sinc"
    saved_inputs = True
    fractional = True


@layer
class Deg2Rad(ElementFunction):
    """Converts each element from degrees to radians.

    Shape: (*) -> (*), y = x · π / 180
    Source: `torch.deg2rad`
    """

    torch_name = "torch.deg2rad"
    fractional = True


@layer
class Rad2Deg(ElementFunction):
    """Converts each element from radians to degrees.

    Shape: (*) -> (*), y = x · 180 / π
    Source: `torch.rad2deg`
    """

    torch_name = "torch.rad2deg"
    fractional = True
