"""Sizes that a constructor computes again and again get a variable, named by what they are given for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from netspec.codegen.class_definitions import is_stored
from netspec.codegen.expression_text import text_of
from netspec.codegen.identifiers import RESERVED
from netspec.codegen.syntax import assign, name
from netspec.expr.traversal import Replaced, names_in, walk_tree

PURE = frozenset({"max", "min", "sum", "len", "int", "abs"})
MOST_OPERATIONS = 1000
"""In a longer constructor every size is written where it is needed."""
SHORT, LONG = 12, 30
"""Columns from which an expression that is written three times is a variable, and one that is written twice."""


class _Use(NamedTuple):
    """An expression that is given as a whole: for which argument, and of which child."""

    keyword: str
    child: str
    kind: str


def name_repeated(init: ast.FunctionDef) -> None:
    """Compute each repeated size once, before the statement that needs it first."""
    contents = [_content(statement) for statement in init.body]
    keys = [key for content in contents for _, key in content.expressions]
    if len({*keys}) == len(keys):
        return
    nodes = walk_tree(init)
    if sum(isinstance(n, ast.BinOp) for n in nodes) > MOST_OPERATIONS:
        return
    names = [n for n in nodes if isinstance(n, ast.Name)]
    set_once = {t.id for s in init.body for t in _targets(s)}
    varying = {n.id for n in names if is_stored(n)} - set_once
    taken = {n.id for n in names} | RESERVED | {a.arg for a in init.args.args}
    texts: dict[object, str] = {}
    while (repeated := _next(contents, varying, taken, texts)) is not None:
        label, key = repeated
        contents = list(_with_variable(contents, label, key))
        taken.add(label)
        init.body = [content.statement for content in contents]


def name_partials(init: ast.FunctionDef) -> None:
    """Make a layer with its arguments once: `act = partial(nn.LeakyReLU, negative_slope=0.1)`."""
    keyword_arguments = [k for s in init.body for k in walk_tree(s) if isinstance(k, ast.keyword)]
    labels: dict[str, set[str | None]] = {}
    for keyword in keyword_arguments:
        if isinstance(keyword.value, ast.Call) and _is_partial(keyword.value):
            labels.setdefault(ast.unparse(keyword.value), set()).add(keyword.arg)
    taken = names_in(init) | RESERVED
    taken |= {a.arg for a in init.args.args}
    for text, keywords in labels.items():
        calls = [
            k for k in keyword_arguments if isinstance(k.value, ast.Call) and _is_partial(k.value)
        ]
        uses = [k for k in calls if ast.unparse(k.value) == text]
        label = keywords.pop()
        if len(uses) < 2 or keywords or label is None or label in taken:
            continue
        first = next(k for k, s in enumerate(init.body) if uses[0] in walk_tree(s))
        init.body.insert(first, assign(name(label), uses[0].value))
        taken.add(label)
        for use in uses:
            use.value = name(label)


def _is_partial(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "partial"


class _Repeated(NamedTuple):
    """An expression that is written several times, one of them as an argument of a child.

    Attributes:
        key: Its structure.
        nodes: Where it is written.
        use: What it is given for.
    """

    key: object
    nodes: list[ast.expr]
    use: _Use


class _Content(NamedTuple):
    """What is computed in a statement.

    Attributes:
        statement: The statement.
        expressions: The arithmetic in it with the keys, outer expressions first. Equal keys mean equal
            expressions.
        uses: The keys of the expressions that are given as arguments, with what for.
    """

    statement: ast.stmt
    expressions: list[tuple[ast.expr, object]]
    uses: list[tuple[object, _Use]]


def _content(statement: ast.stmt) -> _Content:
    expressions = _expressions(statement)
    if not expressions:
        return _Content(statement, [], [])
    keys = {id(node): key for node, key in expressions}
    uses = [(keys[id(v)], use) for v, use in _uses(statement) if id(v) in keys]
    return _Content(statement, expressions, uses)


def _next(
    contents: list[_Content], varying: set[str], taken: set[str], texts: dict[object, str]
) -> tuple[str, object] | None:
    """The variable for the shortest expression that deserves one, and the key of the expression.

    Args:
        contents: The statements of the constructor.
        varying: The variables that are set more than once.
        taken: The names that no variable can have.
        texts: The texts of expressions by their keys; filled here.
    """
    repeated = _repeated(contents, varying)
    for key, nodes, _ in repeated:
        if key not in texts:
            texts[key] = text_of(nodes[0])
    for key, nodes, use in sorted(repeated, key=lambda r: len(texts[r.key])):
        length = len(texts[key])
        if length >= LONG or (length >= SHORT and len(nodes) > 2):
            if use.keyword and use.keyword not in taken:
                return use.keyword, key
            label = f"{use.child}_{use.kind}"
            if label not in taken:
                return label, key
    return None


def _repeated(contents: list[_Content], varying: set[str]) -> list[_Repeated]:
    """The expressions that have one value throughout the constructor."""
    expressions: dict[object, list[ast.expr]] = {}
    uses: dict[object, _Use] = {}
    for content in contents:
        if not _is_plain(content.statement):
            continue
        for node, key in content.expressions:
            expressions.setdefault(key, []).append(node)
        for key, use in content.uses:
            uses.setdefault(key, use)
    return [
        _Repeated(key, nodes, uses[key])
        for key, nodes in expressions.items()
        if len(nodes) > 1 and key in uses and varying.isdisjoint(names_in(nodes[0]))
    ]


def _is_plain(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.Expr | ast.AnnAssign)


def _targets(node: ast.stmt) -> Iterator[ast.Name]:
    """The variables of a statement that no other one sets again."""
    if getattr(node, "is_set_once", False):
        yield from (n for n in walk_tree(node) if isinstance(n, ast.Name) and is_stored(n))


def _expressions(statement: ast.stmt) -> list[tuple[ast.expr, object]]:
    """The arithmetic in a statement with its keys, outer expressions first."""
    keys: _Keys = {}
    keyed: list[tuple[ast.expr, object]] = []
    for node in walk_tree(statement):
        if isinstance(node, ast.BinOp) or (isinstance(node, ast.Call) and _is_pure(node)):
            key = _key(node, keys)
            if key is not None:
                keyed.append((node, key))
    return keyed


_Keys = dict[int, "tuple[object, ...] | None"]
"""The keys of expressions, by the identity of the node."""


def _key(node: ast.AST, keys: _Keys) -> tuple[object, ...] | None:
    """The structure of an expression of arithmetic; None where there is something else in it."""
    if id(node) not in keys:
        keys[id(node)] = _structure(node, keys)
    return keys[id(node)]


def _structure(node: ast.AST, keys: _Keys) -> tuple[object, ...] | None:
    parts: list[ast.expr]
    kind: type
    match node:
        case ast.Name(label):
            return "name", label
        case ast.Constant(value):
            return (type(value), value) if isinstance(value, int | float) else None
        case ast.BinOp(left, op, right):
            parts, kind = [left, right], type(op)
        case ast.Attribute(ast.Name("math"), label):
            return "math", label
        case ast.UnaryOp(op, operand):
            parts, kind = [operand], type(op)
        case ast.Subscript(value, place):
            parts, kind = [value, place], ast.Subscript
        case ast.Call(function, arguments, []) if _is_pure(node):
            parts, kind = [function, *arguments], ast.Call
        case _:
            return None
    part_keys = [_key(part, keys) for part in parts]
    return None if None in part_keys else (kind, *part_keys)


def _is_pure(node: ast.Call) -> bool:
    match node.func:
        case ast.Name(label):
            return label in PURE
        case ast.Attribute(ast.Name("math")):
            return True
    return False


def _uses(statement: ast.stmt) -> Iterator[tuple[ast.expr, _Use]]:
    """The arguments of the module that a statement makes."""
    match statement:
        case ast.Assign([ast.Attribute(ast.Name("self"), child)], ast.Call() as whole):
            for made in walk_tree(whole):
                if isinstance(made, ast.Call) and not _is_pure(made):
                    yield from _keyword_value(made, child)


def _keyword_value(made: ast.Call, child: str) -> Iterator[tuple[ast.expr, _Use]]:
    """What one call is given."""
    match made.func:
        case ast.Attribute(ast.Name("nn"), "Linear"):
            kind = "features"
        case _:
            kind = "channels"
    for argument in made.args:
        yield argument, _Use("", child, kind)
    for keyword in made.keywords:
        if keyword.arg:
            yield keyword.value, _Use(keyword.arg, child, keyword.arg)


def _with_variable(contents: Iterable[_Content], label: str, key: object) -> Iterator[_Content]:
    """The statements with the variable instead of the expression, set where it is first needed."""
    is_set = False
    for content in contents:
        alike = [node for node, of_node in content.expressions if of_node == key]
        if not alike:
            yield content
            continue
        if not is_set:
            made = assign(name(label), alike[0])
            made.is_set_once = True  # type: ignore[attr-defined]
            yield _content(made)
            is_set = True
        yield _content(Replaced({n: name(label) for n in alike}).visit(content.statement))
