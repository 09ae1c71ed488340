"""The dense blocks of a program: layers that each read the features of all before."""

from __future__ import annotations

import ast

from netspec.codegen.bodies import Site
from netspec.codegen.class_definitions import method_of
from netspec.codegen.identifiers import is_plain
from netspec.codegen.plans import ClassPlan
from netspec.codegen.syntax import statements
from netspec.graph import Node, Value
from netspec.optimize.pairs import kind

_STAGE = ("BatchNorm2d", "ReLU", "Conv2d")


def mark_dense_layer(definition: ast.ClassDef, plan: ClassPlan) -> bool:
    """Add the method `stages` to the class of a layer of a dense block.

    Args:
        definition: The class.
        plan: What it is made from.

    Returns:
        Whether it is such a class.
    """
    sites = _chain(plan)
    if not sites or any(child == "stages" for child in _children(plan)):
        return False
    if ast.unparse(definition.bases[0]) == "nn.Sequential":
        modules = "*self"
    elif all(is_plain(site.node.name) for site in sites):
        modules = ", ".join(f"self.{site.node.name}" for site in sites)
    else:
        return False
    method = statements(
        f'def stages(self) -> list[_Stage]:\n    """Return the modules in order, for a dense block."""\n'
        f"    return _stages({modules})"
    )
    definition.body += method
    return True


def rewrite_dense_block(definition: ast.ClassDef) -> bool:
    """Let a class that loops over its layers apply them as one function.

    Returns:
        Whether it is such a class.
    """
    forward = method_of(definition, "forward")
    if forward is None:
        return False
    match forward.body:
        case [
            ast.Assign([ast.Name(features)], ast.List([ast.Name(x)])),
            ast.For(
                ast.Name(layer),
                layers,
                [
                    ast.Expr(
                        ast.Call(
                            ast.Attribute(ast.Name(appended), "append"),
                            [ast.Call(ast.Name(called), [ast.Name(read)], [])],
                        )
                    )
                ],
            ),
            ast.Return(joined),
        ] if (
            appended == read == features
            and called == layer
            and ast.unparse(joined) == f"torch.cat({features}, 1)"
        ):
            modules = ast.unparse(layers)
            forward.body[:0] = statements(
                f"layers = _dense_layers({modules}, {x})\n"
                f"if layers:\n"
                f"    return _dense_block(layers, {x})"
            )
            return True
    return False


def _children(plan: ClassPlan) -> list[str]:
    return [site.first.name for site in plan.body.sites if isinstance(site.first, Node)]


def _chain(plan: ClassPlan) -> list[Site]:
    """The modules of a dense layer in order; empty if the class is none."""
    sites = list(plan.body.sites)
    if any(
        site.loop
        or site.optional
        or not all(
            isinstance(e, Node) and e.owner is None and not e.checkpoint for e in site.entries
        )
        for site in sites
    ):
        return []
    kinds = [kind(site.node) for site in sites]
    joins_first = kinds[:1] == ["Concat"]
    joins_last = kinds[-1:] == ["Concat"]
    modules = sites[joins_first : len(sites) - joins_last]
    count = len(modules) // len(_STAGE)
    if (
        joins_first == joins_last
        or kinds[joins_first:][: len(modules)] != [*_STAGE] * count
        or not count
    ):
        return []
    for use, level in enumerate(plan.levels):
        flow = level.inputs[0]
        if joins_first:
            join = sites[0].entries[use]
            assert isinstance(join, Node)
            if not _joins_channels(join):
                return []
            flow = join.outputs[0]
        for site in modules:
            node = site.entries[use]
            assert isinstance(node, Node)
            if flow is None or list(node.inputs) != [flow]:
                return []
            flow = node.outputs[0]
        if joins_last:
            join = sites[-1].entries[use]
            assert isinstance(join, Node)
            if list(join.inputs) != [level.inputs[0], flow] or not _joins_channels(join):
                return []
            flow = join.outputs[0]
        if list(level.outputs) != [flow]:
            return []
    return modules


def _joins_channels(join: Node) -> bool:
    return getattr(join.layer, "dim", None) == 1
