"""Every level of a graph as the parts of a class, and the classes that levels of one structure share."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from netspec.codegen.arguments import ArgumentWriter
from netspec.codegen.flow import is_chain
from netspec.codegen.holes import fill
from netspec.codegen.loops import as_loop
from netspec.codegen.names import ClassNames, is_plain
from netspec.codegen.parts import (
    Argument,
    Build,
    BuildChain,
    BuildLoop,
    Call,
    ClassPlan,
    Hole,
    Item,
    LevelPlan,
)
from netspec.codegen.sharing import lending_levels
from netspec.elaborate import Entry, Graph, Level, Loop, Node, Value
from netspec.elaborate.captures import captures, read, unrolled
from netspec.layers.base import Function, Module
from netspec.layers.constant import _Source as Source


class Planner:
    """Plans levels from the innermost outwards, so that a class is known before it is used."""

    def __init__(self, graph: Graph, imported: Collection[str]) -> None:
        self.graph = graph
        self.captured: dict[int, tuple[Value, ...]] = {}
        captures(graph.root, self.captured)
        self.levels = list(_levels(graph.root))
        blocks = dict.fromkeys(level.title for level in self.levels if level.block is not None)
        self.names = ClassNames(graph.name, blocks, imported)
        lenders = lending_levels(graph.root) if shares(graph, self.levels) else set()
        self.chains = {
            id(level)
            for level in self.levels
            if id(level) not in lenders and is_chain(level, self.captured)
        }
        self.plans: dict[int, LevelPlan] = {}
        self.classes: list[ClassPlan] = []
        self.arguments = ArgumentWriter()
        self.read_again: set[int] = set()
        """The values of the level being planned that are read more than once."""

    def plan(self) -> LevelPlan:
        """The plan of the root; `classes` then holds all classes in the order to print them."""
        waves: dict[int, list[Level]] = {}
        self._height(self.graph.root, waves)
        for height in sorted(waves):
            self._classify([self._level(level) for level in waves[height]])
        order = {id(level): k for k, level in enumerate(self.levels)}
        for each in sorted(self.classes, key=lambda c: order[id(c.uses[0].level)]):
            each.name = self.names.of(each)
        return self.plans[id(self.graph.root)]

    def _height(self, level: Level, waves: dict[int, list[Level]]) -> int:
        """How many classes deep a level is; levels that need a class are put into their wave."""
        inner = [self._height(child, waves) for child in _children(level) if child.owner is None]
        height = max(inner, default=0) + 1
        if not self.in_place(level):
            waves.setdefault(height, []).append(level)
        return height

    def in_place(self, level: Level) -> bool:
        """Whether a level is built where it stands: a plain sequence that is no block's."""
        return level.block is None and level.parent is not None and id(level) in self.chains

    # ---- one level -------------------------------------------------------------------------------

    def _level(self, level: Level) -> LevelPlan:
        holes: list[Hole] = []
        if any(isinstance(entry, Loop) for entry in level.entries):
            self.read_again = _read_again(level, self.captured)
        items, calls = self._body(level.entries, holes)
        if any(
            isinstance(entry, Level) and entry.step and entry.step.branches
            for entry in unrolled(level.entries)
        ):
            calls = _in_flow(calls)
        chain = id(level) in self.chains and self._is_sequential(level, items)
        captured = self.captured[id(level)]
        wiring = "chain" if chain else _wiring(level, calls, captured)
        key = (chain, len(captured), tuple(self._key(item) for item in items), wiring)
        plan = LevelPlan(level, items, calls, chain, captured, holes, key)
        self.plans[id(level)] = plan
        return plan

    def _is_sequential(self, level: Level, items: list[Item]) -> bool:
        """Whether an `nn.Sequential` says a chain better than a `forward`: odd names, or loops in a block."""
        odd = any(not isinstance(i, BuildLoop) and not is_plain(i.name) for i in items)
        if level.parent is None:
            return odd and self.graph.outputs.kind == "one"
        return odd or any(isinstance(i, BuildLoop) for i in items)

    def _body(self, entries: list[Entry], holes: list[Hole]) -> tuple[list[Item], list[Call]]:
        """What is built and what is called for these entries; new holes are added to `holes`."""
        items: list[Item] = []
        calls: list[Call] = []
        for entry in entries:
            if isinstance(entry, Loop):
                self._loop(entry, holes, items, calls)
            else:
                item = self._item(entry, holes)
                if item is not None:
                    items.append(item)
                calls.append(self._call(entry, item, holes))
        return items, calls

    def _loop(self, loop: Loop, holes: list[Hole], items: list[Item], calls: list[Call]) -> None:
        """A loop kept where its iterations are alike, iteration after iteration otherwise."""
        bodies = []
        for iteration in loop.iterations:
            own: list[Hole] = []
            bodies.append((*self._body(iteration, own), own))
        at = 0
        while at < len(bodies):
            run = as_loop(loop, bodies[at:], self._key, self.read_again)
            if run is None:
                own_items, own_calls, own_holes = bodies[at]
                items.extend(own_items)
                calls.extend(own_calls)
                holes.extend(own_holes)
                at += 1
                continue
            items.append(run.item)
            calls.append(run.call)
            holes.extend(run.holes)
            at += run.length

    def _item(self, entry: Node | Level, holes: list[Hole]) -> Item | None:
        """What `__init__` builds for an entry; nothing for a function or where another owns it."""
        if entry.owner is not None:
            return None
        if isinstance(entry, Level):
            if self.in_place(entry):
                items, _ = self._body(entry.entries, holes)
                return BuildChain(entry.name, items, entry)
            plan = self.plans[id(entry)]
            assert plan.plan is not None
            arguments = [
                Argument(
                    "" if name == "in_channels" and k == 0 else name,
                    Hole(plan.plan.values[k][plan.index], name, plan.plan.defaults.get(name)),
                    drop=name in plan.plan.defaults,
                )
                for k, name in enumerate(plan.plan.parameters)
            ]
            holes.extend(a.hole for a in arguments)
            return Build(entry.name, plan.plan, arguments, entry)
        layer = entry.layer
        if isinstance(layer, Module):
            arguments = self.arguments.constructor(entry, layer)
            holes.extend(a.hole for a in arguments)
            return Build(entry.name, layer.constructor(), arguments, entry)
        if isinstance(layer, Source):
            return Build(entry.name, "=", [], entry)
        return None

    def _call(self, entry: Node | Level, item: Item | None, holes: list[Hole]) -> Call:
        if isinstance(entry, Level):
            inputs = (*entry.given, *self.captured[id(entry)])
            return Call(inputs, entry.outputs, entry, item)
        function: tuple[Argument, ...] = ()
        if isinstance(entry.layer, Function | Module):
            function = self.arguments.call(entry, entry.layer)
            holes.extend(a.hole for a in function)
        return Call(entry.inputs, entry.outputs, entry, item, function)

    # ---- classes -----------------------------------------------------------------------------------

    def _classify(self, plans: list[LevelPlan]) -> None:
        """Put levels of one definition and one structure into one class, and fill its holes."""
        found: dict[object, ClassPlan] = {}
        for plan in plans:
            level = plan.level
            definition = level.block or level.step
            key = (id(definition), plan.key)
            each = found.get(key)
            if each is None:
                each = found[key] = ClassPlan("", definition)
                self.classes.append(each)
            plan.plan, plan.index = each, len(each.uses)
            each.uses.append(plan)
        for each in found.values():
            fill(each)

    def _key(self, item: Item) -> object:
        """What is the same in all uses of a class."""
        if isinstance(item, BuildChain):
            return ("chain", item.name, tuple(self._key(i) for i in item.items))
        if isinstance(item, BuildLoop):
            return ("loop", item.prefix, item.suffix, item.start, self._key(item.item))
        if item.callee == "=":
            assert isinstance(item.node, Node)
            return (
                "=",
                item.name,
                item.node.op,
                str(item.node.layer.changed() if item.node.layer else ""),
            )
        callee = item.callee if isinstance(item.callee, str) else id(item.callee)
        names = tuple(a.keyword for a in item.arguments)
        ties = item.node.ties if isinstance(item.node, Node) else ()
        return (item.name, callee, names, tuple((m, n.path, p) for m, n, p in ties))


def _read_again(level: Level, captured: dict[int, tuple[Value, ...]]) -> set[int]:
    """The values that several entries of a level read, its outputs counted as one more."""
    once: set[int] = set()
    again: set[int] = set()
    reads = [v for entry in unrolled(level.entries) for v in read(entry, captured)]
    for value in (*reads, *level.outputs):
        (again if id(value) in once else once).add(id(value))
    return again


def _in_flow(calls: list[Call]) -> list[Call]:
    """The calls so that each comes after those it reads from; modules may be built in another order."""
    made = {id(v): k for k, call in enumerate(calls) for v in call.outputs if v not in call.inputs}
    if all(made.get(id(v), -1) < k for k, call in enumerate(calls) for v in call.inputs):
        return calls
    found: list[Call] = []
    done: set[int] = set()
    waiting = calls
    while waiting:
        ready = [c for c in waiting if all(id(v) not in made or id(v) in done for v in c.inputs)]
        first = (ready or waiting)[0]
        found.append(first)
        done.update(id(v) for v in (*first.inputs, *first.outputs))
        waiting = [c for c in waiting if c is not first]
    return found


def _wiring(level: Level, calls: list[Call], captured: tuple[Value, ...]) -> object:
    """How values flow in `forward`, by number, so that two uses can be compared."""
    numbers: dict[int, object] = {}
    for k, value in enumerate((*level.inputs, *captured)):
        numbers.setdefault(id(value), ("in", k))
    said = []
    for k, call in enumerate(calls):
        inputs = tuple(numbers.get(id(v)) for v in call.inputs)
        node = call.node
        owner = node.owner.path if node.owner is not None else ""
        what = (node.op, *_form(node, call)) if isinstance(node, Node) else "level"
        said.append(
            (inputs, what, owner, node.checkpoint, call.loop is not None, len(call.outputs))
        )
        for j, value in enumerate(call.outputs):
            numbers[id(value)] = (k, j)
    return tuple(said), tuple(numbers.get(id(v)) for v in level.outputs), level.output_names


def _form(node: Node, call: Call) -> tuple[str, ...]:
    """How a function is written, whatever its arguments are called: some of them shape the expression."""
    layer = node.layer
    plain = isinstance(layer, Module) and type(layer).write is Module.write and not layer.called
    if plain or not isinstance(layer, Function | Module):
        return ()
    names = {a.keyword: f"_{a.keyword}" for a in call.function}
    module = ("_",) if isinstance(layer, Module) else ()
    written = layer.write(*module, *(f"_{k}" for k in range(len(call.inputs))), **names)
    return written, *(a.hole.text or a.hole.hint for a in call.function)


def _children(level: Level) -> Iterator[Level]:
    stack: list[Entry] = list(reversed(level.entries))
    while stack:
        entry = stack.pop()
        if isinstance(entry, Level):
            yield entry
        elif isinstance(entry, Loop):
            for iteration in reversed(entry.iterations):
                stack.extend(reversed(iteration))


def shares(graph: Graph, levels: list[Level]) -> bool:
    """Whether anything in a network belongs to another step as well."""
    nodes = any(node.owner is not None or node.ties for node in graph.nodes)
    return nodes or any(level.owner is not None for level in levels)


def _levels(level: Level) -> Iterator[Level]:
    yield level
    for child in _children(level):
        yield from _levels(child)
