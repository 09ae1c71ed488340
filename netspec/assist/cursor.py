"""The scalar at an offset: the keys and values from the root of the document to it, and the step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netspec.check import Report
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.record import record
from netspec.syntax import Block, Body, Step


@record(frozen=True, slots=True)
class CursorContext:
    """A scalar at an offset, with its parents."""

    scalar: Scalar
    keys: tuple[str, ...]
    """The keys from the root to it, outermost first; items of lists have none."""
    is_key: bool
    word: str
    """The word in it that the offset is in: a name, or a dotted one up to the offset's part."""
    start: int
    """Where the word begins."""
    step: Step | None
    """The innermost step around it."""
    block: Block | None
    """The block that it is written in."""

    @property
    def key(self) -> str:
        """The key that it is the value of; empty for a key and for an item of a body."""
        return "" if self.is_key or not self.keys else self.keys[-1]


def place_at(report: Report, offset: int) -> CursorContext | None:
    """The scalar at an offset; None between scalars."""
    scalar_place = _scalar(report.document.root, offset, ())
    if scalar_place is None:
        return None
    scalar, keys, is_key = scalar_place
    start, word = _word(report.document.source.text, scalar, offset)
    blocks = report.spec.blocks.values() if report.spec is not None else ()
    block = next((b for b in blocks if _holds(_body_node(b), offset)), None)
    body = block.body if block is not None else report.spec.body if report.spec else None
    step = _step(body, offset) if body is not None else None
    return CursorContext(scalar, keys, is_key, word, start, step, block)


def scalars(
    node: TextNode | None, keys: tuple[str, ...] = ()
) -> Iterator[tuple[Scalar, tuple[str, ...], bool]]:
    """Every scalar under a node, with the keys that lead to it, and whether it is a key."""
    if isinstance(node, Scalar):
        yield node, keys, False
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from scalars(item, keys)
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            yield key, keys, True
            yield from scalars(value, (*keys, key.text))


def _scalar(
    node: TextNode | None, offset: int, keys: tuple[str, ...]
) -> tuple[Scalar, tuple[str, ...], bool] | None:
    return next(
        (f for f in scalars(node, keys) if f[0].start <= offset <= f[0].end and f[0].text), None
    )


def _word(text: str, scalar: Scalar, offset: int) -> tuple[int, str]:
    for match in re.finditer(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*", text[scalar.start : scalar.end]):
        if match.start() <= offset - scalar.start <= match.end():
            return scalar.start + match.start(), match[0]
    return scalar.start, scalar.text


def _body_node(block: Block) -> TextNode:
    return block.body.node


def _holds(node: TextNode, offset: int) -> bool:
    return node.start <= offset <= node.end


def _step(body: Body, offset: int) -> Step | None:
    """The innermost step that an offset is in."""
    around = [s for s in body.walk() if _holds(s.node, offset) or _holds(s.place, offset)]
    return min(around, key=lambda s: s.node.end - s.node.start) if around else None
