"""Groups and blocks: bodies that run as a level of their own, or in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from netspec.diagnostics import Code, Diagnostic, Label, SpecError
from netspec.document import Mapping, Sequence
from netspec.elaborate.loops import Repetition
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.recursion import report_recursion
from netspec.elaborate.scope import BodyScope, DefaultReader, Result
from netspec.elaborate.step_context import BranchJoin, DeclaredInputs, StepContext
from netspec.expr import UNKNOWN
from netspec.graph.nodes import Entry, Environment, Level, Node, Value, unknown
from netspec.syntax import UNNAMED, Block, Step, UnknownName

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter

_DEEPEST = 60


class BodyUse(NamedTuple):
    """The body of a group, or of a use of a block, about to run."""

    context: StepContext
    block: Block | None
    env: Environment
    """The scope of the body: for a block, its own parameters."""


Opening = BodyUse | Repetition | BranchJoin
"""The step that opened a level."""


class Blocks:
    """Opens levels and runs bodies in them; records the origin of each level, for `share`."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.active: list[Block] = []
        self.openings: dict[Level, Opening] = {}
        self.recursive: set[Block] = set()
        """Blocks in a circle that was reported already."""
        self.looked_at: set[Block] | None = None
        """While blocks that nothing uses are walked: those that were, which need no second walk."""

    def level(self, context: StepContext, block: Block | None = None) -> Level:
        """A new level for a step."""
        name, parent, step = context.child_name, context.level, context.step
        assert name is not None
        depth, ancestor = 0, parent
        while ancestor.parent is not None:
            depth, ancestor = depth + 1, ancestor.parent
        if depth > _DEEPEST:
            raise SpecError(
                Diagnostic(
                    Code.TOO_DEEP, f"levels are nested more than {_DEEPEST} deep", step.place.span
                )
            )
        return Level(name, parent.child(name), parent, step, block)

    def claim(self, level: Level, step: Step, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        """Claim the path of a level; in one without a path of its own, nothing can collide further."""
        if self.interpreter.names.take(level.path, level.name, step.place):
            return inputs
        level.path = f"{level.path}{UNNAMED}{self.interpreter.steps}"
        return self.doubtful(level.name, inputs, level)

    def doubtful(self, name: str, inputs: tuple[Value, ...], level: Level) -> tuple[Value, ...]:
        """The inputs of a step whose path another step has: it may be one too many, so it is silent."""
        return inputs if isinstance(name, UnknownName) else tuple([unknown(level) for _ in inputs])

    def group(self, context: StepContext) -> Result:
        """Run the body of a group, which sees the enclosing scope."""
        step = context.step
        assert step.body is not None
        if len(context.x) > 1:
            self.interpreter.values.error(
                Code.INPUT_COUNT,
                f"a group takes 1 input, got {len(context.x)}",
                step.source or step.place,
                "",
                "refer to steps outside the group by name",
            )
            return Result(unknown(context.level), step=step)
        if not step.body.steps and context.x:
            return Result(context.x[0], step=step)
        use = BodyUse(context, None, context.env)
        if step.inline is not None and self.interpreter.flag(step.inline, context):
            return self._run(use, context.level, context.entries, context.x)
        return self._open(use)

    def use(self, context: StepContext, op: OpValue) -> Result:
        """Run a use of a block; its body sees its own parameters and inputs, nothing around it.

        Without a name it joins numbered branches: their level is its own, and its numbers come after theirs.
        """
        step, level = context.step, context.level
        interpreter, block = self.interpreter, op.definition
        assert isinstance(block, Block)
        if block.failed:
            return Result(unknown(level), step=step)
        if block in self.active:
            if block not in self.recursive:
                report_recursion(
                    step, [*self.active[self.active.index(block) :], block], interpreter.values
                )
            return Result(unknown(level), step=step)
        written = interpreter.values.call_arguments(
            block, step.arguments, context, context.frame.file, step
        )
        bound = self._bind(block, {**op.arguments, **written}, step)
        input_names = tuple(n.text for n in block.inputs) or ("input",)
        inputs = self.in_order(
            step,
            DeclaredInputs(f"the block `{block.name}`", input_names),
            context.x,
            context.input_names,
        )
        inline = not context.child_name or (
            step.inline is not None and interpreter.flag(step.inline, context)
        )
        if self.looked_at is not None:
            if block in self.looked_at:
                return _outside(block, step, level)
            self.looked_at.add(block)

        use = BodyUse(context, block, bound)
        if inline:
            with interpreter.names.inlining(step.inline or step.place):
                return self._run(use, level, context.entries, inputs)
        context.x = inputs
        return self._open(use)

    def instantiate(self, level: Level, context: StepContext, inputs: tuple[Value, ...]) -> Result:
        """Run the body of `level` again, at `context` and on other inputs."""
        opening = self.openings[level]
        again = opening.context.copy(context.child_name, context.level, context.entries, inputs)
        match opening:
            case Repetition():
                return self.interpreter.loops.children(opening._replace(context=again))
            case BranchJoin():
                from netspec.elaborate.branches import Branches

                return Branches(self.interpreter).join(again, opening.op)
            case BodyUse():
                return self._open(opening._replace(context=again))

    def enter(
        self, level: Level, step: Step, x: tuple[Value, ...], *, apart: bool
    ) -> tuple[Value, ...]:
        """The inputs of a level as its body reads them; `claim`s its path.

        `share` and `repeat` may run the level again on other inputs. What is one tensor now may be two then: so
        each input is a value of its own and, with `apart`, none is one that the body may read from around it.
        """
        level.outer_inputs = x = self.claim(level, step, x)
        met: set[Value] = set()
        inputs = []
        for value in x:
            inputs.append(value.entering() if apart or value in met else value)
            met.add(value)
        level.inputs = tuple(inputs)
        return level.inputs

    def _open(self, use: BodyUse) -> Result:
        """Run a body as a level of its own."""
        context, block = use.context, use.block
        inner = self.level(context, block)
        if block is not None:
            inner.env = use.env
            inner.input_names = tuple(n.text for n in block.inputs) or ("input",)
        apart = block is None and self.interpreter.shares(context.frame.file)
        inputs = self.enter(inner, context.step, context.x, apart=apart)
        result = self._run(use, inner, inner.entries, inputs)
        context.entries.append(inner)
        self.openings[inner] = use
        return result

    def _run(
        self, use: BodyUse, level: Level, entries: list[Entry], x: tuple[Value, ...]
    ) -> Result:
        """Run a body in a level, and return its outputs as one result."""
        context, block = use.context, use.block
        step = context.step
        if block is None:
            assert step.body is not None
            body, outputs = step.body, step.outputs
            frame = BodyScope(level, x, context.frame.file, use.env, context.frame, body)
        else:
            body, outputs = block.body, block.outputs
            frame = BodyScope(level, x, block.file, use.env, None, body)
            frame.call_inputs(n.text for n in block.inputs)
            frame.counter = 0 if context.child_name else len(x)
            self.active.append(block)
        self.interpreter.body(body, frame, use.env, entries)
        values, names, kind = self.interpreter.finish(frame, outputs)
        if block is not None:
            self.active.pop()
        if not values:
            return Result(unknown(level), step=step)
        own = level is not context.level
        if own:
            level.outputs, level.output_names = values, names
        named = None
        if kind != "one":
            named = {str(k): v for k, v in enumerate(values)} if kind == "tuple" else {}
            named.update(zip(names, values, strict=True))
        return Result(values[0], named, step, level if own else None)

    # ---- parameters and inputs --------------------------------------------------------------------

    def _bind(self, block: Block, arguments: dict[str, object], step: Step) -> dict[str, object]:
        """The parameters of one use of a block; a default may mention those before it."""
        bound: dict[str, object] = {}
        missing = []
        for name, parameter in block.parameters.items():
            if name in arguments:
                bound[name] = arguments[name]
            elif parameter.default is not None:
                bound[name] = self.default(block, name, bound)
            else:
                bound[name] = UNKNOWN
                missing.append(name)
        undeclared = {
            name: value for name, value in arguments.items() if name not in block.parameters
        }
        bound.update(
            undeclared
        )  # reported; if the declaration has the mistake, the body asks for these
        if missing and not undeclared:
            from netspec.elaborate.missing_parameter import missing_parameter

            listed = ", ".join(f"`{n}`" for n in missing)
            self.interpreter.values.error(
                Code.MISSING_ARGUMENT,
                f"`{block.name}` requires {listed}",
                step.op or step.place,
                f"missing {', '.join(missing)}",
                missing_parameter(block, missing, step),
                labels=(Label(block.place.span, "the block"),),
            )
        return bound

    def default(self, block: Block, name: str, bound: dict[str, object]) -> object:
        """The value of a parameter's default."""
        parameter = block.parameters[name]
        assert parameter.default is not None
        scope = BodyScope(Level("", "", None, None), (), block.file, bound, None, block.body)
        reader = DefaultReader(scope, self.interpreter.conditions.known, block.parameters)
        return self.interpreter.values.parameter(parameter, parameter.default, reader, block.file)

    def in_order(
        self,
        step: Step,
        declared: DeclaredInputs,
        values: tuple[Value, ...],
        names: tuple[str, ...],
    ) -> tuple[Value, ...]:
        """The inputs by position, from a list or a mapping by name; a wrong count is reported."""
        count = len(declared.names)
        if not names and count - declared.optional <= len(values) <= count:
            return values
        from netspec.elaborate.input_binding import InputBinding

        return InputBinding(self.interpreter.values, step, declared).in_order(values, names)


def _outside(block: Block, step: Step, level: Level) -> Result:
    """The result of a use of a block, as far as the names of its outputs."""
    node = block.outputs
    names = [k.text for k, _ in node.entries] if isinstance(node, Mapping) else []
    if isinstance(node, Sequence):
        names = [name for k, item in enumerate(node.items) for name in (str(k), item.span.text)]
    value = Value(Node(block.name, "block", level), 0, None, "float32")
    return Result(value, dict.fromkeys(names, value) or None, step)
