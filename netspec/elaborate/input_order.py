"""The order of inputs that `from` gives by name: that of the op, whatever the order of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.document import Scalar
from netspec.elaborate.scope import Frame, Reader
from netspec.graph.nodes import Environment, Level, Node, Value
from netspec.syntax import Block, Step

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Walk


def by_position(
    walk: Walk,
    step: Step,
    frame: Frame,
    env: Environment,
    inputs: tuple[Value, ...],
    names: tuple[str, ...],
) -> tuple[tuple[Value, ...], tuple[str, ...]]:
    """Named inputs and their names in the order of the op, which says what `x[0]` and a repeat's first input are.

    They stay as they are where a name is unknown, which is reported when the op is applied.
    """
    order = input_names(walk, step, frame, env)
    if not set(names) <= set(order):
        return inputs, names
    places = sorted(range(len(names)), key=lambda k: order.index(names[k]))
    return tuple([inputs[k] for k in places]), tuple([names[k] for k in places])


def input_names(walk: Walk, step: Step, frame: Frame, env: Environment) -> tuple[str, ...]:
    """The names of the inputs of what a step applies, in order; empty where it has none."""
    if step.op is not None:
        reader = Reader(frame, env, (), walk.conditions.known)
        op = walk.values.definition(step.op.text, step.op, reader, frame.file)
        if op is None:
            return ()
        definition = op.definition
        if isinstance(definition, Block):
            return tuple([n.text for n in definition.inputs])
        return definition.inputs if not definition.variadic else ()
    if isinstance(step.share, Scalar):
        text = walk.references.text(step.share, frame, env)
        owner = frame.find(text) if text is not None else None
        return names_of(owner.maker) if owner is not None else ()
    return ()


def names_of(maker: Node | Level | None) -> tuple[str, ...]:
    """The names of the inputs of a node or level, by position; empty where they have none."""
    if isinstance(maker, Level):
        return maker.input_names
    if maker is None or maker.layer is None or maker.layer.variadic:
        return ()
    return maker.layer.inputs
