"""Sizes that are only known at run time, said by the tensors at hand."""

from __future__ import annotations

import ast
from collections.abc import Callable

from netspec.codegen.scopes import Untranslatable
from netspec.codegen.syntax import attribute, call, parse
from netspec.diagnostics import Code, Diagnostic, SpecError
from netspec.dims import is_symbolic
from netspec.document import Node as Place
from netspec.document import Scalar, Sequence
from netspec.elaborate import Node, Value
from netspec.expr import Item, parse_expression
from netspec.expr.python import to_python, to_tree

SLOT = "_tensor_{}_"
"""Stands in a text for a tensor, by the number of the node's reads, until variables have names."""


def slots(node: Node) -> list[Value]:
    """The tensors that the slots of a node's texts stand for, in order."""
    return [value for values in node.reads.values() for value in values]


def runtime_text(node: Node, argument: str, value: object) -> str:
    """The Python that computes an argument of `node`: its own expression, or a size of its inputs."""
    step = (node.owner or node).step
    written = next((v for k, v in step.arguments if k.text == argument), None) if step else None
    if written is not None and node.reads:
        return _written(written, node)
    return _by_size(value, node)


def _written(place: Place, node: Node) -> str:
    if isinstance(place, Sequence):
        return _tuple([_written(item, node) for item in place.items])
    assert isinstance(place, Scalar)
    if not isinstance(place.value, str):
        return repr(place.value)
    numbers: dict[tuple[str, int], int] = {}
    for root, values in node.reads.items():
        for k in range(len(values)):
            numbers[root, k] = len(numbers)

    def name(text: str) -> str:
        return _literal(node, text)

    def tensor(root: str, k: int) -> str:
        return SLOT.format(numbers[root, k])

    return to_python(parse_expression(place.value.removeprefix("=")), name, tensor)


def _tuple(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _literal(node: Node, text: str) -> str:
    root, _, attribute = text.partition(".")
    value = (node.owner or node).env[root]
    if isinstance(value, Item):
        value = getattr(value, attribute or "value")
    if is_symbolic(value):
        return _by_size(value, node)
    return repr(value)


def _by_size(value: object, node: Node) -> str:
    """A size said by an axis of an input that has it."""
    if isinstance(value, list | tuple):
        return _tuple([_by_size(v, node) for v in value])
    if not is_symbolic(value):
        return repr(value)
    candidates: list[Callable[[object], str | None]] = [
        lambda size: "" if size == value else None,
        *(_times(k, value) for k in range(2, 9)),
    ]
    for how in candidates:
        for number, tensor in enumerate(node.inputs):
            for axis, size in enumerate(tensor.shape or ()):
                said = how(size)
                if said is not None:
                    return f"_input_{number}_.size({axis}){said}"
    raise _no_source(node, value)


def _times(k: int, wanted: object) -> Callable[[object], str | None]:
    def said(size: object) -> str | None:
        if not is_symbolic(size):
            return None
        if size * k == wanted:
            return f" * {k}"
        if size // k == wanted:
            return f" // {k}"
        return None

    return said


def runtime_tree(
    node: Node,
    argument: str,
    value: object,
    tensor: Callable[[str, int], ast.expr],
    name: Callable[[str, str], ast.expr],
    inputs: list[ast.expr],
) -> ast.expr:
    """The tree that computes an argument of `node` at run time.

    Args:
        node: The node.
        argument: The argument.
        value: Its value, which holds sizes that are open.
        tensor: The variable of a tensor, by the name that the spec gives it and its number.
        name: The expression for a parameter or a loop variable, and what is asked of it.
        inputs: The variables of the node's inputs.
    """
    step = (node.owner or node).step
    written = next((v for k, v in step.arguments if k.text == argument), None) if step else None
    if written is not None and node.reads:
        return _written_tree(written, node, tensor, name, inputs)
    return _size_tree(value, node, inputs)


def _written_tree(
    place: Place,
    node: Node,
    tensor: Callable[[str, int], ast.expr],
    name: Callable[[str, str], ast.expr],
    inputs: list[ast.expr],
) -> ast.expr:
    if isinstance(place, Sequence):
        items = [_written_tree(item, node, tensor, name, inputs) for item in place.items]
        return ast.Tuple(items, ast.Load())
    assert isinstance(place, Scalar)
    if not isinstance(place.value, str):
        return parse(repr(place.value))

    def known(text: str) -> ast.expr:
        root, _, asked = text.partition(".")
        try:
            return name(root, asked or "value")
        except Untranslatable:
            value = (node.owner or node).env[root]
            if isinstance(value, Item):
                value = getattr(value, asked or "value")
            return _size_tree(value, node, inputs) if is_symbolic(value) else parse(repr(value))

    return to_tree(parse_expression(place.value.removeprefix("=")), known, tensor)


def _size_tree(value: object, node: Node, inputs: list[ast.expr]) -> ast.expr:
    """A size said by a dimension of an input that has it."""
    if isinstance(value, list | tuple):
        return ast.Tuple([_size_tree(v, node, inputs) for v in value], ast.Load())
    if not is_symbolic(value):
        return parse(repr(value))
    candidates: list[Callable[[object], str | None]] = [
        lambda size: "" if size == value else None,
        *(_times(k, value) for k in range(2, 9)),
    ]
    for how in candidates:
        for variable, given in zip(inputs, node.inputs, strict=True):
            for axis, size in enumerate(given.shape or ()):
                rest = how(size)
                if rest is not None:
                    tree = call(attribute(variable, "size"), parse(str(axis)))
                    if not rest:
                        return tree
                    whole = parse(f"_{rest}")
                    assert isinstance(whole, ast.BinOp)
                    whole.left = tree
                    return whole
    raise _no_source(node, value)


def _no_source(node: Node, value: object) -> SpecError:
    """The error for a size that no input of a node has when the network runs."""
    return SpecError(
        Diagnostic(
            Code.COMPILE,
            f"`{node.path}` needs the size {value} at run time, but none of its inputs has it",
            node.place.span if node.place else None,
            "a size from elsewhere",
            path=node.path,
        )
    )
