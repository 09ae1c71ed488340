"""The arguments of a generated call, as holes: what the layer takes, what the input decides."""

from __future__ import annotations

from netspec.codegen.parts import Argument, Hole
from netspec.codegen.runtime import runtime_text
from netspec.dims import is_symbolic
from netspec.document import Mapping, Scalar, Sequence
from netspec.document import Node as Place
from netspec.elaborate import Node
from netspec.layers.base import Function, Module


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
        hole = Hole(value, computed.get(name) or name, argument.default)
        by_position = positional and name in layer.positional
        found.append(
            Argument("" if by_position else name, hole, name not in changed and name not in given)
        )
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


def _computed(node: Node) -> dict[str, str]:
    """The arguments that the step computes, each with the name to call it by: a parameter's, or none."""
    step = node.step
    if step is None:
        return {}
    return {
        key.text: _hint(value, node) for key, value in step.arguments if _is_computed(value)
    }


def _hint(value: Place, node: Node) -> str:
    text = value.text.strip() if isinstance(value, Scalar) else ""
    return text if text in node.env and text.isidentifier() and text != "i" else ""


def _is_computed(value: Place) -> bool:
    if isinstance(value, Scalar):
        return isinstance(value.value, str)
    if isinstance(value, Sequence):
        return any(_is_computed(item) for item in value.items)
    assert isinstance(value, Mapping)
    return False
