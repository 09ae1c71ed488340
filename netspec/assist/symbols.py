"""Declarations and uses of names: definition, references, and a rename that changes nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator

from netspec.assist.cursor import CursorContext, place_at, scalars
from netspec.check import Report
from netspec.compare import Facts, difference, facts
from netspec.compare.renames import renamed_path, renames
from netspec.diagnostics import Edit, Source, Span
from netspec.document import Mapping, Scalar, TextNode
from netspec.fix import spliced
from netspec.record import record, replace
from netspec.syntax import Step

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_READS = ("from", "outputs", "share")


class RenameError(Exception):
    """A rename that cannot be, and why."""


@record(frozen=True, slots=True)
class DeclaredName:
    """A name that is declared in the file, and all its occurrences."""

    kind: str
    """`step`, `block`, `parameter`, `input`, `preset` or `file`."""
    text: str
    declared: Span
    uses: tuple[Span, ...]


def definition(report: Report, offset: int) -> Span | None:
    """The declaration of the symbol at an offset; it may be in another file."""
    place = place_at(report, offset)
    if place is None:
        return None
    if (elsewhere := _in_used_file(report, place)) is not None:
        return elsewhere
    name = name_at(report, offset)
    return name.declared if name is not None else None


def name_at(report: Report, offset: int) -> DeclaredName | None:
    """The name that is at an offset, with all places of it."""
    place = place_at(report, offset)
    if place is None or report.spec is None:
        return None
    word = place.word.partition(".")[0]
    for rule in (_block, _step, _parameter, _input, _preset):
        name = rule(report, place, word)
        if name is not None:
            return name
    return None


def rename(report: Report, offset: int, new: str, check: Callable[[str], Report]) -> list[Edit]:
    """The edits that rename a symbol and all references to it. Raises `RenameError`.

    They are tried first: the network must stay the same but for its names, and no diagnostic may be new.
    """
    name = name_at(report, offset)
    if name is None:
        raise RenameError("no name to change here")
    if not _NAME.fullmatch(new) or (name.kind != "step" and "-" in new):
        raise RenameError(f"`{new}` is not a name")
    edits = [Edit(span, new) for span in dict.fromkeys((name.declared, *name.uses))]
    source = report.document.source
    text, _ = spliced(source.text, [(edit,) for edit in edits])
    after = check(text)
    if (message := _new_diagnostic(report, after, name.text, new)) is not None:
        raise RenameError(f"`{name.text}` cannot be renamed to `{new}`: {message}")
    if report.graph is not None and after.graph is not None:
        before, now = _called(facts(report.graph), name, new), facts(after.graph)
        changed = difference(before, now)
        names = renames(before.nodes, now.nodes)
        makers = [renamed_path(path, names) for _, path in before.made_by]
        same_outputs = makers == [path for _, path in now.made_by]
        if changed.added or changed.removed or changed.changed or not same_outputs:
            raise RenameError(
                f"`{name.text}` cannot be renamed to `{new}`: the change alters the network"
            )
    return edits


def _new_diagnostic(before: Report, after: Report, old: str, new: str) -> str | None:
    """The first message of `after` that is not one of `before` with the new name instead of the old one."""
    word = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
    known = Counter((d.code, d.message) for d in before.diagnostics)
    for diagnostic in after.diagnostics:
        same = next(
            (key for key in known if key[0] == diagnostic.code
             and diagnostic.message in (key[1], word.sub(new, key[1]))), None,
        )  # fmt: skip
        if same is None:
            return diagnostic.message
        known -= Counter([same])
    return None


def _called(network: Facts, name: DeclaredName, new: str) -> Facts:
    """The facts of a network as they are when an input has another name."""
    if name.kind != "input":
        return network
    nodes = [
        replace(n, inputs=tuple(new if i == name.text else i for i in n.inputs))
        for n in network.nodes
    ]
    made_by = tuple((n, new if path == name.text else path) for n, path in network.made_by)
    return replace(network, nodes=tuple(nodes), made_by=made_by)


# ---- what a name may be ------------------------------------------------------------------------------


def _in_used_file(report: Report, place: CursorContext) -> Span | None:
    """`alias.Block`, and the file of an alias."""
    spec = report.spec
    if spec is None:
        return None
    alias, dot, block = place.word.partition(".")
    used = spec.uses.get(alias)
    if used is None:
        return None
    if dot and block in used.blocks:
        return used.blocks[block].place.span
    if place.keys[:1] == ("use",):
        return Span(used.document.source, 0, 0)
    return None


def _block(report: Report, place: CursorContext, word: str) -> DeclaredName | None:
    assert report.spec is not None
    block = report.spec.blocks.get(word)
    if block is None or not (_says_op(place) or place.scalar is block.place):
        return None
    uses = [
        span
        for scalar, keys, is_key in scalars(report.document.root)
        if not is_key and keys[:1] != ("use",) and _may_be_op(keys)
        for span in _words(scalar, word)
    ]
    return DeclaredName("block", word, block.place.span, tuple(uses))


def _says_op(place: CursorContext) -> bool:
    step = place.step
    return (step is not None and step.op is place.scalar) or place.keys[:1] in (
        ("params",),
        ("presets",),
    )


def _may_be_op(keys: tuple[str, ...]) -> bool:
    return bool(keys) and keys[-1] not in ("doc", *_READS)


def _step(report: Report, place: CursorContext, word: str) -> DeclaredName | None:
    """A step of the body that the place is in, or of one around it."""
    assert report.spec is not None
    body = place.block.body if place.block is not None else report.spec.body
    reads = bool(set(place.keys) & set(_READS))
    step = place.step
    named = step is not None and step.name is not None and place.scalar is step.place
    expression = not place.is_key and "." in place.word and word not in ("x", "input", "inputs")
    in_formula = step is not None and step.op is place.scalar and _is_formula(place.scalar)
    if body is None or not (reads or named or expression or in_formula):
        return None
    declared = next((s for s in body.walk() if s.fixed == word and s.name is not None), None)
    if declared is None:
        return None
    around: TextNode = (
        place.block.body.node if place.block is not None else report.document.root or body.node
    )
    formulas = _formulas(report)
    uses = [
        span
        for key, node in _scope(place, around)
        for span in _references(node, word, key, formulas)
    ]
    return DeclaredName("step", word, _name_span(declared), tuple(uses))


def _scope(place: CursorContext, around: TextNode) -> Iterator[tuple[str, TextNode]]:
    """The places that may refer to a step: its body, and the outputs of that; each with its key."""
    if place.block is None and isinstance(around, Mapping):
        for key in ("body", "outputs", "init"):
            if (node := around.get(key)) is not None:
                yield key, node
        return
    yield "body", around
    if place.block is not None and place.block.outputs is not None:
        yield "outputs", place.block.outputs


def _is_formula(scalar: Scalar) -> bool:
    return scalar.text[:1] == "="


def _formulas(report: Report) -> set[Scalar]:
    """The steps of a file that are formulas, or expressions for an op."""
    assert report.spec is not None
    return {s.op for s in report.spec.walk() if s.op is not None and _is_formula(s.op)}


def _references(node: TextNode, word: str, key: str, formulas: Container[Scalar]) -> Iterator[Span]:
    for scalar, keys, is_key in scalars(node, (key,)):
        if is_key or (keys[-1] in ("doc", "op") and scalar not in formulas):
            continue
        reads = bool(set(keys) & set(_READS)) or scalar in formulas
        for span in _words(scalar, word):
            dotted = scalar.source.text[span.end : span.end + 1] == "."
            if reads or dotted:
                yield span


def _name_span(step: Step) -> Span:
    return step.place.span


def _parameter(report: Report, place: CursorContext, word: str) -> DeclaredName | None:
    assert report.spec is not None
    own = place.block.parameters if place.block is not None else {}
    if (use := _argument_of_block(report, place)) is not None:
        return use
    declared = own.get(word) or report.spec.parameters.get(word)
    if declared is None:
        declared = next(
            (
                p
                for b in report.spec.blocks.values()
                for p in b.parameters.values()
                if p.place is place.scalar
            ),
            None,
        )
    if declared is None:
        return None
    block = next(
        (b for b in report.spec.blocks.values() if declared in b.parameters.values()), None
    )
    spans = [
        *_in_expressions(
            report, block.body.node if block else report.document.root, word, block is None
        )
    ]
    if block is not None:
        spans += [
            k.span for s in _uses_of(report, block.name) for k, _ in s.arguments if k.text == word
        ]
    else:
        spans += [k.span for k, keys, is_key in scalars(report.document.root) if is_key and k.text == word
                  and keys[:1] == ("presets",) and len(keys) == 2]  # fmt: skip
    return DeclaredName("parameter", word, declared.place.span, tuple(spans))


def _argument_of_block(report: Report, place: CursorContext) -> DeclaredName | None:
    """`width:` where a block is used."""
    assert report.spec is not None
    step = place.step
    if not place.is_key or step is None or step.op is None:
        return None
    block = report.spec.blocks.get(step.op.text)
    declared = block.parameters.get(place.scalar.text) if block is not None else None
    if declared is None or block is None:
        return None
    spans = [*_in_expressions(report, block.body.node, declared.name, False)]
    spans += [
        k.span
        for s in _uses_of(report, block.name)
        for k, _ in s.arguments
        if k.text == declared.name
    ]
    return DeclaredName("parameter", declared.name, declared.place.span, tuple(spans))


def _uses_of(report: Report, block: str) -> Iterator[Step]:
    """The steps that use a block."""
    assert report.spec is not None
    return (s for s in report.spec.walk() if s.op is not None and s.op.text == block)


def _in_expressions(
    report: Report, node: TextNode | None, word: str, whole: bool
) -> Iterator[Span]:
    """The occurrences of a parameter in expressions, without blocks that have one of that name."""
    assert report.spec is not None
    hidden = [b.body.node for b in report.spec.blocks.values() if whole]
    for scalar, keys, is_key in scalars(node):
        if keys and keys[-1] in ("doc", "op", *_READS) and not is_key and not _is_formula(scalar):
            continue
        if any(h.start <= scalar.start < h.end for h in hidden):
            continue
        if is_key and "{" not in scalar.text:
            continue
        if scalar.quoted and "{" not in scalar.text and not scalar.text.startswith("="):
            continue
        yield from (s for s in _words(scalar, word) if _is_mentioned(scalar, s, is_key))


def _is_mentioned(scalar: Scalar, span: Span, is_key: bool) -> bool:
    """Whether a word of a scalar is a name in an expression, and no part of a dotted one or of a text."""
    text = scalar.source.text
    if text[span.start - 1 : span.start] == ".":
        return False
    if is_key:
        ahead = text[scalar.start : span.start]
        return ahead.count("{") > ahead.count("}")
    return True


def _input(report: Report, place: CursorContext, word: str) -> DeclaredName | None:
    assert report.spec is not None
    declared = next((i for i in report.spec.inputs if i.name == word), None)
    if declared is None or place.block is not None:
        return None
    root, formulas = report.document.root, _formulas(report)
    uses = [
        span
        for key in ("body", "outputs")
        if isinstance(root, Mapping) and (node := root.get(key)) is not None
        for span in _references(node, word, key, formulas)
    ]
    return DeclaredName("input", word, declared.place.span, tuple(uses))


def _preset(report: Report, place: CursorContext, word: str) -> DeclaredName | None:
    root = report.document.root
    presets = root.get("presets") if isinstance(root, Mapping) else None
    if place.keys != ("presets",) or not place.is_key or not isinstance(presets, Mapping):
        return None
    key = presets.key(word)
    return DeclaredName("preset", word, key.span, ()) if key is not None else None


def _words(scalar: Scalar, word: str) -> Iterator[Span]:
    """The places of a whole word in a scalar; after a dot it is another one's."""
    source: Source = scalar.source
    for match in re.finditer(
        rf"(?<![\w.-]){re.escape(word)}(?![\w-])", source.text[scalar.start : scalar.end]
    ):
        yield Span(source, scalar.start + match.start(), scalar.start + match.end())
