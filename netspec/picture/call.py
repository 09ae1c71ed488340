"""What a box says of a call: the arguments that matter, as papers write them."""

from __future__ import annotations

from netspec.elaborate import Node
from netspec.layers.base import show

_MOST_ARGUMENTS = 4
_LEFT_OUT = ("padding", "bias", "inplace", "in_channels", "in_features", "init")


def call(node: Node) -> str:
    """`64, 7×7 /2` for a convolution, and in words what differs from torch's defaults besides."""
    if node.layer is None:
        return ""
    changed = {k: v for k, v in node.layer.changed().items() if k not in _LEFT_OUT}
    counts = [changed.pop(name, None) for name in ("out_channels", "out_features")]
    parts = [show(count) for count in counts if count is not None]
    window, stride = changed.pop("kernel_size", None), changed.pop("stride", None)
    if window is not None:
        text = (
            "×".join(map(str, window))
            if isinstance(window, tuple | list)
            else _square(window, node)
        )
        parts.append(text + (f" /{show(stride)}" if stride not in (None, 1) else ""))
    rest = [f"{name} {show(value)}" for name, value in changed.items()]
    return ", ".join([*parts, *rest[:_MOST_ARGUMENTS]])


def _square(size: object, node: Node) -> str:
    digits = node.op[-2:-1]
    return "×".join([str(size)] * (int(digits) if digits.isdigit() else 1))
