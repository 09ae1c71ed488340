"""The program for inference: the plain program, the helpers, and a class that runs on folded weights."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from netspec.codegen.class_definitions import method_of
from netspec.codegen.identifiers import fresh, input_names
from netspec.codegen.literals import quoted
from netspec.codegen.program import Program
from netspec.expr.traversal import names_in
from netspec.graph import Graph
from netspec.optimize.helper_text import add_helpers
from netspec.optimize.inference.names import Line, named_lines
from netspec.optimize.inference.repetition import Loop, with_loops
from netspec.optimize.inference.statement import Path
from netspec.optimize.inference.statements import CALLS, UnsupportedNodeError, forward_statements

_CLASS = '''
class {name}({base}):
    """`{base}` for inference, with its normalizations folded into the weights.

    It has the weights of `{base}` by the same names, and folds
    them at the first call and after a change. In training, for gradients, under hooks
    and on other devices it runs the forward pass of `{base}`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.eval()
        self.requires_grad_(requires_grad=False)
        self._folded = _FoldedNetwork(self)

    def refold(self) -> None:
        """Fold the weights again: required after a change through `.data` only."""
        self._folded.clear()
'''


_LOAD = '''
def {function}() -> {name}:
    """Build the network with the weights in `{weights}`, a file next to this program."""
    module = {name}()
    _load_weights(module, {literal})
    return module.eval()
'''


def optimize_inference(tree: ast.Module, program: Program, weights: str = "") -> str:
    """Add a class for inference to a program, in place.

    Args:
        tree: The program.
        program: What it is made from.
        weights: The name of the file next to the program that has its weights. With it, the program has a
            function `load`.

    Returns:
        The name of the class, which has the weights of the plain one; that of the plain one if
        `plain_reason` has a reason.
    """
    name = _add_class(tree, program)
    if weights:
        function = fresh("load", names_in(*tree.body))
        text = _LOAD.format(function=function, name=name, weights=weights, literal=quoted(weights))
        tree.body += ast.parse(text).body
    if weights or name != program.planner.root.name:
        add_helpers(tree, program)
    return name


def plain_reason(graph: Graph) -> str:
    """Why the program of a network has no class for inference; empty if it has one."""
    try:
        forward_statements(graph)
    except UnsupportedNodeError as error:
        return str(error)
    return ""


def _add_class(tree: ast.Module, program: Program) -> str:
    """Add the class, and return its name; that of the plain one if a node is not supported."""
    base = program.planner.root.name
    plain = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == base)
    try:
        forward = _forward(program.graph, plain)
    except UnsupportedNodeError:
        return base
    defined = {n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)}
    name = fresh(f"Folded{base}", defined | names_in(*tree.body))
    (definition,) = ast.parse(_CLASS.format(name=name, base=base)).body
    assert isinstance(definition, ast.ClassDef)
    definition.body.append(forward)
    tree.body.append(definition)
    return name


def _forward(graph: Graph, plain: ast.ClassDef) -> ast.FunctionDef:
    """The method `forward` of the class for inference."""
    names = input_names(graph)
    inputs = dict(zip(graph.inputs, names, strict=True))
    lines, outputs = named_lines(forward_statements(graph), inputs, graph.outputs.values)
    arguments = ", ".join(f"{name}: Tensor" for name in names)
    own = method_of(plain, "forward")
    returns = "Tensor" if own is None or own.returns is None else ast.unparse(own.returns)
    source = [
        f"def forward(self, {arguments}) -> {returns}:",
        f"    {CALLS} = self._folded.calls_for({', '.join(names)})",
        f"    if {CALLS} is None:",
        f"        return super().forward({', '.join(names)})",
        *(f"    {check}" for check in _input_checks(own)),
        *_body(with_loops(lines)),
    ]
    result = _returned(graph, outputs)
    if source[-1].startswith(f"    {result} = "):
        source[-1] = source[-1].replace(f"{result} = ", "return ", 1)
    else:
        source.append(f"    return {result}")
    (method,) = ast.parse("\n".join(source)).body
    assert isinstance(method, ast.FunctionDef)
    return method


def _input_checks(forward: ast.FunctionDef | None) -> list[str]:
    """The lines of a `forward` that check the inputs."""
    texts = [ast.unparse(statement) for statement in forward.body] if forward is not None else []
    return [line for text in texts if "_check_inputs(" in text for line in text.split("\n")]


def _returned(graph: Graph, variables: Sequence[str]) -> str:
    """The expression of the outputs."""
    if graph.outputs.kind == "dict":
        pairs = zip(graph.outputs.names, variables, strict=True)
        return "{" + ", ".join(f"{quoted(key)}: {variable}" for key, variable in pairs) + "}"
    if graph.outputs.kind == "one" and len(variables) == 1:
        return variables[0]
    return f"({', '.join(variables)},)"


def _body(items: Sequence[Line | Loop]) -> list[str]:
    """The text of lines and loops."""
    texts = []
    for item in items:
        if isinstance(item, Line):
            texts.append("    " + _text(item, [None] * len(item.paths)))
            continue
        start = f"{item.start}, " if item.start else ""
        texts.append(f"    for i in range({start}{item.stop}):")
        for line, slots in zip(item.body, item.slots, strict=True):
            texts.append("        " + _text(line, slots))
    return texts


def _text(line: Line, slots: Sequence[tuple[str, str] | None]) -> str:
    """A line with its paths as literals; a path with a slot has the number of the iteration there."""
    remaining = iter(slots)
    texts = []
    for piece in line.pieces:
        if not isinstance(piece, Path):
            texts.append(piece)
        elif (slot := next(remaining)) is None:
            texts.append(quoted(piece.text))
        else:
            texts.append(f'f"{slot[0]}{{i}}{slot[1]}"')
    return "".join(texts)
