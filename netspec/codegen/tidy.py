"""The pass on the finished classes: it removes unused code and evaluates arithmetic that cancels."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from netspec.codegen.carried_sizes import continue_arguments, update_in_place, updated_once
from netspec.codegen.class_definitions import ClassUses, is_stored, method_of, methods_of
from netspec.codegen.containers import apply_in_sequence, pass_children
from netspec.codegen.inline_lists import inline_lists
from netspec.codegen.repeated import name_partials, name_repeated
from netspec.codegen.simplify import Simplify
from netspec.codegen.statement_cleanup import without_known_conditions
from netspec.codegen.syntax import Put, call, expression
from netspec.codegen.table_columns import unpack_rows
from netspec.codegen.tree_equality import same
from netspec.codegen.unpacking import unpack_lists
from netspec.expr.traversal import names_in, walk_tree

SELF_AND_ONE_ARGUMENT = 2


def tidy(classes: list[ast.ClassDef]) -> None:
    """Omit arguments, attributes and loop variables that nothing reads; simplify integers."""
    for each in classes:
        for method in methods_of(each):
            _tidy_method(method)
    for each in classes:
        _drop_attributes(each)
    uses = _drop_unread_arguments(classes)
    for each in classes:
        merge_arguments(each, uses)
    constructors = {
        each.name: init for each in classes if (init := method_of(each, "__init__")) is not None
    }
    for each in classes:
        if each.name in constructors:
            _tidy_constructor(each, constructors, has_partials="partial" in uses.mentions)
    for each in classes:
        _pass_by_position(each, uses)
    inline_lists(classes)


def _tidy_constructor(
    node: ast.ClassDef, constructors: Mapping[str, ast.FunctionDef], *, has_partials: bool
) -> None:
    """Name what a constructor writes twice, and give a sequence its children at once."""
    init = constructors[node.name]
    _apply_branches(node, init)
    unpack_lists(init)
    if has_partials:
        name_partials(init)
    name_repeated(init)
    continue_arguments(init)
    update_in_place(init)
    forward = method_of(node, "forward")
    if forward is not None:
        apply_in_sequence(node, init, forward)
    pass_children(node.bases[0], init, constructors)


def _tidy_method(method: ast.FunctionDef) -> None:
    if method.name == "__init__":  # the expressions of other methods have no integers as variables
        integers = {a.arg for a in method.args.args if _is_integer(a)}
        Simplify(integers).visit(method)
    method.body = without_known_conditions(method.body)
    for loop in _loops(method.body):
        _without_unused_variables(loop)
        unpack_rows(loop, method)
        loop.body = updated_once(loop.body)
    method.body = list(map(_extended, method.body))


def _loops(body: Sequence[ast.stmt]) -> list[ast.For]:
    """The loops among statements and inside of them, level by level."""
    loops: list[ast.For] = []
    level: Sequence[ast.stmt] = body
    while level:
        loops += [node for node in level if isinstance(node, ast.For)]
        level = [node for each in level for node in _inner_statements(each)]
    return loops


def _inner_statements(node: ast.stmt) -> list[ast.stmt]:
    return [*node.body, *node.orelse] if isinstance(node, ast.For | ast.If) else []


# ---- parallel branches -----------------------------------------------------------------------------------


def _apply_branches(node: ast.ClassDef, init: ast.FunctionDef) -> None:
    """`torch.cat([branch(x) for branch in self], 1)` for a list of modules that are all applied to one tensor."""
    appended = [s for s in init.body if _is_append(s)]
    forward = method_of(node, "forward")
    if forward is None or len(appended) < 2 or not _is_module_list(node.bases[0]):
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


def _is_module_list(base: ast.expr) -> bool:
    match base:
        case ast.Attribute(ast.Name("nn"), "ModuleList"):
            return True
    return False


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
    for node in walk_tree(loop.target):
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
    """Omit `self.a = a` for an argument that no method reads from there."""
    init = method_of(node, "__init__")
    if init is None:
        return
    arguments = {a.arg for a in init.args.args}
    stored_attributes = [_keeps(s, arguments) for s in init.body]
    if not any(stored_attributes):
        return
    read = {
        n.attr
        for n in walk_tree(node)
        if isinstance(n, ast.Attribute) and not is_stored(n) and _is_self(n.value)
    }
    init.body = [
        statement
        for statement, label in zip(init.body, stored_attributes, strict=True)
        if label is None or label in read
    ]


def _keeps(node: ast.stmt, arguments: set[str]) -> str | None:
    """The attribute that a statement keeps an argument in."""
    match node:
        case ast.Assign([ast.Attribute(ast.Name("self"), label)], ast.Name(value)):
            return label if value in arguments else None
    return None


def _drop_unread_arguments(classes: list[ast.ClassDef]) -> ClassUses:
    """Omit the arguments that constructors do not read; return the uses that remain.

    A class comes before those that use it, so that one pass finds all, unless it drops a mention of a class.
    """
    labels = {each.name for each in classes}
    while True:
        uses = ClassUses(classes)
        dropped = [value for each in classes for value in _drop_arguments(each, uses)]
        if labels.isdisjoint(names_in(*dropped)):
            return uses


def _drop_arguments(node: ast.ClassDef, uses: ClassUses) -> list[ast.expr]:
    """Omit the arguments of a constructor that it does not read; return the values that calls lose."""
    init = method_of(node, "__init__")
    if init is None:
        return []
    read = _read_names(init.body)
    unused = [k for k, a in enumerate(init.args.args) if k and a.arg not in read]
    if not unused or uses.is_a_value(node.name):
        return []
    for k in reversed(unused):
        _drop_argument(init.args, k)
    labels = {a.arg for a in init.args.args}
    dropped: list[ast.expr] = []
    for use in uses.calls.get(node.name, ()):
        dropped += [a for k, a in enumerate(use.args, 1) if k in unused]
        dropped += [k.value for k in use.keywords if k.arg not in labels]
        use.args = [a for k, a in enumerate(use.args, 1) if k not in unused]
        use.keywords = [k for k in use.keywords if k.arg in labels]
    if len(init.body) == 1 and ast.unparse(init.body[0]) == "super().__init__()":
        node.body.remove(init)
    return dropped


def merge_arguments(node: ast.ClassDef, all_uses: ClassUses) -> None:
    """Omit a size that every use of a class gives twice: `Encoder(width, width=width)`."""
    init = method_of(node, "__init__")
    if init is None or all_uses.is_a_value(node.name):
        return
    uses = all_uses.calls.get(node.name, [])
    without_default = init.args.args[1 : len(init.args.args) - len(init.args.defaults)]
    integers = [a.arg for a in without_default if _is_integer(a)]
    if not uses or len(integers) == 1 or not any(label.startswith("in_") for label in integers):
        return
    stored = {n.id for n in walk_tree(init) if isinstance(n, ast.Name) and is_stored(n)}
    sizes = [label for label in integers if label not in stored]
    arguments_by_label = {
        label: [_argument_of(use, label, init) for use in uses] for label in sizes
    }
    for dropped in sizes:
        for remaining in sizes:
            if (
                remaining != dropped
                and dropped.startswith("in_")
                and _alike(arguments_by_label, remaining, dropped)
            ):
                _replace_argument(init, uses, dropped, remaining)
                return


def _pass_by_position(node: ast.ClassDef, uses: ClassUses) -> None:
    """`Heads(heads)` for `Heads(heads=heads)`, where that is all that a class takes."""
    init = method_of(node, "__init__")
    if init is None or len(init.args.args) != SELF_AND_ONE_ARGUMENT:
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
        Put({dropped: ast.Name(remaining, ast.Load())}).visit(statement)
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
        n.id
        for each in body
        for n in walk_tree(each)
        if isinstance(n, ast.Name) and not is_stored(n)
    }


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
