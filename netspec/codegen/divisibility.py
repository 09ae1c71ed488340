"""Arguments that no network exists for, since a size is to be split evenly: the constructor rejects them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from netspec.codegen.class_definitions import method_of
from netspec.codegen.identifiers import fresh
from netspec.codegen.layout import INDENT, WIDTH
from netspec.codegen.plans import ClassPlan
from netspec.codegen.size_expressions import Quotient
from netspec.codegen.special_nodes import ArgumentRef, CarriedRef, Construct, LoopRef
from netspec.codegen.syntax import call, constant, formatted, name, wrapped_text
from netspec.codegen.tree_arithmetic import Fold
from netspec.codegen.tree_equality import same
from netspec.expr.traversal import TreeTransformer, copy_tree, names_in, walk_tree

MOST_IN_RAISE = WIDTH - 4 * INDENT
"""How long a message is at most at its `raise`; a longer one is a variable, cut at its spaces."""

Division = tuple[ast.expr, ast.expr]
"""A dividend and a divisor."""


class Divisions:
    """The divisions that each class checks: where its constructor has both sides, or in an enclosing class.

    Classes are to be asked from the inside out.
    """

    def __init__(self, quotients: Iterable[Quotient]) -> None:
        self._by_class: dict[int, list[Division]] = {}
        for quotient in quotients:
            self._add(quotient.site.body.plan, (quotient.dividend, quotient.divisor))

    def of_class(self, plan: ClassPlan) -> Iterator[Division]:
        """The divisions that a class checks itself; the others go to those that construct it."""
        for division in self._by_class.pop(id(plan), []):
            arguments = [n.argument for n in _references(division) if isinstance(n, ArgumentRef)]
            if all(a.mentioned or a.constant is not None for a in arguments):
                yield division
            else:
                for made in plan.constructs:
                    substituted = _Substituted(made)
                    self._add(
                        made.site.body.plan,
                        (substituted.of(division[0]), substituted.of(division[1])),
                    )

    def _add(self, plan: ClassPlan, division: Division) -> None:
        known = self._by_class.setdefault(id(plan), [])
        if any(isinstance(n, LoopRef | CarriedRef) for n in _references(division)):
            return  # the sizes of an iteration are checked by the classes that it makes
        if not any(all(map(same, division, each)) for each in known):
            known.append(division)


class _Substituted(TreeTransformer):
    """Puts what a class is constructed with in the place of its arguments."""

    def __init__(self, made: Construct) -> None:
        self.made = made

    def of(self, tree: ast.expr) -> ast.expr:
        """An expression of the class in the terms of the place that constructs it."""
        substituted: ast.expr = self.visit(copy_tree(tree))
        return substituted

    def visit_ArgumentRef(self, node: ArgumentRef) -> ast.expr:
        """What is given for an argument."""
        value = self.made.values.get(node.argument.key)
        return node if value is None else copy_tree(value)


def _references(division: Division) -> Iterator[ast.AST]:
    for tree in division:
        yield from walk_tree(tree)


def rejection(dividend: ast.expr, divisor: ast.expr) -> ast.stmt | None:
    """`if width % heads != 0: raise ValueError(…)`, without the message; None where it is decided."""
    remainder = ast.BinOp(dividend, ast.Mod(), divisor)
    test = Fold().visit(ast.Compare(remainder, [ast.NotEq()], [constant(0)]))
    if isinstance(test, ast.Constant):
        return None
    made = ast.If(test, [ast.Raise(call("ValueError"), None)], [])
    made.rejects_remainder = True  # type: ignore[attr-defined]
    return made


def explain_rejections(classes: Iterable[ast.ClassDef]) -> None:
    """Write the messages, when the names of the arguments are those that the program has in the end."""
    constructors = [init for c in classes if (init := method_of(c, "__init__")) is not None]
    for constructor in constructors:
        for statement in constructor.body:
            _explain_rejection(constructor, statement)


def _explain_rejection(constructor: ast.FunctionDef, statement: ast.stmt) -> None:
    """Write the message of a statement that rejects a remainder; do nothing for another one."""
    match statement:
        case ast.If(
            ast.Compare(ast.BinOp(dividend, ast.Mod(), divisor)), [ast.Raise(ast.Call() as error)]
        ) if hasattr(statement, "rejects_remainder"):
            parts = [*_operand_text(dividend), " must be divisible by ", *_operand_text(divisor)]
            message = formatted(parts)
            if len(ast.unparse(message)) > MOST_IN_RAISE:
                taken = names_in(constructor) | {a.arg for a in constructor.args.args}
                label = fresh("message", taken)
                statement.body.insert(0, wrapped_text(label, parts))
                message = name(label)
            error.args = [message]


def _operand_text(tree: ast.expr) -> Iterator[str | ast.expr]:
    """`width (10)`: an expression and its value."""
    yield ast.unparse(tree)
    if not isinstance(tree, ast.Constant):
        yield from (" (", tree, ")")
