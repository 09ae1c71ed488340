"""Sizes that a constructor computes again and again get a variable, named by what they are given for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from netspec.codegen.names import RESERVED
from netspec.codegen.syntax import assign, name
from netspec.expr.traversal import Transformer, walk

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
    while (found := _next(init)) is not None:
        label, text = found
        init.body = list(_with_variable(init.body, label, text))


def name_partials(init: ast.FunctionDef) -> None:
    """Make a layer with its arguments once: `act = partial(nn.LeakyReLU, negative_slope=0.1)`."""
    given = [k for s in init.body for k in walk(s) if isinstance(k, ast.keyword)]
    labels: dict[str, set[str | None]] = {}
    for keyword in given:
        if isinstance(keyword.value, ast.Call) and ast.unparse(keyword.value.func) == "partial":
            labels.setdefault(ast.unparse(keyword.value), set()).add(keyword.arg)
    taken = {n.id for n in walk(init) if isinstance(n, ast.Name)} | RESERVED
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


def _next(init: ast.FunctionDef) -> tuple[str, str] | None:
    """The shortest expression that deserves a variable, and the variable."""
    stored = {n.id for n in walk(init) if isinstance(n, ast.Name) and _is_stored(n)}
    made = {t.id for s in init.body for t in _targets(s)}
    counts: dict[str, int] = {}
    uses: dict[str, _Use] = {}
    for statement in filter(_is_plain, init.body):
        for node in _expressions(statement):
            if not {n.id for n in walk(node) if isinstance(n, ast.Name)} & (stored - made):
                text = ast.unparse(node)
                counts[text] = counts.get(text, 0) + 1
        for text, use in _uses(statement):
            uses.setdefault(text, use)
    taken = {n.id for n in walk(init) if isinstance(n, ast.Name)} | RESERVED
    taken |= {a.arg for a in init.args.args}
    for text in sorted(counts, key=len):
        often = counts[text] > 2 and len(text) >= SHORT
        if (often or (counts[text] > 1 and len(text) >= LONG)) and text in uses:
            use = uses[text]
            if use.keyword and use.keyword not in taken:
                return use.keyword, text
            label = f"{use.child}_{use.kind}"
            if label not in taken:
                return label, text
    return None


def _is_plain(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.Expr | ast.AnnAssign)


def _is_stored(node: ast.Name) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store)


def _targets(node: ast.stmt) -> Iterator[ast.Name]:
    """The variable that a statement of `name_repeated` made."""
    if getattr(node, "is_repeated", False):
        assert isinstance(node, ast.Assign)
        yield from (t for t in node.targets if isinstance(t, ast.Name))


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The arithmetic in a statement."""
    for node in walk(statement):
        computed = isinstance(node, ast.BinOp) or (isinstance(node, ast.Call) and _is_pure(node))
        if isinstance(node, ast.expr) and computed and all(map(_is_arithmetic, walk(node))):
            yield node


def _is_pure(node: ast.Call) -> bool:
    match node.func:
        case ast.Name(label):
            return label in PURE
        case ast.Attribute(ast.Name("math")):
            return True
    return False


def _is_arithmetic(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _is_pure(node)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float)
    kinds = (ast.BinOp, ast.UnaryOp, ast.Name, ast.Subscript, ast.Slice, ast.operator, ast.unaryop)
    return isinstance(node, (*kinds, ast.expr_context)) or (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "math"
    )


def _uses(statement: ast.stmt) -> Iterator[tuple[str, _Use]]:
    """The arguments of the module that a statement makes, by their text."""
    match statement:
        case ast.Assign([ast.Attribute(ast.Name("self"), child)], ast.Call() as whole):
            for made in walk(whole):
                if isinstance(made, ast.Call) and not _is_pure(made):
                    yield from _given(made, child)


def _given(made: ast.Call, child: str) -> Iterator[tuple[str, _Use]]:
    """What one call is given."""
    kind = "features" if ast.unparse(made.func) == "nn.Linear" else "channels"
    for argument in made.args:
        yield ast.unparse(argument), _Use("", child, kind)
    for keyword in made.keywords:
        if keyword.arg:
            yield ast.unparse(keyword.value), _Use(keyword.arg, child, keyword.arg)


def _with_variable(body: Iterable[ast.stmt], label: str, text: str) -> Iterator[ast.stmt]:
    """The statements with the variable in place of the expression, set where it is first needed."""
    is_set = False
    for statement in body:
        found = [n for n in _expressions(statement) if ast.unparse(n) == text]
        if found and not is_set:
            made = assign(name(label), found[0])
            made.is_repeated = True  # type: ignore[attr-defined]
            yield made
            is_set = True
        yield _Replaced(label, text).visit(statement) if found else statement


class _Replaced(Transformer):
    """Puts a variable where an expression is written."""

    def __init__(self, label: str, text: str) -> None:
        self.label, self.text = label, text

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """The variable, or the node with the variable inside."""
        if isinstance(node, ast.BinOp | ast.Call) and ast.unparse(node) == self.text:
            return name(self.label)
        return super().generic_visit(node)
