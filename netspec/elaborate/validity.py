"""After the walk: the sizes that the network is valid for, and the mistakes only the whole shows."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from netspec.diagnosis.in_place import report_overwritten
from netspec.diagnosis.lint_triggers import suspicious
from netspec.diagnosis.single_value_norm import check_training
from netspec.diagnostics import Code, Diagnostic, Help, Label, Severity
from netspec.dims import EVERY, Condition, Domain, symbols
from netspec.document import TextNode
from netspec.elaborate.scope import BodyScope, Reader
from netspec.graph.conditions import Fact
from netspec.graph.example_sizes import examples
from netspec.graph.typed_graph import Graph, Restriction
from netspec.record import replace
from netspec.syntax import Body, Spec

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter

_MOST_PLACES = 4
"""How many more places of one relation are shown."""


def conclude(graph: Graph, spec: Spec, interpreter: Interpreter) -> None:
    """Compute what depends on the whole graph, and report it."""
    conditions = interpreter.conditions
    names = {s for v in graph.inputs for size in v.shape or () for s in symbols(size)}
    graph.domains = {
        name: conditions.domains.get(name, EVERY).intersect(conditions.known.get(name, EVERY))
        for name in sorted(names)
    }
    graph.unproved = tuple(dict.fromkeys(condition for condition, _, _ in conditions.unproved))
    graph.restrictions = (
        *(Restriction(fact.path, fact.symbol, fact.domain) for fact in conditions.facts),
        *(Restriction(path, "", EVERY) for _, _, path in conditions.unproved),
    )
    possible = _report_sizes(spec, interpreter, graph.domains)
    graph.examples = dict.fromkeys(names, 1)
    if possible:
        graph.examples = examples(spec, graph.domains, graph.unproved)
        _check_related_examples(spec, interpreter, graph)
    report_overwritten(graph, interpreter.diagnostics)
    graph.training = check_training(graph, interpreter.diagnostics)
    if not interpreter.diagnostics.failed and suspicious(graph):
        from netspec.diagnosis.lints import lint

        related = frozenset(p for _, place, p in conditions.unproved if place is not None)
        for diagnostic in lint(graph, related):
            interpreter.diagnostics.add(diagnostic)
    frame = BodyScope(graph.root, (), spec, graph.root.env, None, Body((), spec.root))
    reader = Reader(frame, graph.root.env, (), {})
    if spec.init or spec.uses:
        from netspec.elaborate.initialization import chosen_rules

        graph.init = chosen_rules(graph, spec, interpreter.values, reader)
    if spec.budget and not interpreter.diagnostics.failed:
        from netspec.elaborate.budget import check_budget

        check_budget(graph, spec, interpreter, reader)


# ---- sizes --------------------------------------------------------------------------------------


def _report_sizes(spec: Spec, interpreter: Interpreter, domains: dict[str, Domain]) -> bool:
    """Report the conditions that a user must know; False if no size is valid."""
    facts = sorted(interpreter.conditions.facts, key=lambda f: f.symbol)
    impossible = {name for name, domain in domains.items() if domain.empty}
    for name in sorted(impossible):
        _never(name, [f for f in facts if f.symbol == name], interpreter)
    promised = {name for name, dim in spec.dims.items() if dim.declared}
    reportable = [f for f in facts if f.symbol not in impossible]
    for name in sorted(promised):
        if own := _one_a_place([f for f in reportable if f.symbol == name]):
            _not_covered(own, interpreter, spec)
    reportable = [f for f in reportable if f.symbol not in promised]
    settled = impossible | {f.symbol for f in facts if f.symbol in promised}
    wrong = _check_examples(spec, interpreter, domains, settled, reportable)
    reportable = [f for f in reportable if f.symbol not in wrong and not f.lower_bound]
    _conditional(reportable, interpreter, domains, spec)
    _unproved(interpreter)
    return not impossible


def _unproved(interpreter: Interpreter) -> None:
    """Relations between several symbols, each once, with all the steps that require it."""
    places: dict[Condition, list[tuple[TextNode, str]]] = {}
    for condition, place, path in interpreter.conditions.unproved:
        if place is not None:
            places.setdefault(condition, []).append((place, path))
    for condition, needed in places.items():
        (first, path), *_ = needed
        others = {p.start: p for p, _ in needed if p.start != first.start}
        interpreter.diagnostics.add(
            Diagnostic(
                Code.UNPROVED,
                f"valid only where {condition}",
                first.span,
                "depends on several sizes",
                tuple(Label(p.span, "and here") for p in list(others.values())[:_MOST_PLACES]),
                helps=_batch_first(interpreter, path)
                or _broadcast(interpreter, path)
                or _other_sides(interpreter, path),
                severity=Severity.WARNING,
                path=path,
            )
        )


def _batch_first(interpreter: Interpreter, path: str) -> tuple[Help, ...]:
    """The edit `batch_first: true`, if it makes a relation unnecessary."""
    from netspec.diagnosis.batch_first import batch_first_help
    from netspec.diagnosis.exchanged_batch import exchanged_batch

    nodes = (n for n in interpreter.nodes if n.path == path and n.layer is not None and n.known)
    helps = (batch_first_help(node) or exchanged_batch(node) for node in nodes)
    return tuple(h for h in helps if h is not None)


def _other_sides(interpreter: Interpreter, path: str) -> tuple[Help, ...]:
    """The size of the input for which a layer declares its number of features."""
    from netspec.diagnosis.declared_size import fitting_inputs

    nodes = (n for n in interpreter.nodes if n.path == path and n.op == "Linear" and n.known)
    return tuple(h for node in nodes for h in fitting_inputs(node))[:1]


def _never(name: str, facts: list[Fact], interpreter: Interpreter) -> None:
    first, *rest = facts
    labels = tuple(Label(f.place.span, f.text) for f in _one_a_place(rest))
    interpreter.diagnostics.add(
        Diagnostic(
            Code.NEVER,
            f"no size {name} fits: the conditions contradict each other",
            first.place.span,
            first.text,
            labels,
            path=first.path,
        )
    )


def _not_covered(facts: list[Fact], interpreter: Interpreter, spec: Spec) -> None:
    """Report a declared size that the network does not accept, at the strictest step."""
    needed = _whole(facts)
    fact = next((f for f in facts if f.domain == needed), facts[-1])
    others = [f for f in facts if f is not fact and fact.domain != needed]
    dim = spec.dims[fact.symbol]
    allowed = interpreter.conditions.known[fact.symbol]
    wrong = next(
        (v for v in range(dim.least, dim.least + 10_000) if v in allowed and v not in needed),
        None,
    )
    example = f" {fact.symbol} = {wrong}" if wrong is not None else " other sizes"
    interpreter.diagnostics.add(
        Diagnostic(
            Code.DECLARED,
            f"`dims` allows{example}, but `{fact.path}` requires "
            f"{_within(needed, allowed).describe(fact.symbol)}",
            fact.place.span,
            fact.text,
            (
                Label(dim.place.span, "declared here"),
                *(Label(f.place.span, f"and here {f.text}") for f in others),
            ),
            helps=_alternatives(
                _open_length(interpreter, [fact], [fact.symbol]),
                (_declaration(spec, fact.symbol, needed.intersect(allowed)),),
            ),
            path=fact.path,
        )
    )


def _within(needed: Domain, allowed: Domain) -> Domain:
    """The required multiples within the allowed sizes."""
    both = needed.intersect(allowed)
    return needed if both.empty or both.residues != frozenset({0}) else both


def _conditional(
    facts: list[Fact], interpreter: Interpreter, domains: dict[str, Domain], spec: Spec
) -> None:
    """Report validity that is more than a minimum: one warning for all symbols with the same condition."""
    by_symbol = {s: list(group) for s, group in groupby(facts, key=lambda f: f.symbol)}
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, own in by_symbol.items():
        description = (_whole(own).describe("?"), *(f.place.span.where for f in _one_a_place(own)))
        groups.setdefault(description, []).append(name)
    for names in groups.values():
        own = _one_a_place(by_symbol[names[0]])
        what = _whole(by_symbol[names[0]]).describe(" and ".join(names))
        *rest, last = own
        helps = _preserves_batch(interpreter, last.path, names)
        helps = helps or _alternatives(
            _open_length(interpreter, own, names), _fixes(names, domains, spec)
        )
        interpreter.diagnostics.add(
            Diagnostic(
                Code.CONDITION,
                f"valid only for {what}",
                last.place.span,
                f"here {last.text}",
                tuple(Label(f.place.span, f"and here {f.text}") for f in rest),
                helps=helps,
                severity=Severity.WARNING,
                path=last.path,
            )
        )


def _preserves_batch(interpreter: Interpreter, path: str, names: list[str]) -> tuple[Help, ...]:
    from netspec.diagnosis.mixed_batch import preserves_batch, table_expanded

    if helps := preserves_batch(interpreter.nodes, path, names):
        return helps
    expanded = table_expanded(interpreter.nodes, path, names)
    return _broadcast(interpreter, path) if expanded is None else (expanded,)


def _broadcast(interpreter: Interpreter, path: str) -> tuple[Help, ...]:
    """`keepdim: true`, where a join reads a reduced tensor on the wrong dimensions."""
    from netspec.diagnosis.dropped_dimension import dropped_dimension
    from netspec.diagnosis.vector_with_map import vector_with_sides

    nodes = [n for n in interpreter.nodes if n.path == path]
    dropped = [h for node in nodes if (h := dropped_dimension(node)) is not None]
    return tuple(dropped or (h for node in nodes for h in vector_with_sides(node)))[:1]


def _open_length(interpreter: Interpreter, facts: list[Fact], names: list[str]) -> tuple[Help, ...]:
    """The reason for an open size, if a fixed size requires it to be one number."""
    from netspec.diagnosis.fixed_length import open_length_helps

    fixing = [f for f in facts if f.domain.only() is not None]
    return open_length_helps(interpreter.nodes, fixing[-1].path, names) if fixing else ()


def _alternatives(first: tuple[Help, ...], others: tuple[Help, ...]) -> tuple[Help, ...]:
    return (*first, *(replace(h, text=f"or {h.text}") for h in others)) if first else others


def _fixes(names: list[str], domains: dict[str, Domain], spec: Spec) -> tuple[Help, ...]:
    """The text that makes the condition decidable."""
    from netspec.diagnosis.dims_edits import declared, dims_entry, fixed, promise

    exact = {n: domains[n].lo for n in names if domains[n].hi == domains[n].lo}
    if exact:
        written = " and ".join(f"{v} instead of {n}" for n, v in exact.items())
        return (Help(f"write {written} in `inputs`", fixed(spec, exact), safe=False),)
    if any(domains[n].values is not None or 0 not in domains[n].residues for n in names):
        return ()
    promises = {n: promise(domains[n]) for n in names}
    entries = ", ".join(dims_entry(n, entry) for n, entry in promises.items())
    wider = any(domains[n].residues - {0} for n in names)
    lead = "declare the multiples" if wider else "declare it"
    text = f"{lead}; the compiled module will enforce it: `dims: {{{entries}}}`"
    return (Help(text, declared(spec, promises), safe=False),)


def _whole(facts: list[Fact]) -> Domain:
    domain = EVERY
    for fact in facts:
        domain = domain.intersect(fact.domain)
    return domain


def _one_a_place(facts: list[Fact]) -> list[Fact]:
    facts_by_place: dict[tuple[int, int, str], Fact] = {}
    for fact in facts:
        facts_by_place.setdefault((fact.place.start, fact.place.end, ""), fact)
    return list(facts_by_place.values())


def _declaration(spec: Spec, name: str, domain: Domain) -> Help:
    """The entry of `dims` that declares the condition."""
    from netspec.diagnosis.dims_edits import declared, dims_entry, promise

    entry = promise(domain) if not domain.empty else {}
    return Help(
        f"declare it: `{dims_entry(name, entry)}`", declared(spec, {name: entry}), safe=False
    )


def _check_examples(
    spec: Spec,
    interpreter: Interpreter,
    domains: dict[str, Domain],
    settled: set[str],
    facts: list[Fact],
) -> set[str]:
    """Warn of examples for which the network is not valid, with the reason; returns their symbols.

    It is no error: an example decides nothing, and tables use a size that is valid.
    """
    wrong = {
        name: dim.example
        for name, dim in spec.dims.items()
        if name in domains and name not in settled and dim.example is not None
        if dim.example not in domains[name]
    }
    if not wrong:
        return set()
    example_text = " and ".join(f"{name} = {example}" for name, example in wrong.items())
    condition_text = " and ".join(domains[name].describe(name) for name in wrong)
    some = "the examples {} are" if len(wrong) > 1 else "the example {} is"
    causes = [f for f in facts if f.symbol in wrong and wrong[f.symbol] not in f.domain]
    first, *others = [(d.node or d.place).span for n, d in spec.dims.items() if n in wrong]
    valid = examples(spec, {name: domains[name] for name in wrong})
    used = " and ".join(f"{name} = {size}" for name, size in valid.items())
    interpreter.diagnostics.add(
        Diagnostic(
            Code.DECLARED,
            f"{some.format(example_text)} not valid: {condition_text}",
            first,
            "not valid",
            (
                *(Label(span, "nor is this") for span in others),
                *(Label(f.place.span, f.text) for f in _one_a_place(causes)[:1]),
            ),
            helps=(Help(f"tables and costs use {used} instead"),),
            severity=Severity.WARNING,
        )
    )
    return set(wrong)


def _check_related_examples(spec: Spec, interpreter: Interpreter, graph: Graph) -> None:
    """Warn of examples that are valid one by one, but not together."""
    replaced = {
        name: dim.example
        for name, dim in spec.dims.items()
        if dim.example is not None and name in graph.domains
        if dim.example in graph.domains[name] and dim.example != graph.examples[name]
    }
    if not replaced:
        return
    example_text = " and ".join(f"{name} = {example}" for name, example in replaced.items())
    used = " and ".join(f"{name} = {graph.examples[name]}" for name in replaced)
    first, *others = [spec.dims[name].node or spec.dims[name].place for name in replaced]
    some = "the examples {} are" if len(replaced) > 1 else "the example {} is"
    interpreter.diagnostics.add(
        Diagnostic(
            Code.DECLARED,
            f"{some.format(example_text)} not valid: {' and '.join(map(str, graph.unproved))}",
            first.span,
            "not valid",
            tuple(Label(place.span, "nor is this") for place in others),
            helps=(Help(f"tables and costs use {used} instead"),),
            severity=Severity.WARNING,
        )
    )
