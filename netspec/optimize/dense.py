"""The dense blocks of a program: layers that each read the features of all before."""

from __future__ import annotations

import ast

from netspec.codegen.bodies import Site
from netspec.codegen.class_definitions import method_of
from netspec.codegen.identifiers import is_plain
from netspec.codegen.plans import ClassPlan
from netspec.codegen.syntax import statements
from netspec.graph import Node
from netspec.optimize.dense_layers import dense_stages
from netspec.optimize.layer_names import layer_name


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
            ast.Return(ast.expr() as joined),
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
    """The modules of a dense layer in order; empty for other classes."""
    sites = list(plan.body.sites)
    if not all(map(_is_always_called, sites)):
        return []
    if not all(map(dense_stages, plan.levels)):
        return []
    return [site for site in sites if layer_name(site.node) != "Concat"]


def _is_always_called(site: Site) -> bool:
    """Whether all uses have a step, and call a module or function of their own."""
    return all(
        isinstance(entry, Node) and entry.owner is None and not entry.checkpoint
        for entry in site.entries
    )
