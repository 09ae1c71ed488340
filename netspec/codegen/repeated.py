"""Sizes that a constructor computes again and again get a variable, named by what they are given for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from netspec.codegen.names import RESERVED
from netspec.codegen.syntax import assign, name
from netspec.expr.traversal import Replaced, names_in, walk

PURE = frozenset({"max", "min", "sum", "len", "int"})
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
    if sum(isinstance(n, ast.BinOp) for n in walk(init)) > MOST_OPERATIONS:
        return
    texts: dict[object, str] = {}
    while (repeated := _next(init, texts)) is not None:
        init.body = list(_with_variable(init.body, *repeated))


def name_partials(init: ast.FunctionDef) -> None:
    """Make a layer with its arguments once: `act = partial(nn.LeakyReLU, negative_slope=0.1)`."""
    given = [k for s in init.body for k in walk(s) if isinstance(k, ast.keyword)]
    labels: dict[str, set[str | None]] = {}
    for keyword in given:
        if isinstance(keyword.value, ast.Call) and ast.unparse(keyword.value.func) == "partial":
            labels.setdefault(ast.unparse(keyword.value), set()).add(keyword.arg)
    taken = names_in(init) | RESERVED
    taken |= {a.arg for a in init.args.args}
    for text, keywords in labels.items():
        uses = [k for k in given if isinstance(k.value, ast.Call) and ast.unparse(k.value) == text]
        label = keywords.pop()
        if len(uses) < 2 or keywords or label is None or label in taken:
            continue
        first = next(k for k, s in enumerate(init.body) if uses[0] in walk(s))
        init.body.insert(first, assign(name(label), uses[0].value))
        taken.add(label)
        for use in uses:
            use.value = name(label)


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


def _next(init: ast.FunctionDef, texts: dict[object, str]) -> tuple[str, object] | None:
    """The variable for the shortest expression that deserves one, and the key of the expression.

    Args:
        init: The constructor.
        texts: The texts of expressions by their keys; filled here.
    """
    repeated = _repeated(init)
    for key, nodes, _ in repeated:
        if key not in texts:
            texts[key] = ast.unparse(nodes[0])
    taken = names_in(init) | RESERVED | {a.arg for a in init.args.args}
    for key, nodes, use in sorted(repeated, key=lambda r: len(texts[r.key])):
        length = len(texts[key])
        if length >= LONG or (length >= SHORT and len(nodes) > 2):
            if use.keyword and use.keyword not in taken:
                return use.keyword, key
            label = f"{use.child}_{use.kind}"
            if label not in taken:
                return label, key
    return None


def _repeated(init: ast.FunctionDef) -> list[_Repeated]:
    """The expressions that have one value throughout the constructor."""
    stored = {n.id for n in walk(init) if isinstance(n, ast.Name) and _is_stored(n)}
    varying = stored - {t.id for s in init.body for t in _targets(s)}
    expressions: dict[object, list[ast.expr]] = {}
    uses: dict[object, _Use] = {}
    for statement in filter(_is_plain, init.body):
        keys: dict[int, object] = {}
        for node, key in _expressions(statement):
            expressions.setdefault(key, []).append(node)
            keys[id(node)] = key
        for value, use in _uses(statement):
            if id(value) in keys:
                uses.setdefault(keys[id(value)], use)
    return [
        _Repeated(key, nodes, uses[key])
        for key, nodes in expressions.items()
        if len(nodes) > 1 and key in uses and varying.isdisjoint(names_in(nodes[0]))
    ]


def _is_plain(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.Expr | ast.AnnAssign)


def _is_stored(node: ast.Name) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store)


def _targets(node: ast.stmt) -> Iterator[ast.Name]:
    """The variables of a statement that no other one sets again."""
    if getattr(node, "is_set_once", False):
        yield from (n for n in walk(node) if isinstance(n, ast.Name) and _is_stored(n))


def _expressions(statement: ast.stmt) -> Iterator[tuple[ast.expr, object]]:
    """The arithmetic in a statement, outer expressions first; equal keys mean equal expressions."""
    for node in walk(statement):
        computed = isinstance(node, ast.BinOp) or (isinstance(node, ast.Call) and _is_pure(node))
        if isinstance(node, ast.expr) and computed and (key := _key(node)) is not None:
            yield node, key


def _key(node: ast.AST) -> tuple[object, ...] | None:
    """The structure of an expression of arithmetic; None where there is something else in it."""
    match node:
        case ast.Name(label):
            return "name", label
        case ast.Constant(value):
            return (type(value), value) if isinstance(value, int | float) else None
        case ast.Attribute(ast.Name("math"), label):
            return "math", label
        case ast.BinOp(left, op, right):
            parts: list[ast.expr] = [left, right]
            kind: type = type(op)
        case ast.UnaryOp(op, operand):
            parts, kind = [operand], type(op)
        case ast.Subscript(value, place):
            parts, kind = [value, place], ast.Subscript
        case ast.Call(function, arguments, []) if _is_pure(node):
            parts, kind = [function, *arguments], ast.Call
        case _:
            return None
    keys = [_key(part) for part in parts]
    return None if None in keys else (kind, *keys)


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
            for made in walk(whole):
                if isinstance(made, ast.Call) and not _is_pure(made):
                    yield from _given(made, child)


def _given(made: ast.Call, child: str) -> Iterator[tuple[ast.expr, _Use]]:
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


def _with_variable(body: Iterable[ast.stmt], label: str, key: object) -> Iterator[ast.stmt]:
    """The statements with the variable in place of the expression, set where it is first needed."""
    is_set = False
    for statement in body:
        alike = [node for node, of_node in _expressions(statement) if of_node == key]
        if alike and not is_set:
            made = assign(name(label), alike[0])
            made.is_set_once = True  # type: ignore[attr-defined]
            yield made
            is_set = True
        yield Replaced({id(n): name(label) for n in alike}).visit(statement) if alike else statement
