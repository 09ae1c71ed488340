"""Groups and blocks: bodies that run as a level of their own, or in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Diagnostic, Label, SpecError, closest, did_you_mean
from netspec.document import Mapping, Sequence
from netspec.document import Node as Place
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.recursion import report
from netspec.elaborate.scope import Frame, Later, Reader, Result
from netspec.expr import UNKNOWN
from netspec.graph.nodes import Environment, Level, Node, Value, lost, unknown
from netspec.syntax import UNNAMED, Block, Body, Step

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Walk

_DEEPEST = 60

Run = Callable[[Level, tuple[Value, ...]], Result]
Again = Callable[[tuple[Value, ...], str, Level], Result]


class Blocks:
    """Opens levels and runs bodies in them; remembers how to run them again, for `share`."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.active: list[Block] = []
        self.again: dict[int, Again] = {}
        self.recursive: set[int] = set()
        """Blocks in a circle that was reported already."""
        self.looked_at: set[int] | None = None
        """While blocks that nothing uses are walked: those that were, which need no second walk."""

    def level(self, name: str, parent: Level, step: Step, block: Block | None = None) -> Level:
        """A new level below `parent`."""
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
        """Claim the path of a level; what is in one that has no path of its own clashes no further."""
        if self.walk.names.take(level.path, level.name, step.place):
            return inputs
        level.path = f"{level.path}{UNNAMED}{self.walk.steps}"
        return self.doubtful(level.name, inputs, level)

    def doubtful(self, name: str, inputs: tuple[Value, ...], level: Level) -> tuple[Value, ...]:
        """The inputs of a step whose path another step has: it may be one too many, so it is silent."""
        return inputs if name[:1] == UNNAMED else tuple([unknown(level) for _ in inputs])

    def group(
        self, step: Step, frame: Frame, env: Environment, reader: Reader, name: str, level: Level
    ) -> Result:
        """Run a group's body; it sees what surrounds it."""
        walk, body = self.walk, step.body
        assert body is not None
        if len(reader.x) > 1:
            walk.values.error(
                Code.INPUT_COUNT,
                f"a group takes 1 input, got {len(reader.x)}",
                step.source or step.place,
                "",
                "refer to steps outside the group by name",
            )
            return Result(unknown(level), step=step)
        if not body.steps and reader.x:
            return Result(reader.x[0], step=step)
        inline = step.inline is not None and walk.flag(step.inline, reader)

        def run(target: Level, x: tuple[Value, ...]) -> Result:
            inner = walk.frame(target, x, frame.file, env, frame, body)
            return self._inside(target, inner, body, step.outputs, step, own=not inline)

        if inline:
            return run(level, reader.x)
        opened = self.level(name, level, step)
        return self._opened(opened, step, reader.x, run, apart=self.walk.shares(frame.file))

    def use(
        self,
        step: Step,
        op: OpValue,
        frame: Frame,
        reader: Reader,
        names: tuple[str, ...],
        name: str,
        level: Level,
    ) -> Result:
        """Run a use of a block; its body sees its own parameters and inputs, nothing around it.

        Without a name it joins numbered branches: their level is its own, and its numbers come after theirs.
        """
        walk, block = self.walk, op.definition
        assert isinstance(block, Block)
        if block.failed:
            return Result(unknown(level), step=step)
        if block in self.active:
            if id(block) not in self.recursive:
                report(step, [*self.active[self.active.index(block) :], block], walk.values)
            return Result(unknown(level), step=step)
        written = walk.values.call_arguments(block, step.arguments, reader, frame.file, step)
        bound = self._bind(block, {**op.arguments, **written}, step)
        input_names = tuple(n.text for n in block.inputs) or ("input",)
        inputs = self.in_order(step, f"the block `{block.name}`", input_names, 0, reader.x, names)
        inline = not name or (step.inline is not None and walk.flag(step.inline, reader))
        if self.looked_at is not None:
            if id(block) in self.looked_at:
                return _outside(block, step, level)
            self.looked_at.add(id(block))

        def run(target: Level, x: tuple[Value, ...]) -> Result:
            inner = walk.frame(target, x, block.file, bound, None, block.body)
            inner.call_inputs(n.text for n in block.inputs)
            inner.counter = 0 if name else len(x)
            self.active.append(block)
            result = self._inside(target, inner, block.body, block.outputs, step, own=not inline)
            self.active.pop()
            return result

        if inline:
            with walk.names.inlining(step.inline or step.place):
                return run(level, inputs)
        opened = self.level(name, level, step, block)
        opened.env, opened.input_names = bound, input_names
        return self._opened(opened, step, inputs, run)

    def enter(
        self, level: Level, step: Step, x: tuple[Value, ...], *, apart: bool
    ) -> tuple[Value, ...]:
        """The inputs of a level as its body reads them; `claim`s its path.

        `share` and `repeat` may run the level again on other inputs. What is one tensor now may be two then: so
        each input is a value of its own and, with `apart`, none is one that the body may read from around it.
        """
        level.outer_inputs = x = self.claim(level, step, x)
        met: set[int] = set()
        inputs = []
        for value in x:
            inputs.append(value.entering() if apart or id(value) in met else value)
            met.add(id(value))
        level.inputs = tuple(inputs)
        return level.inputs

    def _opened(
        self, inner: Level, step: Step, x: tuple[Value, ...], run: Run, *, apart: bool = False
    ) -> Result:
        """Run a body as the level `inner`, and remember how to run it again."""
        walk = self.walk
        x = self.enter(inner, step, x, apart=apart)
        outer, walk.sink = walk.sink, inner.entries
        result = run(inner, x)
        walk.sink = outer
        outer.append(inner)

        def again(y: tuple[Value, ...], name: str, level: Level) -> Result:
            copy = self.level(name, level, step, inner.block)
            copy.env, copy.input_names = inner.env, inner.input_names
            return self._opened(copy, step, y, run, apart=apart)

        self.again[id(inner)] = again
        return result

    def _inside(
        self,
        level: Level,
        frame: Frame,
        body: Body,
        outputs: Place | None,
        step: Step,
        *,
        own: bool,
    ) -> Result:
        """Run a body and give its outputs as one result."""
        self.walk.body(body, frame, frame.env)
        values, names, kind = self.walk.finish(frame, outputs)
        if not values:
            return Result(unknown(level), step=step)
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
            listed = ", ".join(f"`{n}`" for n in missing)
            self.walk.values.error(
                Code.MISSING_ARGUMENT,
                f"`{block.name}` requires {listed}",
                step.op or step.place,
                f"missing {', '.join(missing)}",
                labels=(Label(block.place.span, "the block"),),
            )
        return bound

    def default(self, block: Block, name: str, bound: dict[str, object]) -> object:
        """The value of a parameter's default."""
        parameter = block.parameters[name]
        assert parameter.default is not None
        scope = Frame(Level("", "", None, None), (), block.file, bound, None, block.body)
        reader = Reader(scope, bound, (), self.walk.conditions.known)
        reader.later = Later(block.parameters, bound)
        return self.walk.values.parameter(parameter, parameter.default, reader, block.file)

    def in_order(
        self,
        step: Step,
        what: str,
        declared: tuple[str, ...],
        optional: int,
        values: tuple[Value, ...],
        names: tuple[str, ...],
    ) -> tuple[Value, ...]:
        """The inputs by position, from a list or a mapping by name; a wrong count is reported."""
        if names:
            values = self._by_name(step, what, declared, values, names)
        elif len(declared) - optional <= len(values) <= len(declared):
            return values
        needed = declared[: len(declared) - optional]
        missing = [n for n in needed if n not in names] if set(names) <= set(declared) else []
        if names and len(values) >= len(needed) and missing:
            self.walk.values.error(
                Code.INPUT_COUNT,
                f"{what} requires the input `{missing[0]}`",
                step.source or step.place,
                f"missing {', '.join(missing)}",
            )
        elif len(needed) <= len(values) <= len(declared):
            return values
        elif any(map(lost, values)):
            return (*values, *[unknown(None)] * len(declared))[: len(declared)]
        else:
            self._miscounted(step, what, declared, optional, values)
        return (unknown(None),) * len(declared)

    def _no_inputs(
        self, step: Step, what: str, declared: tuple[str, ...], undeclared: list[str]
    ) -> None:
        """Report names of inputs that there are not, as one mistake."""
        assert isinstance(step.source, Mapping)
        first, *others = [key for key, _ in step.source.entries if key.text in undeclared]
        suggestion = closest(first.text, declared)
        self.walk.values.error(
            Code.INPUT_COUNT,
            f"{what} has no input {' or '.join(f'`{name}`' for name in undeclared)}",
            first,
            "unknown input",
            did_you_mean(suggestion) if suggestion else f"its inputs are: {', '.join(declared)}",
            labels=tuple([Label(key.span, "also unknown") for key in others]),
            name=first.text,
        )

    def _miscounted(
        self,
        step: Step,
        what: str,
        declared: tuple[str, ...],
        optional: int,
        values: tuple[Value, ...],
    ) -> None:
        """Report a wrong number of inputs."""
        counts = (
            f"{len(declared) - optional} to {len(declared)}" if optional else f"{len(declared)}"
        )
        count = f"{counts} inputs ({', '.join(declared)})" if len(declared) > 1 else "1 input"
        listed = ", ".join(f"{n}: …" for n in declared)
        self.walk.values.error(
            Code.INPUT_COUNT,
            f"{what} takes {count if declared else 'no input'}, got {len(values)}",
            step.source or step.op or step.place,
            f"got {len(values)}",
            *(
                [f"pass them in order, or by name: `from: {{{listed}}}`"]
                if len(declared) > 1
                else []
            ),
        )

    def _by_name(
        self,
        step: Step,
        what: str,
        declared: tuple[str, ...],
        values: tuple[Value, ...],
        names: tuple[str, ...],
    ) -> tuple[Value, ...]:
        by_name = dict(zip(names, values, strict=True))
        undeclared = [name for name in names if name not in declared]
        if undeclared:
            self._no_inputs(step, what, declared, undeclared)
            for name in undeclared:
                by_name.setdefault(closest(name, declared) or "", by_name[name])
            return tuple(by_name.get(n) or unknown(None) for n in declared)
        return tuple(by_name[n] for n in declared if n in by_name)


def _outside(block: Block, step: Step, level: Level) -> Result:
    """What a use of a block gives, as far as its outputs' names."""
    node = block.outputs
    names = [k.text for k, _ in node.entries] if isinstance(node, Mapping) else []
    if isinstance(node, Sequence):
        names = [name for k, item in enumerate(node.items) for name in (str(k), item.span.text)]
    value = Value(Node(block.name, "", "block", None, (), None, level, {}), 0, None, "float32")
    return Result(value, dict.fromkeys(names, value) or None, step)
