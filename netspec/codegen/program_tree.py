"""The whole program as a tree: classes in order, equal ones merged, with imports and helpers."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspec.codegen.class_definitions import method_of
from netspec.codegen.class_names import OTHER_NAMES, name_classes
from netspec.codegen.class_writer import write_class, write_function
from netspec.codegen.common_signatures import take_and_drop
from netspec.codegen.divisibility import Divisions, explain_rejections
from netspec.codegen.docstrings import class_docstring, forward_docstring, module_docstring
from netspec.codegen.equal_classes import merge_equal_classes, rename_class
from netspec.codegen.helpers import RECOMPUTE
from netspec.codegen.identifiers import BUILTINS, RESERVED
from netspec.codegen.imports import imports
from netspec.codegen.input_checks import input_check
from netspec.codegen.input_guard import guard
from netspec.codegen.network_shapes import network_shapes
from netspec.codegen.plans import ClassPlan
from netspec.codegen.settled_arguments import settle_arguments
from netspec.codegen.syntax import statements
from netspec.codegen.table_columns import columns_of_tables
from netspec.codegen.tidy import tidy
from netspec.codegen.torch_names import OF_TORCH_NN
from netspec.codegen.tree_equality import same_tree
from netspec.expr.traversal import names_in

if TYPE_CHECKING:
    from netspec.codegen.program import Program


def _same_code(a: ast.ClassDef, b: ast.ClassDef) -> bool:
    """Whether two classes are the same but for their names."""
    return same_tree([*a.bases, *a.body], [*b.bases, *b.body])


def _outline(node: ast.ClassDef) -> object:
    """What classes of the same code have in common, and few others."""
    parts = [
        (part.name, len(part.body)) if isinstance(part, ast.FunctionDef) else type(part)
        for part in node.body
    ]
    return len(node.bases), *parts


def program_tree(program: Program, file: str) -> tuple[ast.Module, str]:
    """The program as a tree, and the name of its class."""
    name_classes(program)
    settle_arguments(program)
    order = _ordered(program)
    program.divisions = Divisions(program.arguments.sizes.quotients)
    classes: dict[int, ast.ClassDef] = {}
    written: dict[object, list[ast.ClassDef]] = {}
    functions: list[ast.FunctionDef] = []
    for plan in order:
        if plan.is_function:
            functions.append(write_function(program, plan))
            continue
        made = write_class(program, plan)
        alike = written.setdefault(_outline(made), [])
        twin = next((each for each in alike if _same_code(each, made)), None)
        if twin is not None and not plan.root:
            plan.name = twin.name  # the same code: one class serves both
        else:
            classes[id(plan)] = made
            alike.append(made)
    _interchangeable(program, classes)
    definitions = [classes[id(plan)] for plan in order if id(plan) in classes]
    root = classes[id(program.planner.root)]
    guard(program, root)
    _document(program, root)
    _merge_groups(program, definitions)
    tidy(definitions)
    explain_rejections(definitions)
    for plan in order:
        if id(plan) in classes:
            _name_columns(program, plan, classes[id(plan)])
    body: list[ast.stmt] = [*functions, *definitions, *_factories(program, definitions)]
    check = input_check(program.graph, program.checked)
    names = names_in(*check, *body)
    helpers = statements(RECOMPUTE) if "_recompute" in names else []
    names |= names_in(*helpers)
    head: list[ast.stmt] = [ast.Expr(ast.Constant(module_docstring(program.graph, file)))]
    tree = ast.Module(
        [
            *head,
            *imports(names, program.own_imports),
            *check,
            *helpers,
            *body,
        ],
        [],
    )
    return tree, program.planner.root.name


def _merge_groups(program: Program, classes: list[ast.ClassDef]) -> None:
    """Leave one class of the groups that came to be equal, and let it say so."""
    groups = {p.name: p for p in program.planner.plans if p.site is not None}
    by_doc: dict[str, list[str]] = {}
    for label, plan in groups.items():
        by_doc.setdefault(plan.definition.doc if plan.definition else "", []).append(label)
    stands_for: dict[str, list[ClassPlan]] = {}
    for labels in by_doc.values():
        for label, all_of_them in merge_equal_classes(classes, labels).items():
            stands_for[label] = [groups[each] for each in all_of_them]
    if not stands_for:
        return
    taken = {c.name for c in classes} | OF_TORCH_NN | {*BUILTINS, *RESERVED, *OTHER_NAMES}
    for label, plans in stands_for.items():
        made = next(c for c in classes if c.name == label)
        made.body[0] = ast.Expr(ast.Constant(class_docstring(plans[0], program.spec, plans)))
        stems = {plan.name.rstrip("0123456789_") for plan in plans}
        stem = stems.pop()
        if not stems and stem not in taken:
            rename_class(classes, made, stem)


def _name_columns(program: Program, plan: ClassPlan, made: ast.ClassDef) -> None:
    """Say in the docstring of a class what the columns of its tables are."""
    init = method_of(made, "__init__")
    columns = columns_of_tables(init) if init is not None else {}
    if columns:
        text = class_docstring(plan, program.spec, columns=columns)
        made.body[0] = ast.Expr(ast.Constant(text))


def _document(program: Program, root: ast.ClassDef) -> None:
    """Say in `forward` of the network what shapes it maps."""
    forward = method_of(root, "forward")
    assert forward is not None
    text = forward_docstring(program.graph, network_shapes(program))
    forward.body.insert(0, ast.Expr(ast.Constant(text)))


def _interchangeable(program: Program, classes: dict[int, ast.ClassDef]) -> None:
    """Let classes that a parameter chooses from take the same arguments."""
    for made in {id(c): c for plan in program.planner.plans for c in plan.constructs}.values():
        plans = made.site.plans if len(made.site.plans) > 1 else []
        arguments = {a.label: a for plan in plans for a in plan.written_arguments}
        for plan in plans:
            if id(plan) in classes:
                take_and_drop(classes[id(plan)], arguments, program.annotation_of)


def _factories(program: Program, classes: Sequence[ast.ClassDef]) -> list[ast.FunctionDef]:
    """A function for each member of the family."""
    if not program.members:
        return []
    from netspec.codegen.preset_functions import Factory, factory_functions

    root = program.planner.root
    arguments = root.written_arguments
    factories = [
        Factory(m, {a.label: program.value_in(a, m.graph) for a in arguments})
        for m in program.members
    ]
    return factory_functions(
        factories,
        arguments,
        {a.label: program.annotation_of(a) for a in arguments},
        root.name,
        {c.name for c in classes} | {*RESERVED, *program.own_imports, *OTHER_NAMES, "re"},
    )


def _ordered(program: Program) -> list[ClassPlan]:
    """The classes so that each comes before those that use it."""
    done: list[ClassPlan] = []
    seen: set[int] = set()

    def visit(plan: ClassPlan) -> None:
        if id(plan) in seen:
            return
        seen.add(id(plan))
        for site in plan.body.walk():
            for inner in site.plans:
                visit(inner)
        done.append(plan)

    visit(program.planner.root)
    return done
