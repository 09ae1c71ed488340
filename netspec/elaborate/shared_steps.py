"""`share: step`: a step that is another step again, on another input, with the same weights."""

from __future__ import annotations

from collections import abc
from typing import TYPE_CHECKING

from netspec.diagnostics import Code
from netspec.document import TextNode
from netspec.elaborate.op_steps import results_by_name, taking, waits_for_size
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.scope import Reader, Result
from netspec.elaborate.step_context import DeclaredInputs, StepContext
from netspec.graph.nodes import Level, Node, Value, lost, unknown
from netspec.layer.base import Layer, Module
from netspec.syntax import Step

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter


class SharedSteps:
    """Runs steps that share another step whole."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def share(self, context: StepContext) -> Result:
        """Be another step again, on another input, with the same weights."""
        interpreter, step, level = self.interpreter, context.step, context.level
        assert step.share is not None
        owner = interpreter.references.result(step.share, context.frame, context.env)
        maker = owner.maker if owner is not None else None
        joined = maker.step.branches if maker is not None and maker.step is not None else None
        if joined is not None and any(map(_has_name, joined)):
            interpreter.values.error(
                Code.BAD_STEP,
                "a join with named branches cannot be shared whole",
                step.share,
                "its branches are steps of the body",
                "wrap the join in a group, and share the group",
            )
            return Result(unknown(level), step=step)
        if isinstance(maker, Level) and maker in interpreter.blocks.openings:
            return self._share_level(context, maker)
        if isinstance(maker, Node) and maker.layer is not None:
            return self._share_node(context, maker, maker.layer)
        if owner is not None and owner.main.shape is not None:
            self._no_share(step.share, owner)
        return Result(unknown(level), step=step)

    def _share_level(self, context: StepContext, owner: Level) -> Result:
        step, share = context.step, context.step.share
        x = self._level_inputs(context, owner)
        if len(context.x) != len(owner.inputs) or any(map(lost, x)):
            return Result(unknown(context.level), step=step)
        result = self.interpreter.blocks.instantiate(owner, context, x)
        if isinstance(result.maker, Level):
            assert share is not None
            self.interpreter.sharing.own(result.maker, owner, share)
            result.step = result.maker.step = step
        return result

    def _share_node(self, context: StepContext, owner: Node, layer: Layer) -> Result:
        step, op_steps = context.step, self.interpreter.op_steps
        assert step.share is not None
        inputs = op_steps.inputs(context, type(layer), layer)
        same, reads = self._again(owner, inputs, step)
        same = taking(same, context.input_names or layer.inputs[: len(inputs)])
        node = op_steps.node(context, same, owner.op, inputs)
        node.reads = reads
        self.interpreter.sharing.own(node, owner, step.share)
        return Result(node.outputs[0], results_by_name(node), step, node)

    def _again(
        self, maker: Node, inputs: tuple[Value, ...], step: Step
    ) -> tuple[Layer | None, abc.Mapping[str, tuple[Value, ...]]]:
        """The layer of a shared step, with the arguments that depend on its input evaluated again."""
        frame = self.interpreter.op_steps.computed.get(maker)
        if frame is None or maker.step is None or maker.step.op is None:
            return maker.layer, {}
        interpreter = self.interpreter
        reader = Reader(frame, maker.env, inputs, interpreter.conditions.known)
        text = maker.step.op.text
        op = (
            OpValue(text, type(maker.layer), {})
            if maker.layer is not None and maker.op == text and text[:1] == "="  # a formula
            else interpreter.values.definition(text, maker.step.op, reader, frame.file)
        )
        layer = (
            interpreter.application.layer(maker.step, op, reader, frame.file)
            if op is not None
            else None
        )
        assert maker.layer is not None
        if isinstance(layer, Module) and layer.changed() != maker.layer.changed():
            interpreter.values.error(
                Code.SHARED,
                f"`{maker.path}` computes different arguments for this input, so it cannot be shared",
                step.share or step.place,
                "shared here",
            )
        return layer, reader.seen if layer is not None and waits_for_size(layer) else {}

    def _level_inputs(self, context: StepContext, owner: Level) -> tuple[Value, ...]:
        """The inputs of a shared level by position; a wrong count or name is reported."""
        blocks, what, step = self.interpreter.blocks, f"`{owner.path}`", context.step
        x, names = context.x, context.input_names
        if names and owner.input_names:
            return blocks.in_order(step, DeclaredInputs(what, owner.input_names), x, names)
        numbered = tuple(f"input {k + 1}" for k in range(len(owner.inputs)))
        return blocks.in_order(step, DeclaredInputs(what, numbered), x, ())

    def _no_share(self, place: TextNode, owner: Result) -> None:
        """Report a share of a step without weights."""
        error = self.interpreter.values.error
        if owner.step is None:
            error(Code.UNKNOWN_REFERENCE, "only a step can be shared", place, "not a step")
            return
        error(
            Code.UNKNOWN_REFERENCE,
            f"`{owner.step.title}` is skipped here, so it cannot be shared",
            place,
            "skipped",
            "add the same `when` to this step",
        )


def _has_name(branch: Step) -> bool:
    """Whether a branch, or the branches of a loop, have a name."""
    if branch.each is not None and branch.body is not None:
        return any(map(_has_name, branch.body.steps))
    return branch.name is not None
