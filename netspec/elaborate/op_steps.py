"""Steps that have an op, or are another step again: layers applied, branches joined, weights shared."""

from __future__ import annotations

from collections import abc
from functools import lru_cache
from typing import TYPE_CHECKING

from netspec.diagnostics import Code, closest, did_you_mean, one_slip
from netspec.document import Mapping
from netspec.document import Node as Place
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.scope import Frame, Reader, Result
from netspec.elaborate.share import Sharing, waits
from netspec.graph.nodes import Environment, Level, Node, Value, lost, unknown
from netspec.layers import families, find
from netspec.layers.base import Layer, Module
from netspec.syntax import Block, Step

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Walk


_JOINING = {"Sum": "Add", "Prod": "Mul", "Max": "Maximum", "Min": "Minimum"}
"""What reduces one tensor, to what joins several."""


@lru_cache(maxsize=256)
def _misspelt(name: str) -> str | None:
    """The layer whose name is one slip away; asked for each iteration of a loop."""
    return next((family for family in families() if one_slip(name, family)), None)


class Leaves:
    """Runs single steps."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.sharing = Sharing(walk.values, walk.references)
        self.computing: dict[int, Frame] = {}
        """The frames of the nodes whose arguments mention a tensor, for when they are shared."""

    def op(
        self,
        step: Step,
        frame: Frame,
        env: Environment,
        reader: Reader,
        names: tuple[str, ...],
        name: str,
        level: Level,
    ) -> Result:
        """Run a step that has an op: a layer, or a block."""
        assert step.op is not None
        walk = self.walk
        op = walk.values.definition(step.op.text, step.op, reader, frame.file)
        if step.source is None and op is not None and _takes_nothing(op):
            reader.x = ()
        else:
            walk.read_previous(step, frame)
        if step.branches is not None:
            return self._join(step, op, frame, env, reader, name, level)
        return self._apply(step, op, frame, env, reader, names, name, level)

    def _apply(
        self,
        step: Step,
        op: OpValue | None,
        frame: Frame,
        env: Environment,
        reader: Reader,
        names: tuple[str, ...],
        name: str,
        level: Level,
    ) -> Result:
        """Apply an op to what flows into its step."""
        if op is None:
            self._report_arguments_of_suggestion(step, frame, reader)
            return Result(unknown(level), step=step)
        if isinstance(op.definition, Block):
            return self.walk.blocks.use(step, op, frame, reader, names, name, level)
        return self._layer(step, op, frame, env, reader, names, name, level)

    def _report_arguments_of_suggestion(self, step: Step, frame: Frame, reader: Reader) -> None:
        """Report at once what is wrong with the arguments of a layer whose name is misspelt."""
        assert step.op is not None
        name = step.op.text
        if name in reader.env or name in frame.file.blocks:
            return
        from netspec.elaborate.unknown_op import other_name_of

        suggestion = _misspelt(name) or other_name_of(name, reader)
        layer = find(suggestion) if suggestion is not None else None
        if suggestion is not None and layer is not None:
            self.walk.application.wrong_arguments(step, layer, reader, frame.file)

    def _join(
        self,
        step: Step,
        op: OpValue | None,
        frame: Frame,
        env: Environment,
        reader: Reader,
        name: str,
        level: Level,
    ) -> Result:
        """Run parallel branches and join them; unnamed ones are children of a level of the join's name."""
        branches = list(self._unfolded(step.branches or (), frame, env, reader.x[:1]))
        joins = self._joins(step, op, reader, len(branches))
        x = reader.x
        if all(branch.name is not None for branch, _ in branches):
            branch_results = self._branches(branches, frame, x, level, None)
            reader.x = branch_results if joins else (unknown(level),)
            return self._apply(step, op, frame, env, reader, (), name, level)
        walk = self.walk
        holder = walk.blocks.level(name, level, step)
        whole = all(branch.name is None for branch, _ in branches)
        x = walk.blocks.enter(holder, step, x, apart=whole and walk.shares(frame.file))
        named = next(k for k, (branch, _) in enumerate(branches) if branch.name is None)
        place = len(walk.sink) + named
        branch_results = self._branches(branches, frame, x, level, holder)
        reader.x = branch_results if joins else (unknown(level),)
        outer, walk.sink = walk.sink, holder.entries
        result = self._apply(step, op, frame, env, reader, (), "", holder)
        walk.sink = outer
        outer.insert(place, holder)
        holder.outputs = (result.main,)
        walk.blocks.again[id(holder)] = lambda y, other, where: self._join(
            step, op, frame, env, Reader(frame, env, y, reader.domains), other, where
        )
        return Result(result.main, result.named, step, holder)

    def _unfolded(
        self,
        branches: abc.Iterable[Step],
        frame: Frame,
        env: Environment,
        x: tuple[Value, ...],
    ) -> abc.Iterator[tuple[Step, Environment]]:
        """The branches and what the names mean in each; a loop is a branch for every item."""
        for branch in branches:
            if branch.each is None or branch.body is None:
                yield branch, env
                continue
            for inner in self.walk.loops.rounds(branch, frame, env, x):
                yield from self._unfolded(branch.body.steps, frame, inner, x)

    def _joins(self, step: Step, op: OpValue | None, reader: Reader, count: int) -> bool:
        """Whether the op joins these branches; if not, that is reported."""
        values, place = self.walk.values, step.op or step.place
        if len(reader.x) > 1:
            values.error(
                Code.INPUT_COUNT,
                f"branches start from 1 input, got {len(reader.x)}",
                step.source or step.place,
                "",
                "refer to other steps with `from` inside a branch",
            )
            reader.x = reader.x[:1]
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
        frame: Frame,
        x: tuple[Value, ...],
        level: Level,
        holder: Level | None,
    ) -> tuple[Value, ...]:
        """The results of the branches, all on one input."""
        walk = self.walk
        before = frame.previous
        results = []
        for k, (branch, env) in enumerate(branches):
            frame.previous = Result(x[0]) if x else before
            if branch.name is not None or holder is None:
                result = walk.run(branch, frame, env, self._named(branch, frame, env), level)
            else:
                outer, walk.sink = walk.sink, holder.entries
                result = walk.run(branch, frame, env, str(k), holder)
                walk.sink = outer
            results.append(result.main)
        frame.previous = before
        return tuple(results)

    def _named(self, branch: Step, frame: Frame, env: Environment) -> str | None:
        """A named branch's name; None lets a repeat that mentions `i` name its iterations."""
        if branch.name is None:
            return None
        if branch.repeat is not None and branch.name.mentions("i"):
            return None
        flowing = (frame.previous.main,) if frame.previous is not None else ()
        reader = Reader(frame, env, flowing, self.walk.conditions.known)
        return self.walk.title(branch, reader) or ""

    # ---- layers ---------------------------------------------------------------------------------

    def _layer(
        self,
        step: Step,
        op: OpValue,
        frame: Frame,
        env: Environment,
        reader: Reader,
        names: tuple[str, ...],
        name: str,
        level: Level,
    ) -> Result:
        walk, definition = self.walk, op.definition
        assert isinstance(definition, type)
        if step.inline is not None:
            walk.values.error(
                Code.BAD_STEP,
                f"`{op.name}` is a layer, so it has no level to omit",
                step.inline,
                "only groups and blocks can be inline",
            )
        layer = walk.application.layer(step, op, reader, frame.file)
        inputs = self._inputs(step, definition, layer, reader.x, names)
        if names:
            layer = _taking(layer, names)
        node = self._node(step, layer, op.name, inputs, name, level, env)
        if reader.seen and layer is not None:
            self.computing[id(node)] = frame
            if _waits(layer):
                node.reads = reader.seen
        if isinstance(step.share, Mapping):
            self.sharing.tie(node, step.share, frame, env)
        result = Result(node.outputs[0], _results(node), step, node)
        result.flows = definition.flows
        return result

    def _node(
        self,
        step: Step,
        layer: Layer | None,
        op: str,
        inputs: tuple[Value, ...],
        name: str,
        level: Level,
        env: Environment,
    ) -> Node:
        walk = self.walk
        if name and not walk.names.take(level.child(name), name, step.place):
            inputs = self.walk.blocks.doubtful(name, inputs, level)
        node = walk.application.node(step, layer, op, inputs, name, level, env)
        walk.nodes.append(node)
        walk.sink.append(node)
        return node

    def _inputs(
        self,
        step: Step,
        definition: type[Layer],
        layer: Layer | None,
        values: tuple[Value, ...],
        names: tuple[str, ...],
    ) -> tuple[Value, ...]:
        """The inputs of a layer, as many as it takes; `layer` is None where its arguments are wrong."""
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
                self.walk.values.error(
                    Code.INPUT_COUNT, message, step.op, f"got {len(values)}", advice_text
                )
                return (unknown(None),)
            if layer is None and any(
                k.text in definition.inputs and k.text not in definition.arguments
                for k, _ in step.arguments
            ):
                # Inputs as arguments: that is reported.
                return (unknown(None),) * len(definition.inputs)
            return self.walk.blocks.in_order(
                step, what, definition.inputs, definition.optional_inputs, values, names
            )
        if len(values) >= definition.fewest or any(map(lost, values)):
            return values
        least = "1 input" if definition.fewest == 1 else f"{definition.fewest} inputs"
        self.walk.values.error(
            Code.INPUT_COUNT,
            f"`{definition.__name__}` joins at least {least}, got {len(values)}",
            step.source or step.op or step.place,
            f"got {len(values)}",
            "pass them with `from: [a, b]`, or declare `branches`",
        )
        return (unknown(None),)

    def _again(
        self, maker: Node, inputs: tuple[Value, ...], step: Step
    ) -> tuple[Layer | None, abc.Mapping[str, tuple[Value, ...]]]:
        """The layer of a shared step, with the values inferred from its input recomputed."""
        frame = self.computing.get(id(maker))
        if frame is None or maker.step is None or maker.step.op is None:
            return maker.layer, {}
        walk = self.walk
        reader = Reader(frame, maker.env, inputs, walk.conditions.known)
        op = walk.values.definition(maker.step.op.text, maker.step.op, reader, frame.file)
        layer = (
            walk.application.layer(maker.step, op, reader, frame.file) if op is not None else None
        )
        assert maker.layer is not None
        if isinstance(layer, Module) and layer.changed() != maker.layer.changed():
            walk.values.error(
                Code.SHARED,
                f"`{maker.path}` computes different arguments for this input, so it cannot be "
                "shared",
                step.share or step.place,
                "shared here",
            )
        return layer, reader.seen if layer is not None and _waits(layer) else {}

    # ---- share ----------------------------------------------------------------------------------

    def shared(
        self,
        step: Step,
        frame: Frame,
        env: Environment,
        reader: Reader,
        names: tuple[str, ...],
        name: str,
        level: Level,
    ) -> Result:
        """Be another step again, on another input, with the same weights."""
        walk = self.walk
        assert step.share is not None
        owner = walk.references.result(step.share, frame, env)
        maker = owner.maker if owner is not None else None
        joined = maker.step.branches if maker is not None and maker.step is not None else None
        if joined is not None and any(map(_has_name, joined)):
            walk.values.error(
                Code.BAD_STEP,
                "a join with named branches cannot be shared whole",
                step.share,
                "its branches are steps of the body",
                "wrap the join in a group, and share the group",
            )
            return Result(unknown(level), step=step)
        again = walk.blocks.again.get(id(maker))
        if isinstance(maker, Level) and again is not None:
            x = self._level_inputs(step, maker, reader.x, names)
            if len(reader.x) != len(maker.inputs) or any(map(lost, x)):
                return Result(unknown(level), step=step)
            result = again(x, name, level)
            if isinstance(result.maker, Level):
                self.sharing.own(result.maker, maker, step.share)
                result.step = result.maker.step = step
            return result
        if isinstance(maker, Node) and maker.layer is not None:
            inputs = self._inputs(step, type(maker.layer), maker.layer, reader.x, names)
            layer, reads = self._again(maker, inputs, step)
            layer = _taking(layer, names or maker.layer.inputs[: len(inputs)])
            node = self._node(step, layer, maker.op, inputs, name, level, env)
            node.reads = reads
            self.sharing.own(node, maker, step.share)
            return Result(node.outputs[0], _results(node), step, node)
        if owner is not None and owner.main.shape is not None:
            self._no_share(step.share, owner)
        return Result(unknown(level), step=step)

    def _level_inputs(
        self, step: Step, owner: Level, values: tuple[Value, ...], names: tuple[str, ...]
    ) -> tuple[Value, ...]:
        """The inputs of a shared level by position; a wrong count or name is reported."""
        blocks, what = self.walk.blocks, f"`{owner.path}`"
        if names and owner.input_names:
            return blocks.in_order(step, what, owner.input_names, 0, values, names)
        numbered = tuple(f"input {k + 1}" for k in range(len(owner.inputs)))
        return blocks.in_order(step, what, numbered, 0, values, ())

    def _no_share(self, place: Place, owner: Result) -> None:
        """Report a share of what has no weights to share."""
        error = self.walk.values.error
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


def _waits(layer: Layer) -> bool:
    """Whether an argument is a size that is only known at run time."""
    return any(waits(getattr(layer, name)) for name in layer.arguments)


def _has_name(branch: Step) -> bool:
    """Whether a branch, or what a loop makes a branch of, has a name."""
    if branch.each is not None and branch.body is not None:
        return any(map(_has_name, branch.body.steps))
    return branch.name is not None


def _results(node: Node) -> dict[str, Value] | None:
    """The results of a node by name, where it has several or names them; numbers where their count varies."""
    if node.layer is None or node.layer.results == ("output",):
        return None
    return dict(zip(node.result_names, node.outputs, strict=True))


def _taking(layer: Layer | None, names: tuple[str, ...]) -> Layer | None:
    """The layer for a call that gives these of its inputs by name."""
    if layer is None or not names or not layer.optional_inputs:
        return layer
    input_names = {n if n in layer.inputs else closest(n, layer.inputs) for n in names}
    return layer.taking(tuple(n for n in layer.inputs if n in input_names))


def _joins(op: OpValue) -> bool:
    if isinstance(op.definition, Block):
        return len(op.definition.inputs) > 1
    return op.definition.variadic or len(op.definition.inputs) > 1


def _takes_nothing(op: OpValue) -> bool:
    return not isinstance(op.definition, Block) and not op.definition.inputs
