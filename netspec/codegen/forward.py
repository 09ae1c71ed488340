"""What `forward` says: one statement a step, each tensor in a variable that is used again when free."""

from __future__ import annotations

import re

from netspec.codegen.borrowing import borrowed, owner_level
from netspec.codegen.build import counted
from netspec.codegen.comments import commented, place_of, shapes_of
from netspec.codegen.names import attribute, fresh, identifier
from netspec.codegen.parts import Build, BuildChain, Call, LevelPlan
from netspec.codegen.quoting import in_f_string, literal
from netspec.codegen.runtime import SLOT, slots
from netspec.elaborate import Level, Node, Value
from netspec.expr.python import without_capture
from netspec.layers.base import Function, Module, Names
from netspec.layers.constant import _Source as Source

_FOREVER = 1 << 60
_PLACEHOLDER = re.compile(r"_(?:tensor|input)_\d+_")
_AT_ONCE = 8
"""How many inputs one expression joins: Python compiles no expression that is nested too deep."""
_RUNNING = ("x", "out")
"""The variables for what the next statement reads."""


class Forward:
    """Writes the `forward` of one class."""

    def __init__(
        self,
        plan: LevelPlan,
        uses: list[LevelPlan],
        inputs: list[str] | None = None,
        kind: str = "one",
    ) -> None:
        self.plan = plan
        self.uses = uses
        self.inputs = inputs
        """The names of the network's inputs, for the outermost class."""
        self.kind = kind
        """Whether the network gives `one` tensor, a `tuple` or a `dict`."""
        self.variable: dict[int, str] = {}
        self.holds: dict[str, int] = {}
        """The value that each variable holds, as long as it is still read."""
        self.fixed: set[str] = set()
        """Names that are never written over: the arguments that a caller knows by name."""
        self.last: dict[int, int] = {}
        self.kept: set[int] = set()
        """Values that wait to be read: these go by their step's name, the others by `x` or `out`."""
        self.borrowed: dict[int, str] = {}
        """The attributes for what other levels built, found when the first is used."""
        self.parameters = self._parameters()
        self._last_uses()

    def lines(self) -> list[str]:
        """The statements, `return` included."""
        lines = []
        calls = self.plan.calls
        for k, call in enumerate(calls):
            if isinstance(call.node, Node) and isinstance(call.node.layer, Source):
                self.variable[id(call.outputs[0])] = attribute(call.node.name)
                continue
            if k == len(calls) - 1 and self._is_result(call) and call.loop is None:
                *before, expression = self._folded(k, call)
                lines.extend(before)
                lines.append(commented(f"return {expression}", *self._comment(k, call)))
                return lines
            told = self._statement(k, call)
            at = len(told) - 2 if call.loop is not None else len(told) - 1
            told[at] = commented(told[at], *self._comment(k, call))
            lines.extend(told)
        lines.append(f"return {self._results()}")
        return lines

    # ---- variables --------------------------------------------------------------------------------

    def _parameters(self) -> list[str]:
        level = self.plan.level
        names: list[str] = []
        if self.inputs is not None:
            names = list(self.inputs)
            self.fixed.update(n for n in names if n != "x")
        elif level.block is not None and level.block.inputs:
            names = [identifier(n.text) for n in level.block.inputs]
        else:
            names = ["x", *(f"x{k}" for k in range(1, len(level.inputs)))][: len(level.inputs)]
        for value in self.plan.captured:
            names.append(fresh(identifier(value.node.name), set(names)))
        for value, name in zip((*level.inputs, *self.plan.captured), names, strict=True):
            if id(value) not in self.variable:
                self._bind(value, name)
        return names

    def _bind(self, value: Value, name: str) -> None:
        self.variable[id(value)] = name
        self.holds[name] = id(value)

    def _last_uses(self) -> None:
        """Which statement reads each value last, and which values are read later than by the next one."""
        calls = self.plan.calls
        made = {id(v): k for k, call in enumerate(calls) for v in call.outputs}
        for k, call in enumerate(calls):
            for value in (*call.inputs, *self._mentioned(call)):
                if made.get(id(value), k) < k - 1:
                    self.kept.add(id(value))
        if len(self.plan.level.outputs) > 1:
            self.kept.update(id(v) for v in self.plan.level.outputs)
        for k, call in enumerate(self.plan.calls):
            for value in (*call.inputs, *self._mentioned(call)):
                self.last[id(value)] = k
        for value in self.plan.level.outputs:
            self.last[id(value)] = _FOREVER

    def _mentioned(self, call: Call) -> list[Value]:
        return slots(call.node) if isinstance(call.node, Node) else []

    def _live(self, k: int) -> set[str]:
        """The variables whose tensors are still needed after statement `k`."""
        self.holds = {name: v for name, v in self.holds.items() if self.last.get(v, -1) > k}
        return {*self.holds, *self.fixed}

    def _target(self, k: int, call: Call, value: Value, taken: set[str], result: str = "") -> str:
        """The variable for a result: the input's own where that is free, else a fresh one.

        One of several results goes by `result`, what the step calls it, if it is not the first or waits.
        """
        if id(value) not in self.last and value not in self.plan.level.outputs:
            return "_"
        live = self._live(k) | taken
        if result and (taken or id(value) in self.kept):
            return fresh(identifier(result), live)
        if id(value) in self.kept and not call.node.name.isdigit():
            return fresh(identifier(call.node.name), live)
        own = self.variable.get(id(call.inputs[0]), "") if call.inputs else ""
        for name in (own, *_RUNNING) if own in _RUNNING else _RUNNING:
            if name not in live:
                return name
        return fresh(identifier(call.node.name), live)

    # ---- statements -------------------------------------------------------------------------------

    def _statement(self, k: int, call: Call) -> list[str]:
        if call.loop is not None:
            return self._loop(k, call)
        *before, expression = self._folded(k, call)
        taken: set[str] = set()
        targets = []
        names = _result_names(call) or ("",) * len(call.outputs)
        for value, name in zip(call.outputs, names, strict=True):
            target = self._target(k, call, value, taken, name)
            taken.add(target)
            targets.append(target)
        for value, target in zip(call.outputs, targets, strict=True):
            self._bind(value, target)
        if set(targets) <= {"_"}:
            return [*before, expression]
        return [*before, f"{_unpacked(call, targets)} = {expression}"]

    def _loop(self, k: int, call: Call) -> list[str]:
        loop = call.loop
        assert loop is not None
        source = self.variable[id(call.inputs[0])]
        target = self._target(k, call, call.outputs[0], set())
        self._bind(call.outputs[0], target)
        numbers = counted(loop.count.said, loop.start)
        name = f'f"{in_f_string(loop.prefix)}{{i}}{in_f_string(loop.suffix)}"'
        start = [] if source == target else [f"{target} = {source}"]
        return [*start, f"for i in {numbers}:", f"    {target} = getattr(self, {name})({target})"]

    def _folded(self, k: int, call: Call) -> list[str]:
        """The expression of a call; of many inputs, the statements first that join all but the last of them."""
        inputs = [self.variable[id(v)] for v in call.inputs]
        layer = call.node.layer if isinstance(call.node, Node) else None
        if not isinstance(layer, Function) or not layer.folds or len(inputs) <= _AT_ONCE:
            return [self._expression(call)]
        partial = fresh("partial", self._live(k - 1) | set(inputs))
        *starts, last = range(1, len(inputs), _AT_ONCE - 1)
        joined = inputs[0]
        statements = []
        for start in starts:
            written = layer.write(joined, *inputs[start : start + _AT_ONCE - 1])
            statements.append(f"{partial} = {written}")
            joined = partial
        return [*statements, layer.write(joined, *inputs[last:])]

    def _expression(self, call: Call) -> str:
        inputs = [self.variable[id(v)] for v in call.inputs]
        node = call.node
        if isinstance(node, Level):
            return self._applied(self._module(call), inputs, node)
        layer = node.layer
        if isinstance(layer, Function):
            texts = {a.keyword: self._filled(a.hole.said, call) for a in call.function}
            written = layer.write(*inputs, **texts)
            alone = len(call.outputs) == 1 and layer.results != ("output",)
            return f"{written}[0]" if alone else written
        assert isinstance(layer, Module)
        module = self._module(call)
        texts = {a.keyword: self._filled(a.hole.said, call) for a in call.function}
        if node.checkpoint:
            # The call as the layer writes it, of `_recompute` with the module as the first argument.
            return layer.write("\0", *inputs, **texts).replace("\0(", f"_recompute({module}, ")
        return layer.write(module, *inputs, **texts)

    def _module(self, call: Call) -> str:
        """The expression for the module that a call applies."""
        owner = call.node.owner
        if owner is None:
            assert isinstance(call.item, Build | BuildChain)
            return attribute(call.item.name)
        if owner_level(owner) is self.plan.level:
            return attribute(owner.name)
        if not self.borrowed:
            self.borrowed = borrowed(self.plan.level)
        return f"self.{self.borrowed[id(owner)]}"

    def _applied(self, module: str, inputs: list[str], node: Node | Level) -> str:
        if node.checkpoint:
            return f"_recompute({', '.join([module, *inputs])})"
        return f"{module}({', '.join(inputs)})"

    def _filled(self, text: str, call: Call) -> str:
        """A text with the variables of the tensors that it mentions."""
        mentioned = [self.variable[id(v)] for v in self._mentioned(call)]
        if " for " in text:
            text = without_capture(text, {name.partition(".")[2] or name for name in mentioned})
        names = {SLOT.format(k): variable for k, variable in enumerate(mentioned)}
        for k, value in enumerate(call.inputs):
            names[f"_input_{k}_"] = self.variable[id(value)]
        return _PLACEHOLDER.sub(lambda found: names.get(found[0], found[0]), text)

    # ---- results ----------------------------------------------------------------------------------

    def _is_result(self, call: Call) -> bool:
        outputs = self.plan.level.outputs
        return len(outputs) == 1 and call.outputs == outputs and not self._named()

    def _named(self) -> bool:
        """Whether the whole network gives a dict or a tuple."""
        level = self.plan.level
        return bool(level.output_names) and (level.parent is None or len(level.outputs) > 1)

    def _results(self) -> str:
        level = self.plan.level
        names = [self.variable[id(v)] for v in level.outputs]
        if level.parent is None and self.kind == "dict":
            pairs = zip(level.output_names, names, strict=True)
            return "{" + ", ".join(f"{literal(n)}: {v}" for n, v in pairs) + "}"
        if len(names) == 1 and not (level.parent is None and self.kind == "tuple"):
            return names[0]
        return f"({names[0]},)" if len(names) == 1 else ", ".join(names)

    def _comment(self, k: int, call: Call) -> tuple[str, str]:
        """The shape that comes out, and the line of the spec."""
        return shapes_of([use.calls[k] for use in self.uses]), place_of(call.node)


def _unpacked(call: Call, targets: list[str]) -> str:
    """The variables for the results of a call, nested as they come: `x, (h_n, _)`."""
    layer = call.node.layer if isinstance(call.node, Node) else None
    if layer is None:
        return ", ".join(targets)
    by_name = dict(zip(layer.results, targets, strict=False))
    return _nested(layer.returned, by_name) if len(by_name) == len(targets) else ", ".join(targets)


def _result_names(call: Call) -> tuple[str, ...]:
    """What a layer, group or block calls its results; empty where these are but numbers.

    The first result of a layer goes by the step's name.
    """
    node = call.node
    layer = node.layer if isinstance(node, Node) else None
    names = layer.results if layer is not None else getattr(node, "output_names", ())
    plain = len(names) == len(call.outputs) > 1 and not any(n.isdigit() for n in names)
    if not plain:
        return ()
    return names if layer is None else ("", *names[1:])


def _nested(names: Names, targets: dict[str, str]) -> str:
    said = []
    for name in names:
        inner = targets[name] if isinstance(name, str) else _nested(name, targets)
        unread = not set(inner) - set("_, ")
        said.append(inner if isinstance(name, str) else "_" if unread else f"({inner})")
    return ", ".join(said)
