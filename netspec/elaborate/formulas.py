"""Formulas: steps such as `seen: =hidden + attention`, and references such as `from: "=x[:, 0]"`.

A formula is one node, whose layer is a subclass of `netspec.layers.formula.Formula`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.diagnostics import Code
from netspec.document import Scalar
from netspec.elaborate.evaluator import expression_diagnostic
from netspec.elaborate.formula_names import FormulaNames
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.scope import BodyScope, Result
from netspec.elaborate.step_context import StepContext
from netspec.expr import ExpressionError
from netspec.expr.errors import quoted_piece
from netspec.expr.formula_parser import parse_formula, path_of
from netspec.graph.nodes import Environment, Value, unknown
from netspec.layer.base import Layer
from netspec.layers.formula import formula_class
from netspec.layers.formula_tree import Operand, TensorOperand
from netspec.syntax import FORMULAS_SINCE, Step

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter


class Formulas:
    """Runs the steps that are formulas, and the formulas in the place of references."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._layers: dict[tuple[str, tuple[str, ...], tuple[str, ...]], type[Layer]] = {}
        """The layer of a formula by its text and the names of its tensors and numbers."""

    def step(self, context: StepContext) -> Result | None:
        """Run a step that is a formula.

        Args:
            context: The step, whose op begins with `=`.

        Returns:
            The result; None if no name in the text is a tensor, so that it is an expression for an op.
        """
        step = context.step
        assert step.op is not None
        names = FormulaNames(self.interpreter, context, step.op)
        try:
            tree = parse_formula(step.op.text[1:])
            if not names.has_tensor_name(tree):
                return None
            if context.frame.file.version < FORMULAS_SINCE:
                if path_of(tree) is not None:
                    return None  # a single name, which version 1 reads as an op
                from netspec.elaborate.language_version import later_formula

                self.interpreter.diagnostics.add(later_formula(step.op, context.frame.file))
                return Result(unknown(context.level), step=step)
            root = names.operand(tree)
            assert root is not None
        except ExpressionError as error:
            if not (error.code == Code.UNKNOWN_NAME and context.frame.lost):
                self.interpreter.diagnostics.add(expression_diagnostic(error, step.op, 1))
            return Result(unknown(context.level), step=step)
        if (stray := names.stray_argument()) is not None:
            self.interpreter.values.error(
                Code.UNKNOWN_ARGUMENT, f"`{stray.text}` is not in the formula", stray, "not used"
            )
        if isinstance(root, TensorOperand):
            return Result(names.tensors[0], step=step)
        return self._applied(context, names, root)

    def _applied(self, context: StepContext, names: FormulaNames, root: Operand) -> Result:
        """The result of the layer that a formula is."""
        written = context.step
        assert written.op is not None
        numbers = tuple(names.numbers)
        key = (written.op.text, tuple(names.paths), numbers)
        definition = self._layers.get(key)
        if definition is None:
            definition = self._layers[key] = formula_class(key[0], root, key[1], numbers)
        op_steps, application = self.interpreter.op_steps, self.interpreter.application
        self._with_arguments(written, names)
        layer = application.layer(
            written, OpValue(key[0], definition, {}), context, context.frame.file
        )
        node = op_steps.node(context, layer, key[0], tuple(names.tensors))
        op_steps.note_reads(context, node, layer)
        return Result(node.outputs[0], None, written, node)

    def _with_arguments(self, step: Step, names: FormulaNames) -> None:
        """Let the step have an argument for each number that the formula computes."""
        if step.written_arguments is None:
            step.written_arguments = step.arguments
        step.arguments = tuple(
            [(Scalar(v.source, v.start, v.end, k, k), v) for k, v in names.numbers.items()]
        )

    def is_formula(self, context: StepContext) -> bool:
        """Whether the op of a step is a formula, and not an expression for an op."""
        op = context.step.op
        if op is None or op.text[:1] != "=":
            return False
        try:
            tree = parse_formula(op.text[1:])
        except ExpressionError:
            return True
        return FormulaNames(self.interpreter, context, op).has_tensor_name(tree)

    def value(self, step: Step, frame: BodyScope, env: Environment, reader: str) -> Value:
        """Compute a formula in the place of a reference.

        Args:
            step: The formula.
            frame: The body with the reference.
            env: The parameters and loop variables.
            reader: The name of the step with the reference.

        Returns:
            The tensor; its node is named after the step that reads it.
        """
        node = step.op
        assert node is not None
        known = self.interpreter.conditions.known
        context = StepContext(step, frame, env, frame.level, frame.entries, known)
        context.x = (frame.previous.main,) if frame.previous is not None else ()
        context.child_name = self._unused_name(f"{reader}_input", frame)
        result = self.step(context)
        if result is not None:
            return result.main
        try:
            FormulaNames(self.interpreter, context, node).require_known(
                parse_formula(node.text[1:])
            )
        except ExpressionError as error:
            if not frame.lost:
                self.interpreter.diagnostics.add(expression_diagnostic(error, node, 1))
            return unknown(frame.level)
        self.interpreter.values.error(
            Code.UNKNOWN_REFERENCE,
            f"{quoted_piece(node.text[1:].strip())} names no tensor",
            node,
            "no step or input",
        )
        return unknown(frame.level)

    def _unused_name(self, name: str, frame: BodyScope) -> str:
        taken, number, unused = self.interpreter.names.taken, 1, name
        while frame.level.child(unused) in taken or unused in frame.steps:
            number += 1
            unused = f"{name}{number}"
        return unused
