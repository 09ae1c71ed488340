"""After the walk: the sizes that the network is valid for, and the mistakes only the whole shows."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Diagnostic, Help, Label
from netspec.dims import EVERY, Domain, symbols
from netspec.elaborate.budget import check_budget
from netspec.elaborate.conditions import Fact
from netspec.elaborate.graph import Graph
from netspec.elaborate.initialization import initialization
from netspec.elaborate.overwriting import report_overwritten
from netspec.elaborate.scope import Reader
from netspec.elaborate.training import check_training
from netspec.spec import Body, Spec

if TYPE_CHECKING:
    from netspec.elaborate.walk import Walk

_CUSTOMARY = 224
"""The size that costs are quoted at where the file gives no example: ImageNet's."""


def conclude(graph: Graph, spec: Spec, walk: Walk) -> None:
    """Fill in what the whole graph decides, and report what it shows."""
    conditions = walk.conditions
    names = {s for v in graph.inputs for size in v.shape or () for s in symbols(size)}
    graph.domains = {
        name: conditions.domains.get(name, EVERY).intersect(conditions.known.get(name, EVERY))
        for name in sorted(names)
    }
    graph.unproved = tuple(dict.fromkeys(text for text, _, _ in conditions.unproved))
    possible = _report_sizes(spec, walk, graph.domains)
    graph.examples = _examples(spec, graph.domains) if possible else dict.fromkeys(names, 1)
    report_overwritten(graph, walk.findings)
    graph.training = check_training(graph, walk.findings)
    frame = walk.frame(graph.root, (), spec, graph.root.env, None, Body((), spec.root))
    reader = Reader(frame, graph.root.env, (), {})
    graph.init = initialization(graph, spec, walk.values, reader)
    if spec.budget and not walk.findings.failed:
        check_budget(graph, spec, walk, reader)


def _examples(spec: Spec, domains: dict[str, Domain]) -> dict[str, int]:
    found = {}
    for name, domain in domains.items():
        declared = spec.dims[name].example if name in spec.dims else None
        larger = domain.intersect(Domain.at_least(1 if name in ("N", "B") else _CUSTOMARY))
        found[name] = declared or (domain if larger.empty else larger).smallest()
    return found


# ---- sizes --------------------------------------------------------------------------------------


def _report_sizes(spec: Spec, walk: Walk, domains: dict[str, Domain]) -> bool:
    """Report the conditions that a user must know of; False where no size at all is valid."""
    facts = sorted(walk.conditions.facts, key=lambda f: f.symbol)
    impossible = {name for name, domain in domains.items() if domain.empty}
    for name in sorted(impossible):
        _never(name, [f for f in facts if f.symbol == name], walk)
    declared = {name for name, dim in spec.dims.items() if dim.declared}
    told = [f for f in facts if f.symbol not in impossible]
    for name in sorted(declared):
        if own := _one_a_place([f for f in told if f.symbol == name]):
            _not_covered(own, walk, spec)
    told = [f for f in told if f.symbol not in declared]
    settled = impossible | {f.symbol for f in facts if f.symbol in declared}
    wrong = _check_examples(spec, walk, domains, settled, told)
    told = [f for f in told if f.symbol not in wrong and not f.lower_bound]
    _conditional(told, walk, domains)
    for text, place, path in walk.conditions.unproved:
        if place is None:
            continue
        walk.findings.add(
            Diagnostic(
                Code.UNPROVED,
                f"valid only where {text}",
                place.span,
                "hangs on several sizes at once",
                severity="warning",
                path=path,
            )
        )
    return not impossible


def _never(name: str, facts: list[Fact], walk: Walk) -> None:
    first, *rest = facts
    labels = tuple(Label(f.place.span, f.text) for f in _one_a_place(rest))
    walk.findings.add(
        Diagnostic(
            Code.NEVER,
            f"no size {name} fits: the conditions contradict each other",
            first.place.span,
            first.text,
            labels,
            path=first.path,
        )
    )


def _not_covered(facts: list[Fact], walk: Walk, spec: Spec) -> None:
    """A declared size that the network does not take, said where most is needed."""
    needed = _whole(facts)
    fact = next((f for f in facts if f.domain == needed), facts[-1])
    others = [f for f in facts if f is not fact and fact.domain != needed]
    dim = spec.dims[fact.symbol]
    allowed = walk.conditions.known[fact.symbol]
    wrong = next(
        (v for v in range(dim.least, dim.least + 10_000) if v in allowed and v not in needed),
        None,
    )
    example = f" {fact.symbol} = {wrong}" if wrong is not None else " other sizes"
    walk.findings.add(
        Diagnostic(
            Code.DECLARED,
            f"`dims` allows{example}, but `{fact.path}` needs {needed.describe(fact.symbol)}",
            fact.place.span,
            fact.text,
            (
                Label(dim.place.span, "declared here"),
                *(Label(f.place.span, f"and here {f.text}") for f in others),
            ),
            helps=(Help(f"declare it: `{_declaration(fact.symbol, needed.intersect(allowed))}`"),),
            path=fact.path,
        )
    )


def _conditional(facts: list[Fact], walk: Walk, domains: dict[str, Domain]) -> None:
    """Validity that hangs on more than a least size: one warning for all symbols that say the same."""
    by_symbol = {s: list(group) for s, group in groupby(facts, key=lambda f: f.symbol)}
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, own in by_symbol.items():
        said = (_whole(own).describe("?"), *(f.place.span.where for f in _one_a_place(own)))
        groups.setdefault(said, []).append(name)
    for names in groups.values():
        own = _one_a_place(by_symbol[names[0]])
        what = _whole(own).describe(" and ".join(names))
        *rest, last = own
        helps = _mends(names, domains)
        walk.findings.add(
            Diagnostic(
                Code.CONDITION,
                f"valid only for {what}",
                last.place.span,
                f"here {last.text}",
                tuple(Label(f.place.span, f"and here {f.text}") for f in rest),
                helps=helps,
                severity="warning",
                path=last.path,
            )
        )


def _mends(names: list[str], domains: dict[str, Domain]) -> tuple[Help, ...]:
    """What to write so that the condition is known."""
    exact = {n: domains[n].lo for n in names if domains[n].hi == domains[n].lo}
    if exact:
        return (
            Help(
                f"write {' and '.join(f'{v} in place of {n}' for n, v in exact.items())} in `inputs`"
            ),
        )
    if any(domains[n].values is not None or domains[n].residues - {0} for n in names):
        return ()
    declare = ", ".join(_declaration(n, domains[n]) for n in names)
    return (
        Help(
            f"declare it, so that a compiled module holds its caller to it: `dims: {{{declare}}}`"
        ),
    )


def _whole(facts: list[Fact]) -> Domain:
    domain = EVERY
    for fact in facts:
        domain = domain.intersect(fact.domain)
    return domain


def _one_a_place(facts: list[Fact]) -> list[Fact]:
    found: dict[tuple[int, int, str], Fact] = {}
    for fact in facts:
        found.setdefault((fact.place.start, fact.place.end, ""), fact)
    return list(found.values())


def _declaration(name: str, domain: Domain) -> str:
    parts = []
    if domain.modulus > 1 and domain.residues == frozenset({0}):
        parts.append(f"multiple_of: {domain.modulus}")
    if domain.lo > max(1, domain.modulus):
        parts.append(f"min: {domain.smallest()}")
    if domain.hi is not None:
        parts.append(f"max: {domain.hi}")
    return f"{name}: {{{', '.join(parts)}}}" if parts else f"{name}: …"


def _check_examples(
    spec: Spec, walk: Walk, domains: dict[str, Domain], settled: set[str], facts: list[Fact]
) -> set[str]:
    """Report examples for which the network is not valid, with what rules them out; gives their symbols."""
    wrong = {
        name: dim.example
        for name, dim in spec.dims.items()
        if name in domains and name not in settled and dim.example is not None
        if dim.example not in domains[name]
    }
    if not wrong:
        return set()
    given = " and ".join(f"{name} = {example}" for name, example in wrong.items())
    wanted = " and ".join(domains[name].describe(name) for name in wrong)
    some = "the examples {} are" if len(wrong) > 1 else "the example {} is"
    causes = [f for f in facts if f.symbol in wrong and wrong[f.symbol] not in f.domain]
    first, *others = [(d.node or d.place).span for n, d in spec.dims.items() if n in wrong]
    walk.findings.add(
        Diagnostic(
            Code.DECLARED,
            f"{some.format(given)} not valid: {wanted}",
            first,
            "not valid",
            (
                *(Label(span, "nor is this") for span in others),
                *(Label(f.place.span, f.text) for f in _one_a_place(causes)[:1]),
            ),
        )
    )
    return set(wrong)
