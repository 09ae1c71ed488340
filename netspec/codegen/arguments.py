"""The arguments of a generated call, as holes: what the layer takes, what the input decides."""

from __future__ import annotations

import re

from netspec.codegen.parts import Argument, Hole
from netspec.codegen.runtime import runtime_text
from netspec.dims import is_symbolic
from netspec.document import Node as Place
from netspec.document import Scalar, Sequence
from netspec.elaborate import Node
from netspec.layers.base import Function, Module

_NAMES = re.compile(r"[A-Za-z_]\w*")


def constructor_arguments(node: Node, layer: Module) -> list[Argument]:
    """The arguments that build a module: those by position first, then what differs from torch's defaults."""
    given = layer.given(*node.shapes) if node.inputs else {}
    changed = layer.changed()
    computed = {name: text for name, text in _computed(node).items() if name in layer.arguments}
    found = []
    positional = True
    for name in (*layer.positional, *(n for n in layer.arguments if n not in layer.positional)):
        if name in given:
            value: object = given[name]
        elif name in changed or name in computed:
            value = getattr(layer, name) if name not in changed else changed[name]
        else:
            positional = positional and name not in layer.positional
            continue
        argument = layer.arguments[name]
        hole = Hole(value, name, argument.default, computed.get(name, ()))
        by_position = positional and name in layer.positional
        drop = name in computed and not argument.required
        found.append(Argument("" if by_position else name, hole, drop))
    return found


def function_arguments(node: Node, layer: Function) -> tuple[Argument, ...]:
    """All arguments of a function of tensors; a size of a tensor is said by that tensor, at run time."""
    found = []
    for name, argument in layer.arguments.items():
        value = getattr(layer, name)
        hole = Hole(value, name, argument.default)
        if _symbolic(value):
            hole.text = runtime_text(node, name, value)
        found.append(Argument(name, hole))
    return tuple(found)


def _symbolic(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(_symbolic(v) for v in value)
    return is_symbolic(value)


def _computed(node: Node) -> dict[str, tuple[str, ...]]:
    """The arguments that the step computes, each with the names that its expression mentions."""
    step = node.step
    if step is None:
        return {}
    return {
        key.text: tuple(dict.fromkeys(_NAMES.findall(" ".join(texts))))
        for key, value in step.arguments
        if (texts := _expressions(value))
    }


def _expressions(value: Place) -> list[str]:
    if isinstance(value, Scalar):
        return [value.value] if isinstance(value.value, str) else []
    if isinstance(value, Sequence):
        return [text for item in value.items for text in _expressions(item)]
    return []
