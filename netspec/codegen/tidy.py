"""The skip the finished classes: what came to be unused is left out, and arithmetic that cancels is done."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce

from netspec.codegen.carried_sizes import update_in_place, updated_once
from netspec.codegen.class_definitions import ClassUses, is_stored, method_of, methods_of
from netspec.codegen.containers import apply_in_sequence, pass_children
from netspec.codegen.repeated import name_partials, name_repeated
from netspec.codegen.rows import unpack_rows
from netspec.codegen.syntax import Fold, call, constant, expression, same, whole
from netspec.codegen.unpacking import unpack_lists
from netspec.expr.traversal import Transformer, copy_tree, walk


def tidy(classes: list[ast.ClassDef]) -> None:
    """Leave out arguments, attributes and loop variables that nothing reads; simplify integers."""
    for each in classes:
        for method in methods_of(each):
            _tidy_method(method)
    for each in classes:
        _drop_attributes(each)
    changed = True
    while changed:
        uses = ClassUses(classes)
        changed = sum(_drop_arguments(each, uses) for each in classes) > 0
    for each in classes:
        merge_arguments(each, uses)
    constructors = {
        each.name: init for each in classes if (init := method_of(each, "__init__")) is not None
    }
    for each in classes:
        if (init := method_of(each, "__init__")) is not None:
            _apply_branches(each, init)
            unpack_lists(init)
            name_partials(init)
            name_repeated(init)
            update_in_place(init)
            forward = method_of(each, "forward")
            if forward is not None:
                apply_in_sequence(each, init, forward)
            pass_children(each.bases[0], init, constructors)
    uses = ClassUses(classes)
    for each in classes:
        _pass_by_position(each, uses)


def _tidy_method(method: ast.FunctionDef) -> None:
    _Simplify(method).visit(method)
    method.body = _decided(method.body)
    for node in walk(method):
        if isinstance(node, ast.For):
            _without_unused_variables(node)
            unpack_rows(node, method)
            node.body = updated_once(node.body)
    method.body = list(map(_extended, method.body))


# ---- integers --------------------------------------------------------------------------------------


_TAKE_SIZES = frozenset({"empty", "expand", "ones", "permute", "reshape", "zeros"})
"""Functions and methods of tensors that take sizes or dimensions as one tuple or one by one."""


class _Simplify(Fold):
    """`n * 64 // 64` is `n`, and `(1, 4, 6)[1]` is 4."""

    def __init__(self, method: ast.FunctionDef) -> None:
        self.integers = {
            a.arg
            for a in method.args.args
            if isinstance(a.annotation, ast.Name) and a.annotation.id == "int"
        }

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Arithmetic that cancels."""
        made = super().visit_BinOp(node)
        if not isinstance(made, ast.BinOp):
            return made
        match made.op:
            case ast.Mult() if whole(made.left) == 1:
                return made.right
            case ast.Mult() | ast.FloorDiv() if whole(made.right) == 1 and self._whole(made.left):
                return made.left
            case ast.FloorDiv():
                return self._divided(made)
            case ast.Add():
                return self._collected(made)
        return made

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """An item of a tuple that is written out."""
        self.generic_visit(node)
        item_index = whole(node.slice)
        if isinstance(node.value, ast.Tuple) and item_index is not None and not is_stored(node):
            items = node.value.elts
            if -len(items) <= item_index < len(items) and all(
                isinstance(i, ast.Constant) for i in items
            ):
                return items[item_index]
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """`n * c if n != 1 else c` is `n * c`: where `n` is 1, both are the same."""
        made = super().visit_IfExp(node)
        match made:
            case ast.IfExp(
                ast.Compare(ast.Name() as left, [ast.NotEq()], [ast.Constant() as value])
            ):
                there = self.visit(_Put(left.id, value).visit(copy_tree(made.body)))
                return made.body if same(there, made.orelse) else made
        return made

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """The length of a tuple that is written out; sizes one by one, as PyTorch takes them."""
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Name("len"), [ast.Tuple(items)], []):
                return constant(len(items))
            case ast.Call(ast.Attribute(_, method), [ast.Tuple([_, _, *_] as sizes)], []):
                if method in _TAKE_SIZES:
                    node.args = sizes
        return node

    def _collected(self, node: ast.BinOp) -> ast.expr:
        """`3 * n + n` is `4 * n`."""
        counted: dict[str, tuple[int, ast.expr]] = {}
        terms = list(_terms(node))
        for term in terms:
            factors = list(_factors(term))
            number = whole(factors[0]) if len(factors) > 1 else None
            count, rest = (1, term) if number is None else (number, _product(factors[1:]))
            text = ast.unparse(rest)
            known = counted.get(text, (0, rest))[0]
            counted[text] = (known + count, rest)
        if len(counted) == len(terms) or not all(map(self._whole, terms)):
            return node
        products = [
            _product([constant(n), *_factors(r)]) if n != 1 else r for n, r in counted.values()
        ]
        return reduce(lambda a, b: ast.BinOp(a, ast.Add(), b), products)

    def _divided(self, node: ast.BinOp) -> ast.expr:
        """`4 * n // 2` is `2 * n`."""
        by = whole(node.right)
        factors = list(_factors(node.left))
        for k, factor in enumerate(factors):
            times = whole(factor)
            rest = [f for j, f in enumerate(factors) if j != k]
            if by and times and times % by == 0 and rest and all(map(self._whole, rest)):
                number = times // by
                return _product([*([constant(number)] if number != 1 else []), *rest])
        return node

    def _whole(self, node: ast.expr) -> bool:
        """Whether an expression is an integer whatever the arguments are."""
        if isinstance(node, ast.BinOp):
            arithmetic = isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod)
            if isinstance(node.op, ast.Pow):
                arithmetic = (whole(node.right) or 0) > 0
            return arithmetic and self._whole(node.left) and self._whole(node.right)
        if isinstance(node, ast.Name):
            return node.id in self.integers
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "math.floor":
            return True
        return whole(node) is not None


class _Put(Transformer):
    """Puts a value in the place of a name."""

    def __init__(self, label: str, value: ast.expr) -> None:
        self.label, self.value = label, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The value, where it is the name."""
        return self.value if node.id == self.label else node


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _terms(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _terms(node.left)
        yield from _terms(node.right)
    else:
        yield node


def _product(factors: list[ast.expr]) -> ast.expr:
    made = factors[0]
    for factor in factors[1:]:
        made = ast.BinOp(made, ast.Mult(), factor)
    return made


def _decided(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements without conditions that are known."""
    done: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.For):
            node.body = _decided(node.body)
        if isinstance(node, ast.If):
            node.body, node.orelse = _decided(node.body), _decided(node.orelse)
            if isinstance(node.test, ast.Constant):
                done += node.body if node.test.value else node.orelse
                continue
        done.append(node)
    return done


# ---- parallel branches -----------------------------------------------------------------------------------


def _apply_branches(node: ast.ClassDef, init: ast.FunctionDef) -> None:
    """`torch.cat([branch(x) for branch in self], 1)` for a list of modules that are all applied to one tensor."""
    appended = [s for s in init.body if _is_append(s)]
    forward = method_of(node, "forward")
    if forward is None or ast.unparse(node.bases[0]) != "nn.ModuleList" or len(appended) < 2:
        return
    if any(isinstance(s, ast.For | ast.If) for s in init.body):
        return
    *before, last = forward.body
    made = before[len(before) - len(appended) :]
    match last:
        case ast.Return(
            ast.Call(
                ast.Attribute(ast.Name("torch"), "cat" | "stack"), [ast.List(items), *_]
            ) as joined
        ):
            source = _branch_input(made)
            targets = [
                s.targets[0].id
                for s in made
                if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)
            ]
            names = [i.id for i in items if isinstance(i, ast.Name)]
            if source is None or names != targets or len(names) != len(items):
                return
            branch = call("branch", ast.Name(source, ast.Load()))
            over = ast.comprehension(
                ast.Name("branch", ast.Store()), ast.Name("self", ast.Load()), [], 0
            )
            joined.args[0] = ast.ListComp(branch, [over])
            forward.body = [*before[: len(before) - len(made)], last]


def _is_append(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name("self"), "append"), [_])):
            return True
    return False


def _branch_input(made: list[ast.stmt]) -> str | None:
    """The variable that `self[0]`, `self[1]`, … are applied to, one after the other."""
    sources: list[str] = []
    stored: set[str] = set()
    for place, statement in enumerate(made):
        match statement:
            case ast.Assign(
                [ast.Name(target)],
                ast.Call(
                    ast.Subscript(ast.Name("self"), ast.Constant(number)), [ast.Name(source)], []
                ),
            ) if number == place and source not in stored:
                sources.append(source)
                stored.add(target)
            case _:
                return None
    return sources[0] if len(set(sources)) == 1 else None


# ---- what nothing reads ---------------------------------------------------------------------------------


def _without_unused_variables(loop: ast.For) -> None:
    """`for _ in range(n)` and no `enumerate` where the body asks for no place."""
    read = _read_names(loop.body)
    match loop.target, loop.iter:
        case ast.Tuple([ast.Name(counter), inner]), ast.Call(ast.Name("enumerate"), [values], []):
            if counter not in read:
                loop.target, loop.iter = inner, values
    for node in walk(loop.target):
        if isinstance(node, ast.Name) and node.id not in read:
            node.id = "_"


def _extended(node: ast.stmt) -> ast.stmt:
    """`layers.extend(… for … in …)` for a loop that only appends."""
    match node:
        case ast.For(
            target, over, [ast.Expr(ast.Call(ast.Attribute(ast.Name(label), "append"), [item], []))]
        ) if label not in {"self", *_read_names([ast.Expr(item)])}:
            generator = ast.GeneratorExp(item, [ast.comprehension(target, over, [], 0)])
            return expression(call(f"{label}.extend", generator))
    return node


def _drop_attributes(node: ast.ClassDef) -> None:
    """Leave out `self.a = a` for an argument that no method reads from there."""
    init = method_of(node, "__init__")
    if init is None:
        return
    read = {
        n.attr
        for n in walk(node)
        if isinstance(n, ast.Attribute) and not is_stored(n) and _is_self(n.value)
    }
    arguments = {a.arg for a in init.args.args}
    statements = [s for s in init.body if _keeps(s, arguments) in (None, *read)]
    init.body = statements


def _keeps(node: ast.stmt, arguments: set[str]) -> str | None:
    """The attribute that a statement keeps an argument in."""
    match node:
        case ast.Assign([ast.Attribute(ast.Name("self"), label)], ast.Name(value)):
            return label if value in arguments else None
    return None


def _drop_arguments(node: ast.ClassDef, uses: ClassUses) -> bool:
    """Leave out the arguments of a constructor that it does not read; whether there were any."""
    init = method_of(node, "__init__")
    if init is None:
        return False
    read = _read_names(init.body)
    unused = [k for k, a in enumerate(init.args.args) if k and a.arg not in read]
    if not unused or uses.is_a_value(node.name):
        return False
    for k in reversed(unused):
        _drop_argument(init.args, k)
    labels = {a.arg for a in init.args.args}
    for use in uses.calls.get(node.name, ()):
        use.args = [a for k, a in enumerate(use.args, 1) if k not in unused]
        use.keywords = [k for k in use.keywords if k.arg in labels]
    if len(init.body) == 1 and ast.unparse(init.body[0]) == "super().__init__()":
        node.body.remove(init)
    return True


def merge_arguments(node: ast.ClassDef, all_uses: ClassUses) -> None:
    """Leave out a size that every use of a class gives twice: `Encoder(width, width=width)`."""
    init = method_of(node, "__init__")
    if init is None or all_uses.is_a_value(node.name):
        return
    uses = all_uses.calls.get(node.name, [])
    stored = {n.id for n in walk(init) if isinstance(n, ast.Name) and is_stored(n)}
    without_default = init.args.args[1 : len(init.args.args) - len(init.args.defaults)]
    sizes = [a.arg for a in without_default if _is_integer(a) and a.arg not in stored]
    arguments_by_label = {
        label: [_argument_of(use, label, init) for use in uses] for label in sizes
    }
    for dropped in sizes:
        for remaining in sizes:
            if (
                remaining != dropped
                and uses
                and dropped.startswith("in_")
                and _alike(arguments_by_label, remaining, dropped)
            ):
                _replace_argument(init, uses, dropped, remaining)
                return


def _pass_by_position(node: ast.ClassDef, uses: ClassUses) -> None:
    """`Heads(heads)` for `Heads(heads=heads)`, where that is all that a class takes."""
    init = method_of(node, "__init__")
    if init is None or len(init.args.args) != 2:
        return
    for use in uses.calls.get(node.name, ()):
        if len(use.keywords) == 1 and use.keywords[0].arg == init.args.args[1].arg:
            use.args, use.keywords = [use.keywords[0].value], []


def _is_integer(argument: ast.arg) -> bool:
    return isinstance(argument.annotation, ast.Name) and argument.annotation.id == "int"


def _argument_of(use: ast.Call, label: str, init: ast.FunctionDef) -> ast.expr | None:
    """What a call gives for an argument."""
    place = [a.arg for a in init.args.args].index(label) - 1
    if place < len(use.args):
        return use.args[place]
    return next((k.value for k in use.keywords if k.arg == label), None)


def _alike(
    arguments_by_label: Mapping[str, Sequence[ast.expr | None]], remaining: str, dropped: str
) -> bool:
    """Whether all uses give the same expression for two arguments; equal numbers may be chance."""
    return all(
        a is not None and not isinstance(a, ast.Constant) and same(a, b)
        for a, b in zip(arguments_by_label[remaining], arguments_by_label[dropped], strict=True)
    )


def _replace_argument(
    init: ast.FunctionDef, uses: Iterable[ast.Call], dropped: str, remaining: str
) -> None:
    labels = [a.arg for a in init.args.args]
    place = labels.index(dropped)
    for statement in init.body:
        _Put(dropped, ast.Name(remaining, ast.Load())).visit(statement)
    _drop_argument(init.args, place)
    for use in uses:
        use.args = [a for k, a in enumerate(use.args, 1) if k != place]
        use.keywords = [k for k in use.keywords if k.arg != dropped]


def _drop_argument(arguments: ast.arguments, place: int) -> None:
    with_default = place - (len(arguments.args) - len(arguments.defaults))
    if with_default >= 0:
        del arguments.defaults[with_default]
    del arguments.args[place]


def _read_names(body: Iterable[ast.AST]) -> set[str]:
    return {
        n.id for each in body for n in walk(each) if isinstance(n, ast.Name) and not is_stored(n)
    }


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
