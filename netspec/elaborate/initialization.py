"""Which rule of `init` starts which parameter."""

from __future__ import annotations

from typing import NamedTuple

from netspec import layers
from netspec.diagnostics import Code, Diagnostic, Diagnostics, advice, did_you_mean
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.initializer_arguments import read_arguments
from netspec.elaborate.scope import Reader
from netspec.graph.nodes import Level, Node
from netspec.graph.path_patterns import matches
from netspec.graph.typed_graph import Graph
from netspec.layer.base import ConcreteShape
from netspec.layers.initializers import INITIALIZERS
from netspec.similar_words import closest
from netspec.syntax import InitRule, Spec


class Rule(NamedTuple):
    """A rule of `init` with its arguments evaluated."""

    written: InitRule
    arguments: dict[str, object]
    by_op: bool
    """Whether its key is an op; otherwise it is a path."""


def chosen_rules(
    graph: Graph, spec: Spec, values: Values, reader: Reader
) -> dict[tuple[str, str], Rule]:
    """(path, parameter) to the rule that applies: the last match, a path over an op."""
    diagnostics = values.diagnostics
    written = [rule for file in (*_used(spec), spec) for rule in file.init]
    ops = {type(node.layer).__name__ for node in graph.nodes} if written else set()
    rules = [rule for w in written if (rule := _read(w, values, reader, ops)) is not None]
    if not rules:
        return {}
    chosen: dict[tuple[str, str], Rule] = {}
    index = _Index(rules)
    matched: set[InitRule] = set()
    for node in graph.nodes:
        candidates = index.of(node)
        for parameter, shape in node.parameters.items() if candidates else ():
            for rule in candidates:
                if _applies(rule, node, parameter, spec):
                    matched.add(rule.written)
                    _choose(chosen, rule, node, parameter, shape, diagnostics)
    for rule in rules:
        if rule.written not in matched and rule.written.file is spec and not diagnostics.failed:
            _unmatched(rule.written, graph, diagnostics)
    return chosen


class _Index:
    """The rules by possible matches, so that not every rule is compared with every node."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules
        self.exact: dict[str, list[int]] = {}
        """The places of rules in the list, by the op or the path without patterns that they name."""
        self.names_paths = not all(rule.by_op for rule in rules)
        self.patterns: list[int] = []
        for place, rule in enumerate(rules):
            target = rule.written.target.text
            if "*" in target:
                self.patterns.append(place)
            else:
                self.exact.setdefault(target, []).append(place)

    def of(self, node: Node) -> list[Rule]:
        """The rules that may match a node, in their order: a path of a used file begins at any level."""
        by_op = self.exact.get(type(node.layer).__name__, ())
        if not self.names_paths:
            return [self.rules[place] for place in by_op]
        places = [*self.patterns, *by_op]
        path, dot = node.path, "."
        while dot:
            places += self.exact.get(path, ())
            _, dot, path = path.partition(".")
        return [self.rules[place] for place in sorted(set(places))]


def _read(rule: InitRule, values: Values, reader: Reader, ops: set[str]) -> Rule | None:
    """The rule with its arguments, if its function exists and accepts them."""
    arguments = read_arguments(rule.function, rule.place, rule.arguments, values, reader)
    target = rule.target.text
    by_op = target in ops or layers.find(target) is not None
    return None if arguments is None else Rule(rule, arguments, by_op)


def _used(spec: Spec) -> list[Spec]:
    """The files that a file uses, directly or through others, each once."""
    specs: dict[Spec, None] = {}
    waiting = list(reversed(spec.uses.values()))
    while waiting:
        used = waiting.pop()
        if used not in specs:
            specs[used] = None
            waiting += reversed(used.uses.values())
    return list(specs)


def _choose(
    chosen: dict[tuple[str, str], Rule],
    rule: Rule,
    node: Node,
    parameter: str,
    shape: ConcreteShape,
    diagnostics: Diagnostics,
) -> None:
    before = chosen.get((node.path, parameter))
    if before is not None and rule.by_op and not before.by_op:
        return
    function = rule.written.function
    needs = INITIALIZERS[function]
    if not needs.fewest_axes <= len(shape) <= needs.most_axes:
        counted = f"{len(shape)} dimension{'s' * (len(shape) != 1)}"
        diagnostics.add(
            Diagnostic(
                Code.INIT,
                f"`{function}` cannot fill `{node.path}.{parameter}`, which has {counted}",
                rule.written.place.span,
                f"requires at least {needs.fewest_axes} dimensions",
                path=node.path,
            )
        )
        return
    chosen[node.path, parameter] = rule


def _applies(rule: Rule, node: Node, parameter: str, spec: Spec) -> bool:
    written = rule.written
    if written.parameter.text != parameter:
        return False
    level = _level_of(written, node.level) if written.file is not spec else None
    if written.file is not spec and level is None:
        return False
    if rule.by_op:
        return written.target.text == type(node.layer).__name__
    paths = [node.path] if level is None else [node.path[len(level.path) + 1 :], node.path]
    return any(matches(written.target.text, path) for path in paths)


def _level_of(rule: InitRule, level: Level) -> Level | None:
    """The innermost use of a block of the rule's file around a node: a library's rules stay with its blocks."""
    ancestor: Level | None = level
    while ancestor is not None:
        if ancestor.block is not None and ancestor.block.file is rule.file:
            return ancestor
        ancestor = ancestor.parent
    return None


def _unmatched(rule: InitRule, graph: Graph, diagnostics: Diagnostics) -> None:
    target, parameter = rule.target.text, rule.parameter.text
    ops = {type(n.layer).__name__ for n in graph.nodes if n.parameters}
    paths = [n.path for n in graph.nodes if n.parameters]
    here = [n for n in graph.nodes if type(n.layer).__name__ == target or matches(target, n.path)]
    if here:
        has = ", ".join(dict.fromkeys(p for n in here for p in n.parameters)) or "none"
        message = f"no node that matches `{target}` has a parameter `{parameter}`"
        help_, key = f"its parameters are: {has}", rule.parameter
    else:
        suggestion = closest(target, [*ops, *paths])
        message = f"`{target}` matches nothing in this network"
        help_, key = (
            (
                did_you_mean(suggestion)
                if suggestion
                else "write an op, or a path with the wildcards `*` and `**`"
            ),
            rule.target,
        )
    diagnostics.add(
        Diagnostic(Code.INIT, message, key.span, "no match", helps=(advice(help_, key.span),))
    )
