"""The interpreter: runs bodies in graph order; blocks, loops and repeats unfold, and shapes follow along.

Blocks and shapes cannot be taken one after the other, because `x.channels // 2` is an inferred number.

How a step becomes a node:

1. `Interpreter.step` makes the `StepContext`: the step, the scope around it, and where its result goes.
2. `Interpreter.run` adds the inputs that `from` names (`References.inputs`). A `repeat` runs the rest once for
   each iteration (`Loops.repeat`).
3. `Interpreter.run_once` decides `when` and the name.
4. `OpSteps.op` finds out what the op is: a layer, a block (`Blocks.use`), or the join of branches
   (`Branches.join`). A step without an op is a group (`Blocks.group`) or a `share` (`SharedSteps.share`).
5. `OpSteps.node` adds the node: `Application.layer` evaluates the arguments, `Application.infer` the shapes.

A group or block opens a `Level` and runs its body in it, which begins again at 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Diagnostic, Diagnostics, Help, Severity
from netspec.dims import Domain
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.elaborate.apply import Application
from netspec.elaborate.blocks import Blocks
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.catalog import Catalog
from netspec.elaborate.evaluator import a_kind, expression_diagnostic
from netspec.elaborate.loops import Loops
from netspec.elaborate.op_steps import OpSteps
from netspec.elaborate.paths import Names
from netspec.elaborate.references import References
from netspec.elaborate.run_limits import passed, spend_steps
from netspec.elaborate.scope import BodyScope, Reader, Result
from netspec.elaborate.share import Sharing, shares_steps
from netspec.elaborate.step_context import StepContext
from netspec.expr import UNKNOWN, ExpressionError
from netspec.graph.conditions import Conditions
from netspec.graph.nodes import Entry, Environment, Node, Value, unknown
from netspec.limits import LimitError
from netspec.syntax import UNNAMED, Body, Respelling, Spec, Step, UnknownName
from netspec.syntax.formula_steps import formula_steps

if TYPE_CHECKING:
    from netspec.elaborate.formulas import Formulas

BodyOutputs = tuple[tuple[Value, ...], tuple[str, ...], str]
"""The outputs of a body: values, names, and whether they are `one`, a `tuple` or a `dict`."""


class Interpreter:
    """Runs bodies. Holds the state that grows: nodes, paths, conditions, diagnostics."""

    def __init__(
        self,
        diagnostics: Diagnostics,
        known: dict[str, Domain],
        respelling: Respelling,
        catalog: Catalog,
    ) -> None:
        self.diagnostics = diagnostics
        self.values = Values(diagnostics, respelling, catalog)
        self.conditions = Conditions(known)
        self.names = Names(diagnostics)
        self.references = References(self.values)
        self.application = Application(self.values, self.conditions)
        self.loops = Loops(self)
        self.blocks = Blocks(self)
        self.op_steps = OpSteps(self)
        self.sharing = Sharing(self.values, self.references)
        self.references.formula = self.inline_formula
        self._formulas: Formulas | None = None
        self.nodes: list[Node] = []
        self.ran: set[Step] = set()
        """The steps that ran at least once."""
        self.steps = 0
        self._sharing: dict[Spec, bool] = {}
        """For each file whether a step in it is shared whole."""
        self.symbols: set[str] | None = None
        """The symbolic sizes of the inputs; None without inputs."""
        self.idle: list[Diagnostic] = []
        """Report unused steps, unless an unresolved reference may refer to them."""

    def shares(self, file: Spec) -> bool:
        """Whether a step of a file is shared as a whole, so that any group in it may run again."""
        shares = self._sharing.get(file)
        if shares is None:
            shares = self._sharing[file] = shares_steps(file)
        return shares

    # ---- bodies ---------------------------------------------------------------------------------

    def body(self, body: Body, frame: BodyScope, env: Environment, entries: list[Entry]) -> None:
        """Run the steps of a body in `frame`; their nodes and levels go to `entries`."""
        for step in body.steps:
            self.step(step, frame, env, entries)

    def step(self, step: Step, frame: BodyScope, env: Environment, entries: list[Entry]) -> None:
        """Run one step and let its result flow on."""
        if step.each is not None:
            self.loops.each(step, frame, env, entries)
            return
        frame.running, frame.entries = step, entries
        context = StepContext(step, frame, env, frame.level, entries, self.conditions.known)
        result = self.run(context)
        if result.step is None:
            result.step = step
        frame.results.append(result)
        if result.flows:
            frame.previous = result

    def finish(self, frame: BodyScope, outputs: TextNode | None) -> BodyOutputs:
        """The outputs of a body that has run; reports unused steps."""
        body_outputs = self._outputs(frame, outputs)
        for result in frame.results:
            if not result.used and result.step is not None and result.main.shape is not None:
                self._unused(result.step, result)
        return body_outputs

    def _outputs(self, frame: BodyScope, node: TextNode | None) -> BodyOutputs:
        if node is None:
            if frame.previous is None:
                return (), (), "one"
            frame.previous.used += 1
            return (frame.previous.main,), (), "one"
        pairs: list[tuple[str, TextNode]]
        if isinstance(node, Mapping):
            pairs, kind = [(k.text, v) for k, v in node.entries], "dict"
        elif isinstance(node, Sequence):
            pairs, kind = [("", item) for item in node.items], "tuple"
        else:
            pairs, kind = [("", node)], "one"
        if not pairs:
            self.values.error(Code.BAD_VALUE, "`outputs` is empty", node, "empty")
        values: list[Value] = []
        names: list[str] = []
        for name, place in pairs:
            results = self.references.results(place, frame, frame.env)
            if len(results) > 1 and name:
                self.values.error(
                    Code.UNKNOWN_REFERENCE,
                    f"`{name}` is one output, but this refers to {len(results)} steps",
                    place,
                    f"refers to {len(results)} steps",
                    "write `outputs` as a list, or join them first",
                )
            for text, value in results:
                values.append(value)
                names.append(name or text)
        if kind == "one" and len(values) > 1:
            kind = "tuple"
        return tuple(values), tuple(names), kind

    def _unused(self, step: Step, result: Result) -> None:
        path = result.maker.path if result.maker is not None else ""
        self.idle.append(
            Diagnostic(
                Code.UNUSED,
                f"`{step.title}` is never used",
                step.place.span,
                "its result is unused",
                helps=(Help("use it in a `from`, list it in `outputs`, or remove it"),),
                severity=Severity.WARNING,
                path=path,
            )
        )

    # ---- formulas -------------------------------------------------------------------------------

    @property
    def formulas(self) -> Formulas:
        """Runs formulas; loaded where a spec has one."""
        if self._formulas is None:
            from netspec.elaborate.formulas import Formulas

            self._formulas = Formulas(self)
        return self._formulas

    def inline_formula(self, node: Scalar, frame: BodyScope, env: Environment) -> Value:
        """The tensor of a formula in the place of a reference."""
        reader = frame.running
        label = reader.fixed if reader is not None and reader.fixed else str(frame.counter)
        formulas = (*(reader.formulas if reader is not None else ()), *frame.body.output_formulas)
        step = next((step for step in formulas if step.op is node), None)
        return self.formulas.value(step or formula_steps(node)[0], frame, env, label)

    # ---- one step -------------------------------------------------------------------------------

    def run(self, context: StepContext) -> Result:
        """Run a step that is no loop over lists."""
        context.x, context.input_names = self.references.inputs(
            context.step, context.frame, context.env
        )
        if context.step.repeat is not None:
            return self.loops.repeat(context)
        if context.input_names:
            from netspec.elaborate.input_order import put_in_order

            put_in_order(self, context, context.env)
        return self.run_once(context)

    def run_once(self, context: StepContext) -> Result:
        """Run a step, or one iteration of it."""
        step = context.step
        self._count(step)
        numbered = step.repeat is not None and context.child_name is not None
        if step.when is not None and not self._holds(step.when, context):
            if step.repeat is None:
                self.references.release(step, context.frame, context.env, context.input_names)
            return self._left_out(context, named=not numbered)
        self.ran.add(step)
        name = context.child_name
        if name is None:
            name = context.child_name = self.name(context)
        result = self._dispatch(context)
        if step.name is not None and not numbered:
            context.frame.steps[name] = result
        if step.expect is not None:
            from netspec.elaborate.expected_shape import check_shape

            check_shape(self, step.expect, result, context)
        return result

    def _left_out(self, context: StepContext, *, named: bool) -> Result:
        """A step whose condition is false: its (first) input passes through."""
        step, frame = context.step, context.frame
        result = Result(context.x[0] if context.x else unknown(frame.level))
        self.read_previous(step, frame)
        result.used, result.left_out = 1, True
        if step.name is not None and named:
            frame.steps[self.title(step, context) or UNNAMED] = result
        return result

    def _dispatch(self, context: StepContext) -> Result:
        step = context.step
        if step.op is not None:
            result = self.op_steps.op(context)
        elif step.body is not None:
            self.read_previous(step, context.frame)
            result = self.blocks.group(context)
        elif step.share is None:
            return Result(unknown(context.level), step=step)
        else:
            self.read_previous(step, context.frame)
            from netspec.elaborate.shared_steps import SharedSteps

            result = SharedSteps(self).share(context)
        if step.checkpoint is not None and self.flag(step.checkpoint, context):
            if result.maker is not None:
                result.maker.checkpoint = True
            elif step.inline is not None:
                self.values.error(
                    Code.BAD_STEP,
                    "an inline step has no module of its own, so it cannot be checkpointed",
                    step.checkpoint,
                    "no module to checkpoint",
                    "remove `inline`",
                )
        return result

    def read_previous(self, step: Step, frame: BodyScope) -> None:
        """Note that a step without `from` reads the one before."""
        if step.source is None and frame.previous is not None:
            frame.previous.used += 1

    def _count(self, step: Step) -> None:
        self.steps += 1
        budget = self.values.budget
        if budget.steps > 0:  # as ever: one call less at each step
            budget.steps -= 1
        else:
            spend_steps(budget, 1, step.place)

    def name(self, context: StepContext) -> str:
        """The step's name, or its number among the steps of the body."""
        step, frame = context.step, context.frame
        number = frame.counter
        frame.counter += 1
        if step.fixed is not None:
            return step.fixed
        if step.name is None:
            return str(number)
        title = self.title(step, context)
        return UnknownName(f"{UNNAMED}{number}") if title is None else title

    def title(self, step: Step, reader: Reader) -> str | None:
        """The evaluated name of the step; None without one, or after an error."""
        template = step.name
        if template is None:
            return None
        if step.fixed is not None:
            return step.fixed
        try:
            rendered = template.render(reader, self.values.budget)
        except LimitError as error:
            raise passed(error, step.place) from None
        except ExpressionError as error:
            if isinstance(step.place, Scalar):
                self.diagnostics.add(expression_diagnostic(error, step.place))
            return None
        return None if rendered is UNKNOWN else str(rendered)

    def _holds(self, node: TextNode, reader: Reader) -> bool:
        """The value of a condition; if it is unknown, the step runs on unknown values."""
        value = self.values.value(node, reader)
        if isinstance(value, bool):
            return value
        reader.x = tuple([unknown(reader.frame.level) for _ in reader.x])
        if value is UNKNOWN:
            return True
        from netspec.elaborate.condition_help import condition_help

        self.values.error(
            Code.EXPRESSION_TYPE,
            "a condition must be true or false",
            node,
            f"this is {a_kind(value)}",
            condition_help(node, value),
        )
        return True

    def flag(self, node: TextNode, reader: Reader) -> bool:
        """The value of `inline` or `checkpoint`."""
        value = self.values.value(node, reader)
        if value is UNKNOWN or isinstance(value, bool):
            return value is True
        self.values.error(Code.BAD_VALUE, "this is true or false", node, f"this is {a_kind(value)}")
        return False
