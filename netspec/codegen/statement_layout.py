"""Statements and headers as parts: text, and expressions that know their place in the statement."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, NamedTuple

from netspec.codegen.expression_layout import (
    BRACKETS,
    Level,
    arguments,
    brackets,
    comma_list,
    lambda_body,
    layout,
    layout_bare,
    parenthesized_if_broken,
    sequence,
)
from netspec.codegen.expression_structure import Need, breaks_in_brackets, need_of, own_brackets
from netspec.codegen.expression_text import (
    OPERATORS,
    bare_text,
    condition_text,
    lambda_head,
    parameter_text,
    parameters_of,
    text_of,
)
from netspec.codegen.layout import (
    COMMA,
    SOFT,
    SPACE,
    Choice,
    Doc,
    Expanding,
    Group,
    Indent,
    Parenthesized,
    Scope,
)


class Place(NamedTuple):
    """A place in a statement: the text of what can stand there, and its layout over several lines."""

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


# Expressions at the end of a statement or header -------------------------------------------------------------------


def value_layout(node: ast.expr) -> Doc:
    """An expression that breaks in its brackets, or in parentheses of its own, whichever reads better."""
    need = need_of(node)
    if need is Need.NEVER:
        return layout_bare(node, None)
    if need is Need.BEST_FIT:
        own = Scope()
        return Parenthesized(layout_bare(node, own), own)
    if need is Need.ALWAYS:
        return brackets("(", layout_bare(node, BRACKETS), ")", None)
    return _operation_layout(node)


def _operation_layout(node: ast.expr) -> Doc:
    if not breaks_in_brackets(node):
        return parenthesized_if_broken(layout_bare(node, BRACKETS))
    own = Scope()
    return parenthesized_if_broken(layout_bare(node, own), own)


def _preserved_layout(node: ast.expr) -> Doc:
    """An expression that gets parentheses only for its operators."""
    return _operation_layout(node) if need_of(node) is Need.MULTILINE else layout_bare(node, None)


def _message_layout(node: ast.expr) -> Doc:
    """An expression that gets parentheses even where a long word in them does not fit."""
    return (
        _operation_layout(node)
        if need_of(node) in (Need.MULTILINE, Need.BEST_FIT)
        else value_layout(node)
    )


def _condition_layout(node: ast.expr) -> Doc:
    return _operation_layout(node) if isinstance(node, ast.NamedExpr) else value_layout(node)


def _assigned_layout(node: ast.expr) -> Doc:
    if isinstance(node, ast.Lambda):
        return parenthesized_if_broken(
            [lambda_head(node), " ", Expanding(lambda_body(node.body, BRACKETS), None)]
        )
    return value_layout(node)


def _bare_layout(node: ast.expr) -> Doc:
    """A value, or a target, that is a tuple without parentheses as long as it stands on one line."""
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        return parenthesized_if_broken(sequence(node.elts))
    return _assigned_layout(node)


def _returned_layout(node: ast.expr) -> Doc:
    pair = isinstance(node, ast.Tuple) and len(node.elts) == 2
    return _loop_target_layout(node) if pair else _bare_layout(node)


def _loop_target_layout(node: ast.expr) -> Doc:
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        own = Scope()
        return parenthesized_if_broken(sequence(node.elts, own), own)
    return value_layout(node)


def _expression_layout(node: ast.expr) -> Doc:
    """An expression as a statement: sums and bit operations get parentheses, other operators do not break."""
    sums = (ast.Add, ast.Sub, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)
    if isinstance(node, ast.BinOp) and isinstance(node.op, sums):
        return _preserved_layout(node)
    return layout_bare(node, None)


VALUE = Place(text_of, value_layout)
CONDITION = Place(condition_text, _condition_layout)
PRESERVED = Place(text_of, _preserved_layout)
MESSAGE = Place(text_of, _message_layout)
RETURNED = Place(bare_text, _returned_layout)
EXPRESSION = Place(text_of, _expression_layout)
LOOP_TARGET = Place(bare_text, _loop_target_layout)


# Assignments -------------------------------------------------------------------------------------------------------


class Assignment(NamedTuple):
    """What stands before an operator such as `=` (a target or an annotation), the operator, and the value."""

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
    assigned = _bare_layout(value) if node.bare else _assigned_layout(value)
    before = _before_layout(node) if node.breaks_before else layout_bare(node.before, None)
    head: list[Doc] = [before, f" {node.operator} "]
    if (
        not node.breaks_before
        or isinstance(value, ast.UnaryOp)
        or need_of(value) is not Need.BEST_FIT
    ):
        return [*head, assigned]
    flat = layout_bare(value, None)
    in_parentheses = [*head, "(", Group([Indent([SOFT, flat]), SOFT], broken=True), ")"]
    below_target = [Group(before, broken=True), f" {node.operator} ", flat]
    if isinstance(value, ast.Call | ast.Subscript | ast.Attribute):
        return Choice(
            [[*head, flat], [*head, Group(flat, broken=True)], in_parentheses, below_target]
        )
    return Choice([[*head, flat], in_parentheses, below_target])


def _before_layout(node: Assignment) -> Doc:
    before = node.before
    if node.bare:
        return _bare_layout(before)
    if own_brackets(before) is not None or _has_brackets_before_dots(before):
        return layout_bare(before, None)
    return _operation_layout(before)


def _bare_target_layout(node: ast.expr) -> Doc:
    return _bare_layout(node) if isinstance(node, ast.Tuple) else layout_bare(node, None)


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


def annotated(node: ast.AnnAssign) -> list[Part]:
    """`x: int = 1`; a long annotation may break too."""
    name: Part = Slot(TARGET, node.target)
    if node.value is None:
        return [name, ": ", Slot(VALUE, node.annotation)]
    breaks = _can_break(node.annotation)
    return [name, ": ", Slot(ASSIGNMENT, Assignment(node.annotation, "=", node.value, breaks))]


ASSIGNMENT = Place(_assignment_text, _assignment_layout)
TARGET = Place(bare_text, _bare_target_layout)


# Lists without brackets of their own -------------------------------------------------------------------------------


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


# Definitions -------------------------------------------------------------------------------------------------------


def _signature_text(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    inner = ", ".join([parameter_text(*row) for row in parameters_of(node.args)])
    return f"({inner}) -> {text_of(node.returns)}" if node.returns else f"({inner})"


def _signature_layout(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Doc:
    rows = parameters_of(node.args)
    docs: list[Doc] = []
    for name, annotation, default in rows:
        docs += (
            name,
            *_annotation(annotation),
            *_default(default, annotated=annotation is not None),
            ",",
            SPACE,
        )
    parameters: Doc = [*docs[:-2], COMMA]
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
        return layout_bare(node, None) if parameters else _operation_layout(node)
    return value_layout(node) if parameters else _message_layout(node)


def _bases_text(node: ast.ClassDef) -> str:
    parts = [text_of(base) for base in node.bases]
    parts += [
        f"{k.arg}={text_of(k.value)}" if k.arg else f"**{text_of(k.value)}" for k in node.keywords
    ]
    return f"({', '.join(parts)})" if parts else ""


def _bases_layout(node: ast.ClassDef) -> Doc:
    return arguments(node, None) if node.bases or node.keywords else ""


SIGNATURE = Place(_signature_text, _signature_layout)
BASES = Place(_bases_text, _bases_layout)


def simple_parts(node: ast.stmt) -> list[Part] | None:  # noqa: C901, PLR0911, PLR0912 - one branch for each statement
    """The parts of a statement without a body; None for one with a body."""
    if isinstance(node, ast.Assign):
        *targets, last = node.targets
        parts: list[Part] = []
        for one in targets:
            parts += (Slot(TARGET, one), " = ")
        return [*parts, assignment(last, "=", node.value, last_of_several=bool(targets))]
    if isinstance(node, ast.Expr):
        return [Slot(EXPRESSION, node.value)]
    if isinstance(node, ast.Return):
        return ["return ", Slot(RETURNED, node.value)] if node.value else ["return"]
    if isinstance(node, ast.AugAssign):
        return [assignment(node.target, OPERATORS[type(node.op)][0] + "=", node.value)]
    if isinstance(node, ast.AnnAssign):
        return annotated(node)
    if isinstance(node, ast.Import):
        return ["import ", _imported_text(node.names)]
    if isinstance(node, ast.ImportFrom):
        return [f"from {'.' * node.level}{node.module or ''} import ", Slot(IMPORTED, node.names)]
    if isinstance(node, ast.Raise):
        parts = ["raise ", Slot(PRESERVED, node.exc)] if node.exc else ["raise"]
        return [*parts, " from ", Slot(PRESERVED, node.cause)] if node.cause else parts
    if isinstance(node, ast.Assert):
        parts = ["assert ", Slot(VALUE, node.test)]
        return [*parts, ", ", Slot(MESSAGE, node.msg)] if node.msg else parts
    if isinstance(node, ast.Delete):
        return ["del ", Slot(DELETED, node.targets)]
    if isinstance(node, ast.Global | ast.Nonlocal):
        return [f"{type(node).__name__.lower()} {', '.join(node.names)}"]
    if isinstance(node, ast.Pass | ast.Break | ast.Continue):
        return [type(node).__name__.lower()]
    return None
