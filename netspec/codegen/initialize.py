"""The lines that start the weights as `init` says; none where torch's own start is kept."""

from __future__ import annotations

from netspec.codegen.build import initializer
from netspec.codegen.names import is_plain
from netspec.codegen.quoting import literal
from netspec.elaborate import Graph, Node
from netspec.elaborate.initialization import Rule

Sites = dict[int, tuple[Rule, list[Node]]]


def initialize(graph: Graph) -> list[str]:
    """Statements at the end of the outermost `__init__`."""
    if not graph.init:
        return []
    everywhere, here = _sorted(graph)
    lines = []
    if everywhere:
        tests: dict[str, list[str]] = {}
        for rule, nodes in everywhere.values():
            test, fill = _of_op(rule, nodes, graph)
            tests.setdefault(test, []).append(fill)
        lines.append("for module in self.modules():")
        for test, fills in tests.items():
            lines.extend([f"    if {test}:", *(f"        {fill}" for fill in fills)])
    for rule, nodes in here.values():
        lines.extend(_of_paths(rule, nodes, graph))
    return lines


def _sorted(graph: Graph) -> tuple[Sites, Sites]:
    """The rules that hold for all layers of an op, and those that hold for some paths."""
    nodes = {n.path: n for n in graph.nodes}
    sites: Sites = {}
    for (path, _), rule in graph.init.items():
        sites.setdefault(id(rule), (rule, []))[1].append(nodes[path])
    everywhere: Sites = {}
    here: Sites = {}
    for key, (rule, chosen) in sites.items():
        (everywhere if _covers(rule, chosen, graph) else here)[key] = (rule, chosen)
    return everywhere, here


def _covers(rule: Rule, chosen: list[Node], graph: Graph) -> bool:
    if not rule.by_op:
        return False
    parameter = rule.written.parameter.text
    alike = [
        n
        for n in graph.nodes
        if type(n.layer).__name__ == rule.written.target.text and parameter in n.parameters
    ]
    return len(alike) == len(chosen)


def _of_op(rule: Rule, nodes: list[Node], graph: Graph) -> tuple[str, str]:
    """The test for the modules that a rule is for, and what it does with them."""
    parameter = rule.written.parameter.text
    layer = nodes[0].layer
    assert layer is not None
    alike = [n for n in graph.nodes if n.owner is None and type(n.layer) is type(layer)]
    test = f"isinstance(module, nn.{type(layer).__name__})"
    if len(alike) != len(nodes):
        test += f" and module.{parameter} is not None"
    return test, _fill(rule, f"module.{parameter}")


def _ending(rule: Rule, paths: list[str], graph: Graph) -> str:
    """`.bn3` for the rule `**.bn3`, where that says exactly which modules are meant."""
    ending = rule.written.target.text.removeprefix("**")
    if not rule.written.target.text.startswith("**.") or "*" in ending:
        return ""
    levels = {p for n in graph.nodes for p in _prefixes(n.path)}
    return ending if sorted(p for p in levels if f".{p}".endswith(ending)) == sorted(paths) else ""


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[: k + 1]) for k in range(len(parts))]


def _of_paths(rule: Rule, nodes: list[Node], graph: Graph) -> list[str]:
    parameter = rule.written.parameter.text
    paths = [n.path for n in nodes]
    if len(paths) == 1:
        plain = all(map(is_plain, paths[0].split(".")))
        module = f"self.{paths[0]}" if plain else f"self.get_submodule({literal(paths[0])})"
        return [_fill(rule, f"{module}.{parameter}")]
    ending = _ending(rule, paths, graph)
    if ending:
        test = f'    if f".{{path}}".endswith({literal(ending)}):'
        fill = _fill(rule, f"module.{parameter}")
        return ["for path, module in self.named_modules():", test, f"        {fill}"]
    listed = [f"    {literal(path)}," for path in paths]
    said = f"for path in ({', '.join(literal(p) for p in paths)}):"
    head = [said] if len(said) < 90 else ["for path in (", *listed, "):"]
    return [*head, f"    {_fill(rule, f'self.get_submodule(path).{parameter}')}"]


def _fill(rule: Rule, tensor: str) -> str:
    fn = rule.written.function
    how: object = {"fn": fn, **rule.arguments} if rule.arguments else fn
    return f"nn.init.{initializer(how, tensor)}"
