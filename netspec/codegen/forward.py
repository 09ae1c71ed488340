"""`forward`: one statement a step, each tensor in a variable with the name of its step."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING

from netspec.codegen.argument_expressions import Arguments
from netspec.codegen.constructor import Constructor, is_child, own_tensor
from netspec.codegen.functional import TRAINED, as_call
from netspec.codegen.identifiers import fresh, input_names, is_plain, local
from netspec.codegen.plan_failures import Unalignable, UnrollLoop
from netspec.codegen.planner import call_form
from netspec.codegen.plans import ClassPlan
from netspec.codegen.quoting import literal
from netspec.codegen.runtime import runtime_tree
from netspec.codegen.sites import Body, Site, loop_around
from netspec.codegen.special_nodes import LoopRef, construct, in_forward, site_assign
from netspec.codegen.syntax import (
    Placed,
    assign,
    attribute,
    call,
    constant,
    expression,
    index,
    name,
    parse,
)
from netspec.codegen.tensor_names import (
    is_named,
    label_of,
    list_name,
    loop_variable,
    part_name,
    result_names,
)
from netspec.codegen.tree_arithmetic import Fold
from netspec.codegen.value_references import (
    AfterRef,
    FlowRef,
    InputRef,
    ListRef,
    Ref,
    ResultRef,
    parts_of,
    resolve,
)
from netspec.codegen.variables import Union, Variables, root_of
from netspec.dims import is_symbolic
from netspec.expr.traversal import copy_tree, walk_tree
from netspec.graph import Level, Node
from netspec.layer.base import Function, Module, Names
from netspec.layers.constant import TensorSource
from netspec.syntax import Block

if TYPE_CHECKING:
    from netspec.codegen.program import Program

AT_ONCE = 8
"""How many inputs one expression joins: Python compiles no expression that is nested too deep."""
MOST_PARTS = 8
"""How many parts of a tensor have a variable each."""
RUNNING = ("x", "out")
"""The variables along a plain chain."""


class Forward:
    """Writes the `forward` of one class.

    Attributes:
        parameters: What it takes: an input by its number, or a tensor of the class around it.
        modules: The variables that hold the modules of loops, by site.
        module_owners: The modules of classes around it that it takes.
        outputs: The numbers of the results that are read.
    """

    def __init__(
        self, plan: ClassPlan, arguments: Arguments, constructor: Constructor, program: Program
    ) -> None:
        self.plan, self.arguments = plan, arguments
        self.constructor, self.program = constructor, program
        self.last_read: dict[Ref, int] = {}
        self.names = Variables(self.last_read)
        self.lists: dict[object, str] = {}
        self.parameters: list[Ref] = []
        self.input_names = self._names_of_inputs()
        self._own_inputs = set(self.input_names) - {"x"}
        self.modules: dict[int, str] = {}
        self.outputs = program.outputs_read(plan)
        self.taken: set[str] = set()
        self.live: dict[str, int] = {}
        self.position = 0
        self.stored_refs: set[Ref] = set()
        self.module_owners: list[Node | Level] = []
        self.flow_targets: dict[Ref, ast.expr] = {}
        """The variables that flow through the loops, by what an iteration hands on."""
        self.sites: list[Site] = []
        self.reads: dict[int, list[Ref]] = {}
        self.times_read: Counter[Ref] = Counter()
        """How many steps read each tensor."""
        self.crowded: set[str] = set()
        """The names of results that several steps give, and that are read together."""
        self.partial: dict[int, list[ast.expr]] = {}
        """The inputs of the joins whose first ones are joined already, by site."""
        self.body = list(self._written())

    def _names_of_inputs(self) -> list[str]:
        """The names of the inputs; a group that reads other tensors too calls them as the class around it does."""
        plan = self.plan
        if plan.root:
            return input_names(plan.graph)
        if isinstance(plan.definition, Block) and plan.definition.inputs:
            return [local(n.text) for n in plan.definition.inputs]
        level = plan.levels[0]
        if plan.site is not None and self.arguments.planner.captured[level]:
            return [label_of(ref) for ref in self.arguments.input_refs(plan.site)]
        count = len(level.inputs)
        if count > 1 and (labels := self._labels_of_repeated_block()):
            return ["x", *labels[1:]]
        return ["x", *(f"x{k}" for k in range(1, count))][:count]

    def _labels_of_repeated_block(self) -> list[str]:
        """The names of the inputs of the one block that a sequence repeats; none for another sequence."""
        match self.plan.body.sites:
            case [
                Site(
                    loop=True,
                    inner=Body(sites=[Site(plans=[ClassPlan(definition=Block() as block)])]),
                )
            ]:
                labels = [local(place.text) for place in block.inputs]
                return labels if len(labels) == len(self.plan.levels[0].inputs) else []
        return []

    # ---- what is read when --------------------------------------------------------------------------

    def _written(self) -> Iterator[ast.stmt]:
        plan = self.plan
        self._declare_inputs()
        sites = self._ordered(plan.body)
        self._last_reads(sites)
        results = [self._output(k) for k in self.outputs]
        for ref in results:
            self.last_read[ref] = 1 << 60
        if len(results) > 1:
            self.stored_refs.update(results)
        yield from self._statements(sites)
        yield self._return(results)

    def _declare_inputs(self) -> None:
        """The network takes all of its inputs; a class those that it reads."""
        if self.plan.root:
            for k, label in enumerate(self.input_names):
                ref = InputRef(self.plan.body, k)
                self.parameters.append(ref)
                self.names[ref] = name(label)
                self.taken.add(label)

    def _output(self, number: int) -> Ref:
        body = self.plan.body
        return resolve([level.outputs[number] for level in body.levels], body, body.uses)

    def _ordered(self, body: Body) -> list[Site]:
        """The sites so that each comes after those that it reads from."""
        done: set[Site] = set()
        waiting = list(body.sites)
        ordered: list[Site] = []
        inside = set(body.sites)
        needs = {site: inside.intersection(self._sources(site)) - {site} for site in waiting}
        if _in_order(body.sites, needs):
            return waiting
        while waiting:
            ready = next((s for s in waiting if needs[s] <= done), waiting[0])
            ordered.append(ready)
            done.add(ready)
            waiting.remove(ready)
        return ordered

    def _sources(self, site: Site) -> Iterator[Site]:
        for ref in self._reads(site):
            yield from _sites_of(ref)

    def _reads(self, site: Site) -> list[Ref]:
        """All tensors that a site reads, those of its fallback and of sizes included."""
        if site.loop:
            assert site.inner is not None
            return [ref for each in site.inner.sites for ref in self._reads(each)]
        known = self.reads.get(id(site))
        if known is None:
            known = self.reads[id(site)] = self._always_read(site)
        return [*known, *site.fallback.values()]

    def _always_read(self, site: Site) -> list[Ref]:
        entry = site.first
        refs = list(self.arguments.input_refs(site))
        if isinstance(entry, Node):
            refs += self._mentioned(site)
        plan = self._plan_of(site)
        if plan is None or self.program.chains[id(plan)]:
            return refs
        return [
            refs[p.number] if isinstance(p, InputRef) and p.body is plan.body else p
            for p in self.program.forward(plan).parameters
        ]

    def _mentioned(self, site: Site) -> list[Ref]:
        """The tensors whose sizes are asked at run time."""
        refs: list[Ref] = []
        first = site.node
        for root, values in first.reads.items():
            refs += [self._read(site, root, k) for k in range(len(values))]
        return refs

    def _read(self, site: Site, root: str, number: int) -> Ref:
        """A tensor whose size is asked at run time, in the uses that ask for it."""
        asked = [
            (use, node.reads[root][number])
            for use in site.present
            if isinstance(node := site.entries[use], Node) and root in node.reads
        ]
        try:
            return resolve([v for _, v in asked], site.body, [u for u, _ in asked])
        except Unalignable:
            if (loop := loop_around(site.body)) is not None:
                raise UnrollLoop(loop) from None
            raise

    def _last_reads(self, sites: list[Site]) -> None:
        """Which statement reads each tensor last, and which tensors are read later than by the next one."""
        made: dict[Ref, int] = {}
        self.sites = sites
        self.times_read = Counter(
            part
            for site in sites
            for ref in dict.fromkeys(self._reads(site))
            for part in parts_of(ref)
        )
        for k, site in enumerate(sites):
            for ref in self._reads(site):
                for each in parts_of(ref):
                    self.last_read[each] = max(self.last_read.get(each, -1), k)
                    if made.get(each, k) < k - 1:
                        self.stored_refs.add(each)
            if not site.loop:
                self.stored_refs.update(self._joined_by_name(site))
                entry = site.first
                assert isinstance(entry, Node | Level)
                for r in range(len(entry.outputs)):
                    made[ResultRef(site, r)] = k

    def _joined_by_name(self, site: Site) -> Iterator[Ref]:
        """What a step that reads several tensors reads of steps with a name: a reader tells them apart by it.

        A lone result of a module is `x` or `out`, as at the end of a residual branch: the module has the name.
        """
        refs = list(dict.fromkeys(self._reads(site)))
        if len(refs) < 2:
            return
        for ref in filter(is_named, refs):
            assert isinstance(ref, ResultRef)
            alone = len(refs) == 2 and not any(map(self._is_for_one_step, {*refs} - {ref}))
            if not alone or self.times_read[ref] > 1 or not is_child(ref.site, False):
                yield ref

    def _is_for_one_step(self, ref: Ref) -> bool:
        """Whether a tensor is a result with a name that one step alone reads, and not the next."""
        if not isinstance(ref, ResultRef) or self.times_read[ref] > 1:
            return False
        return is_named(ref) or (ref in self.stored_refs and not ref.site.unnamed)

    # ---- statements -----------------------------------------------------------------------------------

    def _statements(self, sites: list[Site]) -> Iterator[ast.stmt]:
        for k, site in enumerate(sites):
            self.position = k
            if site.loop:
                yield from self._loop(site)
                continue
            entry = site.first
            if isinstance(entry, Node) and isinstance(entry.layer, TensorSource):
                self.names[ResultRef(site, 0)] = own_tensor(site)
                continue
            yield from self._step(site)

    def _step(self, site: Site) -> Iterator[ast.stmt]:
        yield from self._partial(site)
        value = self._applied(site)
        targets = self._targets(site)
        if not site.optional:
            yield self._stored(site, targets, value)
            return
        test = self._test(site)
        fallbacks = [site.fallback.get(k) for k in range(len(targets))]
        if len(targets) != 1:
            raise Unalignable("an optional step with several results")
        if fallbacks[0] is None:
            yield ast.If(test, [self._stored(site, targets, value)], [])
            return
        other = self.local(fallbacks[0])
        target = targets[0]
        if isinstance(target, ast.Name) and isinstance(other, ast.Name) and target.id == other.id:
            yield ast.If(test, [self._stored(site, targets, value)], [])
            return
        yield self._stored(site, targets, ast.IfExp(test, value, other))

    def _stored(self, site: Site, targets: list[ast.expr], value: ast.expr) -> ast.stmt:
        if _unread(targets) and isinstance(value, ast.Call):
            return expression(value)
        made = site_assign(site, _unpacked(site, targets), value)
        entry = site.first
        if isinstance(entry, Node) and entry.layer is not None and (remark := entry.layer.remark()):
            made.leading = [remark]  # type: ignore[attr-defined]
        return made

    def _test(self, site: Site) -> ast.expr:
        """Whether an optional step is there: its module is, or the constructor kept the condition."""
        if is_child(site, False):
            owner = self._module(site)
            return ast.Compare(owner, [ast.IsNot()], [constant(None)])
        return self.constructor.flag(site)

    def _loop(self, site: Site) -> Iterator[ast.stmt]:
        """A loop over the modules of a `nn.ModuleList` or `nn.ModuleDict`."""
        inner = site.inner
        assert inner is not None
        label = fresh(loop_variable(looped_child(site)), self.taken)
        modules = name("self") if self.constructor.base == "nn.ModuleList" else call("self.values")
        outer = self.position
        flows = self._flows(inner)
        lists = self._lists(inner)
        yield from self._before_loop(flows, lists)
        body: list[ast.stmt] = []
        for each in inner.sites:
            if is_child(each, False):
                self.modules[id(each)] = label
            body += self._in_loop(each, self._applied(each), lists)
        for flow in flows:
            made = self.names.get(flow.next)
            if made is None or not _same_name(made, self.names[flow]):
                raise UnrollLoop(site)
        yield ast.For(ast.Name(label, ast.Store()), modules, body, [], lineno=0)
        self.position = outer
        if any(_mentions_loop(n, site) for n in body):
            raise UnrollLoop(site)

    def _before_loop(self, flows: list[FlowRef], lists: list[ListRef]) -> list[ast.stmt]:
        """The variables that flow through a loop, and the lists that it fills, as they begin."""
        before: list[ast.stmt] = []
        for flow in flows:
            start = self.local(flow.start)
            target = self._running(flow, start)
            self.names[flow] = self.flow_targets[flow.next] = target
            if not _same_name(start, target):
                before.append(assign(target, start))
        for ref in lists:
            label = self.lists[ref.key] = fresh(list_name(ref, flows), self.taken)
            self.taken.add(label)
            starts = [self.local(r) for r in ref.start]
            before.append(assign(name(label), ast.List(starts, ast.Load())))
        return before

    def _in_loop(self, site: Site, value: ast.expr, lists: list[ListRef]) -> list[ast.stmt]:
        entry = site.first
        assert isinstance(entry, Node | Level)
        if len(entry.outputs) != 1:
            loop = loop_around(site.body)
            raise UnrollLoop(loop) if loop else Unalignable("results")
        ref = ResultRef(site, 0)
        listed = next((r for r in lists if r.item == ref), None)
        if listed is not None and ref not in self.flow_targets:
            return [expression(call(attribute(name(self.lists[listed.key]), "append"), value))]
        if ref not in self.flow_targets and ref not in self.last_read:
            return [self._stored(site, [name("_")], value)]
        target = self.flow_targets.get(ref) or name(fresh(self._label(site), self.taken))
        self.names[ref] = target
        made: list[ast.stmt] = [assign(target, value)]
        if listed is not None:
            made.append(expression(call(attribute(name(self.lists[listed.key]), "append"), target)))
        return made

    def _flows(self, inner: Body) -> list[FlowRef]:
        flows: dict[FlowRef, None] = {}
        for site in inner.sites:
            for ref in self._reads(site):
                if isinstance(ref, FlowRef) and ref.loop is inner.loop:
                    flows[ref] = None
        return list(flows)

    def _lists(self, inner: Body) -> list[ListRef]:
        lists: dict[object, ListRef] = {}
        for site in self.plan.body.walk():
            if site.loop:
                continue
            for ref in self._reads(site):
                if isinstance(ref, ListRef) and ref.loop is inner.loop:
                    lists[ref.key] = ref
        for ref in (self._output(k) for k in self.outputs):
            if isinstance(ref, ListRef):
                lists[ref.key] = ref
        return list(lists.values())

    def _running(self, flow: FlowRef, start: ast.expr) -> ast.expr:
        """The variable that flows through a loop."""
        free = self._free()
        if isinstance(start, ast.Name) and start.id in RUNNING and self._over(flow.start):
            return start
        for label in RUNNING:
            if label in free:
                self.taken.add(label)
                return name(label)
        label = fresh("x", self.taken)
        self.taken.add(label)
        return name(label)

    def _over(self, ref: Ref) -> bool:
        """Whether a tensor is not read after the current statement."""
        return self.last_read.get(ref, -1) <= self.position

    # ---- variables ------------------------------------------------------------------------------------

    def local(self, ref: Ref) -> ast.expr:
        """The variable that holds a tensor."""
        known = self.names.get(ref)
        if known is not None:
            return known
        if isinstance(ref, AfterRef):
            return self._local_after(ref)
        if isinstance(ref, ListRef):
            if ref.key in self.lists:
                return name(self.lists[ref.key])
            return self._parameter(ref._replace(inside=False), "features")
        if isinstance(ref, InputRef) and ref.body is self.plan.body:
            return self._parameter(ref, self.input_names[ref.number])
        if isinstance(ref, InputRef) and ref.body.plan is self.plan:
            raise Unalignable("an input of a sequence")
        return self._parameter(ref, label_of(ref))

    def _local_after(self, ref: AfterRef) -> ast.expr:
        for flow, target in list(self.names.items()):
            if isinstance(flow, FlowRef) and flow.loop is ref.loop and flow.next == ref.last:
                return target
        if ref.last in self.names:
            return self.names[ref.last]
        if ref.loop.body.plan is self.plan:
            raise UnrollLoop(ref.loop)
        return self._parameter(ref, label_of(ref))

    def _parameter(self, ref: Ref, label: str) -> ast.expr:
        """A tensor that the caller gives."""
        if ref not in self.names:
            unique = fresh(label, self.taken)
            self.taken.add(unique)
            self.parameters.append(ref)
            self.names[ref] = name(unique)
        return self.names[ref]

    def _free(self) -> set[str]:
        """The running variables that hold nothing that is still read."""
        held = self.names.held(self.position)
        return {r for r in RUNNING if r not in held and r not in self._own_inputs}

    def _targets(self, site: Site) -> list[ast.expr]:
        entry = site.first
        assert isinstance(entry, Node | Level)
        count = len(entry.outputs)
        plan = self._plan_of(site)
        written = plan is not None and not self.program.chains[id(plan)]
        numbers = (
            self.program.forward(plan).outputs if plan is not None and written else [*range(count)]
        )
        targets: list[ast.expr] = []
        names = result_names(entry)
        whole = len(numbers) > 1 and (not names or all(n.isdigit() for n in names))
        parts = dict(zip(numbers, self._part_names(site, numbers), strict=True)) if whole else {}
        if whole and len(numbers) > MOST_PARTS:
            label = fresh(self._label(site), self._busy())
            self.taken.add(label)
            for place, r in enumerate(numbers):
                self.names[ResultRef(site, r)] = index(name(label), constant(place))
            return [name(label)]
        chosen: list[tuple[int, str]] = []
        for r in numbers:
            ref = ResultRef(site, r)
            if ref not in self.last_read:
                chosen.append((r, "_"))
                continue
            named = names and (r or isinstance(entry, Level)) and len(numbers) > 1
            result_name = parts[r] if parts else names[r] if named else ""
            chosen.append((r, self._target(site, ref, result_name, {n for _, n in chosen})))
        for r, label in chosen:
            if label != "_":
                self.names[ResultRef(site, r)] = name(label)
                self.taken.add(label)
            targets.append(name(label))
        return targets

    def _part_names(self, site: Site, numbers: list[int]) -> list[str]:
        """The names of results that have none: of the steps that read them, else `half1`, or `q`, `k` of `qk`."""
        readers = [self._reader_name(ResultRef(site, r)) for r in numbers]
        if all(readers) and len(set(readers)) == len(numbers):
            return readers
        if labels := self._labels_of_reader([ResultRef(site, r) for r in numbers]):
            return labels
        label = self._label(site)
        if len(label) == len(numbers) == len(set(label)) and label.isalpha():
            return [*label]
        return [part_name(site, label, r) for r in numbers]

    def _labels_of_reader(self, refs: list[ResultRef]) -> list[str]:
        """What a layer that reads exactly these results calls its inputs: `query`, `key`, `value`."""
        readers = [s for s in self.sites if not {*refs}.isdisjoint(self._reads(s))]
        if len(readers) != 1 or readers[0].loop:
            return []
        entry = readers[0].first
        if not isinstance(entry, Node) or entry.layer is None or self._reads(readers[0]) != refs:
            return []
        labels = [*entry.layer.inputs[: len(refs)]]
        return labels if len(labels) == len(refs) and "input" not in labels else []

    def _reader_name(self, ref: ResultRef) -> str:
        """The name of the step that a tensor is for, if it is for one alone."""
        readers = [s for s in self.sites if ref in self._reads(s)]
        if len(readers) != 1 or readers[0].loop or readers[0].unnamed:
            return ""
        entry = readers[0].first
        assert isinstance(entry, Node | Level)
        alone = {*self._reads(readers[0])} == {ref}
        return local(entry.name) if alone and not entry.name.isdigit() else ""

    def _target(self, site: Site, ref: ResultRef, result_name: str, used: set[str]) -> str:
        """The variable for a result: `x` along a chain, else the name of the step."""
        busy = self._busy(used)
        if result_name:
            label = local(result_name)
            if label in busy or self._is_made_again(ref, result_name):
                self.crowded.add(label)
            within = f"{self._label(site)}_{label}"
            return fresh(within if label in self.crowded else label, busy)
        if ref in self.stored_refs:
            return fresh(self._label(site), busy)
        own = ""
        inputs = self.arguments.input_refs(site) if not site.loop else []
        if inputs:
            first = self.names.get(inputs[0])
            own = first.id if isinstance(first, ast.Name) else ""
        if site.optional and ref.result in site.fallback:
            past = self.local(site.fallback[ref.result])
            if isinstance(past, ast.Name) and past.id in RUNNING and past.id not in busy:
                return past.id
        for label in (own, *RUNNING) if own in RUNNING else RUNNING:
            if label not in busy:
                return label
        return fresh(self._label(site), busy)

    def _is_made_again(self, ref: ResultRef, result_name: str) -> bool:
        """Whether a step between the current one and the last reader has a result of the same name."""
        last = min(self.last_read.get(ref, -1), len(self.sites))
        between = [s.first for s in self.sites[self.position + 1 : last]]
        return any(isinstance(e, Node | Level) and result_name in result_names(e) for e in between)

    def _busy(self, *others: Container[str]) -> Container[str]:
        """The variables that are taken: by what is still read, by inputs, by lists, and the others."""
        held = self.names.held(self.position)
        return Union(held, self._own_inputs, set(self.lists.values()), *others)

    def _label(self, site: Site) -> str:
        entry = site.first
        assert isinstance(entry, Node | Level)
        if site.unnamed or entry.name.isdigit():
            return local(entry.op.lower()) if isinstance(entry, Node) else "out"
        return local(entry.name)

    # ---- expressions ----------------------------------------------------------------------------------

    def _applied(self, site: Site) -> ast.expr:
        entry = site.first
        assert isinstance(entry, Node | Level)
        refs = self.arguments.input_refs(site)
        if isinstance(entry, Level):
            return self._applied_level(site, refs)
        layer = entry.layer
        if len({call_form(node) for node in site.nodes}) > 1:
            loop = loop_around(site.body)
            raise UnrollLoop(loop) if loop is not None else Unalignable("calls that differ")
        trees = self._call_arguments(site)
        inputs = self.partial.pop(id(site), None) or self._input_trees(refs)
        if isinstance(layer, Function):
            written = self._written_call(layer, None, inputs, trees)
            alone = len(entry.outputs) == 1 and layer.results != ("output",)
            return index(written, constant(0)) if alone else written
        assert isinstance(layer, Module)
        function = as_call(site)
        if function is not None and not is_child(site, False):
            return self._function(site, function, inputs)
        module = self._module(site)
        if site_checkpoint(site):
            return self._written_call(layer, name("_recompute"), [module, *inputs], trees, shift=1)
        return self._written_call(layer, module, inputs, trees)

    def _partial(self, site: Site) -> Iterator[ast.stmt]:
        """The statements that join all but the last inputs of a step that has many."""
        entry = site.first
        if not isinstance(entry, Node) or not isinstance(entry.layer, Function):
            return
        refs = self.arguments.input_refs(site)
        if not entry.layer.folds or len(refs) <= AT_ONCE:
            return
        inputs = self._input_trees(refs)
        label = fresh("total", self._busy({n.id for n in map(root_of, inputs) if n is not None}))
        *starts, last = range(1, len(inputs), AT_ONCE - 1)
        joined = inputs[0]
        for start in starts:
            some = [joined, *inputs[start : start + AT_ONCE - 1]]
            yield assign(name(label), self._written_call(entry.layer, None, some, {}))
            joined = name(label)
        self.partial[id(site)] = [joined, *inputs[last:]]

    def _input_trees(self, refs: list[Ref]) -> list[ast.expr]:
        trees: list[ast.expr] = []
        for ref in refs:
            local = self.local(ref)
            if isinstance(ref, ListRef):
                trees.append(ast.Starred(local, ast.Load()))
            else:
                trees.append(local)
        return trees

    def _function(self, site: Site, function: str, inputs: list[ast.expr]) -> ast.expr:
        layer = site.node.layer
        assert layer is not None
        named: dict[str, ast.expr] = {}
        for argument in layer.arguments:
            if any(argument in n.layer.changed() for n in site.nodes if n.layer):
                named[argument] = in_forward(self.arguments.argument(site, argument))
        if function == "torch.flatten":
            start = named.pop("start_dim", constant(1))
            rest = named
            return call(function, *inputs, start, **rest)
        if type(layer).__name__ in TRAINED:
            p = named.pop("p", constant(0.5))
            return call(function, *inputs, p, attribute(name("self"), "training"), **named)
        first = next(iter(layer.positional), "")
        positional = [named.pop(first)] if first in named else []
        return call(function, *inputs, *positional, **named)

    def _call_arguments(self, site: Site) -> dict[str, ast.expr]:
        """The arguments that are in the call, as trees."""
        node = site.node
        layer = node.layer
        if not isinstance(layer, Function | Module):
            return {}
        names = layer.call_arguments if isinstance(layer, Module) else tuple(layer.arguments)
        arguments: dict[str, ast.expr] = {}
        for argument in names:
            values = [getattr(n.layer, argument) for n in site.nodes]
            if any(_open(v) for v in values):
                arguments[argument] = self._at_run_time(site, argument, values)
            else:
                arguments[argument] = in_forward(self.arguments.argument(site, argument))
        return arguments

    def _at_run_time(self, site: Site, argument: str, values: list[object]) -> ast.expr:
        def tensor(root: str, number: int) -> ast.expr:
            return self.local(self._read(site, root, number))

        def argument_of(word: str, asked: str) -> ast.expr:
            expression = site.scope.name(word, asked)
            self.arguments.note_at_run_time(site, expression)
            return in_forward(expression)

        refs = self.arguments.input_refs(site)
        return runtime_tree(
            site.node, argument, values[0], tensor, argument_of, [self.local(r) for r in refs]
        )

    def _written_call(
        self,
        layer: Function | Module,
        module: ast.expr | None,
        inputs: list[ast.expr],
        trees: dict[str, ast.expr],
        shift: int = 0,
    ) -> ast.expr:
        """The call as the layer writes it, with trees for its operands."""
        if (
            isinstance(layer, Module)
            and type(layer).write is Module.write
            and not layer.call_arguments
            and len(layer.inputs) == 1
            and not shift
        ):
            assert module is not None
            return ast.Call(module, inputs, [])
        places: dict[str, ast.expr] = {}
        operands = []
        for k, tree in enumerate(inputs[shift:]):
            places[f"_i{k}_"] = tree
            operands.append(f"_i{k}_")
        texts = {}
        for key, tree in trees.items():
            plain = _plain_text(tree)
            if plain is None:
                places[f"_a_{key}_"] = tree
                texts[key] = f"_a_{key}_"
            else:
                texts[key] = plain
        if isinstance(layer, Module):
            places["_m_"] = module if module is not None else name("_m_")
            written = layer.write("_m_", *operands, **texts)
        else:
            written = layer.write(*operands, **texts)
        tree = Placed(places).visit(parse(written))
        if shift and isinstance(tree, ast.Call):
            tree.args.insert(0, inputs[0])
        assert isinstance(tree, ast.expr)
        return tree

    def _applied_level(self, site: Site, refs: list[Ref]) -> ast.expr:
        plan = self._plan_of(site)
        module = self._module(site)
        if plan is None or self.program.chains[id(plan)]:
            arguments = [self.local(r) for r in refs]
            modules: list[ast.expr] = []
        else:
            forward = self.program.forward(plan)
            arguments = []
            for parameter in forward.parameters:
                if isinstance(parameter, InputRef) and parameter.body is plan.body:
                    arguments.append(self.local(refs[parameter.number]))
                elif isinstance(parameter, ListRef) and site_checkpoint(site):
                    # The list grows before the backward pass recomputes what it holds now.
                    arguments.append(call("list", self.local(parameter)))
                else:
                    arguments.append(self.local(parameter))
            modules = [self.program.module(self, owner) for owner in forward.module_owners]
            if plan.is_function:
                return self._called_function(site, plan, arguments)
        if site_checkpoint(site):
            return call("_recompute", module, *arguments, *modules)
        return ast.Call(module, [*arguments, *modules], [])

    def _called_function(self, site: Site, plan: ClassPlan, arguments: list[ast.expr]) -> ast.expr:
        """`split_heads(query, heads)`, for a block without modules."""
        made = construct(plan, site)
        plan.constructs.append(made)
        return ast.Call(made, arguments, [])

    def _plan_of(self, site: Site) -> ClassPlan | None:
        """The class that a site calls; None for a layer and for a sequence in place."""
        entry = site.first
        if isinstance(entry, Level) and entry.owner is not None:
            return self.program.plan_of_level(entry.owner)
        return site.plan

    def _module(self, site: Site) -> ast.expr:
        """The expression for the module that a site applies."""
        if id(site) in self.modules:
            return name(self.modules[id(site)])
        entry = site.first
        assert isinstance(entry, Node | Level)
        if entry.owner is not None:
            return self.program.module(self, entry.owner)
        return child(self.constructor, entry.name)

    # ---- results --------------------------------------------------------------------------------------

    def _return(self, results: list[Ref]) -> ast.stmt:
        level = self.plan.levels[0]
        values = [self.local(ref) for ref in results]
        kind = self.plan.graph.outputs.kind if self.plan.root else "one"
        if self.plan.root and kind == "dict":
            keys: list[ast.expr | None] = [constant(n) for n in level.output_names]
            return ast.Return(ast.Dict(keys, values))
        if len(values) == 1 and kind != "tuple":
            return ast.Return(values[0])
        return ast.Return(ast.Tuple(values, ast.Load()))


def child(constructor: Constructor, key: str) -> ast.expr:
    """A child of `self` by its key."""
    if is_plain(key):
        return attribute(name("self"), key)
    if constructor.base in ("nn.ModuleList", "nn.Sequential") and key.isdigit():
        return index(name("self"), constant(int(key)))
    if constructor.base == "nn.ModuleDict":
        return index(name("self"), constant(key))
    return call("self.get_submodule", constant(key))


def site_checkpoint(site: Site) -> bool:
    """Whether the activations of a step are computed again in the backward pass."""
    flags = {e.checkpoint for e in site.entries if isinstance(e, Node | Level)}
    if len(flags) != 1:
        loop = loop_around(site.body)
        raise UnrollLoop(loop) if loop is not None else Unalignable("sometimes recomputed")
    return flags.pop()


def _plain_text(tree: ast.expr) -> str | None:
    """The text of a literal, as layers compare it with their defaults; None for what is computed."""
    if isinstance(tree, ast.Name | ast.Attribute | ast.Call):
        return None
    folded = Fold().visit(copy_tree(tree))
    allowed = ast.Constant | ast.Tuple | ast.List | ast.UnaryOp | ast.unaryop | ast.expr_context
    if not all(isinstance(n, allowed) for n in walk_tree(folded)):
        return None
    return literal(ast.literal_eval(folded))


def _is_tensor(site: Site) -> bool:
    """Whether a site is a parameter or a constant of the class."""
    return isinstance(site.first, Node) and isinstance(site.first.layer, TensorSource)


def _open(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_open, value))
    return is_symbolic(value)


def _same_name(a: ast.expr, b: ast.expr) -> bool:
    return isinstance(a, ast.Name) and isinstance(b, ast.Name) and a.id == b.id


def _mentions_loop(node: ast.AST, loop: Site) -> bool:
    return any(isinstance(n, LoopRef) and n.loop is loop for n in walk_tree(node))


def _sites_of(ref: Ref) -> Iterator[Site]:
    for part in parts_of(ref):
        if isinstance(part, ResultRef):
            yield part.site
        elif isinstance(part, FlowRef | AfterRef | ListRef):
            yield part.loop


def _in_order(sites: Iterable[Site], needs: dict[Site, set[Site]]) -> bool:
    before: set[Site] = set()
    for site in sites:
        if not needs[site] <= before:
            return False
        before.add(site)
    return True


def _unpacked(site: Site, targets: list[ast.expr]) -> ast.expr:
    """The variables for the results of a call, nested as they come: `x, (h_n, _)`."""
    if len(targets) == 1:
        return targets[0]
    entry = site.first
    layer = entry.layer if isinstance(entry, Node) else None
    if layer is None:
        return ast.Tuple(targets, ast.Load())
    by_name = dict(zip(layer.results, targets, strict=False))
    if len(by_name) != len(targets):
        return ast.Tuple(targets, ast.Load())
    return _nested(layer.returned, by_name)


def _unread(targets: list[ast.expr]) -> bool:
    """Whether nothing reads what a call gives."""
    return all(isinstance(t, ast.Name) and t.id == "_" for t in targets)


def _nested(names: Names, targets: dict[str, ast.expr]) -> ast.expr:
    parts: list[ast.expr] = []
    for each in names:
        inner = targets[each] if isinstance(each, str) else _nested(each, targets)
        if isinstance(inner, ast.Tuple) and _unread(inner.elts):
            inner = name("_")
        parts.append(inner)
    return ast.Tuple(parts, ast.Load())


def looped_child(loop: Site) -> Site:
    """The one module of each iteration.

    Raises:
        UnrollLoop: If `forward` cannot run over the modules: there are others, or some are omitted.
    """
    assert loop.inner is not None
    children = [s for s in loop.inner.sites if is_child(s, False)]
    others = [s for s in loop.body.plan.body.sites if s is not loop and is_child(s, False)]
    if len(children) != 1 or not all(map(_is_tensor, others)):
        raise UnrollLoop(loop)
    if any(s.optional or s.loop or _is_tensor(s) for s in loop.inner.sites):
        raise UnrollLoop(loop)
    return children[0]
