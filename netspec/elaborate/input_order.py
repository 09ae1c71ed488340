"""The order of inputs that `from` names: that of the op, not of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.document import Scalar
from netspec.elaborate.scope import Reader
from netspec.elaborate.step_context import StepContext
from netspec.graph.nodes import Environment
from netspec.syntax import Block

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter


def put_in_order(interpreter: Interpreter, context: StepContext, env: Environment) -> None:
    """Put named inputs in the order of the op, which determines `x[0]` and the first input of a repeat.

    They stay as they are where a name is unknown, which is reported when the op is applied.
    """
    inputs, names = context.x, context.input_names
    order = _input_names(interpreter, context, env)
    if set(names) <= set(order):
        places = sorted(range(len(names)), key=lambda k: order.index(names[k]))
        context.x = tuple([inputs[k] for k in places])
        context.input_names = tuple([names[k] for k in places])


def _input_names(
    interpreter: Interpreter, context: StepContext, env: Environment
) -> tuple[str, ...]:
    """The names of the inputs of the op of a step, in order; empty if they have no names."""
    step, frame = context.step, context.frame
    if step.op is not None:
        if step.op.text[:1] == "=" and interpreter.formulas.is_formula(context):
            return ()
        reader = Reader(frame, env, (), context.domains)
        op = interpreter.values.definition(step.op.text, step.op, reader, frame.file)
        if op is None:
            return ()
        definition = op.definition
        if isinstance(definition, Block):
            return tuple([n.text for n in definition.inputs])
        return definition.inputs if not definition.variadic else ()
    if isinstance(step.share, Scalar):
        text = interpreter.references.text(step.share, frame, env)
        owner = frame.find(text) if text is not None else None
        return owner.input_names if owner is not None else ()
    return ()
