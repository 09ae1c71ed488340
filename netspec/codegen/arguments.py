"""The arguments of a generated call, as holes: what the layer takes, what the input decides."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from netspec.codegen.parts import Argument, Hole
from netspec.codegen.runtime import runtime_text
from netspec.dims import is_symbolic
from netspec.document import Node as Place
from netspec.document import Scalar, Sequence
from netspec.elaborate import Node
from netspec.layers.base import Function, Layer, Module

_NAMES = re.compile(r"[A-Za-z_]\w*")


class _Form(NamedTuple):
    """An argument of a constructor call but for a value that the input decides."""

    name: str
    keyword: str
    value: object
    default: object
    names: tuple[str, ...]
    drop: bool


class ArgumentWriter:
    """Writes arguments; what is the same for every use of a step or a layer is found once."""

    def __init__(self) -> None:
        self._computed: dict[int, dict[str, tuple[str, ...]]] = {}
        self._forms: dict[tuple[Layer, int], list[_Form]] = {}

    def constructor(self, node: Node, layer: Module) -> list[Argument]:
        """The arguments that build a module: those by position first, then what differs from torch's defaults."""
        given = layer.given(*node.shapes) if node.inputs else {}
        key = (layer, id(node.step))
        forms = self._forms.get(key)
        if forms is None:
            forms = self._forms[key] = self._form(node, layer, given.keys())
        return [
            Argument(f.keyword, Hole(_value(f, given), f.name, f.default, f.names), f.drop)
            for f in forms
        ]

    def _form(self, node: Node, layer: Module, given: Collection[str]) -> list[_Form]:
        """What is the same of the arguments in all uses of a step with this layer."""
        changed = layer.changed()
        computed = self.computed(node)
        found = []
        by_position = True
        rest = (n for n in layer.arguments if n not in (*layer.positional, *layer.called))
        for name in (*layer.positional, *rest):
            if name not in given and name not in changed and name not in computed:
                by_position = by_position and name not in layer.positional
                continue
            argument = layer.arguments[name]
            value = changed.get(name, getattr(layer, name))
            keyword = "" if by_position and name in layer.positional else name
            drop = name in computed and not argument.required
            found.append(
                _Form(name, keyword, value, argument.default, computed.get(name, ()), drop)
            )
        return found

    def call(self, node: Node, layer: Function | Module) -> tuple[Argument, ...]:
        """What `forward` says of a call; a size of a tensor is said by that tensor, at run time."""
        computed = self.computed(node)
        found = []
        for name in layer.arguments if isinstance(layer, Function) else layer.called:
            argument = layer.arguments[name]
            value = getattr(layer, name)
            hole = Hole(value, name, argument.default, computed.get(name, ()), in_forward=True)
            if _symbolic(value):
                hole.text = runtime_text(node, name, value)
            found.append(Argument(name, hole))
        return tuple(found)

    def computed(self, node: Node) -> dict[str, tuple[str, ...]]:
        """The arguments that the step computes, each with the names that its expression mentions."""
        step = node.step
        if step is None:
            return {}
        found = self._computed.get(id(step))
        if found is None:
            found = self._computed[id(step)] = {
                key.text: tuple(dict.fromkeys(_NAMES.findall(" ".join(texts))))
                for key, value in step.arguments
                if (texts := _expressions(value))
            }
        return found


def _value(form: _Form, given: Mapping[str, object]) -> object:
    """What is declared or written, else what the input decides."""
    return form.value if form.value is not None else given.get(form.name)


def _symbolic(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(_symbolic(v) for v in value)
    return is_symbolic(value)


def _expressions(value: Place) -> list[str]:
    if isinstance(value, Scalar):
        return [value.value] if isinstance(value.value, str) else []
    if isinstance(value, Sequence):
        return [text for item in value.items for text in _expressions(item)]
    return []
