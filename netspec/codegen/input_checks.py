"""The function that rejects inputs of sizes for which the network is not valid."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from netspec.codegen.identifiers import fresh, input_names
from netspec.codegen.layout import INDENT, WIDTH
from netspec.codegen.syntax import conjunction, formatted, name, parse, statements, wrapped_text
from netspec.codegen.tree_arithmetic import Fold
from netspec.dims import EVERY, Condition, Domain, Membership, Relation, Shape
from netspec.expr.traversal import TreeTransformer, walk_tree
from netspec.graph import Graph

MOST_IN_RAISE = WIDTH - 2 * INDENT - len("raise ValueError()")
"""How long a message is at most at its `raise`; a longer one is a variable, cut at its spaces."""

_COMMENT = "A call of it is one node of a torch.fx graph."
_FUNCTION = '''
@torch.fx.wrap
def _check_inputs() -> None:
    """Raise ValueError for inputs of an unsupported shape."""
    if torch.compiler.is_compiling() or torch.jit.is_tracing():
        return
'''


class InputArguments(NamedTuple):
    """The arguments of the network that sizes of its inputs are compared with.

    Attributes:
        sizes: The argument that a size is declared as, by the input and the dimension.
        bounds: The argument that an open size is at most, by its symbol.
    """

    sizes: Mapping[tuple[int, int], str]
    bounds: Mapping[str, str]

    @property
    def labels(self) -> list[str]:
        """All of them, each once."""
        return list(dict.fromkeys([*self.sizes.values(), *self.bounds.values()]))


def input_check(graph: Graph, checked: InputArguments) -> list[ast.stmt]:
    """`_check_inputs`: run first in `forward`, skipped while compiling or tracing.

    Args:
        graph: The network.
        checked: The arguments that the sizes are compared with; the function takes these behind the inputs.
    """
    names = input_names(graph)
    made = statements(_FUNCTION)
    function = made[0]
    assert isinstance(function, ast.FunctionDef)
    function.leading = [_COMMENT]  # type: ignore[attr-defined]
    function.args.args = [
        *(ast.arg(each, ast.Name("Tensor")) for each in names),
        *(ast.arg(each, ast.Name("int")) for each in checked.labels),
    ]
    function.body += _InputCheck(graph, names, checked).statements()
    return made


class _InputCheck:
    """Writes the conditions on the inputs of a network, each with the message for a caller."""

    def __init__(self, graph: Graph, names: Sequence[str], checked: InputArguments) -> None:
        self.graph, self.names, self.checked = graph, names, checked
        self.sizes: dict[str, str] = {}
        """Where the value of each symbol is read: `image.size(2)`."""
        self.owners: dict[str, str] = {}
        """The input that each symbol is read of."""

    def statements(self) -> list[ast.stmt]:
        """An `if` for each input that has a shape, and for each condition that several sizes decide."""
        made: list[ast.stmt] = []
        for number, value in enumerate(self.graph.inputs):
            if value.shape is not None:
                made.append(self._shape(number, value.node.name, value.shape))
        return [*made, *map(self._unproved, self.graph.unproved)]

    def _shape(self, number: int, called: str, shape: Shape) -> ast.stmt:
        """The check of one input."""
        argument = self.names[number]
        tests = [parse(f"{argument}.dim() == {len(shape)}")]
        domains: list[tuple[str | ast.expr, ...]] = []
        earlier: dict[str, tuple[str | ast.expr, ...]] = {}
        for axis, size in enumerate(shape):
            here, symbol = f"{argument}.size({axis})", str(size)
            if isinstance(size, int):
                tests.append(parse(f"{here} == {self.checked.sizes.get((number, axis), size)}"))
            elif symbol in self.sizes:
                there, owner = self.sizes[symbol], self.owners[symbol]
                tests.append(parse(f"{here} == {there}"))
                of = f" as in `{owner}`" if owner != called else ""
                earlier[symbol] = (f"{symbol} = ", parse(there), of)
            elif symbol in self.graph.domains:
                self.sizes[symbol], self.owners[symbol] = here, called
                domain = self.graph.domains[symbol]
                bound = self.checked.bounds.get(symbol)
                if bound is not None:
                    tests.append(parse(f"{here} <= {bound}"))
                    domains.append((f"{symbol} <= ", name(bound)))
                    continue
                tests.extend(map(parse, _domain(here, domain)))
                if not domain.contains_all(EVERY):
                    domains.append((domain.describe(symbol),))
        facts: list[tuple[str | ast.expr, ...]] = [
            *domains,
            *earlier.values(),
        ]
        expected: list[str | ast.expr] = ["["]
        for axis, size in enumerate(shape):
            label = self.checked.sizes.get((number, axis))
            expected += [", " if axis else "", str(size) if label is None else name(label)]
        expected.append("]")
        for k, fact in enumerate(facts):
            expected += [" and " if k else " with ", *fact]
        variable = fresh("expected", {*self.names, *self.checked.labels})
        received = parse(f"list({argument}.shape)")
        start, end = f"`{called}` must be ", ", not "
        message = formatted([start, *expected, end, received])
        if len(ast.unparse(message)) <= MOST_IN_RAISE:
            return _raise(tests, [], message)
        message = formatted([start, name(variable), end, received])
        return _raise(tests, [wrapped_text(variable, expected)], message)

    def _unproved(self, condition: Condition) -> ast.stmt:
        """The check of a condition that no size alone decides."""
        tests = [_Measured(self.sizes).visit(tree) for tree in self._tests(condition)]
        used = sorted(
            {n.id for t in self._tests(condition) for n in walk_tree(t) if isinstance(n, ast.Name)}
        )
        text: list[str | ast.expr] = [f"valid only where {condition}, not for "]
        for k, symbol in enumerate(s for s in used if s in self.sizes):
            text += [f"{' and ' if k else ''}{symbol} = ", parse(self.sizes[symbol])]
        if len(ast.unparse(formatted(text))) <= MOST_IN_RAISE:
            return _raise(tests, [], formatted(text))
        variable = fresh("message", set(self.names))
        return _raise(tests, [wrapped_text(variable, text)], name(variable))

    def _tests(self, condition: Condition) -> list[ast.expr]:
        """A condition in terms of its symbols."""
        match condition:
            case Relation(left, "divisible by", right):
                return [parse(f"({left}) % ({right}) == 0")]
            case Relation():
                return [parse(str(condition))]
            case Membership(symbol, domain):
                return [parse(test) for test in _domain(symbol, domain)]


class _Measured(TreeTransformer):
    """Puts the sizes of the inputs in the place of their symbols."""

    def __init__(self, sizes: dict[str, str]) -> None:
        self.sizes = sizes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A symbol, or the name of a function."""
        if node.id in self.sizes:
            return parse(self.sizes[node.id])
        return name("int") if node.id == "floor" else node


def _raise(tests: list[ast.expr], before: list[ast.stmt], message: ast.expr) -> ast.stmt:
    """`if not …: raise ValueError(message)`."""
    rejected = Fold().visit(ast.UnaryOp(ast.Not(), conjunction(tests)))
    error = ast.Raise(ast.Call(name("ValueError"), [message], []), None)
    return ast.If(rejected, [*before, error], [])


def _domain(size: str, domain: Domain) -> Iterator[str]:
    """The conditions on one size, as Python."""
    values = getattr(domain, "values", None)
    if values is not None:
        yield f"{size} in {tuple(sorted(values))}"
        return
    if domain.hi is not None and domain.hi == domain.lo:
        yield f"{size} == {domain.lo}"
        return
    if domain.lo > 1:
        yield f"{size} >= {domain.lo}"
    if domain.hi is not None:
        yield f"{size} <= {domain.hi}"
    if domain.modulus > 1:
        residues = sorted(domain.residues)
        rest = f"== {residues[0]}" if len(residues) == 1 else f"in {tuple(residues)}"
        yield f"{size} % {domain.modulus} {rest}"
