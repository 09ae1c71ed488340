"""Reads and results of the iterations of a repeat that is drawn once, in addition to its chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from netspec.graph import Node
from netspec.render.box import Box
from netspec.render.folding import Link, Reader

_CHAIN: Final = "the output of the previous one"


def note_rounds(top: Box, links: Sequence[Link], box_of: Mapping[Reader, Box]) -> None:
    """Set the notes of the boxes of the first iteration, which represent all; `top` is the box of the repeat.

    By default, each iteration reads what the last node of the one before gives.
    """
    if not links:  # errors have lost every step
        return
    last = links[-1].node
    reads: dict[Box, list[str]] = {}
    gives: dict[Box, dict[Box, None]] = {}
    for link in links:
        box = box_of.get(link.node)
        if box is None:
            continue
        texts = reads.setdefault(box, [])
        new = [text for text in _texts(link, last, box_of) if text not in texts]
        texts += new if link.node is box.origin else dict.fromkeys(new)
        gives.setdefault(box, {}).update(dict.fromkeys(_boxes(link.readers, box_of)))
    for box, texts in reads.items():
        notes = []
        if any(text != _CHAIN for text in texts):
            notes.append(f"each reads {' and '.join(texts)}")
        if gives[box]:
            notes.append(f"each goes to {' and '.join(b.full_name for b in gives[box])}")
        if sum(b.times > 1 for b in box.around) > 1:
            notes = [f"{top.name}: {note}" for note in notes]
        box.rounds += notes


def _texts(link: Link, last: Node, box_of: Mapping[Reader, Box]) -> list[str]:
    """The reads of a node from other iterations and from outside, in order if the order matters."""
    reads = [read for read in link.reads if read[1] in box_of]
    layer = link.node.layer
    if layer is None or layer.orderless or len(link.node.inputs) == 1:
        reads.sort(key=lambda read: read[0] == "before")
    return [_text(kind, node, result, last, box_of[node]) for kind, node, result in reads]


def _text(kind: str, node: Node, result: int, last: Node, box: Box) -> str:
    names = node.layer.results if node.layer is not None and len(node.outputs) > 1 else ()
    number = "" if not result else names[result] if len(names) == len(node.outputs) else str(result)
    name = f"{box.full_name}.{number}" if number else box.full_name
    if kind == "outside":
        return name
    return _CHAIN if node is last and not number else f"{name} of the one before"


def _boxes(readers: Sequence[Reader], box_of: Mapping[Reader, Box]) -> list[Box]:
    return [box_of[reader] for reader in readers if reader in box_of]
