"""Bases of layers that are one call of a function of torch."""

from __future__ import annotations

from netspec.layer import Function


class ElementFunction(Function):
    """A function of each element that is called with the input alone."""

    since = 1.1
    category = "elementwise"

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{self.torch_name}({inputs[0]})"
