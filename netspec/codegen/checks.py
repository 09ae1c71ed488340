"""The function that holds a caller to the sizes the network is valid for."""

from __future__ import annotations

from netspec.codegen.comments import said
from netspec.codegen.names import identifier
from netspec.dims import EVERY, Domain
from netspec.elaborate import Graph, Value


def input_check(graph: Graph) -> str:
    """`_check_inputs`: run first in `forward`, skipped while compiling or tracing."""
    first: dict[str, str] = {}
    bodies = [_check(value, graph, first) for value in graph.inputs if value.shape is not None]
    names = ", ".join(identifier(v.node.name) for v in graph.inputs)
    lines = [
        "@torch.fx.wrap",
        f"def _check_inputs({names}):",
        '    """Hold the caller to the sizes that the network is valid for."""',
        "    if torch.compiler.is_compiling() or torch.jit.is_tracing():",
        "        return",
        *(line for body in bodies for line in body),
    ]
    return "\n".join(lines)


def _check(value: Value, graph: Graph, first: dict[str, str]) -> list[str]:
    name = identifier(value.node.name)
    assert value.shape is not None
    conditions = [f"{name}.dim() == {len(value.shape)}"]
    told = []
    for axis, size in enumerate(value.shape):
        said_of = f"{name}.size({axis})"
        symbol = str(size) if not isinstance(size, int) else ""
        if isinstance(size, int):
            conditions.append(f"{said_of} == {size}")
        elif symbol in first:
            conditions.append(f"{said_of} == {first[symbol]}")
        elif symbol in graph.domains:
            first[symbol] = said_of
            domain = graph.domains[symbol]
            conditions.extend(_domain(said_of, domain))
            if not domain.contains_all(EVERY):
                told.append(domain.describe(symbol))
    wanted = said(value.shape) + (f" with {' and '.join(told)}" if told else "")
    condition = " and ".join(conditions)
    if len(condition) > 80:
        condition = "\n        " + "\n        and ".join(conditions) + "\n    "
    return [
        f"    if not ({condition}):",
        f'        wanted = "{wanted}"',
        f'        raise ValueError(f"`{value.node.name}` should be {{wanted}}, not {{list({name}.shape)}}")',
    ]


def _domain(size: str, domain: Domain) -> list[str]:
    """The conditions on one size, as Python."""
    values = getattr(domain, "values", None)
    if values is not None:
        return [f"{size} in {tuple(sorted(values))}"]
    found = []
    if domain.hi is not None and domain.hi == domain.lo:
        return [f"{size} == {domain.lo}"]
    if domain.lo > 1 and domain.smallest() >= domain.lo:
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


