"""The error for an input that is smaller than the sliding window of a layer."""

from __future__ import annotations

from typing import NamedTuple

from netspec.diagnostics import Code
from netspec.dims import Size
from netspec.layer.checks import amount
from netspec.layer.shape_rules import ShapeError


class Reach(NamedTuple):
    """The argument that determines the extent of a window along a dimension."""

    kernel: int
    dilation: int
    padding: int
    """The elements added on both sides together."""

    @property
    def span(self) -> int:
        """The elements that the window reaches over: `dilation·(kernel − 1) + 1`."""
        return self.dilation * (self.kernel - 1) + 1


def small_input(
    op: str, size: Size, axis: int, name: str, reach: Reach, *, whose: str = "input"
) -> ShapeError:
    """The error for an input whose side `name` is smaller than a window.

    >>> from netspec.layers.small_input import Reach
    >>> small_input("MaxPool2d", 4, 2, "height", Reach(7, 1, 0)).message
    '`MaxPool2d` expects a height of at least 7, but its input has a height of 4'
    """
    least = reach.span - reach.padding
    dilated = f" with dilation {reach.dilation} spans {reach.span}" if reach.dilation > 1 else ""
    padded = f", with a padding of {reach.padding}" if reach.padding else ""
    helps = [f"use an {whose} with a {name} of at least {least}"]
    if isinstance(size, int) and size + reach.padding > 0:
        most = (size + reach.padding - 1) // reach.dilation + 1
        helps = [f"set `kernel_size` to at most {most}", f"or {helps[0]}, or more padding"]
    return ShapeError(
        Code.TOO_SMALL,
        f"`{op}` expects a {name} of at least {least}, but its {whose} has {amount(name, size)}",
        argument="kernel_size",
        label=f"a window of {reach.kernel}{dilated}{padded}",
        axes=((0, axis),),
        helps=tuple(helps),
    )
