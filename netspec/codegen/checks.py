"""The function that holds a caller to the sizes the network is valid for."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from netspec.codegen.names import fresh, input_names
from netspec.codegen.quoting import literal
from netspec.codegen.syntax import Fold, parse, statements
from netspec.dims import EVERY, Domain
from netspec.elaborate import Graph, Value


def input_check(graph: Graph) -> list[ast.stmt]:
    """`_check_inputs`: run first in `forward`, skipped while compiling or tracing."""
    made = statements(_input_check(graph))
    for node in ast.walk(made[0]):
        if isinstance(node, ast.Assign):
            node.wraps = True  # type: ignore[attr-defined]
    return made


def _input_check(graph: Graph) -> str:
    names = input_names(graph)
    first: dict[str, tuple[str, str]] = {}
    lines = [
        "@torch.fx.wrap",
        f"def _check_inputs({', '.join(f'{name}: Tensor' for name in names)}) -> None:",
        '    """Raise ValueError for inputs of an unsupported shape."""',
        "    if torch.compiler.is_compiling() or torch.jit.is_tracing():",
        "        return",
    ]
    wanted = fresh("wanted", set(names))
    for name, value in zip(names, graph.inputs, strict=True):
        if value.shape is not None:
            lines.extend(_check(name, value, graph, first, wanted))
    for relation in graph.unproved:
        lines.extend(_relation(relation, first, fresh("message", set(names))))
    return "\n".join(lines)


def _relation(relation: str, first: dict[str, tuple[str, str]], variable: str) -> list[str]:
    """The lines that hold a caller to a relation between sizes, which no size alone decides."""
    left, divisible, right = relation.partition(" divisible by ")
    tree = parse(f"({left}) % ({right}) == 0" if divisible else relation)
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
    met = {n.id: first[n.id][0] for n in names if n.id in first}
    sizes = " and ".join(f"{name} = {{{met[name]}}}" for name in sorted(met))
    for node in names:  # besides symbols, the functions that sizes are made of
        node.id = met.get(node.id, node.id.replace("floor", "int"))
    return [
        f"    if {ast.unparse(Fold().visit(ast.UnaryOp(ast.Not(), tree)))}:",
        f'        {variable} = f"valid only where {relation}, not for {sizes}"',
        f"        raise ValueError({variable})",
    ]


def _check(
    name: str, value: Value, graph: Graph, first: dict[str, tuple[str, str]], variable: str
) -> list[str]:
    """The lines for one input; `first` is where each symbol was met: its size, and by whom.

    `variable` holds the shape that the message names.
    """
    assert value.shape is not None
    conditions = [f"{name}.dim() == {len(value.shape)}"]
    told = []
    earlier: dict[str, None] = {}
    for axis, size in enumerate(value.shape):
        here = f"{name}.size({axis})"
        symbol = str(size)
        if isinstance(size, int):
            conditions.append(f"{here} == {size}")
        elif symbol in first:
            there, owner = first[symbol]
            conditions.append(f"{here} == {there}")
            earlier[
                f"{symbol} = {{{there}}}"
                + (f" as in `{owner}`" if owner != value.node.name else "")
            ] = None
        elif symbol in graph.domains:
            first[symbol] = here, value.node.name
            domain = graph.domains[symbol]
            conditions.extend(_domain(here, domain))
            if not domain.contains_all(EVERY):
                told.append(domain.describe(symbol))
    if earlier:
        told = [text.replace("{", "{{").replace("}", "}}") for text in told]
    conditional = " and ".join([*told, *earlier])
    wanted = said(value.shape) + (f" with {conditional}" if conditional else "")
    shape = f"{'f' if earlier else ''}{literal(wanted)}"
    return _raise(name, value.node.name, conditions, f"{variable} = {shape}", variable)


def _raise(
    name: str, called: str, conditions: list[str], assignment: str, variable: str
) -> list[str]:
    only = conditions[0].replace(" == ", " != ") if len(conditions) == 1 else ""
    test = only or f"not ({' and '.join(conditions)})"
    shown = literal(f"`{called}`")[1:-1].replace("{", "{{").replace("}", "}}")
    return [
        f"    if {test}:",
        f"        {assignment}",
        f'        raise ValueError(f"{shown} should be {{{variable}}}, not {{list({name}.shape)}}")',
    ]


def _domain(size: str, domain: Domain) -> list[str]:
    """The conditions on one size, as Python."""
    values = getattr(domain, "values", None)
    if values is not None:
        return [f"{size} in {tuple(sorted(values))}"]
    if domain.hi is not None and domain.hi == domain.lo:
        return [f"{size} == {domain.lo}"]
    found = []
    if domain.lo > 1:
        found.append(f"{size} >= {domain.lo}")
    if domain.hi is not None:
        found.append(f"{size} <= {domain.hi}")
    if domain.modulus > 1:
        residues = sorted(domain.residues)
        found.append(
            f"{size} % {domain.modulus} == {residues[0]}"
            if len(residues) == 1
            else f"{size} % {domain.modulus} in {tuple(residues)}"
        )
    return found


def said(shape: Sequence[object]) -> str:
    """`[N, 64, H, W]`."""
    return f"[{', '.join(map(str, shape))}]"
