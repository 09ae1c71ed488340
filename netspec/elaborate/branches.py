"""Parallel branches, and the op that joins them."""

from __future__ import annotations

from collections import abc
from typing import TYPE_CHECKING

from netspec import layers
from netspec.diagnostics import Code
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.scope import Reader, Result
from netspec.elaborate.step_context import BranchJoin, StepContext
from netspec.graph.nodes import Environment, Level, Value, unknown
from netspec.syntax import Block, Step

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter


class Branches:
    """Runs the branches of a step on one input, and joins their results."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def join(self, context: StepContext, op: OpValue | None) -> Result:
        """Run parallel branches and join them; unnamed ones are children of a level of the join's name."""
        interpreter, level = self.interpreter, context.level
        if (values := self._named_steps(context)) is not None:
            context.x, context.input_names = values, ()
            return interpreter.op_steps.apply(context, op)
        branches = list(self._unfolded(context.step.branches or (), context, context.env))
        joins = self._joins(context, op, len(branches))
        if all(branch.name is not None for branch, _ in branches):
            branch_results = self._branches(branches, context, context.x, None)
            context.x = branch_results if joins else (unknown(level),)
            context.input_names = ()
            return interpreter.op_steps.apply(context, op)
        opened = BranchJoin(context.copy(context.child_name, level, context.entries, context.x), op)
        holder = interpreter.blocks.level(context)
        whole = all(branch.name is None for branch, _ in branches)
        apart = whole and interpreter.shares(context.frame.file)
        x = interpreter.blocks.enter(holder, context.step, context.x, apart=apart)
        before = next(k for k, (branch, _) in enumerate(branches) if branch.name is None)
        place = len(context.entries) + before
        branch_results = self._branches(branches, context, x, holder)
        context.x = branch_results if joins else (unknown(level),)
        inside = context.copy("", holder, holder.entries, context.x)
        inside.input_names, inside.seen = (), context.seen
        result = interpreter.op_steps.apply(inside, op)
        context.entries.insert(place, holder)
        holder.outputs = (result.main,)
        interpreter.blocks.openings[holder] = opened
        return Result(result.main, result.named, context.step, holder)

    def _named_steps(self, context: StepContext) -> tuple[Value, ...] | None:
        """The results of earlier steps that are listed as branches, which is reported; None for branches."""
        step, frame = context.step, context.frame
        results = []
        for branch in step.branches or ():
            name = branch.op.text if branch.op is not None and not branch.arguments else ""
            result = frame.find(name)
            if result is None or layers.find(name) is not None or name in frame.file.blocks:
                return None
            results.append(result)
        if not results:
            return None
        from netspec.elaborate.branches_by_name import branches_by_name

        for result in results:
            result.used += 1
        self.interpreter.ran.update(step.branches or ())
        self.interpreter.diagnostics.add(branches_by_name(step))
        return tuple([result.main for result in results])

    def _unfolded(
        self, branches: abc.Iterable[Step], context: StepContext, env: Environment
    ) -> abc.Iterator[tuple[Step, Environment]]:
        """The branches with their scopes; a loop is a branch for every item."""
        for branch in branches:
            if branch.each is None or branch.body is None:
                yield branch, env
                continue
            for inner in self.interpreter.loops.rounds(branch, context.frame, env, context.x[:1]):
                yield from self._unfolded(branch.body.steps, context, inner)

    def _joins(self, context: StepContext, op: OpValue | None, count: int) -> bool:
        """Whether the op joins these branches; if not, that is reported."""
        values, step = self.interpreter.values, context.step
        place = step.op or step.place
        if len(context.x) > 1:
            values.error(
                Code.INPUT_COUNT,
                f"branches start from 1 input, got {len(context.x)}",
                step.source or step.place,
                "",
                "refer to other steps with `from` inside a branch",
            )
            context.x = context.x[:1]
        if not count:
            values.error(
                Code.INPUT_COUNT,
                f"`{place.span.text}` has no branches to join",
                place,
                "nothing to join",
                "write the identity as an empty branch, `[]`",
            )
            return False
        if op is not None and not _joins(op):
            values.error(
                Code.INPUT_COUNT,
                f"`{op.name}` takes one input, so it cannot join branches",
                place,
                "not a joining op",
                "join with Concat, Add, Mul, … and add this op after it",
            )
            return False
        return True

    def _branches(
        self,
        branches: list[tuple[Step, Environment]],
        join: StepContext,
        x: tuple[Value, ...],
        holder: Level | None,
    ) -> tuple[Value, ...]:
        """The results of the branches, all on one input; unnamed ones go to `holder`."""
        frame = join.frame
        before = frame.previous
        results = []
        for k, (branch, env) in enumerate(branches):
            frame.previous = Result(x[0]) if x else before
            if branch.name is not None or holder is None:
                context = StepContext(branch, frame, env, join.level, join.entries, join.domains)
                context.child_name = self._named(context)
            else:
                context = StepContext(branch, frame, env, holder, holder.entries, join.domains)
                context.child_name = str(k)
            results.append(self.interpreter.run(context).main)
        frame.previous = before
        return tuple(results)

    def _named(self, context: StepContext) -> str | None:
        """A named branch's name; None lets a repeat that mentions `i` name its iterations."""
        branch, frame = context.step, context.frame
        if branch.name is None:
            return None
        if branch.repeat is not None and branch.name.mentions("i"):
            return None
        flowing = (frame.previous.main,) if frame.previous is not None else ()
        reader = Reader(frame, context.env, flowing, context.domains)
        return self.interpreter.title(branch, reader) or ""


def _joins(op: OpValue) -> bool:
    if isinstance(op.definition, Block):
        return len(op.definition.inputs) > 1
    return op.definition.variadic or len(op.definition.inputs) > 1
