"""Which arguments of the network decide the sizes of the inputs that it is valid for.

A condition on the sizes comes from a node. It depends on what the node and the nodes before it do to the sizes: on
their arguments that are no numbers of features, on the number of iterations of a loop around them that changes
sizes, and on whether an optional step is there. A loop whose iterations return the sizes that they take may
have any number of them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from netspec.codegen.argument_expressions import Arguments
from netspec.codegen.plans import ConstructorArgument
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.sites import Site
from netspec.codegen.special_nodes import ArgumentRef, CarriedRef, LoopRef
from netspec.codegen.syntax import call, constant, index
from netspec.codegen.tree_arithmetic import whole
from netspec.codegen.tree_equality import same
from netspec.codegen.value_references import ResultRef
from netspec.dims import EVERY, Domain, is_symbolic
from netspec.document import Sequence as PlaceList
from netspec.expr.traversal import walk_tree
from netspec.graph import Graph, Level, Loop, Node, Restriction, Value
from netspec.graph.nodes import nodes_of

FEATURE_ARGUMENTS = frozenset(
    {"out_channels", "in_channels", "out_features", "in_features", "num_features", "num_channels"}
    | {"groups", "num_groups"}
    | {"normalized_shape", "num_embeddings", "embedding_dim", "hidden_size", "p", "eps", "bias"}
    | {"momentum", "negative_slope", "dropout", "dropout_p", "inplace", "affine"}
)
"""The arguments of layers that change no size but the number of features."""

_SAME_RANK_BUT_MIXED = frozenset({"Reshape", "View", "PixelShuffle", "PixelUnshuffle"})
"""Layers that may make a length of a number of features though the number of dimensions stays."""

Profile = tuple[object, ...]
"""The sizes of a tensor that are open, each at its axis."""


def upper_bounds(arguments: Arguments, graphs: Sequence[Graph]) -> dict[str, ConstructorArgument]:
    """The arguments of the network that bound an open size: `T <= context`.

    That is what a `Slice` up to `T` asks of an axis whose size is the argument.
    """
    bounding: dict[str, ConstructorArgument] = {}
    for symbol in graphs[0].domains:
        bounds = [_bound(arguments, graph, symbol) for graph in graphs]
        if bounds[0] is not None and all(b is bounds[0] for b in bounds):
            bounding[symbol] = bounds[0]
    return bounding


def _bound(arguments: Arguments, graph: Graph, symbol: str) -> ConstructorArgument | None:
    domain = graph.domains.get(symbol, EVERY)
    paths = {r.path for r in independent(graph.restrictions) if r.symbol == symbol}
    nodes = [node for node in graph.nodes if node.path in paths]
    if domain.hi is None or domain != Domain.between(1, domain.hi) or len(nodes) != 1:
        return None
    (node,) = nodes
    shape = node.inputs[0].shape or ()
    cut = getattr(node.layer, "dim", 0), getattr(node.layer, "end", None)
    if node.op != "Slice" or str(cut[1]) != symbol or shape[cut[0]] != domain.hi:
        return None
    site = next((s for s in _sites(arguments) if any(e is node for e in s.entries)), None)
    if site is None or getattr(node.layer, "start", None) != 0:
        return None
    ref = arguments.input_ref(site, 0)
    if not isinstance(ref, ResultRef) or ref.site.loop:
        return None
    try:
        tree = arguments.sizes.of(ref, cut[0] % len(shape))
    except Untranslatable:
        return None
    return _outermost(tree)


def _outermost(tree: ast.expr | None) -> ConstructorArgument | None:
    """The argument of the network that is handed in unchanged for an argument of a class."""
    while isinstance(tree, ArgumentRef) and not tree.argument.plan.root:
        key = tree.argument.key
        values = [made.values.get(key) for made in tree.argument.plan.constructs]
        tree = values[0] if all(same(v, values[0]) for v in values) else None
    return tree.argument if isinstance(tree, ArgumentRef) else None


def independent(restrictions: Iterable[Restriction]) -> list[Restriction]:
    """The restrictions that no others imply: of several bounds the strictest, of equal ones the first."""
    narrowing = _narrowing(_narrowing(restrictions)[::-1])
    return narrowing[::-1]


def _narrowing(restrictions: Iterable[Restriction]) -> list[Restriction]:
    """The restrictions that exclude something which none before them does."""
    narrowing: list[Restriction] = []
    left: dict[str, Domain] = {}
    for each in restrictions:
        before = left.get(each.symbol, EVERY)
        if not each.symbol or not each.domain.contains_all(before):
            narrowing.append(each)
            left[each.symbol] = before.intersect(each.domain)
    return narrowing


def refs_in(tree: ast.expr) -> list[ArgumentRef]:
    """The arguments that an expression mentions."""
    return [node for node in walk_tree(tree) if isinstance(node, ArgumentRef)]


def _sites(arguments: Arguments) -> Iterator[Site]:
    for plan in arguments.planner.plans:
        yield from plan.body.walk()


class SizeArguments:
    """The arguments of the network that decide the sizes it is valid for.

    Attributes:
        deciding: Expressions of them: an argument, its length, or one of its items.
        all_decide: Whether every argument may, since a condition is in no terms of them.
    """

    def __init__(
        self, arguments: Arguments, graphs: Sequence[Graph], bounded: Iterable[str]
    ) -> None:
        self.arguments, self.bounded = arguments, {*bounded}
        self.asking: set[Node] = set()
        """The nodes that ask the conditions."""
        self.nodes: set[Node] = set()
        """These and all before them."""
        self.around: set[Level] = set()
        """The levels that these are in."""
        self.readers: dict[Value, list[Node]] = {}
        self.mixes = False
        """Whether a node may make a size of a number of features, as a reshape does."""
        for graph in graphs:
            self._follow_back(graph)
        self.deciding: list[ast.expr] = []
        self.all_decide = False
        self._seen: set[int] = set()
        for site in _sites(arguments):
            if self._is_before(site):
                for tree in self._trees(site):
                    self._visit(tree)
        self.deciding = list(_whole_where_several(self.deciding))

    # ---- nodes --------------------------------------------------------------------------------------

    def _follow_back(self, graph: Graph) -> None:
        asked = [r for r in graph.restrictions if r.symbol not in self.bounded]
        paths = {r.path for r in independent(asked)}
        waiting = [node for node in graph.nodes if node.path in paths]
        if paths - {node.path for node in waiting}:
            waiting = [*graph.nodes]
        self.asking.update(waiting)
        while waiting:
            node = waiting.pop()
            if node in self.nodes:
                continue
            self.nodes.add(node)
            waiting += self._around(node)
            for value in _read(node):
                source = value.source
                self.readers.setdefault(source, []).append(node)
                if source.node.layer is not None:
                    waiting.append(source.node)
            ranks = {len(v.shape or ()) for v in node.inputs}
            merged = bool(ranks) and max(ranks) != len(node.outputs[0].shape or ())
            self.mixes |= merged or node.op in _SAME_RANK_BUT_MIXED

    def _around(self, node: Node) -> Iterator[Node]:
        """Note the levels around a node; gives the nodes that it stands for, where a level is used again."""
        if node.owner is not None:
            yield node.owner
        level: Level | None = node.level
        while level is not None:
            self.around.add(level)
            if level.owner is not None:
                yield from level.owner.nodes()
            level = level.parent

    def _is_before(self, site: Site) -> bool:
        return any(self._entry_is_before(entry) for entry in site.entries)

    def _entry_is_before(self, entry: object) -> bool:
        if isinstance(entry, Loop):
            return any(map(self._entry_is_before, (e for own in entry.iterations for e in own)))
        return entry in (self.around if isinstance(entry, Level) else self.nodes)

    # ---- what changes no size -------------------------------------------------------------------------

    def _keeps_sizes(self, site: Site) -> bool:
        """Whether a loop may have any number of iterations, or an optional step be there or not."""
        if not site.loop and (not site.optional or not site.fallback):
            return False
        return all(
            self._entries_keep_sizes(entry.iterations if isinstance(entry, Loop) else [[entry]])
            for entry in site.entries
            if entry is not None
        )

    def _entries_keep_sizes(self, iterations: list[list[Node | Level | Loop]]) -> bool:
        """Whether what flows in and out of each iteration, as far as it counts, has the same open sizes."""
        profiles: set[Profile] = set()
        made_by: dict[Value, int] = {}
        inside = [
            dict.fromkeys(n for n in nodes_of(entries) if n in self.nodes) for entries in iterations
        ]
        for place, nodes in enumerate(inside):
            if not self.asking.isdisjoint(nodes):
                return False
            made_by.update({v: place for node in nodes for v in node.outputs})
        readers: set[Node] = set()
        for place, nodes in enumerate(inside):
            read = [v for node in nodes for v in _read(node) if made_by.get(v.source) != place]
            profiles.update(profile for v in read if any(profile := _profile(v)))
            for value in (v for node in nodes for v in node.outputs):
                others = [r for r in self.readers.get(value, ()) if r not in nodes]
                if others:
                    profiles.add(_profile(value))
                    readers.update(others)
        joining = [r for r in readers if sum(v.source in made_by for v in _read(r)) > 1]
        profiles.update(_profile(v) for reader in joining for v in reader.outputs)
        return len(profiles) <= 1

    # ---- expressions ----------------------------------------------------------------------------------

    def _trees(self, site: Site) -> Iterator[ast.expr]:
        """The expressions at a step that may decide a size."""
        if site.optional and site.conditions and not self._keeps_sizes(site):
            yield from self._translated(lambda: self.arguments.condition(site))
        if site.loop:
            if not self._keeps_sizes(site):
                yield from self._iterations(site)
            return
        if site.step.op is not None and site.step.op.text.isidentifier():
            with suppress(Untranslatable):
                yield site.scope.name(site.step.op.text)
        if isinstance(site.first, Node):
            for name, tree in self.arguments.expressions_at(site):
                if self.mixes or name not in FEATURE_ARGUMENTS:
                    yield from self._sizes(site, tree) if name == "shape" else [tree]

    def _sizes(self, site: Site, shape: ast.expr) -> Iterator[ast.expr]:
        """The sizes of a parameter that meet an open size where it is read."""
        if self.mixes or not isinstance(shape, ast.Tuple):
            yield shape
            return
        for place, size in enumerate(reversed(shape.elts), 1):
            read = [r for n in site.nodes for v in n.outputs for r in self.readers.get(v, ())]
            profiles = [_profile(v) for reader in read for v in reader.outputs]
            if any(place > len(profile) or profile[-place] is not None for profile in profiles):
                yield size

    def _iterations(self, loop: Site) -> Iterator[ast.expr]:
        """What decides how often a loop runs; nothing where one of its lists is written out."""
        places = [place for _, place in loop.step.each or ()]
        if not any(isinstance(place, PlaceList) for place in places):
            yield from self._translated(lambda: self.arguments.iterations(loop))

    def _translated(self, translate: Callable[[], ast.expr]) -> Iterator[ast.expr]:
        try:
            yield translate()
        except Untranslatable:
            self.all_decide = True

    def _visit(self, tree: ast.AST) -> None:
        """Follow an expression to the arguments of the network."""
        match tree:
            case ast.Call(ast.Name("len"), [ArgumentRef() as ref]) if ref.argument.plan.root:
                self._add(call("len", ref))
            case ast.Subscript(ArgumentRef() as ref, place) if (
                ref.argument.plan.root and whole(place) is not None
            ):
                self._add(index(ref, constant(whole(place))))
            case ArgumentRef() if tree.argument.plan.root:
                self._add(tree)
            case ArgumentRef():
                self._visit_argument(tree.argument)
            case LoopRef() | CarriedRef():
                self._visit_loop(tree)
            case _:
                for child in ast.iter_child_nodes(tree):
                    self._visit(child)

    def _visit_loop(self, tree: LoopRef | CarriedRef) -> None:
        """Follow a variable of a loop to what the loop runs over."""
        if isinstance(tree, CarriedRef):
            if id(tree.carried) in self._seen:
                return
            self._seen.add(id(tree.carried))
            trees = [tree.carried.start, tree.carried.next, *self._iterations(tree.carried.loop)]
        elif tree.word == "value":
            trees = self.arguments.iterated(tree.loop, only=tree)
        else:
            trees = [*self._iterations(tree.loop)]
        for each in trees:
            self._visit(each)

    def _visit_argument(self, argument: ConstructorArgument) -> None:
        """Follow an argument of a class to what is given for it."""
        if id(argument) in self._seen:
            return
        self._seen.add(id(argument))
        for made in argument.plan.constructs:
            if argument.key in made.values and self._is_before(made.site):
                self._visit(made.values[argument.key])
        if argument.outer is not None:
            self._visit(argument.outer)

    def _add(self, tree: ast.expr) -> None:
        if not any(same(tree, known) for known in self.deciding):
            self.deciding.append(tree)


def _whole_where_several(trees: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """The expressions, an argument itself where several things of it are asked."""
    arguments = {ref.argument.key: ref for tree in trees for ref in refs_in(tree)}
    for key, ref in arguments.items():
        own = [tree for tree in trees if refs_in(tree)[0].argument.key == key]
        yield ref if len(own) > 1 else own[0]


def _read(node: Node) -> tuple[Value, ...]:
    """The tensors that a node reads, those included whose sizes its arguments mention."""
    if not node.reads:
        return node.inputs
    return (*node.inputs, *(value for values in node.reads.values() for value in values))


def _profile(value: Value) -> Profile:
    return tuple([size if is_symbolic(size) else None for size in value.shape or ()])
