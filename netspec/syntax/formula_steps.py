"""The formulas in the place of references: `from: "=x[:, 0]"`. Each is a step before the one that reads it."""

from __future__ import annotations

from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.syntax.model import Step

FORMULAS_SINCE = 1.1
"""The version of the language that introduced formulas as steps and references."""


def formula_steps(node: TextNode | None) -> tuple[Step, ...]:
    """The formulas of a `from` or `outputs`, in the order of the text."""
    if isinstance(node, Scalar):
        if node.text[:1] != "=":
            return ()
        step = Step(node, node)
        step.op = node
        return (step,)
    if isinstance(node, Sequence):
        return tuple([step for item in node.items for step in formula_steps(item)])
    if isinstance(node, Mapping):
        return tuple([step for _, value in node.entries for step in formula_steps(value)])
    return ()
