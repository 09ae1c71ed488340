"""Nodes of the syntax tree that are decided only when the whole program is known."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from netspec.expr.traversal import CopyingTransformer

if TYPE_CHECKING:
    from netspec.codegen.loop_sizes import Carried
    from netspec.codegen.plans import ClassPlan, ConstructorArgument
    from netspec.codegen.sites import Site
from netspec.codegen.syntax import dotted, name, stored


class ArgumentRef(ast.Name):
    """A constructor argument of the class being written.

    Attributes:
        argument: The argument that it stands for.
        in_forward: Whether it is in `forward`, which reads it from an attribute.
    """

    argument: ConstructorArgument
    in_forward: bool


class LoopRef(ast.Name):
    """A loop variable, or its place in the list.

    Attributes:
        loop: The loop that binds it.
        variable: Its name in the spec.
        word: `value`, `index`, `first`, or `last`.
    """

    loop: Site
    variable: str
    word: str


class CarriedRef(ast.Name):
    """A size that changes from one iteration of a loop to the next.

    Attributes:
        carried: The size.
        loop: The loop.
        axis: The dimension of the tensor that flows through the loop.
        after: Whether it follows the loop.
    """

    carried: Carried
    loop: Site
    axis: int
    after: bool


class TensorRef(ast.Name):
    """A tensor whose size an expression asks for.

    Attributes:
        root: The name that the spec gives it.
        number: Which of the tensors of that name.
    """

    root: str
    number: int


class Construct(ast.Name):
    """A call of a class of the program: `DenseLayer(in_channels, growth=growth)`.

    Attributes:
        plan: The class.
        values: The value of each constructor argument, by name.
        site: The site that constructs it.
        callee: The expression for the class, where a parameter decides it.
    """

    plan: ClassPlan
    values: dict[str, ast.expr]
    site: Site
    callee: ast.expr | None


class ClassRef(ast.Name):
    """The name of a class of the program, as a value.

    Attributes:
        plan: The class.
    """

    plan: ClassPlan


class LoopStatement(ast.For):
    """A loop of the spec, whose variables are chosen last.

    Attributes:
        loop: The loop.
    """

    loop: Site


class Comprehension(ast.Call):
    """`nn.Sequential(*(… for … in …))`, whose variables are chosen last.

    Attributes:
        sequence: The step that the sequence is for.
        loop_statement: The loop; its body is the item.
    """

    sequence: Site
    loop_statement: LoopStatement


class DefaultedKeyword(ast.keyword):
    """A keyword argument that is omitted if it has torch's default.

    Attributes:
        torch_default: The default.
    """

    torch_default: object


class SiteAssign(ast.Assign):
    """An assignment in `forward` that applies a step.

    Attributes:
        site: The step.
    """

    site: Site


class SiteReturn(ast.Return):
    """A `return` that applies a step.

    Attributes:
        site: The step.
    """

    site: Site


def argument_ref(argument: ConstructorArgument, *, in_forward: bool = False) -> ArgumentRef:
    """A reference to a constructor argument."""
    node = ArgumentRef(argument.name, ast.Load())
    node.argument, node.in_forward = argument, in_forward
    return node


def loop_ref(loop: Site, variable: str, word: str = "value") -> LoopRef:
    """A reference to a loop variable."""
    node = LoopRef(variable, ast.Load())
    node.loop, node.variable, node.word = loop, variable, word
    return node


def carried_ref(carried: Carried, axis: int, *, after: bool) -> CarriedRef:
    """A reference to a size that a loop carries."""
    node = CarriedRef("carried", ast.Load())
    node.carried, node.loop, node.axis, node.after = carried, carried.loop, axis, after
    return node


def tensor_ref(root: str, number: int) -> TensorRef:
    """A reference to a tensor by its name in the spec."""
    node = TensorRef(root, ast.Load())
    node.root, node.number = root, number
    return node


def construct(plan: ClassPlan, site: Site, callee: ast.expr | None = None) -> Construct:
    """A call of a class of the program; what is given for its arguments is added later."""
    node = Construct(plan.base_name, ast.Load())
    node.plan, node.values, node.site, node.callee = plan, {}, site, callee
    return node


def class_ref(plan: ClassPlan) -> ClassRef:
    """The name of a class of the program."""
    node = ClassRef(plan.base_name, ast.Load())
    node.plan = plan
    return node


def loop_statement(loop: Site, body: list[ast.stmt]) -> LoopStatement:
    """A loop whose variables are chosen last."""
    node = LoopStatement(name("_"), name("_"), body, [], lineno=0)
    node.loop = loop
    return node


def comprehension(sequence: Site, loop: LoopStatement) -> Comprehension:
    """A sequence of what a loop builds."""
    node = Comprehension(dotted("nn.Sequential"), [ast.Starred(name("_"), ast.Load())], [])
    node.sequence, node.loop_statement = sequence, loop
    return node


def defaulted_keyword(label: str | None, value: ast.expr, default: object) -> DefaultedKeyword:
    """A keyword argument that is omitted if its value is torch's default."""
    node = DefaultedKeyword(label, value)
    node.torch_default = default
    return node


def site_assign(site: Site, target: ast.expr, value: ast.expr) -> SiteAssign:
    """`target = value`, which applies a step."""
    node = SiteAssign([stored(target)], value, lineno=0)
    node.site = site
    return node


def site_return(site: Site, value: ast.expr) -> SiteReturn:
    """`return value`, which applies a step."""
    node = SiteReturn(value)
    node.site = site
    return node


class _InForward(CopyingTransformer):
    """Copies a tree in which every constructor argument is read from its attribute."""

    def visit_ArgumentRef(self, node: ArgumentRef) -> ArgumentRef:
        """A constructor argument, as an attribute."""
        return argument_ref(node.argument, in_forward=True)


def in_forward(tree: ast.expr) -> ast.expr:
    """An expression of the constructor, as another method writes it: arguments are attributes there."""
    made = _InForward().visit(tree)
    assert isinstance(made, ast.expr)
    return made
