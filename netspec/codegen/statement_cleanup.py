"""Statements of a finished method: known conditions, lists that are filled at once, results returned at once."""

from __future__ import annotations

import ast

from netspec.codegen.special_nodes import (
    SiteAssign,
    site_return,
)
from netspec.codegen.syntax import assign
from netspec.codegen.tree_equality import same
from netspec.expr.traversal import walk_tree


def without_known_conditions(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements without conditions that are known."""
    done: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.If):
            node.body, node.orelse = (
                without_known_conditions(node.body),
                without_known_conditions(node.orelse),
            )
            if isinstance(node.test, ast.Constant):
                done += node.body if node.test.value else node.orelse
                continue
        elif isinstance(node, ast.For):
            node.body = without_known_conditions(node.body)
        done.append(node)
    return done


def merged_statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """Neighboring conditions that are the same as one, lists begun with what is appended at once."""
    done: list[ast.stmt] = []
    for node in body:
        last = done[-1] if done else None
        if isinstance(node, ast.For | ast.If):
            node.body = merged_statements(node.body)
        if isinstance(node, ast.If) and isinstance(last, ast.If) and same(node.test, last.test):
            last.body += node.body
            last.orelse += node.orelse
            continue
        if (filled := _comprehension(last, node)) is not None:
            done[-1] = filled
            continue
        if (
            isinstance(last, ast.AnnAssign)
            and isinstance(last.value, ast.List)
            and _appends(node, last.target)
        ):
            assert isinstance(node, ast.Expr)
            assert isinstance(node.value, ast.Call)
            last.value.elts += node.value.args
            continue
        done.append(node)
    return done


def _comprehension(before: ast.stmt | None, loop: ast.stmt) -> ast.stmt | None:
    """`branches = [branch(x) for branch in self]` for an empty list that a loop fills at once."""
    match before, loop:
        case (
            ast.Assign([ast.Name(label) as target], ast.List([])),
            ast.For(
                variable,
                over,
                [ast.Expr(ast.Call(ast.Attribute(ast.Name(filled), "append"), [item], []))],
                [],
            ),
        ) if label == filled:
            if any(isinstance(n, ast.Name) and n.id == label for n in walk_tree(item)):
                return None
            generator = ast.comprehension(variable, over, [], 0)
            return assign(target, ast.ListComp(item, [generator]))
    return None


def returned_at_once(body: list[ast.stmt]) -> list[ast.stmt]:
    """`return f(x)` for `x = f(x)` and `return x`."""
    if len(body) < 2:
        return body
    last, before = body[-1], body[-2]
    if not isinstance(last, ast.Return) or not isinstance(before, ast.Assign):
        return body
    target = before.targets[0]
    if (
        isinstance(target, ast.Name)
        and isinstance(last.value, ast.Name)
        and target.id == last.value.id
    ):
        value = before.value
        made = (
            site_return(before.site, value) if isinstance(before, SiteAssign) else ast.Return(value)
        )
        made.leading = getattr(before, "leading", [])  # type: ignore[attr-defined]
        return [*body[:-2], made]
    return body


def results_at_once(body: list[ast.stmt]) -> list[ast.stmt]:
    """`return self[0](x), self[1](y)` where the variables of results only number them: `out`, `out2`."""
    last = body[-1]
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Tuple):
        return body
    labels = [r.id for r in last.value.elts if isinstance(r, ast.Name)]
    made = [s for s in body[-1 - len(labels) : -1] if isinstance(s, SiteAssign)]
    targets = [t.id for s in made for t in s.targets if isinstance(t, ast.Name)]
    if labels != targets or len(labels) != len(last.value.elts):
        return body
    if not all(label.rstrip("0123456789") == "out" for label in labels):
        return body
    values = [s.value for s in made]
    if any(isinstance(n, ast.Name) and n.id in labels for v in values for n in walk_tree(v)):
        return body
    return [*body[: -1 - len(made)], site_return(made[-1].site, ast.Tuple(values, ast.Load()))]


def _appends(node: ast.stmt, target: ast.expr) -> bool:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    func = node.value.func
    if (
        not isinstance(func, ast.Attribute)
        or func.attr != "append"
        or not isinstance(func.value, ast.Name)
    ):
        return False
    return isinstance(target, ast.Name) and func.value.id == target.id
