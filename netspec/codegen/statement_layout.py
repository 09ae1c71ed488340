"""Statements and headers as parts: text, and expressions that know their place in the statement."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, NamedTuple

from netspec.codegen.expression_layout import (
    BRACKETS,
    Level,
    arguments,
    comma_list,
    joined,
    layout,
    layout_bare,
    parenthesized_if_broken,
    sequence,
)
from netspec.codegen.expression_structure import Need, breaks_in_brackets, need_of, own_brackets
from netspec.codegen.expression_text import (
    bare_text,
    condition_text,
    parameter_text,
    parameters_of,
    text_of,
)
from netspec.codegen.layout import (
    SOFT,
    Choice,
    Doc,
    Group,
    Indent,
    Scope,
)
from netspec.codegen.precedence import OPERATORS
from netspec.codegen.value_layout import (
    assigned_layout,
    bare_layout,
    condition_layout,
    expression_layout,
    loop_target_layout,
    message_layout,
    operation_layout,
    preserved_layout,
    returned_layout,
    value_layout,
)


class Place(NamedTuple):
    """A place in a statement: the text of what can be there, and its layout over several lines."""

    text: Callable[[Any], str]
    layout: Callable[[Any], Doc]


class Slot(NamedTuple):
    """A node at a place."""

    place: Place
    node: Any


Part = str | Slot


def flat_text(parts: list[Part]) -> str:
    """The statement on one line."""
    return "".join([p if isinstance(p, str) else p.place.text(p.node) for p in parts])


def document(parts: list[Part]) -> Doc:
    """The statement as a document."""
    return [p if isinstance(p, str) else p.place.layout(p.node) for p in parts]


VALUE = Place(text_of, value_layout)
CONDITION = Place(condition_text, condition_layout)
PRESERVED = Place(text_of, preserved_layout)
MESSAGE = Place(text_of, message_layout)
RETURNED = Place(bare_text, returned_layout)
EXPRESSION = Place(text_of, expression_layout)
LOOP_TARGET = Place(bare_text, loop_target_layout)


# Assignments


class Assignment(NamedTuple):
    """What precedes an operator such as `=` (a target or an annotation), the operator, and the value."""

    before: ast.expr
    operator: str
    value: ast.expr
    breaks_before: bool
    bare: bool = False  # tuples have no parentheses


def _assignment_text(node: Assignment) -> str:
    write = bare_text if node.bare else text_of
    return f"{write(node.before)} {node.operator} {write(node.value)}"


def _assignment_layout(node: Assignment) -> Doc:
    value = node.value
    assigned = bare_layout(value) if node.bare else assigned_layout(value)
    before = _before_layout(node) if node.breaks_before else layout_bare(node.before, None)
    head: list[Doc] = [before, f" {node.operator} "]
    if (
        not node.breaks_before
        or isinstance(value, ast.UnaryOp)
        or need_of(value) is not Need.BEST_FIT
    ):
        return [*head, assigned]
    flat = layout_bare(value, None)
    in_parentheses: list[Doc] = [*head, "(", Group([Indent([SOFT, flat]), SOFT], broken=True), ")"]
    below_target: list[Doc] = [Group(before, broken=True), f" {node.operator} ", flat]
    if isinstance(value, ast.Call | ast.Subscript | ast.Attribute):
        return Choice(
            [[*head, flat], [*head, Group(flat, broken=True)], in_parentheses, below_target]
        )
    return Choice([[*head, flat], in_parentheses, below_target])


def _before_layout(node: Assignment) -> Doc:
    before = node.before
    if node.bare:
        return bare_layout(before)
    if own_brackets(before) is not None or _has_brackets_before_dots(before):
        return layout_bare(before, None)
    return operation_layout(before)


def _bare_target_layout(node: ast.expr) -> Doc:
    return bare_layout(node) if isinstance(node, ast.Tuple) else layout_bare(node, None)


def _has_brackets_before_dots(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
        if own_brackets(node) is not None:
            return True
    return False


def assignment(
    target: ast.expr, operator: str, value: ast.expr, *, last_of_several: bool = False
) -> Slot:
    """A target and its value; a target with brackets may break in them."""
    breaks = last_of_several or own_brackets(target) is not None
    return Slot(
        ASSIGNMENT, Assignment(target, operator, value, breaks, isinstance(target, ast.Tuple))
    )


def _can_break(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute | ast.UnaryOp | ast.Lambda):
        if isinstance(node, ast.Attribute):
            node = node.value
        else:
            node = node.operand if isinstance(node, ast.UnaryOp) else node.body
    return own_brackets(node) is not False and not isinstance(
        node, ast.Name | ast.Constant | ast.JoinedStr
    )


def _annotated(node: ast.AnnAssign) -> list[Part]:
    """`x: int = 1`; a long annotation may break too."""
    name: Part = Slot(TARGET, node.target)
    if node.value is None:
        return [name, ": ", Slot(VALUE, node.annotation)]
    breaks = _can_break(node.annotation)
    return [name, ": ", Slot(ASSIGNMENT, Assignment(node.annotation, "=", node.value, breaks))]


ASSIGNMENT = Place(_assignment_text, _assignment_layout)
TARGET = Place(bare_text, _bare_target_layout)


# Lists without brackets of their own


def _deleted_text(nodes: list[ast.expr]) -> str:
    return ", ".join(map(text_of, nodes))


def _deleted_layout(nodes: list[ast.expr]) -> Doc:
    return value_layout(nodes[0]) if len(nodes) == 1 else parenthesized_if_broken(sequence(nodes))


def _alias(node: ast.alias) -> str:
    return f"{node.name} as {node.asname}" if node.asname else node.name


def _imported_text(names: list[ast.alias]) -> str:
    return ", ".join(map(_alias, names))


def _imported_layout(names: list[ast.alias]) -> Doc:
    return parenthesized_if_broken(comma_list([*map(_alias, names)], trailing=True))


def _managers_text(items: list[ast.withitem]) -> str:
    return ", ".join(
        [
            f"{text_of(i.context_expr)} as {text_of(i.optional_vars)}"
            if i.optional_vars
            else text_of(i.context_expr)
            for i in items
        ]
    )


def _managers_layout(items: list[ast.withitem]) -> Doc:
    if len(items) == 1 and items[0].optional_vars is None:
        return value_layout(items[0].context_expr)
    if len(items) == 1 and breaks_in_brackets(items[0].context_expr):
        own = Scope()
        return parenthesized_if_broken(_manager(items[0], own), own)
    return parenthesized_if_broken(comma_list([_manager(item, BRACKETS) for item in items]))


def _manager(item: ast.withitem, level: Level) -> Doc:
    context = layout(item.context_expr, level)
    return [context, " as ", layout(item.optional_vars, level)] if item.optional_vars else context


DELETED = Place(_deleted_text, _deleted_layout)
IMPORTED = Place(_imported_text, _imported_layout)
MANAGERS = Place(_managers_text, _managers_layout)


# Definitions


def _signature_text(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    inner = ", ".join([parameter_text(*row) for row in parameters_of(node.args)])
    return f"({inner}) -> {text_of(node.returns)}" if node.returns else f"({inner})"


def _signature_layout(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Doc:
    rows = parameters_of(node.args)
    parts = [
        joined([name, *_annotation(annotation), *_default(default, annotated=bool(annotation))])
        for name, annotation, default in rows
    ]
    parameters = comma_list(parts, trailing=True)
    if len(rows) != 1:
        parameters = Group(parameters)
    signature: list[Doc] = ["(", Indent([SOFT, parameters]), SOFT, ")"] if rows else ["()"]
    if node.returns:
        signature += (" -> ", _result_layout(node.returns, parameters=bool(rows)))
    return Group(signature)


def _annotation(node: ast.expr | None) -> list[Doc]:
    return [": ", layout(node, BRACKETS)] if node else []


def _default(node: ast.expr | None, *, annotated: bool) -> list[Doc]:
    return [" = " if annotated else "=", layout(node, BRACKETS)] if node else []


def _result_layout(node: ast.expr, *, parameters: bool) -> Doc:
    need = need_of(node)
    if isinstance(node, ast.Subscript) and need is Need.BEST_FIT:
        return layout_bare(node, None) if parameters else operation_layout(node)
    return value_layout(node) if parameters else message_layout(node)


def _bases_text(node: ast.ClassDef) -> str:
    parts = [text_of(base) for base in node.bases]
    parts += [
        f"{k.arg}={text_of(k.value)}" if k.arg else f"**{text_of(k.value)}" for k in node.keywords
    ]
    return f"({', '.join(parts)})" if parts else ""


def _bases_layout(node: ast.ClassDef) -> Doc:
    return arguments(node.bases, node.keywords, None) if node.bases or node.keywords else ""


SIGNATURE = Place(_signature_text, _signature_layout)
BASES = Place(_bases_text, _bases_layout)


# Statements without a body


def simple_parts(node: ast.stmt) -> list[Part] | None:
    """The parts of a statement without a body; None for one with a body."""
    describe = _SIMPLE.get(type(node)) or next(
        (_SIMPLE[kind] for kind in type(node).__mro__ if kind in _SIMPLE), None
    )
    return None if describe is None else describe(node)


def _assign(node: ast.Assign) -> list[Part]:
    *targets, last = node.targets
    parts: list[Part] = []
    for target in targets:
        parts += (Slot(TARGET, target), " = ")
    return [*parts, assignment(last, "=", node.value, last_of_several=bool(targets))]


def _augmented(node: ast.AugAssign) -> list[Part]:
    return [assignment(node.target, OPERATORS[type(node.op)][0] + "=", node.value)]


def _expression(node: ast.Expr) -> list[Part]:
    return [Slot(EXPRESSION, node.value)]


def _return(node: ast.Return) -> list[Part]:
    return ["return ", Slot(RETURNED, node.value)] if node.value else ["return"]


def _raise(node: ast.Raise) -> list[Part]:
    parts: list[Part] = ["raise ", Slot(PRESERVED, node.exc)] if node.exc else ["raise"]
    return [*parts, " from ", Slot(PRESERVED, node.cause)] if node.cause else parts


def _assert(node: ast.Assert) -> list[Part]:
    parts: list[Part] = ["assert ", Slot(VALUE, node.test)]
    return [*parts, ", ", Slot(MESSAGE, node.msg)] if node.msg else parts


def _import(node: ast.Import) -> list[Part]:
    return ["import ", _imported_text(node.names)]


def _import_from(node: ast.ImportFrom) -> list[Part]:
    return [f"from {'.' * node.level}{node.module or ''} import ", Slot(IMPORTED, node.names)]


def _delete(node: ast.Delete) -> list[Part]:
    return ["del ", Slot(DELETED, node.targets)]


def _names(node: ast.Global | ast.Nonlocal) -> list[Part]:
    return [f"{type(node).__name__.lower()} {', '.join(node.names)}"]


def _word(node: ast.stmt) -> list[Part]:
    return [type(node).__name__.lower()]


_SIMPLE: dict[type[ast.stmt], Callable[[Any], list[Part]]] = {
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _annotated,
    ast.Expr: _expression,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Delete: _delete,
    ast.Global: _names,
    ast.Nonlocal: _names,
    ast.Pass: _word,
    ast.Break: _word,
    ast.Continue: _word,
}
