"""The lines that start the weights as `init` says; none where torch's own start is kept."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from netspec.codegen.names import module_at
from netspec.codegen.quoting import literal
from netspec.elaborate import Graph, Node
from netspec.elaborate.initialization import Rule
from netspec.layers.base import Module

Sites = dict[int, tuple[Rule, list[Node]]]

_EXCEPTIONS = 3
"""How many layers may be left out of a loop over all modules."""


class Scope(NamedTuple):
    """The module below which a rule holds for all layers of its op, but for a few."""

    around: str
    others: list[Node]


def initialize(graph: Graph) -> list[str]:
    """Statements at the end of the outermost `__init__`."""
    if not graph.init:
        return []
    loops: dict[str, dict[str, list[str]]] = {}
    single: list[str] = []
    for rule, nodes in _sites(graph).values():
        scope = _scope(rule, nodes, graph)
        if scope is None:
            single.extend(_of_paths(rule, nodes, graph))
        else:
            tests = loops.setdefault(scope.around, {})
            tests.setdefault(_test(rule, nodes, scope, graph), []).append(
                _fill(rule, f"module.{rule.written.parameter.text}")
            )
    lines = []
    for around, tests in loops.items():
        lines.append(f"for module in {module_at(around)}.modules():")
        for test, fills in tests.items():
            lines.extend([f"    if {test}:", *(f"        {fill}" for fill in fills)])
    return [*lines, *single]


def _sites(graph: Graph) -> Sites:
    """Each rule with the layers that it is for."""
    nodes = {n.path: n for n in graph.nodes}
    found: Sites = {}
    for (path, _), rule in graph.init.items():
        found.setdefault(id(rule), (rule, []))[1].append(nodes[path])
    return found


def _scope(rule: Rule, chosen: list[Node], graph: Graph) -> Scope | None:
    """Where a loop over modules finds the layers of a rule and hardly any others; None where none does."""
    parameter, op = rule.written.parameter.text, type(chosen[0].layer)
    picked = {n.path for n in chosen}
    if any(type(n.layer) is not op for n in chosen) or (len(picked) == 1 and not rule.by_op):
        return None
    alike = [n for n in graph.nodes if type(n.layer) is op and parameter in n.parameters]
    allowed = _EXCEPTIONS if rule.by_op and len(picked) > 1 else 0
    for around in dict.fromkeys(("", _around(sorted(picked)))):
        others = [n for n in alike if n.path not in picked and _within(n.path, around)]
        if len(others) <= allowed and not _hidden(around, graph):
            return Scope(around, others)
    return None


def _around(paths: list[str]) -> str:
    """The module that all of these are in."""
    parts = [path.split(".")[:-1] for path in (paths[0], paths[-1])]
    same = takewhile(lambda pair: pair[0] == pair[1], zip(*parts, strict=False))
    return ".".join(part for part, _ in same)


def _within(path: str, around: str) -> bool:
    return not around or path.startswith(f"{around}.")


def _hidden(around: str, graph: Graph) -> bool:
    """Whether a layer has modules inside that no step of the spec speaks of, as attention does."""
    return any("." in p for n in graph.nodes if _within(n.path, around) for p in n.parameters)


def _test(rule: Rule, nodes: list[Node], scope: Scope, graph: Graph) -> str:
    """The test for the modules that a rule is for."""
    layer = nodes[0].layer
    assert isinstance(layer, Module)
    alike = [
        n
        for n in graph.nodes
        if n.owner is None and type(n.layer) is type(layer) and _within(n.path, scope.around)
    ]
    test = f"isinstance(module, {layer.constructor()})"
    if len(alike) != len(nodes) + len(scope.others):
        test += f" and module.{rule.written.parameter.text} is not None"
    return "".join([test, *(f" and module is not {module_at(n.path)}" for n in scope.others)])


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
        return [_fill(rule, f"{module_at(paths[0])}.{parameter}")]
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


def initializer(rule: object, tensor: str) -> str:
    """The call that fills a tensor: `normal_(tensor, std=0.02)`."""
    if not isinstance(rule, dict):
        return f"{rule}({tensor})"
    rest = "".join(f", {k}={literal(v)}" for k, v in rule.items() if k != "fn")
    return f"{rule['fn']}({tensor}{rest})"
