"""Properties of a node of a graph model from its layer, before its shapes are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from netspec.dims import symbol
from netspec.elaborate import Catalog
from netspec.elaborate.custom_layers import OwnLayerError
from netspec.layer.argument_kinds import ANY, Kind
from netspec.layer.base import Layer
from netspec.layers.op_tables import SINCE
from netspec.schema.graph.graph_model import GraphNode
from netspec.schema.graph.marked_text import Raw
from netspec.syntax import FORMULAS_SINCE

_SYMBOL = re.compile(r"(?<![\w.])[^\W\d_]\w*(?![\w.(])")
_INFINITIES = (".inf", "-.inf")


def layer_class(node: GraphNode, catalog: Catalog) -> type[Layer] | None:
    """The layer of a node, or None."""
    try:
        return catalog.find(node.op)
    except OwnLayerError:
        return None


def language_version(op: str) -> float:
    """The version of the language that introduced an op; of formulas, for an op that is one."""
    return FORMULAS_SINCE if op.startswith("=") else SINCE.get(op, 1)


def result_names(node: GraphNode, catalog: Catalog) -> tuple[str, ...] | None:
    """The names of the results; None if they depend on the shapes, or the arguments are invalid."""
    layer = layer_class(node, catalog)
    if layer is None:
        return None
    made, _ = layer.make({name: _with_symbols(value) for name, value in node.arguments.items()})
    if made is None or all(name.isdigit() for name in made.results):
        return None
    return made.results


def _with_symbols(value: object) -> object:
    """An argument in which an expression over symbols is some symbol: the names of results depend on none."""
    if isinstance(value, list):
        return tuple(map(_with_symbols, value))
    if isinstance(value, str) and any(sign in value for sign in "+-*/( "):
        return symbol("N")
    return value


def argument_value(
    layer: type[Layer] | None, name: str, value: object, size_expression: Callable[[str], str]
) -> object:
    """An argument in the notation of a spec: symbols in expressions become sizes of tensors.

    `size_expression` gives the expression for a symbol, such as `x.size(2)`.
    """
    declared = layer.arguments.get(name) if layer is not None else None
    if declared is None:
        return value
    return _expression(declared.kind, value, size_expression)


def number_of_formula(value: object, size_expression: Callable[[str], str]) -> object:
    """A number of a formula as a spec writes it."""
    return _expression(ANY, value, size_expression)


def has_expression(layer: type[Layer], arguments: Mapping[str, object]) -> bool:
    """Whether an argument is an expression over symbols."""
    mentioned: list[str] = []

    def note(symbol: str) -> str:
        mentioned.append(symbol)
        return symbol

    for name, value in arguments.items():
        argument_value(layer, name, value, note)
    return bool(mentioned)


def _expression(kind: Kind, value: object, size_expression: Callable[[str], str]) -> object:
    if isinstance(value, list):
        return [_expression(kind, item, size_expression) for item in value]
    if not isinstance(value, str) or kind.text or value in kind.words:
        return value
    if value in _INFINITIES:
        return Raw(value)
    return _SYMBOL.sub(lambda match: size_expression(match.group()), value)
