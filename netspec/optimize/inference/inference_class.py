"""The program for inference: the plain program, the helpers, and a class that runs on folded weights."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from netspec.codegen import Generated
from netspec.codegen.identifiers import fresh, input_names
from netspec.codegen.literals import quoted
from netspec.codegen.printer import print_module
from netspec.graph import Graph
from netspec.optimize.inference.names import Line, named_lines
from netspec.optimize.inference.program_text import ProgramText, helper_text
from netspec.optimize.inference.repetition import Loop, with_loops
from netspec.optimize.inference.statement import Path
from netspec.optimize.inference.statements import CALLS, UnsupportedNodeError, forward_statements

HELPERS = ("fold_norms", "fused_calls", "channel_buffer", "folded_network")
"""The modules of `netspec.program_helpers` that a program may contain, in order."""
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


def inference_program(graph: Graph, plain: Generated) -> Generated:
    """Extend a program by a class for inference.

    Args:
        graph: The network.
        plain: Its program.

    Returns:
        The program, whose class has the weights of the plain one. The plain program if no call can be folded.
    """
    text = ProgramText(plain.source)
    try:
        forward = _forward(graph, text, plain.class_name)
    except UnsupportedNodeError:
        return plain
    name = fresh(f"Folded{plain.class_name}", text.names)
    tree = ast.parse(_CLASS.format(name=name, base=plain.class_name))
    definition = tree.body[0]
    assert isinstance(definition, ast.ClassDef)
    definition.body.append(forward)
    class_text = print_module(tree).text
    helpers = [helper_text(helper) for helper in HELPERS if helper != "channel_buffer"]
    if "_Channels(" in class_text:
        helpers.insert(2, helper_text("channel_buffer"))
    return Generated(text.extended(helpers, class_text), name, {})


def _forward(graph: Graph, text: ProgramText, base: str) -> ast.FunctionDef:
    """The method `forward` of the class for inference."""
    names = input_names(graph)
    inputs = dict(zip(graph.inputs, names, strict=True))
    lines, outputs = named_lines(forward_statements(graph), inputs, graph.outputs.values)
    arguments = ", ".join(f"{name}: Tensor" for name in names)
    returns = text.returned_type(base)
    source = [
        f"def forward(self, {arguments}) -> {returns}:",
        f"    {CALLS} = self._folded.calls_for({', '.join(names)})",
        f"    if {CALLS} is None:",
        f"        return super().forward({', '.join(names)})",
        *(f"    {check}" for check in text.input_checks(base)),
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
