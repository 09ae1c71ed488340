"""What the iterations of a repeat that is drawn once read and give, where it is not the chain that ×N says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netspec.picture.box import Box
from netspec.picture.folding import Link, Reader


def note_rounds(top: Box, links: Sequence[Link], box_of: Mapping[Reader, Box]) -> None:
    """Write it to the boxes of the first iteration, which stand for all; `top` is the box of the repeat.

    Without a word, each iteration reads what the last node of the one before gives.
    """
    if not links:  # errors have lost every step
        return
    last = box_of.get(id(links[-1].node))
    reads: dict[Box, tuple[dict[Box, None], dict[Box, None]]] = {}
    gives: dict[Box, dict[Box, None]] = {}
    for link in links:
        box = box_of.get(id(link.node))
        if box is None:
            continue
        outside, before = reads.setdefault(box, ({}, {}))
        outside.update(dict.fromkeys(_boxes([id(n) for n in link.outside], box_of)))
        before.update(dict.fromkeys(_boxes([id(n) for n in link.before], box_of)))
        gives.setdefault(box, {}).update(dict.fromkeys(_boxes(link.given, box_of)))
    for box, (outside, before) in reads.items():
        notes = []
        if outside or (before and list(before) != [last]):
            sources = [b.full_name for b in outside]
            sources += [_of_the_one_before(b, last) for b in before]
            notes.append(f"each reads {' and '.join(sources)}")
        if gives[box]:
            notes.append(f"each goes to {' and '.join(b.full_name for b in gives[box])}")
        if sum(b.times > 1 for b in box.around) > 1:
            notes = [f"{top.name}: {note}" for note in notes]
        box.rounds += notes


def _boxes(readers: Sequence[Reader], box_of: Mapping[Reader, Box]) -> list[Box]:
    return [box_of[reader] for reader in readers if reader in box_of]


def _of_the_one_before(box: Box, last: Box | None) -> str:
    return "what the one before gives" if box is last else f"{box.full_name} of the one before"
