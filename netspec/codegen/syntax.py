"""Python's own syntax tree, with the few nodes that are decided only when the whole program is known."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, reduce
from math import copysign, isfinite
from typing import TYPE_CHECKING, Any, Final

from netspec.codegen.quoting import literal
from netspec.expr.traversal import CopyingTransformer, TreeTransformer, copy_tree

if TYPE_CHECKING:
    from netspec.codegen.block_alignment import Site
    from netspec.codegen.plans import ClassPlan, ConstructorArgument
    from netspec.codegen.size_expressions import Carried

MOST_CACHED: Final = 1024
"""How many texts are remembered with their trees: a few dozen templates recur in every program."""


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
    """A keyword argument that is left out if it has torch's default.

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


def exact_quotient(dividend: ast.expr, divisor: ast.expr) -> ast.expr:
    """`dividend // divisor`, which leaves no remainder in any valid network."""
    node = ast.BinOp(dividend, ast.FloorDiv(), divisor)
    node.is_exact = True  # type: ignore[attr-defined]
    return node


def defaulted_keyword(label: str | None, value: ast.expr, default: object) -> DefaultedKeyword:
    """A keyword argument that is left out if its value is torch's default."""
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


# ---- plain nodes ------------------------------------------------------------------------------------


def name(identifier: str) -> ast.Name:
    """A variable."""
    return ast.Name(identifier, ast.Load())


def parse(text: str) -> ast.expr:
    """The tree of an expression, which the caller may rewrite."""
    return copy_tree(_expression_of(text.strip()))


@lru_cache(MOST_CACHED)
def _expression_of(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def constant(value: object) -> ast.expr:
    """A number, a text, or lists of such, as Python writes it.

    >>> ast.unparse(constant((1, -2.5))), ast.unparse(constant("same"))
    ('(1, -2.5)', "'same'")
    """
    if value is None or isinstance(value, bool | str) or (type(value) is int and value >= 0):
        return ast.Constant(value)
    if isinstance(value, list | tuple):
        return ast.Tuple([constant(v) for v in value], ast.Load())
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        if value > 0 or (value == 0 and copysign(1, value) > 0):
            return ast.Constant(value)
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return parse(literal(value))


def attribute(value: ast.expr, *names: str) -> ast.expr:
    """`value.a.b`."""
    return reduce(lambda v, n: ast.Attribute(v, n, ast.Load()), names, value)


def dotted(text: str) -> ast.expr:
    """`nn.init.zeros_` from its text."""
    first, *rest = text.split(".")
    return attribute(name(first), *rest)


def call(function: str | ast.expr, *arguments: ast.expr, **named: ast.expr) -> ast.Call:
    """A call; `function` may be given as dotted text."""
    called = dotted(function) if isinstance(function, str) else function
    return ast.Call(called, list(arguments), [ast.keyword(k, v) for k, v in named.items()])


def index(value: ast.expr, index_expression: ast.expr) -> ast.Subscript:
    """`value[at]`."""
    return ast.Subscript(value, index_expression, ast.Load())


def assign(target: ast.expr, value: ast.expr, comment: str = "") -> ast.Assign:
    """`target = value`, with a comment after it."""
    node = ast.Assign([stored(target)], value, lineno=0)
    if comment:
        node.comment = comment  # type: ignore[attr-defined]
    return node


def stored(target: ast.expr) -> ast.expr:
    """A target of an assignment."""
    if isinstance(target, ast.Tuple):
        return ast.Tuple([stored(t) for t in target.elts], ast.Store())
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Store())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Store())
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Store())
    return target


def expression(value: ast.expr) -> ast.Expr:
    """An expression as a statement."""
    return ast.Expr(value)


def formatted(parts: Sequence[str | ast.expr]) -> ast.expr:
    """A text with the values of expressions in it."""
    merged: list[ast.expr] = []
    for part in parts:
        last = merged[-1] if merged else None
        if not isinstance(part, str):
            merged.append(ast.FormattedValue(part, -1, None))
        elif isinstance(last, ast.Constant) and isinstance(last.value, str):
            merged[-1] = ast.Constant(last.value + part)
        elif part:
            merged.append(ast.Constant(part))
    if all(isinstance(m, ast.Constant) for m in merged):
        return merged[0] if merged else ast.Constant("")
    return ast.JoinedStr(merged)


def wrapped_text(variable: str, parts: Sequence[str | ast.expr]) -> ast.stmt:
    """A text in a variable, cut at its spaces where it is long."""
    made = assign(name(variable), formatted(parts))
    made.wraps = True  # type: ignore[attr-defined]
    return made


def statements(text: str) -> list[ast.stmt]:
    """The statements of a text, which the caller may rewrite."""
    return [copy_tree(statement) for statement in _statements_of(text)]


@lru_cache(MOST_CACHED)
def _statements_of(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def conjunction(tests: Iterable[ast.expr]) -> ast.expr:
    """All of these tests with `and`."""
    several: list[ast.expr] = []
    for test in tests:
        inner = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
        several += test.values if inner else [test]  # type: ignore[attr-defined]
    return several[0] if len(several) == 1 else ast.BoolOp(ast.And(), several)


def same(a: ast.expr | None, b: ast.expr | None) -> bool:
    """Whether two expressions are written alike."""
    return same_tree(a, b)


def same_tree(a: Any, b: Any) -> bool:
    """Whether two trees, or what their fields hold, are written alike."""
    kind = a.__class__
    if kind is not b.__class__:
        return False
    if a is b:
        return True
    if kind is list:
        return len(a) == len(b) and all(map(same_tree, a, b))
    if kind is dict:
        return list(a) == list(b) and all(map(same_tree, a.values(), b.values()))
    if not isinstance(a, ast.AST):
        return bool(a == b)
    one, other = a.__dict__, b.__dict__
    for field in _COMPARED.get(kind) or a._fields:
        if field != "ctx" and not same_tree(one.get(field), other.get(field)):
            return False
    return True


_COMPARED: dict[type, tuple[str, ...]] = {
    ArgumentRef: ("argument",),
    LoopRef: ("loop", "variable", "word"),
    CarriedRef: ("carried", "after"),
    Construct: ("plan", "values"),
    ClassRef: ("plan",),
}
"""What makes a node the same as another one, where these are not its fields."""


class Put(TreeTransformer):
    """Puts values in the place of names."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The value, where it is one of the names."""
        value = self.values.get(node.id)
        return node if value is None else copy_tree(value)


class Placed(Put):
    """Puts operands in the place of the names that a layer writes them by."""

    def visit_List(self, node: ast.List) -> ast.AST:
        """A list; one that holds but a list is that list."""
        node = self.generic_visit(node)
        if len(node.elts) == 1 and isinstance(node.elts[0], ast.Starred):
            return node.elts[0].value
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


# ---- arithmetic -------------------------------------------------------------------------------------

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def whole(node: ast.expr) -> int | None:
    """The integer that an expression is written as, if it is one."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = whole(node.operand)
        return None if inner is None else -inner
    return None


def add(a: ast.expr, b: ast.expr) -> ast.expr:
    """`a + b`, numbers added."""
    x, y = whole(a), whole(b)
    if x is not None and y is not None:
        return constant(x + y)
    if x == 0:
        return b
    return a if y == 0 else ast.BinOp(a, ast.Add(), b)


def subtract(a: ast.expr, b: ast.expr) -> ast.expr:
    """`a - b`, numbers subtracted."""
    x, y = whole(a), whole(b)
    if x is not None and y is not None:
        return constant(x - y)
    return a if y == 0 else ast.BinOp(a, ast.Sub(), b)


def multiply(a: ast.expr, b: ast.expr) -> ast.expr:
    """`a * b`, numbers multiplied."""
    x, y = whole(a), whole(b)
    if x is not None and y is not None:
        return constant(x * y)
    if x == 0 or y == 0:
        return constant(0)
    if x == 1:
        return b
    for part, rest in ((a, b), (b, a)):
        if isinstance(rest, ast.BinOp) and hasattr(rest, "is_exact") and same(rest.right, part):
            return rest.left
    return a if y == 1 else ast.BinOp(a, ast.Mult(), b)


def parts_of_size(size: ast.expr, count: ast.expr) -> ast.expr:
    """`size // count`, where the factors of a size are written: a third of `3 * n` is `n`."""
    number = whole(count)
    match size:
        case ast.BinOp(left, ast.Mult(), right) if number and (times := whole(left)) is not None:
            if times % number == 0:
                return multiply(constant(times // number), right)
    made: ast.expr = Fold().visit(ast.BinOp(size, ast.FloorDiv(), count))
    return made


def conditional(test: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.expr:
    """`body if test else orelse`, without branches that the same test decides already."""
    if isinstance(body, ast.IfExp) and same(body.test, test):
        body = body.body
    if isinstance(orelse, ast.IfExp) and same(orelse.test, test):
        orelse = orelse.orelse
    return body if same(body, orelse) else ast.IfExp(test, body, orelse)


class Fold(TreeTransformer):
    """Replaces what only has numbers in it by its value, and decides conditions that are known."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Arithmetic of integers."""
        node = self.generic_visit(node)
        a, b, apply = whole(node.left), whole(node.right), _BINARY.get(type(node.op))
        if a is not None and b is not None and isinstance(node.op, ast.Pow) and 0 <= b <= _LARGEST:
            return constant(a**b)
        if a is None or b is None or apply is None or (b == 0 and apply not in _SAFE):
            return node
        return constant(apply(a, b))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """A comparison of two constants."""
        node = self.generic_visit(node)
        compare = _COMPARISONS.get(type(node.ops[0]))
        sides = (node.left, *node.comparators)
        if (
            compare is None
            or len(sides) != 2
            or not all(isinstance(s, ast.Constant) for s in sides)
        ):
            return _identity(node)
        values = [s.value for s in sides if isinstance(s, ast.Constant)]
        if all(isinstance(v, int | float) for v in values) or isinstance(
            node.ops[0], ast.Eq | ast.NotEq
        ):
            return ast.Constant(compare(*values))
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`and` and `or`."""
        node = self.generic_visit(node)
        decides = isinstance(node.op, ast.Or)
        operands: list[ast.expr] = []
        for value in node.values:
            if isinstance(value, ast.Constant) and isinstance(value.value, bool):
                if value.value == decides:
                    return ast.Constant(decides)
                continue
            operands.append(value)
        if not operands:
            return ast.Constant(not decides)
        return operands[0] if len(operands) == 1 else ast.BoolOp(node.op, operands)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """`not` of what is known."""
        node = self.generic_visit(node)
        operand = node.operand
        if isinstance(node.op, ast.Not) and isinstance(operand, ast.Constant):
            return ast.Constant(not operand.value)
        if (
            isinstance(node.op, ast.Not)
            and isinstance(operand, ast.Compare)
            and len(operand.ops) == 1
        ):
            opposite = _OPPOSITES.get(type(operand.ops[0]))
            if opposite is not None:
                return ast.Compare(operand.left, [opposite()], operand.comparators)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """One of two values, where it is known which."""
        node = self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return conditional(node.test, node.body, node.orelse)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """An item of a tuple that is written out."""
        node = self.generic_visit(node)
        place = whole(node.slice)
        if not isinstance(node.value, ast.Tuple) or place is None:
            return node
        count = len(node.value.elts)
        return node.value.elts[place] if -count <= place < count else node


def _identity(node: ast.Compare) -> ast.expr:
    """`kernel is None` for `kernel == None`."""
    match node:
        case ast.Compare(left, [ast.Eq() | ast.NotEq() as equal], [ast.Constant(None) as none]):
            op = ast.Is() if isinstance(equal, ast.Eq) else ast.IsNot()
            return ast.Compare(left, [op], [none])
    return node


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}
_LARGEST = 10
"""The largest exponent of a power that is written as its value."""
_SAFE = (operator.add, operator.sub, operator.mul)


def empty_list(label: str) -> ast.stmt:
    """`label: list[nn.Module] = []`."""
    of_modules = index(name("list"), dotted("nn.Module"))
    return ast.AnnAssign(ast.Name(label, ast.Store()), of_modules, ast.List([], ast.Load()), 1)
