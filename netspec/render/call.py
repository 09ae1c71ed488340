"""The call in a box: the relevant arguments, in the notation of papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netspec.graph import Node
from netspec.layer.argument_kinds import show
from netspec.layer.arguments import per_axis

_LEFT_OUT = ("inplace", "in_channels", "in_features")
"""Arguments that change no value, and those that an edge shows."""


def call_label(node: Node) -> str:
    """`64, 7×7 /2` for a convolution, and the other arguments that differ from torch's defaults."""
    if node.layer is None:
        return ""
    changed = {k: v for k, v in node.layer.canonical_arguments().items() if k not in _LEFT_OUT}
    counts = [changed.pop(name, None) for name in ("out_channels", "out_features")]
    parts = [show(count) for count in counts if count is not None]
    if _shape_says_padding(node, changed):
        del changed["padding"]
    window, stride = changed.pop("kernel_size", None), changed.pop("stride", None)
    if window is not None:
        text = (
            "×".join(map(str, window))
            if isinstance(window, tuple | list)
            else _square(window, node)
        )
        parts.append(text + (f" /{show(stride)}" if stride not in (None, 1) else ""))
    if changed.get("bias") is False:
        del changed["bias"]
        parts.append("no bias")
    return ", ".join([*parts, *(f"{name} {show(value)}" for name, value in changed.items())])


def _shape_says_padding(node: Node, changed: Mapping[str, object]) -> bool:
    """Whether a window is padded as usual: with so much that its size and the stride decide the sizes.

    Then the shape tells it from a window without padding, and the picture leaves it out.
    """
    padding, window = changed.get("padding"), changed.get("kernel_size")
    if padding is None or window is None:
        return False
    if isinstance(padding, str):
        return True
    axes = node.layer.axes if node.layer is not None else 0
    stride = getattr(node.layer, "stride", None) or window
    dilation = getattr(node.layer, "dilation", 1)
    numbers: list[Any] = [padding, window, stride, dilation]
    rows = [per_axis(value, axes) for value in numbers]
    return all(
        (2 * pad == reach * (size - 1) and step <= 2 * pad) or pad == 0
        for pad, size, step, reach in zip(*rows, strict=False)
    )


def _square(size: object, node: Node) -> str:
    axes = node.layer.axes if node.layer is not None else 1
    return "×".join([str(size)] * max(axes, 1))
