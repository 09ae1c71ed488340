"""From trees with special nodes to plain Python: arguments that never vary become numbers, loops get variables."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from netspec.codegen.argument_expressions import Arguments
from netspec.codegen.expressions import translate_static
from netspec.codegen.identifiers import fresh, identifier
from netspec.codegen.loop_sizes import Carried, growth
from netspec.codegen.plan_failures import UnrollLoop
from netspec.codegen.plans import ClassPlan, ConstructorArgument
from netspec.codegen.reference_resolution import Resolve, ResolveAndSimplify
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.sites import Site
from netspec.codegen.special_nodes import (
    CarriedRef,
    Comprehension,
    Construct,
    LoopRef,
    LoopStatement,
)
from netspec.codegen.statement_cleanup import (
    merged_statements,
    results_at_once,
    returned_at_once,
    without_known_conditions,
)
from netspec.codegen.syntax import assign, call, constant, empty_list, expression, name
from netspec.codegen.tree_arithmetic import Fold, whole
from netspec.codegen.tree_equality import same
from netspec.document import TextNode
from netspec.elaborate.paths import RESERVED_BY_TORCH
from netspec.expr.traversal import names_in, walk_tree


class NotAComprehension(Exception):  # noqa: N818 - a reason to go another way, not a mistake
    """A loop that needs statements of its own."""

    def __init__(self, loop: Site) -> None:
        super().__init__()
        self.loop = loop


COUNTERS = ("i", "j", "k", "m", "n")


class Lowering:
    """Rewrites the trees of one class into plain Python."""

    def __init__(
        self,
        plan: ClassPlan,
        arguments: Arguments,
        taken: set[str],
        list_name: Callable[[Site], str] | None = None,
    ) -> None:
        self.plan, self.arguments = plan, arguments
        self.list_name = list_name
        """Chooses the variable that a sequence is gathered in."""
        self.attributes = {*RESERVED_BY_TORCH, *taken}
        self.taken = {a.label for a in plan.arguments.values() if a.constant is None}
        self.later: list[ast.stmt] = []
        """The statements of the constructor from the current one on."""
        self.stored_arguments: dict[str, ConstructorArgument] = {}
        self.carried_names: dict[int, str] = {}
        self.continued: set[int] = set()
        """The carried sizes that an inner loop updates."""
        self.active: list[str] = []
        """The variables of the loops around the current statement."""

    def constructor(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements of `__init__`."""
        done: list[ast.stmt] = []
        for k, statement in enumerate(body):
            self.later = body[k:]
            done += self._statement(statement, {})
        return merged_statements(without_known_conditions(done))

    def expression(self, tree: ast.expr) -> ast.expr:
        """An expression of the class, outside of its loops."""
        return self._expression(tree, {})

    def plain(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Statements that none of the spec's loops is in."""
        return list(map(Resolve(self, {}).visit, body))

    def attribute_of(self, argument: ConstructorArgument) -> str:
        """The attribute that keeps an argument for `forward`."""
        for label, known in self.stored_arguments.items():
            if known is argument:
                return label
        label = fresh(argument.label, self.attributes | self.stored_arguments.keys())
        self.stored_arguments[label] = argument
        return label

    def forward(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements of `forward`."""
        done = list(map(ResolveAndSimplify(self, {}).visit, body))
        return results_at_once(returned_at_once(merged_statements(without_known_conditions(done))))

    # ---- statements -----------------------------------------------------------------------------------

    def _statement(
        self, node: ast.stmt, variables: dict[tuple[int, str, str], ast.expr]
    ) -> list[ast.stmt]:
        if isinstance(node, LoopStatement):
            return self._loop(node, variables)
        if isinstance(node, ast.If):
            test = self._expression(node.test, variables)
            body = [e for s in node.body for e in self._statement(s, variables)]
            orelse = [e for s in node.orelse for e in self._statement(s, variables)]
            return [ast.If(test, body, orelse)]
        match node:
            case ast.Assign([ast.Attribute()], Comprehension() as value):
                before, whole = self._sequence(value, variables)
                return [*before, ast.Assign(node.targets, whole, lineno=0)]
            case ast.Expr(
                ast.Call(ast.Attribute(ast.Name()) as append, [Comprehension() as value])
            ):
                before, whole = self._sequence(value, variables)
                return [*before, expression(ast.Call(append, [whole], []))]
        return [Resolve(self, variables).visit(node)]

    def _expression(
        self, tree: ast.expr, variables: dict[tuple[int, str, str], ast.expr]
    ) -> ast.expr:
        resolved = Resolve(self, variables).visit(tree)
        assert isinstance(resolved, ast.expr)
        return resolved

    def _loop(
        self, node: LoopStatement, variables: dict[tuple[int, str, str], ast.expr]
    ) -> list[ast.stmt]:
        loop = node.loop
        inner, target, iterated = self._header(loop, node.body, variables)
        carried = self._carried(loop, node.body)
        names = [n.id for n in walk_tree(target) if isinstance(n, ast.Name)]
        starts = {self.carried_name(c): c.start for c in carried if self._continues(c) is None}
        values = {label: self._expression(start, variables) for label, start in starts.items()}
        before = [assign(name(k), v) for k, v in values.items() if not same(v, name(k))]
        self.active += names
        body = [e for s in node.body for e in self._statement(s, inner)]
        body += [
            assign(name(self.carried_name(c)), self._expression(c.next, inner))
            for c in carried
            if id(c) not in self.continued
        ]
        del self.active[len(self.active) - len(names) :]
        return [*before, ast.For(target, iterated, body, [], lineno=0)]

    def _carried(self, loop: Site, body: Iterable[ast.AST]) -> list[Carried]:
        """The sizes that need a variable of their own, which is set before the loop and at its end."""
        reached = self._reached(body)
        carried_sizes: list[Carried] = []
        for carried in self.arguments.sizes.carried:
            if carried.loop is not loop or growth(carried) is not None:
                continue
            if not carried.read_after and id(carried) not in reached:
                continue
            outer = self._continues(carried)
            if outer is not None:
                self.carried_names[id(carried)] = self.carried_name(outer)
                self.continued.add(id(outer))
            elif (earlier := self._succeeds(carried)) is not None:
                self.carried_names[id(carried)] = self.carried_name(earlier)
            else:
                self.carried_name(carried)
            carried_sizes.append(carried)
        return carried_sizes

    def _reached(self, body: Iterable[ast.AST]) -> set[int]:
        """The carried sizes that statements mention, by way of others included."""
        reached: set[int] = set()
        pending: list[ast.AST] = list(body)
        while pending:
            for part in _all_nodes(pending.pop()):
                if isinstance(part, CarriedRef) and id(part.carried) not in reached:
                    carried = part.carried
                    reached.add(id(carried))
                    pending += [carried.start, carried.next]
        return reached

    def _continues(self, carried: Carried) -> Carried | None:
        """The size that a loop outside carries and this one goes on with: one variable serves both."""
        start = carried.start
        if not isinstance(start, CarriedRef) or start.after:
            return None
        outer: Carried = start.carried
        if growth(outer) is not None:
            return None
        following = outer.next
        after = isinstance(following, CarriedRef) and following.carried is carried
        return outer if after or same(following, carried.next) else None

    def _succeeds(self, carried: Carried) -> Carried | None:
        """The size that a loop before this one carried and nothing else reads: its variable goes on."""
        start = carried.start
        if self.active or not isinstance(start, CarriedRef) or not start.after:
            return None
        earlier: Carried = start.carried
        if growth(earlier) is not None or id(earlier) not in self.carried_names:
            return None
        others = [c for c in self.arguments.sizes.carried if c is not carried]
        parts = [*self.later, *(p for c in others for p in (c.start, c.next))]
        read = any(
            isinstance(n, CarriedRef) and n.carried is earlier and n.after
            for part in parts
            for n in _all_nodes(part)
        )
        return None if read else earlier

    def carried_name(self, carried: Carried) -> str:
        """The variable for a size that a loop changes."""
        label = self.carried_names.get(id(carried))
        if label is None:
            within = _container(carried.loop).rstrip("_")
            known = carried.name in self.taken and within
            word = carried.name.removeprefix("in_")
            label = fresh(f"{within}_{word}" if known else carried.name, self.taken)
            self.taken.add(label)
            self.carried_names[id(carried)] = label
        return label

    def _header(
        self, loop: Site, body: list[ast.stmt], variables: dict[tuple[int, str, str], ast.expr]
    ) -> tuple[dict[tuple[int, str, str], ast.expr], ast.expr, ast.expr]:
        """The variables of a loop, and what they run over."""
        self._reject_one_iteration(loop, variables)
        used = self._used(loop, body)
        step = loop.step
        inner = dict(variables)
        if step.each is None:
            count = self._expression(self.arguments.iterations(loop), variables)
            label = self._counter(used)
            for word in ("value", "index"):
                inner[id(loop), "i", word] = name(label)
            inner[id(loop), "i", "first"] = _equal(name(label), constant(0))
            inner[id(loop), "i", "last"] = _equal(name(label), _minus_one(count))
            return inner, _stored(label), call("range", count)
        lists = {key.text: self._list(loop, place, variables) for key, place in step.each}
        counted = any(word != "value" for _, word in used)
        values = [key for key in lists if (key, "value") in used]
        ranges = {key: _count_of(lists[key]) for key in lists}
        only = next(iter(lists))
        if len(lists) == 1 and (limit := ranges[only]) is not None:
            label = self._fresh(identifier(only)) if used else "_"
            self._places(inner, loop, only, name(label), limit)
            inner[id(loop), only, "value"] = name(label)
            return inner, _stored(label), call("range", limit)
        names = {key: self._fresh(identifier(key)) for key in values}
        for key, label in names.items():
            inner[id(loop), key, "value"] = name(label)
        over: ast.expr
        target: ast.expr
        if not values:
            label = self._counter({("i", "index")} if counted else set())
            count = call("len", next(iter(lists.values())))
            for key in lists:
                self._places(inner, loop, key, name(label), count)
            return inner, _stored(label), call("range", count)
        if len(values) == 1:
            over, target = lists[values[0]], _stored(names[values[0]])
        else:
            over = call("zip", *(lists[v] for v in values), strict=constant(True))
            target = ast.Tuple([_stored(names[v]) for v in values], ast.Store())
        if counted:
            label = self._counter({("i", "index")})
            count = call("len", lists[values[0]])
            for key in lists:
                self._places(inner, loop, key, name(label), count)
            return inner, ast.Tuple([_stored(label), target], ast.Store()), call("enumerate", over)
        return inner, target, over

    def _reject_one_iteration(
        self, loop: Site, variables: dict[tuple[int, str, str], ast.expr]
    ) -> None:
        """Let a loop be written out that runs once in every use of the class."""
        try:
            count = self._expression(self.arguments.iterations(loop), variables)
        except Untranslatable:
            raise UnrollLoop(loop) from None
        if whole(count) == 1:
            raise UnrollLoop(loop)

    def _places(
        self,
        inner: dict[tuple[int, str, str], ast.expr],
        loop: Site,
        key: str,
        counter: ast.expr,
        count: ast.expr,
    ) -> None:
        inner[id(loop), key, "index"] = counter
        inner[id(loop), key, "first"] = _equal(counter, constant(0))
        inner[id(loop), key, "last"] = _equal(counter, _minus_one(count))

    def _list(
        self, loop: Site, place: TextNode, variables: dict[tuple[int, str, str], ast.expr]
    ) -> ast.expr:
        try:
            list_expression = self._expression(translate_static(place, loop.scope), variables)
        except Untranslatable:
            raise UnrollLoop(loop) from None
        if isinstance(list_expression, ast.List):
            return ast.Tuple(list_expression.elts, ast.Load())
        return list_expression

    def _used(self, loop: Site, body: list[ast.stmt]) -> set[tuple[str, str]]:
        """The variables of a loop that its body mentions, in what becomes of the body's trees."""
        used_names: set[tuple[str, str]] = set()
        pending: list[ast.AST] = list(body)
        seen: set[int] = set()
        pending += [
            carried.next
            for carried in self.arguments.sizes.carried
            if carried.loop is loop and growth(carried) is None
        ]
        while pending:
            for part in _all_nodes(pending.pop()):
                if isinstance(part, LoopStatement) and part.loop is not loop:
                    if id(part.loop) not in seen:
                        seen.add(id(part.loop))
                        pending += self._iterated(part.loop)
                elif isinstance(part, LoopRef) and part.loop is loop:
                    used_names.add((part.variable, part.word))
                elif isinstance(part, CarriedRef):
                    if part.carried.loop is loop and not part.after and _grows(part.carried):
                        used_names.add((self.arguments.counter(loop), "index"))
                    if id(part.carried) not in seen:
                        seen.add(id(part.carried))
                        pending += _formula_parts(part.carried)
        return used_names

    def _iterated(self, loop: Site) -> list[ast.AST]:
        """What a loop runs over, in the terms around it."""
        try:
            return list(self.arguments.iterated(loop))
        except Untranslatable:
            return []

    def _counter(self, used: set[tuple[str, str]]) -> str:
        if not used:
            return "_"
        return self._fresh(
            next((c for c in COUNTERS if c not in (*self.taken, *self.active)), "index")
        )

    def _fresh(self, label: str) -> str:
        taken = {*(a.label for a in self.plan.arguments.values()), *self.active}
        return fresh(f"{label}_item" if label in taken else label, taken)

    def _sequence(
        self, value: Comprehension, variables: dict[tuple[int, str, str], ast.expr]
    ) -> tuple[list[ast.stmt], ast.expr]:
        """`nn.Sequential(*(… for …))`; where sizes change in the loop, a list and the loop that fills it first."""
        *before, loop = self._loop(value.loop_statement, variables)
        assert isinstance(loop, ast.For)
        item, *after = loop.body
        assert isinstance(item, ast.Expr)
        if not before and not after:
            items = _generator(item.value, loop)
            return [], call("nn.Sequential", ast.Starred(items, ast.Load()))
        if self.list_name is None:
            raise NotAComprehension(value.loop_statement.loop)
        label = self.list_name(value.sequence)
        loop.body = [expression(call(f"{label}.append", item.value)), *after]
        whole = call("nn.Sequential", ast.Starred(name(label), ast.Load()))
        return [empty_list(label), *before, loop], whole

    def generator(
        self, node: Comprehension, variables: dict[tuple[int, str, str], ast.expr]
    ) -> ast.GeneratorExp:
        """The items of a sequence that a loop builds, as one expression.

        Raises:
            NotAComprehension: If the loop needs statements of its own.
        """
        done = self._loop(node.loop_statement, variables)
        written = done[0]
        if len(done) != 1 or not isinstance(written, ast.For) or len(written.body) != 1:
            raise NotAComprehension(node.loop_statement.loop)
        item = written.body[0]
        assert isinstance(item, ast.Expr)
        return _generator(item.value, written)


def _generator(item: ast.expr, loop: ast.For) -> ast.GeneratorExp:
    """`item for … in …`; a variable that the item does not read is `_`."""
    target = loop.target
    if isinstance(target, ast.Name) and target.id not in names_in(item):
        target = _stored("_")
    return ast.GeneratorExp(item, [ast.comprehension(target, loop.iter, [], 0)])


def _container(loop: Site) -> str:
    """What the sequence that a loop is part of is called; nothing where it has no name."""
    names = [level.name for level in loop.body.levels]
    text = names[0] if len(set(names)) == 1 else names[0].rstrip("0123456789")
    within = loop.body.is_level and loop.body.parent is not None
    return identifier(text) if within and text.rstrip("0123456789_") else ""


def _grows(carried: Carried) -> bool:
    """Whether every iteration adds the same to a size, and not 0."""
    step = growth(carried)
    return step is not None and not same(step, constant(0))


def _formula_parts(carried: Carried) -> list[ast.expr]:
    """What the formula of a size that a loop changes is made of."""
    step = growth(carried)
    return [carried.start] if step is None else [carried.start, step]


def _all_nodes(node: ast.AST) -> Iterable[ast.AST]:
    """All nodes, those of values handed to classes and of comprehensions included."""
    for part in walk_tree(node):
        yield part
        if isinstance(part, Construct):
            for value in part.values.values():
                yield from _all_nodes(value)
            if part.callee is not None:
                yield from _all_nodes(part.callee)
        elif isinstance(part, Comprehension):
            yield from _all_nodes(part.loop_statement)


def _stored(label: str) -> ast.Name:
    return ast.Name(label, ast.Store())


def _equal(a: ast.expr, b: ast.expr) -> ast.expr:
    return ast.Compare(a, [ast.Eq()], [b])


def _minus_one(count: ast.expr) -> ast.expr:
    return Fold().visit(ast.BinOp(count, ast.Sub(), constant(1)))  # type: ignore[no-any-return]


def _count_of(values: ast.expr) -> ast.expr | None:
    """The number that `range(n)` counts to."""
    match values:
        case ast.Call(ast.Name("list"), [inner], []):
            return _count_of(inner)
        case ast.Call(ast.Name("range"), [count], []):
            return count
    return None
