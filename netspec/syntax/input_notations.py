"""Inputs and their shapes as other tools write them: `3x224x224`, `[None, 224, 224, 3]`, `input_shape: 784`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as Sizes
from typing import NamedTuple

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Span
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.syntax.model import Input

SHAPE_KEYS = frozenset({
    "input", "input_shape", "input_size", "input_dim", "input_dims", "in_shape", "image_size", "img_size", "shape",
    "batch_input_shape", "input_shapes",
})  # fmt: skip
"""Keys of other tools for the shape of the one input."""

_SEPARATOR = re.compile(r"\s*(?:[,×*]|(?<![A-Za-z])x|x(?![a-z]))\s*|\s+")
_OPEN = frozenset({"None", "null", "~", "?", "-1", "none", "NULL", "Null"})
"""Notations of other tools for a size that is not fixed."""
_NAMES = {2: "features", 3: "sequence", 4: "image", 5: "volume"}
_SYMBOLS = {2: "NF", 3: "NTC", 4: "NCHW", 5: "NCDHW"}
_SYMBOLS_LAST = {4: "NHWC", 5: "NDHWC"}
_COLORS = (1, 3, 4)
"""The numbers of channels that images mostly have."""
_MOST_SIZES = 8


class ShapeNotation(NamedTuple):
    """A shape, in the notation of a spec."""

    sizes: tuple[str, ...]
    certain: bool
    """Whether the author wrote it; otherwise a batch was added, or the channels were moved."""

    @property
    def text(self) -> str:
        """The shape as a spec has it."""
        return f"[{', '.join(self.sizes)}]"

    @property
    def name(self) -> str:
        """A name for an input of that shape."""
        return _NAMES.get(len(self.sizes), "data")


def is_open(node: TextNode) -> bool:
    """Whether a size is written in the notation of another tool for an open size, such as `None`."""
    return isinstance(node, Scalar) and (
        node.value is None or node.value == -1 or node.value in _OPEN
    )


def open_symbols(shape: Sizes[TextNode]) -> dict[int, str]:
    """The symbols for the open sizes of a shape by their dimensions, distinct from those that it has."""
    texts = [item.text if isinstance(item, Scalar) else "" for item in shape]
    return _symbols(texts, [k for k, item in enumerate(shape) if is_open(item)])


def _symbols(texts: list[str], unnamed: list[int]) -> dict[int, str]:
    rank = len(texts)
    last = rank in _SYMBOLS_LAST and rank - 1 not in unnamed and 1 in unnamed
    usual = (_SYMBOLS_LAST if last else _SYMBOLS).get(rank, "N")
    symbols: dict[int, str] = {}
    for k in unnamed:
        taken = {*texts, *symbols.values()}
        own = usual[k] if k < len(usual) else f"D{k}"
        symbols[k] = next(s for s in (own, *(f"{own}{n}" for n in range(2, 99))) if s not in taken)
    return symbols


def shape_notation(node: TextNode) -> ShapeNotation | None:
    """The shape that a text, a number or a list of sizes means; None if it is not a shape."""
    if isinstance(node, Sequence):
        if not all(isinstance(item, Scalar) for item in node.items):
            return None
        texts = [item.text or "null" for item in node.items if isinstance(item, Scalar)]
    elif isinstance(node, Scalar) and type(node.value) in (int, str):
        texts = [t for t in _SEPARATOR.split(node.text.strip(" ()[]")) if t]
    else:
        return None
    if not 1 <= len(texts) <= _MOST_SIZES or not any(t.isdigit() or t in _OPEN for t in texts):
        return None
    if not all(t.isdigit() or t in _OPEN or t.isidentifier() for t in texts):
        return None
    texts = [t if t in _OPEN or t.isdigit() else t[:1].upper() + t[1:] for t in texts]
    return _with_batch(texts)


def _with_batch(texts: list[str]) -> ShapeNotation:
    """The sizes with a batch first, and the channels of an image second."""
    has_batch = not texts[0].isdigit() or len(texts) in (2, 4, 5)
    sizes = texts if has_batch else ["N", *texts]
    symbols = _symbols(sizes, [k for k, size in enumerate(sizes) if size in _OPEN])
    sizes = [symbols.get(k, size) for k, size in enumerate(sizes)]
    certain = not texts[0].isdigit() or len(texts) in (4, 5)
    if len(sizes) == len("NHWC") and _is_color(sizes[-1]) and not _is_color(sizes[1]):
        sizes, certain = [sizes[0], sizes[-1], *sizes[1:-1]], False
    return ShapeNotation(tuple(sizes), certain)


def _is_color(size: str) -> bool:
    return size.isdigit() and int(size) in _COLORS


def shape_help(name: str, node: TextNode) -> Help:
    """How the shape of an input is written."""
    notation = shape_notation(node)
    if notation is None:
        return Help(f"write `{name}: [N, 3, H, W]`; a name with a capital is a symbolic size")
    return Help(
        f"write `{name}: {notation.text}`", (Edit(node.span, notation.text),), notation.certain
    )


def unnamed_inputs(node: TextNode) -> tuple[Diagnostic, tuple[Input, ...]] | None:
    """The diagnostic on `inputs` that have no names, and the inputs where their meaning is certain."""
    items = node.items if isinstance(node, Sequence) else []
    if items and all(isinstance(item, Scalar) and item.text.isidentifier() for item in items):
        names = [item.text for item in items if isinstance(item, Scalar)]
        if not any(name[:1].isupper() for name in names):
            entries = ", ".join(f"{name}: [N, 3, H, W]" for name in names)
            return _unnamed(node, Help(f"write `inputs: {{{entries}}}`, with a shape for each")), ()
    shapes = [node] if shape_notation(node) is not None else items
    notations = [shape_notation(shape) for shape in shapes]
    if not notations or any(notation is None for notation in notations):
        return None
    names = [*_distinct([n.name for n in notations if n is not None])]
    entries = ", ".join(f"{name}: {n.text}" for name, n in zip(names, notations, strict=True) if n)
    certain = all(n is not None and n.certain for n in notations)
    written = Help(f"write `inputs: {{{entries}}}`", (Edit(node.span, f"{{{entries}}}"),), certain)
    inputs = tuple(
        Input(name, _word(shape, name), _shape(shape, n))
        for name, shape, n in zip(names, shapes, notations, strict=True)
        if n is not None
    )
    return _unnamed(node, written), inputs if certain else ()


def _distinct(names: list[str]) -> Iterator[str]:
    for k, name in enumerate(names):
        yield name if names.count(name) == 1 else f"{name}{names[: k + 1].count(name)}"


def _unnamed(node: TextNode, written: Help) -> Diagnostic:
    return Diagnostic(
        Code.BAD_VALUE,
        "`inputs` must be a mapping from names to shapes",
        node.span,
        "has no name",
        helps=(written,),
    )


def _word(node: TextNode, text: str) -> Scalar:
    return Scalar(node.source, node.start, node.end, text, text)


def _shape(node: TextNode, notation: ShapeNotation) -> Sequence:
    """The shape as a list of a spec; every size is at the whole of it."""
    items: list[TextNode] = [
        Scalar(node.source, node.start, node.end, size, int(size) if size.isdigit() else size)
        for size in notation.sizes
    ]
    return Sequence(node.source, node.start, node.end, items)


def shape_key(root: Mapping) -> tuple[Scalar, TextNode] | None:
    """The entry of a file that has the shape of the input under another key than `inputs`."""
    for key, value in root.entries:
        if key.text.lower() in SHAPE_KEYS and not isinstance(value, Mapping):
            return key, value
    return None


def shape_key_diagnostic(key: Scalar, value: TextNode) -> tuple[Diagnostic, tuple[Input, ...]]:
    """The diagnostic on the shape of the input under another key, and the input if that is certain."""
    unnamed = unnamed_inputs(value)
    helps: tuple[Help, ...] = (Help("write `inputs: {image: [N, 3, H, W]}`"),)
    inputs: tuple[Input, ...] = ()
    if unnamed is not None:
        own, inputs = unnamed
        whole = Span(key.source, key.start, value.end)
        edits = tuple(Edit(whole, f"inputs: {e.replacement}") for e in own.helps[0].edits)
        helps = (Help(own.helps[0].text, edits, own.helps[0].safe),)
    return (
        Diagnostic(
            Code.UNKNOWN_KEY,
            f"a spec has no key `{key.text}`",
            key.span,
            "unknown key",
            helps=helps,
        ),
        inputs,
    )
