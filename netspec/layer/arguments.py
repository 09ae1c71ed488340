"""The declaration of an argument: `required`, `optional` or `inferred`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from netspec.layer.argument_kinds import POSITIVE, Kind

if TYPE_CHECKING:
    pass


class Argument:
    """One declared argument of a layer; `required`, `optional` and `inferred` construct it.

    Attributes:
        name: The name, which is that of the class attribute.
        kind: The values that it accepts.
        doc: A description, without a period.
        default: The default, which is that of PyTorch.
        required: Whether a spec must set it.
        inferred: Whether the input determines it.

    Example:
        >>> from netspec.layers import find
        >>> stride = find("Conv2d").arguments["stride"]
        >>> stride.name, stride.default, stride.required
        ('stride', 1, False)
    """

    __slots__ = ("default", "doc", "inferred", "kind", "name", "required")

    def __init__(
        self, kind: Kind, doc: str, default: object, *, required: bool, inferred: bool
    ) -> None:
        self.kind, self.doc, self.default = kind, doc, default
        self.required, self.inferred = required, inferred
        self.name = ""

    def over(self, axes: int) -> Argument:
        """The argument for a layer with spatial dimensions.

        Args:
            axes: The number of spatial dimensions.

        Returns:
            The argument, with the kind of values of such a layer.
        """
        kind = self.kind.over(axes)
        if kind is self.kind:
            return self
        bound = Argument(
            kind, self.doc, self.default, required=self.required, inferred=self.inferred
        )
        bound.name = self.name
        return bound


def required(kind: Kind, doc: str) -> Any:
    """Declare an argument that a spec must set.

    Args:
        kind: The values that it accepts.
        doc: A description, without a period.

    Returns:
        The declaration; on an instance, the attribute is the value.

    Example:
        >>> required(POSITIVE, "the number of heads").required
        True
    """
    return Argument(kind, doc, None, required=True, inferred=False)


def optional(kind: Kind, doc: str, default: object) -> Any:
    """Declare an argument with a default. The generated program omits a value that equals the default.

    Args:
        kind: The values that it accepts.
        doc: A description, without a period.
        default: The default, which must be that of PyTorch.

    Returns:
        The declaration; on an instance, the attribute is the value.

    Example:
        >>> from netspec.layer import BOOLEAN
        >>> optional(BOOLEAN, "whether to add a learned bias", True).default
        True
    """
    return Argument(kind, doc, default, required=False, inferred=False)


def inferred(doc: str, kind: Kind = POSITIVE) -> Any:
    """Declare an argument that `Layer.inferred_arguments` infers; a value in a spec is verified.

    Args:
        doc: A description, without a period.
        kind: The values that it accepts.

    Returns:
        The declaration; on an instance, the attribute is the value in the spec, or None.

    Example:
        >>> inferred("the number of channels of the input").inferred
        True
    """
    return Argument(kind, doc, None, required=False, inferred=True)


def per_axis(value: int | Sequence[int], axes: int) -> tuple[int, ...]:
    """Expand an argument to one integer per spatial dimension, as PyTorch expands `kernel_size=3`.

    Args:
        value: An integer for all dimensions, or one for each.
        axes: The number of spatial dimensions.

    Returns:
        An integer for each dimension.

    Example:
        >>> per_axis(3, 2), per_axis((3, 5), 2)
        ((3, 3), (3, 5))
    """
    return (value,) * axes if isinstance(value, int) else tuple(value)
