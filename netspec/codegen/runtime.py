"""Sizes that are only known at run time, read from the available tensors."""

from __future__ import annotations

import ast
from collections.abc import Callable

from netspec.codegen.scopes import Untranslatable
from netspec.codegen.syntax import attribute, call, parse
from netspec.diagnostics import Code, Diagnostic, SpecError
from netspec.dims import is_symbolic
from netspec.document import Scalar, Sequence, TextNode
from netspec.expr import LoopItem, parse_expression
from netspec.expr.python import to_tree
from netspec.graph import Node


def _times(k: int, product: object) -> Callable[[object], str | None]:
    def suffix(size: object) -> str | None:
        if not is_symbolic(size):
            return None
        if size * k == product:
            return f" * {k}"
        if size // k == product:
            return f" // {k}"
        return None

    return suffix


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
    place: TextNode,
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
            if isinstance(value, LoopItem):
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
        for variable, input_ in zip(inputs, node.inputs, strict=True):
            for axis, size in enumerate(input_.shape or ()):
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
