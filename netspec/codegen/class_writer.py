"""The definition of one class or function: its constructor, its `forward` and its docstring."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from netspec.codegen.divisibility import rejection
from netspec.codegen.docstrings import class_docstring
from netspec.codegen.forward import Forward
from netspec.codegen.function_blocks import NotAFunction, check_variables
from netspec.codegen.identifiers import fresh, input_names
from netspec.codegen.lowering import Lowering
from netspec.codegen.plans import ClassPlan
from netspec.codegen.syntax import (
    assign,
    attribute,
    call,
    constant,
    dotted,
    expression,
    name,
    parse,
    statements,
)
from netspec.codegen.ties import Ties, apply_method, table_method
from netspec.codegen.value_references import ListRef
from netspec.codegen.weight_initialization import init_weights, with_free_variables
from netspec.graph.captures import unrolled

if TYPE_CHECKING:
    from netspec.codegen.program import Program


def _chosen_if_none(argument: ast.arg, default: ast.expr) -> list[ast.stmt]:
    """`if act is None: act = partial(nn.ELU, alpha=0.5)`, and the annotation that says so."""
    assert argument.annotation is not None
    argument.annotation = ast.BinOp(argument.annotation, ast.BitOr(), constant(None))
    is_none = ast.Compare(name(argument.arg), [ast.Is()], [constant(None)])
    return [ast.If(is_none, [assign(name(argument.arg), default)], [])]


def write_class(program: Program, plan: ClassPlan) -> ast.ClassDef:
    """The definition of a class."""
    constructor = program.constructors[id(plan)]
    children = {e.name for level in plan.levels for e in unrolled(level.entries)}
    lowering = Lowering(plan, program.arguments, children, constructor.local_name)
    body = lowering.constructor(program.bodies[id(plan)])
    flags = {k: lowering.expression(v) for k, v in constructor.flags.items()}
    methods: list[ast.stmt] = []
    forward: ast.stmt | None = None
    if not program.chains[id(plan)]:
        written = program.forward(plan)
        lines = lowering.forward(written.body)
        forward = _forward_method(program, plan, written, lines)
    elif plan.root:
        forward = _forward_of_sequence(program)
    constants = [
        each._replace(value=lowering.expression(each.value)) for each in constructor.constants()
    ]
    assignments = [
        assign(attribute(name("self"), k), name(a.label))
        for k, a in lowering.stored_arguments.items()
    ]
    flagged = [assign(attribute(name("self"), k), v) for k, v in flags.items()]
    start: list[ast.stmt] = []
    if plan.root:
        init_methods, start = _initialize_weights(program, lowering, children)
        methods += init_methods
    ties = Ties(plan, children | {a.label for a in plan.arguments.values()}, program.tied_levels)
    rejected = [
        statement
        for sides in program.divisions.of_class(plan)
        if (statement := rejection(*map(lowering.expression, sides))) is not None
    ]
    init = [*rejected, *assignments, *flagged, *body, *ties.in_constructor(), *start]
    if init:
        methods.insert(0, _constructor(program, plan, init))
    methods += ties.method()
    methods += [table_method(each) for each in constants if each.method]
    again = apply_method(ties, constants)
    if again is not None:
        methods.append(again)
    if forward is not None:
        methods.append(forward)
    doc = ast.Expr(ast.Constant(class_docstring(plan, program.spec)))
    base = dotted(constructor.base)
    buffers = [each.tensor for each in constants]
    declared: list[ast.stmt] = [
        ast.AnnAssign(ast.Name(tensor.attr, ast.Store()), name("Tensor"), None, 1)
        for tensor in buffers
        if isinstance(tensor, ast.Attribute)
    ]
    shared = [] if plan.expansion is None else statements(f"expansion: int = {plan.expansion}")
    return ast.ClassDef(plan.name, [base], [], [doc, *shared, *declared, *methods], [])


def write_function(program: Program, plan: ClassPlan) -> ast.FunctionDef:
    """The function that a block without modules is."""
    if any(True for _ in program.divisions.of_class(plan)):
        raise NotAFunction(plan)
    forward = program.forward(plan)
    children = {e.name for level in plan.levels for e in unrolled(level.entries)}
    lowering = Lowering(plan, program.arguments, children)
    made = _forward_method(program, plan, forward, lowering.forward(forward.body))
    numbers = plan.signature
    made.name = plan.name
    made.args.args[:1] = []
    made.args.args += [ast.arg(a.label, program.annotation_of(a)) for a in numbers]
    made.args.defaults = [a.default for a in numbers if a.default is not None]
    check_variables(plan, made)
    doc = ast.Expr(ast.Constant(class_docstring(plan, program.spec)))
    made.body.insert(0, doc)
    return made


def _initialize_weights(
    program: Program, lowering: Lowering, children: set[str]
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The method that starts the weights of a module, if one does, and the statements of the constructor."""
    labels = {a.label for a in program.planner.root.arguments.values()}
    start = lowering.plain(with_free_variables(program.initialization.statements, labels))
    if not program.initialization.each_module:
        return [], start
    label = fresh("_init_weights", children | labels)
    method, applied = init_weights(program.initialization.each_module, label)
    return [method], [applied, *start]


def _constructor(program: Program, plan: ClassPlan, body: list[ast.stmt]) -> ast.FunctionDef:
    arguments = plan.signature
    made = [ast.arg("self"), *(ast.arg(a.label, program.annotation_of(a)) for a in arguments)]
    for tree, argument in zip(made[1:], arguments, strict=True):
        tree.is_iterated = argument.is_iterated  # type: ignore[attr-defined]
    defaults = [a.default for a in arguments if a.default is not None]
    chosen: list[ast.stmt] = []
    for k, default in enumerate(defaults, len(made) - len(defaults)):
        if isinstance(default, ast.Call):  # made at each call, not once with the class
            chosen += _chosen_if_none(made[k], default)
            defaults[k - len(made)] = constant(None)
    signature = ast.arguments([], made, None, [], [], None, defaults)
    first = expression(call(attribute(call("super"), "__init__")))
    return ast.FunctionDef(
        "__init__", signature, [first, *chosen, *body], [], constant(None), None, lineno=0
    )


def _forward_method(
    program: Program, plan: ClassPlan, forward: Forward, lines: list[ast.stmt]
) -> ast.FunctionDef:
    made = [ast.arg("self")]
    for ref in forward.parameters:
        local = forward.names[ref]
        assert isinstance(local, ast.Name)
        listed = isinstance(ref, ListRef)
        annotation = parse("list[Tensor]" if listed else "Tensor")
        made.append(ast.arg(local.id, annotation))
    for k, _ in enumerate(forward.module_owners):
        made.append(ast.arg(f"shared_{k}" if k else "shared", dotted("nn.Module")))
    signature = ast.arguments([], made, None, [], [], None, [])
    checks: list[ast.stmt] = []
    if plan.root:
        names = [name(n) for n in input_names(program.graph)]
        checks = [expression(call("_check_inputs", *names))]
    returned = _returned(program, plan, forward)
    return ast.FunctionDef("forward", signature, [*checks, *lines], [], returned, None, lineno=0)


def _forward_of_sequence(program: Program) -> ast.FunctionDef:
    names = input_names(program.graph)
    made = [ast.arg("self"), *(ast.arg(n, name("Tensor")) for n in names)]
    signature = ast.arguments([], made, None, [], [], None, [])
    body = statements(
        f"_check_inputs({', '.join(names)})\nreturn super().forward({', '.join(names)})"
    )
    return ast.FunctionDef("forward", signature, body, [], name("Tensor"), None, lineno=0)


def _returned(program: Program, plan: ClassPlan, forward: Forward) -> ast.expr:
    count = len(forward.outputs)
    kind = program.graph.outputs.kind if plan.root else "one"
    if kind == "dict" and plan.root:
        return parse("dict[str, Tensor]")
    if count == 1 and kind != "tuple":
        return name("Tensor")
    inner = ", ".join(["Tensor"] * count) if count <= 4 else "Tensor, ..."
    return parse(f"tuple[{inner}]")
