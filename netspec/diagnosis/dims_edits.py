"""Edits of `dims` and `inputs`: what a network asks of its sizes, written down."""

from __future__ import annotations

from netspec.diagnostics import Edit, Span
from netspec.dims import Domain
from netspec.document import Mapping, Scalar, Sequence, TextNode, splices
from netspec.syntax import Spec

Promise = dict[str, int]
"""What `dims` says of a symbol, by its keys."""


def promise(domain: Domain) -> Promise:
    """The entry of `dims` that allows only sizes of a domain: its multiples, where it has other members too."""
    if domain.values is not None:  # a list of numbers, which `dims` cannot say
        return {}
    limits: Promise = {}
    if domain.modulus > 1 and 0 in domain.residues:
        limits["multiple_of"] = domain.modulus
    least = domain.smallest()
    if limits:
        least = -(-least // domain.modulus) * domain.modulus
    if least > max(1, domain.modulus):
        limits["min"] = least
    if domain.hi is not None:
        limits["max"] = domain.hi
    return limits if domain.hi is None or least <= domain.hi else {}


def dims_entry(name: str, entry: Promise) -> str:
    """The entry as the file says it.

    >>> dims_entry("H", {"multiple_of": 32})
    'H: {multiple_of: 32}'
    """
    return (
        f"{name}: {{{', '.join(f'{k}: {v}' for k, v in entry.items())}}}" if entry else f"{name}: …"
    )


def declared(spec: Spec, promises: dict[str, Promise]) -> tuple[Edit, ...]:
    """The edits that write these promises into `dims`; none where the text is JSON, or says it in another way."""
    source = spec.document.source
    if source.name.endswith(".json") or splices.is_flow(spec.root) or not all(promises.values()):
        return ()
    written = spec.root.get("dims")
    if written is None:
        inputs = spec.root.get("inputs")
        if inputs is None:
            return ()
        entries = ", ".join(dims_entry(name, entry) for name, entry in promises.items())
        line_end = splices.line_end(source.text, inputs.end)
        line = f"{splices.newline(source.text)}dims: {{{entries}}}"
        return (Edit(Span(source, line_end, line_end), line),)
    if not isinstance(written, Mapping):
        return ()
    edits: list[Edit] = []
    for name, entry in promises.items():
        own = written.get(name)
        if own is None:
            edits.append(
                _spliced(
                    splices.set_value(written, name, dims_entry(name, entry)[len(name) + 2 :]),
                    written,
                )
            )
        elif isinstance(own, Mapping):
            edits += _changed(own, _with_example(own, entry))
        else:
            return ()
    return tuple(edits)


def _with_example(written: Mapping, entry: Promise) -> Promise:
    """The promise, with an example that keeps it where the written one does not."""
    written_example = written.get("example")
    now = written_example.value if isinstance(written_example, Scalar) else None
    multiple, least = entry.get("multiple_of", 1), entry.get("min", 1)
    if type(now) is not int:
        return entry
    nearest = -(-max(now, least) // multiple) * multiple
    if (most := entry.get("max")) is not None:
        nearest = min(nearest, most // multiple * multiple)
    return entry if nearest == now else {**entry, "example": nearest}


def _changed(written: Mapping, changes: Promise) -> list[Edit]:
    """The entries of a symbol set to these values; new ones in one edit, behind the others."""
    edits = []
    new = []
    for key, value in changes.items():
        if written.get(key) is None:
            new.append(f"{key}: {value}")
        else:
            edits.append(_spliced(splices.set_value(written, key, str(value)), written))
    if new:
        start, end, text = splices.inserted(written, splices.count(written), new[0])
        margin = text[: text.rindex(new[0])]
        added = text + "".join(f"{margin}{entry}" for entry in new[1:])
        edits.append(_spliced((start, end, added), written))
    return edits


def fixed(spec: Spec, sizes: dict[str, int]) -> tuple[Edit, ...]:
    """The edits that write numbers instead of symbols in `inputs`."""
    edits = []
    for input_ in spec.inputs:
        shape = input_.shape
        items = shape.items if isinstance(shape, Sequence) else []
        edits += [
            Edit(item.span, str(sizes[item.text]))
            for item in items
            if isinstance(item, Scalar) and item.text in sizes
        ]
    return tuple(edits)


def _spliced(splice: splices.Splice, node: TextNode) -> Edit:
    start, end, text = splice
    return Edit(Span(node.source, start, end), text)
