"""A program that trains in less memory."""

from __future__ import annotations

import ast

from netspec.codegen.class_definitions import method_of
from netspec.codegen.identifiers import input_names
from netspec.codegen.program import Program
from netspec.codegen.syntax import statements
from netspec.optimize.dense import mark_dense_layer, rewrite_dense_block
from netspec.optimize.helper_text import add_helpers
from netspec.optimize.layer_names import layer_name
from netspec.optimize.pairs import NORMS, SAVING, Pairs
from netspec.optimize.sequences import sequences
from netspec.optimize.statement_pairs import rewrite_forward

_FUSED = {f"nn.{name}" for name in (NORMS | SAVING) - {"AdaptiveAvgPool2d"}}


def optimize_training(tree: ast.Module, program: Program) -> str:
    """Rewrite a program for training, in place.

    The classes, their modules and their weights stay as they are. Where the graph has a
    known structure, a `forward` calls a function that saves less, and that calls the
    modules themselves wherever something else observes them.

    Args:
        tree: The program.
        program: What it is made from.

    Returns:
        The name of the class of the network.
    """
    pairs = Pairs(program.graphs)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    plans = {plan.name: plan for plan in program.planner.plans}
    dense = {each.name for each in classes if mark_dense_layer(each, plans[each.name])}
    for definition in classes:
        if dense:
            rewrite_dense_block(definition)
        forward = method_of(definition, "forward")
        if forward is not None:
            rewrite_forward(forward.body, pairs)
        for sequence in list(sequences(definition)):
            if sequence.children and dense.issuperset(sequence.children):
                sequence.replace("_DenseSequential")
            elif pairs.activations and not _FUSED.isdisjoint(sequence.children):
                sequence.replace("_FusedSequential")
    _use_channels_last(classes, program)
    add_helpers(tree, program)
    return program.planner.root.name


def _use_channels_last(classes: list[ast.ClassDef], program: Program) -> None:
    """Convert images to channels last before the first layer."""
    root = next(each for each in classes if each.name == program.planner.root.name)
    forward = method_of(root, "forward")
    if forward is None or not any(layer_name(n) == "Conv2d" for n in program.graph.nodes):
        return
    names = zip(input_names(program.graph), program.graph.inputs, strict=True)
    images = [name for name, value in names if len(value.shape or ()) == 4]
    lines = [f"{name} = {name}.contiguous(memory_format=torch.channels_last)" for name in images]
    first = int(ast.get_docstring(forward, clean=False) is not None)
    first += "_check_inputs" in ast.unparse(forward.body[first])
    forward.body[first:first] = statements("\n".join(lines))
