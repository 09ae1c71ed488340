"""Which rule of `init` starts which parameter."""

from __future__ import annotations

import re
from typing import NamedTuple

from netspec import layers
from netspec.diagnostics import Code, Diagnostic, Findings, Help, closest
from netspec.elaborate.graph import Graph, Level, Node
from netspec.layers.base import Axes
from netspec.spec import InitRule, Spec


class Initializer(NamedTuple):
    """What a function of `torch.nn.init` takes besides the tensor, and which tensors."""

    arguments: tuple[str, ...]
    required: tuple[str, ...] = ()
    fewest_axes: int = 0
    most_axes: int = 99


_KAIMING = Initializer(("a", "mode", "nonlinearity"), fewest_axes=2)
_XAVIER = Initializer(("gain",), fewest_axes=2)

INITIALIZERS = {
    "constant_": Initializer(("val",), ("val",)),
    "dirac_": Initializer(("groups",), fewest_axes=3, most_axes=5),
    "eye_": Initializer((), fewest_axes=2, most_axes=2),
    "kaiming_normal_": _KAIMING,
    "kaiming_uniform_": _KAIMING,
    "normal_": Initializer(("mean", "std")),
    "ones_": Initializer(()),
    "orthogonal_": Initializer(("gain",), fewest_axes=2),
    "sparse_": Initializer(("sparsity", "std"), ("sparsity",), fewest_axes=2, most_axes=2),
    "trunc_normal_": Initializer(("mean", "std", "a", "b")),
    "uniform_": Initializer(("a", "b")),
    "xavier_normal_": _XAVIER,
    "xavier_uniform_": _XAVIER,
    "zeros_": Initializer(()),
}
"""The functions of `torch.nn.init` that fill a tensor; a test holds the table against torch."""


def initialization(
    graph: Graph, spec: Spec, findings: Findings
) -> dict[tuple[str, str], InitRule]:
    """(path, parameter) to the rule that applies: the last match, a path over an op."""
    files = [spec, *_used(spec)]
    rules = [rule for file in files for rule in file.init if _sound(rule, findings)]
    if not rules:
        return {}
    chosen: dict[tuple[str, str], InitRule] = {}
    matched: set[int] = set()
    for node in graph.nodes:
        for parameter, shape in node.parameters.items():
            for rule in rules:
                if _applies(rule, node, parameter, spec):
                    matched.add(id(rule))
                    _choose(chosen, rule, node, parameter, shape, findings)
    for rule in rules:
        if id(rule) not in matched and rule.file is spec:
            _unmatched(rule, graph, findings)
    return chosen


def _used(spec: Spec) -> list[Spec]:
    found: dict[int, Spec] = {}
    for used in spec.uses.values():
        found[id(used)] = used
        found.update({id(u): u for u in _used(used)})
    return list(found.values())


def _choose(
    chosen: dict[tuple[str, str], InitRule], rule: InitRule, node: Node, parameter: str, shape: Axes,
    findings: Findings,
) -> None:  # fmt: skip
    before = chosen.get((node.path, parameter))
    if before is not None and by_op(rule) and not by_op(before):
        return
    needs = INITIALIZERS[rule.function]
    if not needs.fewest_axes <= len(shape) <= needs.most_axes:
        findings.add(
            Diagnostic(
                Code.INIT, f"`{rule.function}` cannot fill `{node.path}.{parameter}`, which has {len(shape)} axis"
                if len(shape) == 1 else f"`{rule.function}` cannot fill `{node.path}.{parameter}`, which has {len(shape)} axes",
                rule.place.span, f"needs at least {needs.fewest_axes}", path=node.path,
            )
        )  # fmt: skip
        return
    chosen[node.path, parameter] = rule


def by_op(rule: InitRule) -> bool:
    """Whether the rule's key is an op; otherwise it is a path."""
    return layers.find(rule.target.text) is not None


def _applies(rule: InitRule, node: Node, parameter: str, spec: Spec) -> bool:
    if rule.parameter.text != parameter:
        return False
    level = _level_of(rule, node.level) if rule.file is not spec else None
    if rule.file is not spec and level is None:
        return False
    if by_op(rule):
        return rule.target.text == type(node.layer).__name__
    paths = [node.path] if level is None else [node.path[len(level.path) + 1 :], node.path]
    return any(_pattern(rule.target.text).fullmatch(path) for path in paths)


def _level_of(rule: InitRule, level: Level) -> Level | None:
    """The innermost use of a block of the rule's file around a node: a library's rules stay with its blocks."""
    at: Level | None = level
    while at is not None:
        if at.block is not None and at.block.file is rule.file:
            return at
        at = at.parent
    return None


def _pattern(text: str) -> re.Pattern[str]:
    """`*` within a level, `**` across levels.

    >>> bool(_pattern("**.bn3").fullmatch("layer1.0.bn3")), bool(_pattern("*.bn").fullmatch("a.b.bn"))
    (True, False)
    """
    parts = re.split(r"(\*\*\.|\*\*|\*)", text)
    said = {"**.": r"(?:.*\.)?", "**": r".*", "*": r"[^.]*"}
    return re.compile("".join(said.get(part, re.escape(part)) for part in parts), re.DOTALL)


def _sound(rule: InitRule, findings: Findings) -> bool:
    """Whether the function exists and takes these arguments."""
    known = INITIALIZERS.get(rule.function)
    if known is None:
        meant = closest(rule.function, INITIALIZERS)
        help_ = f"did you mean `{meant}`?" if meant else f"they are: {', '.join(INITIALIZERS)}"
        findings.add(
            Diagnostic(
                Code.INIT, f"torch.nn.init has no function `{rule.function}`", rule.place.span,
                "unknown function", helps=(Help(help_),),
            )
        )  # fmt: skip
        return False
    wrong = [a for a in rule.arguments if a not in known.arguments]
    missing = [a for a in known.required if a not in rule.arguments]
    if not wrong and not missing:
        return True
    problem = f"has no argument `{wrong[0]}`" if wrong else f"needs `{missing[0]}`"
    meant = closest(wrong[0], known.arguments) if wrong else None
    takes = ", ".join(known.arguments) or "none"
    findings.add(
        Diagnostic(
            Code.INIT, f"`{rule.function}` {problem}", rule.place.span, "",
            helps=(Help(f"did you mean `{meant}`?" if meant else f"its arguments are: {takes}"),),
        )
    )  # fmt: skip
    return False


def _unmatched(rule: InitRule, graph: Graph, findings: Findings) -> None:
    target, parameter = rule.target.text, rule.parameter.text
    ops = {type(n.layer).__name__ for n in graph.nodes if n.parameters}
    paths = [n.path for n in graph.nodes if n.parameters]
    here = [
        n for n in graph.nodes
        if type(n.layer).__name__ == target or _pattern(target).fullmatch(n.path)
    ]  # fmt: skip
    if here:
        has = ", ".join(dict.fromkeys(p for n in here for p in n.parameters)) or "none"
        message = f"nothing that `{target}` matches has a parameter `{parameter}`"
        help_, at = f"its parameters are: {has}", rule.parameter
    else:
        meant = closest(target, [*ops, *paths])
        message = f"`{target}` matches nothing in this network"
        help_, at = (f"did you mean `{meant}`?" if meant else "a key is an op, or a path in which `*` and `**` match"), rule.target
    findings.add(Diagnostic(Code.INIT, message, at.span, "no match", helps=(Help(help_),)))
