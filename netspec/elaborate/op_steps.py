"""Steps that have an op: layers applied. Blocks and joins of branches go to `Blocks` and `Branches`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from netspec.diagnostics import Code, did_you_mean
from netspec.document import Mapping
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.scope import BodyScope, Result
from netspec.elaborate.share import waits
from netspec.elaborate.step_context import DeclaredInputs, StepContext
from netspec.graph.nodes import Node, Value, lost, unknown
from netspec.layer.base import Layer
from netspec.layers import OPS, find
from netspec.similar_words import closest, one_slip
from netspec.syntax import Block

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter


_JOINING = {"Sum": "Add", "Prod": "Mul", "Max": "Maximum", "Min": "Minimum"}
"""Reductions of one tensor, mapped to joins of several."""


@lru_cache(maxsize=256)
def _misspelled(name: str) -> str | None:
    """The layer whose name differs by a typing error; requested in each iteration of a loop."""
    return next((op for op in OPS if one_slip(name, op)), None)


class OpSteps:
    """Runs steps that apply an op."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.computed: dict[Node, BodyScope] = {}
        """The frames of the nodes whose arguments mention a tensor, for when they are shared."""

    def op(self, context: StepContext) -> Result:
        """Run a step with an op: a layer, a block, or a join of branches."""
        step, interpreter = context.step, self.interpreter
        assert step.op is not None
        if step.op.text[:1] == "=" and (result := interpreter.formulas.step(context)) is not None:
            return result
        op = interpreter.values.definition(step.op.text, step.op, context, context.frame.file)
        if step.source is None and op is not None and _takes_nothing(op):
            context.x = ()
        else:
            interpreter.read_previous(step, context.frame)
        if step.branches is not None:
            from netspec.elaborate.branches import Branches

            return Branches(interpreter).join(context, op)
        return self.apply(context, op)

    def apply(self, context: StepContext, op: OpValue | None) -> Result:
        """Apply an op to the inputs of its step."""
        if op is None:
            self._report_arguments_of_suggestion(context)
            return Result(unknown(context.level), step=context.step)
        if isinstance(op.definition, Block):
            return self.interpreter.blocks.use(context, op)
        return self.layer(context, op)

    def _report_arguments_of_suggestion(self, context: StepContext) -> None:
        """Report errors in the arguments of a layer whose name is misspelled, in the same run."""
        step, file = context.step, context.frame.file
        assert step.op is not None
        name = step.op.text
        if name in context.env or name in file.blocks:
            return
        from netspec.elaborate.unknown_op import other_name_of

        suggestion = _misspelled(name) or other_name_of(name, context)
        layer = find(suggestion) if suggestion is not None else None
        if suggestion is not None and layer is not None:
            self.interpreter.application.wrong_arguments(step, layer, context, file)

    # ---- layers ---------------------------------------------------------------------------------

    def layer(self, context: StepContext, op: OpValue) -> Result:
        """Apply a layer: its arguments evaluated, its inputs in order, its node added to the graph."""
        interpreter, step, definition = self.interpreter, context.step, op.definition
        assert isinstance(definition, type)
        if step.inline is not None:
            interpreter.values.error(
                Code.BAD_STEP,
                f"`{op.name}` is a layer, so it has no level to omit",
                step.inline,
                "only groups and blocks can be inline",
            )
        layer = interpreter.application.layer(step, op, context, context.frame.file)
        inputs = self.inputs(context, definition, layer)
        if context.input_names:
            layer = taking(layer, context.input_names)
        node = self.node(context, layer, op.name, inputs)
        self.note_reads(context, node, layer)
        if isinstance(step.share, Mapping):
            interpreter.sharing.tie(node, step.share, context.frame, context.env)
        result = Result(node.outputs[0], results_by_name(node), step, node)
        result.flows = definition.flows
        return result

    def note_reads(self, context: StepContext, node: Node, layer: Layer | None) -> None:
        """Keep the tensors whose sizes the arguments of a node mention."""
        if context.seen and layer is not None:
            self.computed[node] = context.frame
            if waits_for_size(layer):
                node.reads = context.seen

    def node(
        self, context: StepContext, layer: Layer | None, op: str, inputs: tuple[Value, ...]
    ) -> Node:
        """Add the node that applies `layer` to the graph, under a path that no other has."""
        interpreter, name, level = self.interpreter, context.child_name, context.level
        assert name is not None
        node = Node(name, op, level, layer, inputs, context.step)
        node.env = context.env
        if name and not interpreter.names.take(node.path, name, context.step.place):
            node.inputs = interpreter.blocks.doubtful(name, inputs, level)
        interpreter.application.infer(node)
        interpreter.nodes.append(node)
        context.entries.append(node)
        return node

    def inputs(
        self, context: StepContext, definition: type[Layer], layer: Layer | None
    ) -> tuple[Value, ...]:
        """The inputs of a layer, as many as it accepts; `layer` is None if its arguments are invalid."""
        step, values, names = context.step, context.x, context.input_names
        if not definition.variadic:
            if not names and len(values) == 1 == len(definition.inputs) and layer is not None:
                return values  # as nearly always
            what = f"`{definition.__name__}`"
            joining = _JOINING.get(definition.__name__)
            if len(values) > 1 and joining and step.op is not None:
                message = f"{what} takes 1 input, got {len(values)}"
                advice_text = did_you_mean(
                    joining, " (it joins several inputs, element by element)"
                )
                self.interpreter.values.error(
                    Code.INPUT_COUNT, message, step.op, f"got {len(values)}", advice_text
                )
                return (unknown(None),)
            if layer is None and any(
                k.text in definition.inputs and k.text not in definition.arguments
                for k, _ in step.arguments
            ):
                # Inputs as arguments: that is reported.
                return (unknown(None),) * len(definition.inputs)
            declared = DeclaredInputs(what, definition.inputs, definition.optional_inputs)
            return self.interpreter.blocks.in_order(step, declared, values, names)
        if len(values) >= definition.fewest or any(map(lost, values)):
            return values
        least = "1 input" if definition.fewest == 1 else f"{definition.fewest} inputs"
        self.interpreter.values.error(
            Code.INPUT_COUNT,
            f"`{definition.__name__}` joins at least {least}, got {len(values)}",
            step.source or step.op or step.place,
            f"got {len(values)}",
            "pass them with `from: [a, b]`, or declare `branches`",
        )
        return (unknown(None),)


def waits_for_size(layer: Layer) -> bool:
    """Whether an argument is a size that is only known at run time."""
    return any(waits(getattr(layer, name)) for name in layer.arguments)


def results_by_name(node: Node) -> dict[str, Value] | None:
    """The results of a node by name if they have names; by number if their count varies."""
    if node.layer is None or node.layer.results == ("output",):
        return None
    return dict(zip(node.result_names, node.outputs, strict=True))


def taking(layer: Layer | None, names: tuple[str, ...]) -> Layer | None:
    """The layer for a call with these inputs."""
    if layer is None or not names or not layer.optional_inputs:
        return layer
    input_names = {n if n in layer.inputs else closest(n, layer.inputs) for n in names}
    return layer.taking(tuple(n for n in layer.inputs if n in input_names))


def _takes_nothing(op: OpValue) -> bool:
    return not isinstance(op.definition, Block) and not op.definition.inputs
