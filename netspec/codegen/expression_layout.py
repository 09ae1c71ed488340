"""Expressions as documents: where each of them may break.

A `level` says where lines may break outside of an expression's own brackets: nowhere (None), while the
parentheses of a scope are there, or everywhere (`BRACKETS`), because the expression is in brackets.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from netspec.codegen.expression_structure import (
    Need,
    Operation,
    Operator,
    flattened,
    is_fluent,
    is_root_parenthesized,
    links,
    need_of,
    own_brackets,
)
from netspec.codegen.expression_text import lambda_head, slice_colons, text_of
from netspec.codegen.layout import (
    BREAK,
    COMMA,
    SOFT,
    SPACE,
    Choice,
    Doc,
    Expanding,
    Group,
    IfBroken,
    Indent,
    Line,
    Scope,
)
from netspec.codegen.precedence import (
    BIT_OR,
    OR,
    SIGNS,
    TEST,
    is_parenthesized,
    operand_precedence,
)

BRACKETS = Scope()
Level = Scope | None


def layout(node: ast.expr, level: Level, minimum: int = TEST) -> Doc:
    """An expression as a document, in parentheses if it binds looser than its place demands."""
    if is_parenthesized(node, minimum):
        return brackets("(", layout_bare(node, BRACKETS), ")", level)
    return layout_bare(node, level)


def layout_bare(node: ast.expr, level: Level) -> Doc:
    """An expression as a document, without parentheses around it."""
    write = _LAYOUTS.get(type(node))
    return text_of(node) if write is None else write(node, level)


def brackets(left: str, content: Doc, right: str, level: Level) -> Doc:
    """Content in brackets: on their line, or indented between them."""
    inner = Group([Indent([SOFT, content]), SOFT])
    return [left, inner if level is None or level is BRACKETS else Expanding(inner, level), right]


def parenthesized_if_broken(content: Doc, own: Scope | None = None) -> Doc:
    """Content that gets parentheses when it takes several lines."""
    own = own or Scope()
    return Group([IfBroken("("), Indent([SOFT, content], own), SOFT, IfBroken(")")], own)


def joined(docs: list[Doc]) -> Doc:
    """Documents one after the other, texts without a break between them as one text."""
    merged: list[Doc] = []
    for doc in docs:
        if doc.__class__ is str and merged and merged[-1].__class__ is str:
            merged[-1] += doc
        else:
            merged.append(doc)
    return merged[0] if len(merged) == 1 else merged


def comma_list(parts: list[Doc], *, trailing: bool = False) -> Doc:
    """Parts with commas between them, and after the last one once they are on lines of their own."""
    docs: list[Doc] = []
    for part in parts:
        docs += (joined([part, ","]), SPACE)
    docs[-2:] = parts[-1:]
    if trailing or len(parts) > 1:
        docs.append(COMMA)
    return docs


def sequence(nodes: list[ast.expr], level: Level = BRACKETS) -> Doc:
    """Expressions with commas between them."""
    return comma_list([layout(node, level) for node in nodes])


def _line(text: str, level: Level) -> Doc:
    if level is None:
        return text
    if level is BRACKETS:
        return SPACE if text else SOFT
    return Line(text, level)


def _group(content: Doc, level: Level) -> Doc:
    if level is None:
        return content
    return Group(content) if level is BRACKETS else Group(content, scope=level)


# Chains of attributes, calls and subscripts


def _chain(node: ast.expr, level: Level) -> Doc:
    root, chain = links(node)
    fluent = level is not None and is_fluent(root, chain)
    breaks = is_root_parenthesized(root, chain)
    root_layout = layout_bare(root, BRACKETS if breaks else level)
    docs: list[Doc] = [brackets("(", root_layout, ")", level) if breaks else root_layout]
    for link in chain:
        if isinstance(link, ast.Attribute):
            if fluent and breaks:
                docs.append(SOFT)
            docs.append("." + link.attr)
            breaks = False
        else:
            breaks = True
            docs.append(
                _arguments(link, level) if isinstance(link, ast.Call) else _subscript(link, level)
            )
    return Group(docs) if fluent else joined(docs)


def _arguments(node: ast.Call, level: Level) -> Doc:
    args = node.args
    if len(args) == 1 and not node.keywords and isinstance(args[0], ast.GeneratorExp):
        return brackets("(", Group(_generator(args[0])), ")", level)
    return arguments(args, node.keywords, level)


def arguments(nodes: list[ast.expr], keywords: list[ast.keyword], level: Level) -> Doc:
    """The arguments of a call, or the bases of a class, with their parentheses."""
    if not nodes and not keywords:
        return "()"
    parts = [layout(arg, BRACKETS) for arg in nodes]
    parts += [joined([f"{k.arg}=" if k.arg else "**", layout(k.value, BRACKETS)]) for k in keywords]
    return brackets("(", Group(comma_list(parts)), ")", level)


def _subscript(node: ast.expr, level: Level) -> Doc:
    assert isinstance(node, ast.Subscript)
    index = node.slice
    if isinstance(index, ast.Tuple) and len(index.elts) > 1:
        return brackets("[", Group(comma_list([_index(e) for e in index.elts])), "]", level)
    if isinstance(index, ast.Tuple) and index.elts:
        return brackets("[", [_index(index.elts[0]), ","], "]", level)
    return brackets("[", _index(index), "]", level)


def _index(node: ast.expr) -> Doc:
    if not isinstance(node, ast.Slice):
        return layout(node, BRACKETS)
    lower, upper, step = (
        layout(part, BRACKETS) if part else "" for part in (node.lower, node.upper, node.step)
    )
    first, second = slice_colons(node)
    return [lower, first, upper, second, step]


# Operators


def _operation(node: ast.expr, level: Level) -> Doc:
    return _group(_split(flattened(node), level), level)


def _split(parts: Operation, level: Level) -> Doc:
    """An operation that breaks before the loosest of its operators."""
    if len(parts) == 1:
        operand = parts[0]
        assert not isinstance(operand, Operator)
        return layout(operand[0], level, operand[1])
    loosest = min(part.strength for part in parts if isinstance(part, Operator))
    docs: list[Doc] = []
    start = 0
    for i, part in enumerate(parts):
        if isinstance(part, Operator) and part.strength == loosest:
            docs.append(_side(parts[start:i], level))
            docs += _operator(part, level)
            start = i + 1
    docs.append(_side(parts[start:], level))
    return docs


def _side(parts: Operation, level: Level) -> Doc:
    doc = _split(parts, level)
    return doc if len(parts) == 1 else _group(doc, level)


def _operator(operator: Operator, level: Level) -> Iterator[Doc]:
    yield _line("" if operator.hugs else " ", level)
    yield operator.text
    if not operator.hugs:
        yield " "
    elif level is not None:
        yield IfBroken(" ", None if level is BRACKETS else level)


def _sign(node: ast.UnaryOp, level: Level) -> Doc:
    return [SIGNS[type(node.op)], layout(node.operand, level, operand_precedence(node))]


def _conditional(node: ast.IfExp, level: Level) -> Doc:
    docs: list[Doc] = []
    while True:
        docs += (
            layout(node.body, level, OR),
            _line(" ", level),
            "if ",
            layout(node.test, level, OR),
        )
        docs += (_line(" ", level), "else ")
        if not isinstance(node.orelse, ast.IfExp):
            break
        node = node.orelse
    docs.append(_group(layout(node.orelse, level), level))
    return _group(docs, level)


def _named(node: ast.NamedExpr, level: Level) -> Doc:
    return [Group([node.target.id, _line(" ", level)]), ":= ", layout(node.value, level)]


def _starred(node: ast.Starred, level: Level) -> Doc:
    return ["*", layout(node.value, level, BIT_OR)]


# Displays and comprehensions


def _tuple(node: ast.Tuple, level: Level) -> Doc:
    if len(node.elts) == 1:
        return brackets("(", [layout(node.elts[0], BRACKETS), ","], ")", level)
    return brackets("(", sequence(node.elts), ")", level) if node.elts else "()"


def _list(node: ast.List, level: Level) -> Doc:
    return brackets("[", sequence(node.elts), "]", level) if node.elts else "[]"


def _set(node: ast.Set, level: Level) -> Doc:
    return brackets("{", sequence(node.elts), "}", level)


def _dict(node: ast.Dict, level: Level) -> Doc:
    if not node.keys:
        return "{}"
    pairs: list[Doc] = [
        Group(["**", layout(value, BRACKETS, BIT_OR)])
        if key is None
        else Group([layout(key, BRACKETS), ": ", layout(value, BRACKETS)])
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    return brackets("{", comma_list(pairs), "}", level)


def _generator(node: ast.GeneratorExp | ast.ListComp | ast.SetComp) -> Doc:
    return [Group(layout(node.elt, BRACKETS)), *_comprehensions(node.generators)]


def _comprehensions(nodes: list[ast.comprehension]) -> Iterator[Doc]:
    for node in nodes:
        yield SPACE
        yield "async for " if node.is_async else "for "
        yield _target(node.target)
        yield " in "
        yield layout(node.iter, BRACKETS, OR)
        for condition in node.ifs:
            yield SPACE
            yield "if "
            yield layout(condition, BRACKETS, OR)


def _target(node: ast.expr) -> Doc:
    """The target of a comprehension; a tuple has no parentheses and does not break."""
    if not isinstance(node, ast.Tuple) or len(node.elts) < 2:
        return layout(node, BRACKETS)
    docs: list[Doc] = []
    for element in node.elts:
        docs += (layout(element, BRACKETS), ", ")
    return docs[:-1]


def _generator_expression(node: ast.GeneratorExp, level: Level) -> Doc:
    return brackets("(", Group(_generator(node)), ")", level)


def _list_comprehension(node: ast.ListComp, level: Level) -> Doc:
    return brackets("[", Group(_generator(node)), "]", level)


def _set_comprehension(node: ast.SetComp, level: Level) -> Doc:
    return brackets("{", Group(_generator(node)), "}", level)


def _dict_comprehension(node: ast.DictComp, level: Level) -> Doc:
    content: list[Doc] = [Group(layout(node.key, BRACKETS)), ": ", layout(node.value, BRACKETS)]
    return brackets("{", Group([*content, *_comprehensions(node.generators)]), "}", level)


def _lambda(node: ast.Lambda, level: Level) -> Doc:
    return [lambda_head(node), " ", lambda_body(node.body, level)]


def lambda_body(node: ast.expr, level: Level) -> Doc:
    """The body of a lambda: whole, broken in its last brackets, or in parentheses."""
    if need_of(node) is not Need.MULTILINE:
        if isinstance(node, ast.Call | ast.Subscript):
            body = layout(node, level)
            return Choice(
                [body, Group(body, broken=True), ["(", Indent([BREAK, body]), BREAK, ")"]]
            )
        if own_brackets(node) is not None:
            return layout(node, level)
    return parenthesized_if_broken(layout(node, BRACKETS))


_LAYOUTS: dict[type[ast.expr], Callable[..., Doc]] = {
    ast.Attribute: _chain,
    ast.Call: _chain,
    ast.Subscript: _chain,
    ast.BinOp: _operation,
    ast.BoolOp: _operation,
    ast.Compare: _operation,
    ast.UnaryOp: _sign,
    ast.IfExp: _conditional,
    ast.Lambda: _lambda,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.GeneratorExp: _generator_expression,
    ast.ListComp: _list_comprehension,
    ast.SetComp: _set_comprehension,
    ast.DictComp: _dict_comprehension,
    ast.Starred: _starred,
    ast.NamedExpr: _named,
}
