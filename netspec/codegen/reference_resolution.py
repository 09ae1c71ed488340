"""Special nodes replaced by plain ones."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from netspec.codegen.function_blocks import NotAFunction
from netspec.codegen.loop_sizes import closed_form
from netspec.codegen.plan_failures import UnrollLoop
from netspec.codegen.plans import ConstructorArgument
from netspec.codegen.simplify import Simplify
from netspec.codegen.special_nodes import (
    ArgumentRef,
    CarriedRef,
    ClassRef,
    Comprehension,
    Construct,
    DefaultedKeyword,
    LoopRef,
    in_forward,
)
from netspec.codegen.syntax import attribute, name
from netspec.codegen.tree_arithmetic import Fold
from netspec.codegen.tree_equality import same
from netspec.expr.traversal import CopyingTransformer, copy_tree, walk_tree

if TYPE_CHECKING:
    from netspec.codegen.lowering import Lowering


class _Resolving(CopyingTransformer):
    """Copies trees with plain nodes in the place of those of `syntax`."""

    def __init__(self, lowering: Lowering, variables: dict[tuple[int, str, str], ast.expr]) -> None:
        super().__init__()
        self.lowering, self.variables = lowering, variables

    def visit_ArgumentRef(self, node: ArgumentRef) -> ast.expr:
        """A constructor argument."""
        argument = node.argument
        if argument.constant is not None:
            return copy_tree(argument.constant)
        argument.mentioned = True
        made: ast.expr = name(argument.label)
        if node.in_forward and not argument.plan.is_function:
            argument.in_forward = True
            made = attribute(name("self"), self.lowering.attribute_of(argument))
        return made

    def visit_LoopRef(self, node: LoopRef) -> ast.expr:
        """A loop variable."""
        key = (id(node.loop), node.variable, node.word)
        variable = self.variables.get(key)
        if variable is None:
            raise UnrollLoop(node.loop)
        return copy_tree(variable)

    def visit_CarriedRef(self, node: CarriedRef) -> ast.expr:
        """A size that a loop changes."""
        formula = closed_form(node)
        if formula is not None:
            return self.visit(formula)  # type: ignore[no-any-return]
        return name(self.lowering.carried_name(node.carried))

    def visit_ClassRef(self, node: ClassRef) -> ast.expr:
        """The name of a class."""
        return name(node.plan.name)

    def visit_Construct(self, node: Construct) -> ast.Call:
        """A call of a class, or what a call of a function has in addition to the tensors."""
        plans = node.site.plans
        listed: list[ast.expr] = []
        named: dict[str, ast.expr] = {}
        several: dict[str, ConstructorArgument] = {}
        defaults: dict[str, list[ast.expr | None]] = {}
        for plan in plans:
            for argument in plan.signature:
                several.setdefault(argument.key, argument)
                defaults.setdefault(argument.key, []).append(argument.default)
        for label, argument in several.items():
            tree = node.values[label]
            if node.plan.is_function:
                if any(isinstance(n, CarriedRef | LoopRef) for n in walk_tree(tree)):
                    raise NotAFunction(node.plan)
                tree = in_forward(tree)
            value = self.visit(tree)
            if argument.kind == "size" and not named and not listed and len(plans) == 1:
                listed.append(value)
                continue
            if all(same(default, value) for default in defaults[label]):
                continue
            named[argument.label] = value
        callee = node.callee
        function = self.visit(callee) if callee is not None else name(plans[0].name)
        return ast.Call(function, listed, [ast.keyword(k, v) for k, v in named.items()])

    def visit_Comprehension(self, node: Comprehension) -> ast.expr:
        """A comprehension with its variables."""
        items = self.lowering.generator(node, self.variables)
        return ast.Call(self.visit(node.func), [ast.Starred(items, ast.Load())], [])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call, without what is torch's default."""
        return self.resolved_call(node)

    def resolved_call(self, node: ast.Call) -> ast.Call:
        """A call whose parts are plain."""
        keywords = []
        for keyword in node.keywords:
            value = self.visit(keyword.value)
            if isinstance(keyword, DefaultedKeyword) and isinstance(value, ast.Constant):
                default = keyword.torch_default
                if type(value.value) is type(default) and value.value == default:
                    continue
            keywords.append(ast.keyword(keyword.arg, value))
        function = self.visit(node.func)
        if isinstance(node.func, Construct):
            inputs = [self.visit(a) for a in node.args]
            numbers = [k.value for k in function.keywords]
            if len(numbers) == 1:  # as a class that takes one argument
                return ast.Call(function.func, [*inputs, *numbers], [])
            return ast.Call(function.func, [*inputs, *function.args], function.keywords)
        return ast.Call(function, [self.visit(a) for a in node.args], keywords)


class Resolve(_Resolving, Fold):
    """Evaluates what has only numbers in it as well."""


class ResolveAndSimplify(_Resolving, Simplify):
    """Simplifies what it resolves, as `forward` is written."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call, simplified."""
        made = self.resolved_call(node)
        made.keywords = list(map(self.simplified_keyword, made.keywords))
        return self.simplified_call(made)
