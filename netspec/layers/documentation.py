"""The documentation of a layer as data: the parts of its docstring, and its name in PyTorch."""

from __future__ import annotations

from inspect import cleandoc
from typing import NamedTuple

from netspec.layer.base import Layer, Module

_SECTIONS = ("Shape", "Note", "Source")


class Documentation(NamedTuple):
    """The parts of the docstring of a layer, each on one line; a missing part is empty."""

    summary: str
    shape: str
    """How the shapes of the results follow from those of the inputs."""
    note: str
    source: str
    """The class or function of PyTorch that it is, and the paper that introduced it."""


def documentation(layer: type[Layer]) -> Documentation:
    """The parts of the docstring of a layer.

    Example:
        >>> from netspec.layers import find
        >>> documentation(find("ReLU")).shape
        '(*) -> (*), y = max(0, x)'
    """
    lines: dict[str, list[str]] = {"": []}
    section = ""
    for line in cleandoc(layer.__doc__ or "").splitlines():
        label, colon, rest = line.partition(": ")
        if colon and label in _SECTIONS:
            section, line = label, rest
        lines.setdefault(section, []).append(line)
    summary, *sections = (" ".join(" ".join(lines.get(s, ())).split()) for s in ("", *_SECTIONS))
    return Documentation(summary, *sections)


def torch_name(layer: type[Layer]) -> str:
    """The class or function of PyTorch of a layer; empty if it is unknown.

    Example:
        >>> from netspec.layers import find
        >>> torch_name(find("Conv2d")), torch_name(find("Concat"))
        ('torch.nn.Conv2d', 'torch.cat')
    """
    if issubclass(layer, Module) and not layer.torch_name:
        return layer.torch_class or f"torch.nn.{layer.op}"
    return layer.torch_name
