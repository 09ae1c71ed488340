"""The call of `_check_inputs`: with the arguments that sizes are compared with, where they are proved."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netspec.codegen.class_definitions import method_of
from netspec.codegen.identifiers import fresh, input_names
from netspec.codegen.input_checks import InputArguments
from netspec.codegen.lowering import Lowering
from netspec.codegen.plans import ConstructorArgument
from netspec.codegen.proofs import is_restricted, proved_for, same_sizes
from netspec.codegen.size_arguments import SizeArguments, refs_in, upper_bounds
from netspec.codegen.special_nodes import ArgumentRef, argument_ref
from netspec.codegen.syntax import assign, attribute, constant, name
from netspec.codegen.tree_arithmetic import whole
from netspec.codegen.tree_equality import same
from netspec.codegen.value_references import InputRef
from netspec.elaborate.paths import RESERVED_BY_TORCH
from netspec.expr.traversal import walk_tree
from netspec.graph import Graph
from netspec.graph.captures import unrolled

if TYPE_CHECKING:
    from netspec.codegen.program import Program


def guard(program: Program, root: ast.ClassDef) -> None:
    """Check the sizes only for the arguments that they are proved for."""
    program.checked = InputArguments(dict(_declared_sizes(program)), _upper_bounds(program))
    _hand_sizes_to_check(program, root)
    asked = _asked_by_check(program)
    if not asked:
        return
    alike = [graph for graph in program.graphs if same_sizes(graph, program.graph)]
    test = proved_for(
        [_asked(program, tree) for tree in asked],
        [[_asked_value(program, tree, g) for tree in asked] for g in alike],
    )
    init, forward = method_of(root, "__init__"), method_of(root, "forward")
    assert init is not None
    assert forward is not None
    children = {e.name for e in unrolled(program.graph.root.entries)}
    label = fresh("checks_inputs", children | {n.argument.label for t in asked for n in refs_in(t)})
    assignment = assign(attribute(name("self"), label), test)
    assignment.leading = ["Other arguments may be valid for other sizes of the inputs."]  # type: ignore[attr-defined]
    init.body.insert(1, assignment)
    call_ = forward.body[0]
    forward.body[0] = ast.If(attribute(name("self"), label), [call_], [])


def _upper_bounds(program: Program) -> dict[str, str]:
    """The arguments that bound an open size, by its symbol."""
    written = program.planner.root.written_arguments
    taken = set(input_names(program.graph))
    bounds = upper_bounds(program.arguments, program.graphs)
    return {s: a.label for s, a in bounds.items() if a in written and a.label not in taken}


def _asked_by_check(program: Program) -> list[ast.expr]:
    """What decides the sizes that the check asks for by number: arguments, lengths or items of them."""
    arguments = program.planner.root.written_arguments
    declared = {a.label for a in _input_arguments(program)} - {*program.checked.sizes.values()}
    asked: list[ast.expr] = [argument_ref(a) for a in arguments if a.label in declared]
    if any(map(is_restricted, program.graphs)):
        deciding = SizeArguments(program.arguments, program.graphs, program.checked.bounds)
        trees = map(argument_ref, arguments) if deciding.all_decide else deciding.deciding
        asked += [t for t in trees if not any(same(t, known) for known in asked)]
    places = {id(a): k for k, a in enumerate(arguments)}
    written = [t for t in asked if all(id(n.argument) in places for n in refs_in(t))]
    return sorted(written, key=lambda t: min(places[id(n.argument)] for n in refs_in(t)))


def _asked(program: Program, tree: ast.expr) -> ast.expr:
    """`len(widths)` or `stem[1]` as the constructor of the network writes it."""
    return Lowering(program.planner.root, program.arguments, set()).expression(tree)


def _asked_value(program: Program, tree: ast.expr, graph: Graph) -> ast.expr:
    """What a network gives for that."""
    (ref,) = refs_in(tree)
    value = program.value_in(ref.argument, graph)
    if isinstance(value, ast.Call) and same(value, ref.argument.default):
        return constant(None)  # the constructor makes it where none is given
    items = value.elts if isinstance(value, ast.Tuple) else []
    match tree:
        case ast.Call():
            return constant(len(items))
        case ast.Subscript(_, place):
            number = whole(place)
            return value if number is None or number >= len(items) else items[number]
    return value


def _declared_sizes(program: Program) -> Iterator[tuple[tuple[int, int], str]]:
    """The sizes of inputs that are arguments of the network, by the input and the dimension."""
    root = program.planner.root
    written = root.written_arguments
    taken = set(input_names(program.graph))
    for number, value in enumerate(program.graph.inputs):
        for axis, size in enumerate(value.shape or ()):
            tree = program.arguments.sizes.known.get((InputRef(root.body, number), axis))
            if type(size) is int and isinstance(tree, ArgumentRef):
                label = tree.argument.label
                if tree.argument in written and label not in taken:
                    yield (number, axis), label


def _hand_sizes_to_check(program: Program, root: ast.ClassDef) -> None:
    """Keep the declared sizes as attributes, and give them to the check."""
    init, forward = method_of(root, "__init__"), method_of(root, "forward")
    if init is None or forward is None or not program.checked.labels:
        return
    attributes = {e.name for e in unrolled(program.graph.root.entries)} | RESERVED_BY_TORCH
    checked = forward.body[0]
    assert isinstance(checked, ast.Expr)
    assert isinstance(checked.value, ast.Call)
    for place, label in enumerate(program.checked.labels, 1):
        attribute_name = fresh(label, attributes)
        set_already = {ast.unparse(s) for s in init.body if isinstance(s, ast.Assign)}
        if f"self.{attribute_name} = {label}" not in set_already:
            init.body.insert(place, assign(attribute(name("self"), attribute_name), name(label)))
        checked.value.args.append(attribute(name("self"), attribute_name))


def _input_arguments(program: Program) -> list[ConstructorArgument]:
    """The arguments that the declared shapes of the inputs mention."""
    arguments = []
    for known, tree in program.arguments.sizes.known.items():
        ref, _ = known
        if isinstance(ref, InputRef) and ref.body is program.planner.root.body:
            arguments += [n.argument for n in walk_tree(tree) if isinstance(n, ArgumentRef)]
    return arguments
